//! Prefixes: what is said of a policy that denies only some objects of a declared bucket?

use audit::verdict::Notice;

use super::case::{ALL, Case};
use audit::resources::Reading;

fn repository(bucket: &str) -> Case {
    Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", bucket),
        ("kms-encrypted-repository", "no"),
    ])
}

fn deny(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": "{action}", {resource}}}"#
    )
}

/// The judgement, and of each notice of this kind the patterns, the statements and the actions.
fn told(case: &Case) -> Vec<String> {
    let verdict = case.verdict();
    let mut told = vec![verdict.judgement().as_str().to_owned()];
    for notice in &verdict.notices {
        let Notice::DeniedOn {
            by,
            resources,
            places,
        } = notice
        else {
            continue;
        };
        let by: Vec<String> = by.iter().map(ToString::to_string).collect();
        let actions = places.iter().flat_map(|place| {
            let actions = place.actions(&verdict.requirement);
            actions.map(|action| action.as_str().to_owned())
        });
        let actions: Vec<String> = actions.collect();
        told.push(format!(
            "{} by {}: {}",
            resources.join(" "),
            by.join("; "),
            actions.join(" ")
        ));
    }
    told
}

const BY: &str = "by policy of bucket backups, statement Lock: s3:PutObject";

#[test]
fn a_deny_below_a_prefix_is_a_notice_with_its_statement() {
    for pattern in [
        "arn:aws:s3:::backups/Veeam/Archive/*",
        "arn:aws:s3:::backups/Veeam/Backup/*",
        "arn:aws:s3:::backups/*.vbk",
        "arn:aws:s3:::*/Archive/*",
    ] {
        let statement = deny("s3:PutObject", &format!(r#""Resource": "{pattern}""#));
        let case = repository("backups").bucket("backups", &[&statement]);
        assert_eq!(told(&case), ["compliant", &format!("{pattern} {BY}")]);
    }
}

#[test]
fn a_deny_of_all_that_veeam_keeps_is_a_denial() {
    for pattern in [
        "arn:aws:s3:::backups/*",
        "arn:aws:s3:::backups/Veeam/*",
        "arn:aws:s3:::*",
    ] {
        let statement = deny("s3:PutObject", &format!(r#""Resource": "{pattern}""#));
        let case = repository("backups").bucket("backups", &[&statement]);
        assert_eq!(told(&case), ["drifted"], "{pattern}");
    }
    let but = deny(
        "s3:PutObject",
        r#""NotResource": "arn:aws:s3:::backups/Veeam/Archive/*""#,
    );
    let case = repository("backups").bucket("backups", &[&but]);
    assert_eq!(told(&case), ["drifted"]);
}

#[test]
fn a_deny_elsewhere_in_the_bucket_is_no_notice() {
    for (bucket, pattern) in [
        ("backups", "arn:aws:s3:::backups/logs/*"),
        ("backups", "arn:aws:s3:::other/Veeam/Archive/*"),
        ("backups/site-1", "arn:aws:s3:::backups/Veeam/Archive/*"),
        ("backups/site-1", "arn:aws:s3:::backups/site-2/*"),
    ] {
        let statement = deny("s3:PutObject", &format!(r#""Resource": "{pattern}""#));
        let case = repository(bucket).bucket("backups", &[&statement]);
        assert_eq!(told(&case), ["compliant"], "{bucket} {pattern}");
    }
    let admins = r#"{"Sid": "Lock", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"}, "Action": "s3:*", "Resource": "arn:aws:s3:::backups/Veeam/Archive/*"}"#;
    let case = repository("backups").bucket("backups", &[admins]);
    assert_eq!(told(&case), ["compliant"]);
}

#[test]
fn a_deny_in_the_declared_folder_is_a_notice() {
    let pattern = "arn:aws:s3:::backups/site-1/Archive/*";
    let statement = deny("s3:PutObject", &format!(r#""Resource": "{pattern}""#));
    let case = repository("backups/site-1").bucket("backups", &[&statement]);
    assert_eq!(told(&case), ["compliant", &format!("{pattern} {BY}")]);
}

#[test]
fn what_an_rcp_or_the_owner_of_the_bucket_leaves_out_is_a_notice() {
    let pattern = "arn:aws:s3:::backups/Veeam/Archive/*";
    let statement = deny("s3:PutObject", &format!(r#""Resource": "{pattern}""#));
    let case = repository("backups")
        .bucket("backups", &[])
        .organization(&[ALL], &[&statement]);
    let expected = format!("{pattern} by perimeter-0, statement Lock: s3:PutObject");
    assert_eq!(told(&case), ["compliant", &expected]);
    let mut foreign = repository("backups");
    foreign.resources.own_buckets = Reading::Read(["another".into()].into());
    let but = format!(
        r#"{{"Sid": "Lock", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:user/veeam"}}, "Action": "s3:*", "NotResource": "{pattern}"}}"#
    );
    let told = told(&foreign.bucket("backups", &[&but]));
    assert_eq!(told[0], "compliant");
    let expected = format!("{pattern} by policy of bucket backups, statement Lock: ");
    assert!(told[1].starts_with(&expected), "{told:?}");
}

#[test]
fn a_denial_of_the_principal_outweighs_what_the_bucket_leaves_out() {
    let pattern = "arn:aws:s3:::backups/Veeam/Archive/*";
    let statement = deny("s3:*", &format!(r#""Resource": "{pattern}""#));
    let without = r#"{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}"#;
    let case = repository("backups")
        .may(&[without])
        .bucket("backups", &[&statement]);
    let told = told(&case);
    assert_eq!(told[0], "drifted");
    assert!(
        told[1..].iter().all(|one| !one.contains("s3:PutObject ")),
        "{told:?}"
    );
}

#[test]
fn a_deny_of_the_principal_on_the_folder_that_veeam_writes_to_is_a_denial() {
    let named = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]}"#;
    let rest = r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#;
    let lists = r#"{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}"#;
    let allowing = [named, rest, lists];
    let fence = |resource: &str, condition: &str| {
        format!(
            r#"{{"Sid": "Fence", "Effect": "Deny", "Action": "s3:PutObject", {resource}{condition}}}"#
        )
    };
    let own = r#""Resource": "arn:aws:s3:::backups/Veeam/*""#;
    let deny = fence(own, "");
    let case = || repository("backups").may(&allowing);
    case().is_well();
    for (denied, by) in [
        (case().may(&[named, rest, lists, &deny]), "inline veeam"),
        (case().bounded(&[ALL, &deny]), "policy/boundary"),
        (case().organization(&[&deny], &[]), "SCP"),
    ] {
        let verdict = denied.verdict();
        let cause = verdict
            .missing
            .first()
            .map(|one| format!("{:?}", one.cause));
        let cause = cause.unwrap_or_else(|| format!("not denied: {:?}", verdict.notices));
        assert!(
            cause.starts_with("DeniedBy") && cause.contains("Fence"),
            "{by}: {cause}"
        );
    }
    let perhaps = fence(
        own,
        r#", "Condition": {"StringNotEquals": {"s3:ExistingObjectTag/a": "b"}}"#,
    );
    let perhaps = case().may(&[named, rest, lists, &perhaps]);
    assert_eq!(told(&perhaps), ["undetermined"]);
    // Who leaves one folder out, or denies another one, lets Veeam write.
    for resource in [
        r#""NotResource": "arn:aws:s3:::backups/Veeam/Archive/*""#,
        r#""Resource": "arn:aws:s3:::backups/logs/*""#,
    ] {
        let other = fence(resource, "");
        let case = case().may(&[named, rest, lists, &other]);
        assert_eq!(told(&case)[0], "compliant", "{resource}");
    }
}
