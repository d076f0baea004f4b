//! Users' own sets, and what can be asked of a catalog: lookup, suggestions, extension, versions, scopes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use catalog::{
    Catalog, FillError, Need, ProductVersion, ScopeValues, SetFile, diff, known_action,
    known_actions, merge,
};

const OWN: &str = r#"
[audit]
colour = "the settings' own business"

[[action-set]]
id = "acme-base"
title = "Base"
operation = "Look at snapshots."
impact = "Nothing is seen."
severity = "low"
principal = "either"
trust-services = [{ name = "ec2.amazonaws.com", until = "v10" }, { name = "backup.amazonaws.com", since = "v11" }]
actions = [
  "ec2:DescribeSnapshots",
  { name = "ec2:CopySnapshot", optional = "clean-up only" },
  { name = "ec2:CreateTags", until = "v10" },
]
source = [{ page = "https://wiki.example/base" }]

[[action-set]]
id = "acme-copy"
title = "Copy"
operation = "Copy snapshots."
impact = "Copies stop."
severity = "high"
principal = "role"
extends = ["acme-base"]
actions = ["ec2:CopySnapshot"]
source = [{ page = "https://wiki.example/copy" }]
"#;

fn with_own() -> Catalog {
    let settings = SetFile {
        file: "settings.toml",
        text: OWN,
    };
    Catalog::embedded().with_own_sets(&[settings]).unwrap()
}

#[test]
fn sets_in_a_settings_document_join_the_catalog() {
    let catalog = with_own();
    assert_eq!(
        catalog.sets().count(),
        Catalog::embedded().sets().count() + 2
    );
    assert_eq!(catalog.find("acme-base").unwrap().title, "Base");
}

#[test]
fn refused_sets_leave_every_problem_in_the_error() {
    let text = OWN
        .replace("severity = \"low\"", "severity = \"tiny\"")
        .replace("extends = [\"acme-base\"]", "extends = [\"acme-bass\"]");
    let error = Catalog::embedded()
        .with_own_sets(&[SetFile {
            file: "settings.toml",
            text: &text,
        }])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "settings.toml:10: `tiny` is no severity: expected low, medium, high or critical\n\
         settings.toml:27: unknown set `acme-bass`: did you mean `acme-base`?"
    );
}

#[track_caller]
fn check_nearest(text: &str, expected: &str) {
    assert_eq!(
        Catalog::embedded().find(text).unwrap_err().to_string(),
        expected
    );
}

#[test]
fn a_mistyped_id_is_answered_with_the_one_that_was_meant() {
    check_nearest(
        "vbaws-role-ec2-backup-v11",
        "unknown action set `vbaws-role-ec2-backup-v11`: did you mean `vbaws-role-ec2-backup`?",
    );
    check_nearest(
        "VBAWS-Role-RDS-Bakcup",
        "unknown action set `VBAWS-Role-RDS-Bakcup`: did you mean `vbaws-role-rds-backup`?",
    );
    check_nearest("everything", "unknown action set `everything`");
}

#[test]
fn a_set_comes_after_what_it_extends_and_the_stricter_need_counts() {
    let catalog = with_own();
    let copy = catalog.find("acme-copy").unwrap();
    let sets = catalog.resolve(&copy.id).unwrap();
    let ids: Vec<&str> = sets.iter().map(|set| set.id.as_str()).collect();
    assert_eq!(ids, ["acme-base", "acme-copy"]);
    let actions: Vec<(&str, bool)> = merge(&sets, ProductVersion::V11)
        .iter()
        .map(|action| (action.name.as_str(), action.need == Need::Required))
        .collect();
    assert_eq!(
        actions,
        [("ec2:CopySnapshot", true), ("ec2:DescribeSnapshots", true)]
    );
}

#[test]
fn a_version_can_drop_an_action_and_change_who_is_trusted() {
    let catalog = with_own();
    let base = catalog.find("acme-base").unwrap();
    let diff = diff(base, ProductVersion::V10, ProductVersion::V11);
    let gone: Vec<&str> = diff
        .no_longer_needed
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(gone, ["ec2:CreateTags"]);
    assert_eq!(diff.newly_trusted, ["backup.amazonaws.com"]);
    assert_eq!(diff.no_longer_trusted, ["ec2.amazonaws.com"]);
}

fn scope(input: &str, value: &str) -> ScopeValues {
    let account = Some("111122223333".parse().unwrap());
    ScopeValues {
        account,
        ..ScopeValues::default()
    }
    .with(input, value)
}

#[track_caller]
fn check_arns(variable: &str, scope: &ScopeValues, expected: Result<&[&str], FillError>) {
    let catalog = Catalog::embedded();
    let found = catalog.scope_variable(variable).unwrap().arns(scope);
    let expected = expected.map(|arns| arns.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(found, expected);
}

#[test]
fn names_and_whole_arns_fill_a_scope_variable() {
    let name = scope("bucket", "backups-eu");
    check_arns("bucket", &name, Ok(&["arn:aws:s3:::backups-eu"]));
    check_arns("object", &name, Ok(&["arn:aws:s3:::backups-eu/*"]));
    let arn = scope("bucket", "arn:aws-cn:s3:::backups-cn");
    check_arns("bucket", &arn, Ok(&["arn:aws-cn:s3:::backups-cn"]));
    check_arns("object", &arn, Ok(&["arn:aws-cn:s3:::backups-cn/*"]));
    check_arns(
        "role",
        &scope("role", "path/worker"),
        Ok(&["arn:aws:iam::111122223333:role/path/worker"]),
    );
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1234";
    check_arns("kms_key", &scope("kms_key", key), Ok(&[key]));
}

#[test]
fn several_values_make_several_arns_each_once() {
    let two = scope("bucket", "b").with("bucket", "a").with("bucket", "b");
    check_arns("bucket", &two, Ok(&["arn:aws:s3:::a", "arn:aws:s3:::b"]));
}

#[test]
fn without_a_value_there_is_no_arn_unless_none_is_needed() {
    check_arns("bucket", &ScopeValues::default(), Ok(&[]));
    check_arns(
        "snapshot",
        &ScopeValues::default(),
        Ok(&["arn:aws:ec2:*::snapshot/*"]),
    );
}

#[test]
fn a_value_that_makes_no_arn_of_its_kind_is_refused() {
    for value in ["1234abcd", "arn:aws:s3:::bucket", ""] {
        check_arns(
            "kms_key",
            &scope("kms_key", value),
            Err(FillError::Value {
                input: "kms_key".to_owned(),
                value: value.to_owned(),
                example:
                    "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                        .to_owned(),
            }),
        );
    }
    check_arns(
        "role",
        &scope("role", "/path/worker"),
        Err(FillError::Value {
            input: "role".to_owned(),
            value: "/path/worker".to_owned(),
            example: "veeam-worker".to_owned(),
        }),
    );
    check_arns(
        "role",
        &ScopeValues::default().with("role", "worker"),
        Err(FillError::NoAccount {
            input: "role".to_owned(),
            value: "worker".to_owned(),
        }),
    );
}

#[test]
fn a_bucket_has_a_name_that_s3_could_give() {
    let backups = "Old_Backups.2014-eu";
    check_arns(
        "bucket",
        &scope("bucket", backups),
        Ok(&["arn:aws:s3:::Old_Backups.2014-eu"]),
    );
    let folder = scope(
        "bucket",
        "backups/Veeam/Über uns".replace(' ', "-").as_str(),
    );
    check_arns(
        "object",
        &folder,
        Ok(&["arn:aws:s3:::backups/Veeam/Über-uns/*"]),
    );
    for value in [
        "s3://backups/",
        "s3:",
        "/backups",
        "bäckups",
        "a+b",
        "backups-*",
        "arn:aws:s3:::s3://b",
    ] {
        check_arns(
            "bucket",
            &scope("bucket", value),
            Err(FillError::Value {
                input: "bucket".to_owned(),
                value: value.to_owned(),
                example: "backups-eu".to_owned(),
            }),
        );
    }
}

#[test]
fn a_value_of_another_kind_is_refused_with_what_was_meant() {
    #[track_caller]
    fn check(variable: &str, input: &str, value: &str, meant: &str) {
        check_arns(
            variable,
            &scope(input, value),
            Err(FillError::Meant {
                input: input.to_owned(),
                value: value.to_owned(),
                meant: meant.to_owned(),
            }),
        );
    }
    for alias in ["alias/b", "arn:aws:kms:eu-west-1:111122223333:alias/b"] {
        let meant = format!(
            "the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id {alias}` prints it)"
        );
        check("kms_key", "kms_key", alias, &meant);
    }
    check(
        "role",
        "role",
        "role/x",
        "`x`, without `role/`; where the role's path is `/role/`, its whole ARN",
    );
    check(
        "role",
        "role",
        "arn:aws:iam::111122223333:user/x",
        "the name or the ARN of a role",
    );
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/backups";
    let bucket = "the name or the ARN of the bucket, not of an access point";
    check("bucket", "bucket", point, bucket);
    check("object", "bucket", point, bucket);
    let of_path = "arn:aws:iam::111122223333:role/role/x";
    check_arns("role", &scope("role", of_path), Ok(&[of_path]));
}

#[test]
fn every_known_action_is_found_whatever_its_case() {
    assert_eq!(known_actions().count(), 2940);
    for known in known_actions() {
        let upper = known.name.to_ascii_uppercase().parse().unwrap();
        assert_eq!(known_action(&upper), Some(known));
        assert!(
            known.resource_types().all(|kind| kind.arn.is_some()),
            "{}",
            known.name
        );
    }
}
