//! Commands: which command lines give a principal what it lacks?
//!
//! In: a requirement, or a role. Out: a command line of `permdrift catalog policy` with the resources that the requirement was checked
//! against, so that the printed policy is no wider than what was checked; or those of the AWS command line.

use std::collections::BTreeSet;

use audit::requirement::Requirement;

use crate::words::plain::plain;

/// The command that prints the policy of a requirement.
#[must_use]
pub fn catalog_policy(requirement: &Requirement) -> String {
    let mut command = format!("permdrift catalog policy {}", plain(&requirement.set));
    for scope in scopes(requirement) {
        command.push_str(&format!(" --scope {}", quoted(&plain(&scope))));
    }
    // Without it the command prints what `permdrift.toml` says, or the latest.
    command.push_str(&format!(" --product-version {}", requirement.version));
    command
}

/// The commands that put a role into an instance profile of its own.
#[must_use]
pub fn into_a_profile(role: &str) -> String {
    let role = plain(role);
    format!(
        "`aws iam create-instance-profile --instance-profile-name {role}`, then `aws iam add-role-to-instance-profile --instance-profile-name {role} --role-name {role}`."
    )
}

/// What `--scope` takes, of the resources that the requirement's actions are checked against.
fn scopes(requirement: &Requirement) -> BTreeSet<String> {
    let checks = requirement.checks.iter();
    checks
        .filter_map(|check| scope(&check.permit.resource))
        .collect()
}

/// The scope that a pattern was made of; `None` where it was made of none.
fn scope(pattern: &str) -> Option<String> {
    let mut parts = pattern.splitn(6, ':').skip(2);
    let service = parts.next()?;
    let rest = parts.nth(2)?;
    let (name, value) = match service {
        "s3" => ("bucket", rest.split('/').next()?),
        "kms" if rest.starts_with("key/") => ("kms-key", pattern),
        "iam" if rest.starts_with("role/") => ("role", pattern),
        "backup" => ("vault", rest.strip_prefix("backup-vault:")?),
        _ => return None,
    };
    (!value.contains('*')).then(|| format!("{name}={value}"))
}

/// As a shell takes it for one word.
pub(crate) fn quoted(text: &str) -> String {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || ":/._-+=,@".contains(letter);
    match text.chars().all(is_safe) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{quoted, scope};

    #[test]
    fn a_scope_is_told_by_the_resource_that_was_made_of_it() {
        let check = |pattern: &str, expected: Option<&str>| {
            assert_eq!(scope(pattern).as_deref(), expected, "{pattern}");
        };
        check("*", None);
        check("arn:aws:s3:::backups-eu", Some("bucket=backups-eu"));
        check("arn:aws:s3:::backups-eu/*", Some("bucket=backups-eu"));
        check("arn:aws:s3:::*", None);
        let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";
        check(key, Some(&format!("kms-key={key}")));
        let role = "arn:aws:iam::111122223333:role/veeam/Worker";
        check(role, Some(&format!("role={role}")));
        check(
            "arn:aws:backup:*:111122223333:backup-vault:nightly",
            Some("vault=nightly"),
        );
        check("arn:aws:ec2:*::snapshot/*", None);
    }

    #[test]
    fn a_value_is_one_word_of_the_shell() {
        assert_eq!(
            quoted("role=arn:aws:iam::1:role/a_b-c"),
            "role=arn:aws:iam::1:role/a_b-c"
        );
        assert_eq!(quoted("bucket=it's"), r"'bucket=it'\''s'");
    }
}
