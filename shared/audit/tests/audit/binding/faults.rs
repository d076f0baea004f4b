//! Faults: which tags and bindings cannot be followed, and what would be right?

use audit::requirement::BindFaultKind;
use audit::{Asked, Extent, Selection, Settings};

use super::bound;
use crate::phases::{asked, listed};
use crate::principals::{inventory, principal, role};

#[track_caller]
fn fault(tags: &[(&str, &str)], expected: &[&str]) {
    let bound = bound(vec![principal(role("a"), tags)], &Settings::default());
    let found: Vec<String> = bound
        .faults
        .iter()
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_followed_is_told_with_what_would_be_right() {
    fault(
        &[("action-sets", "vbaws-role-repositry")],
        &[
            "veeam:action-sets: no action set is called `vbaws-role-repositry`: did you mean `vbaws-role-repository`?",
        ],
    );
    fault(
        &[("action-sets", " ")],
        &["veeam:action-sets: it is empty: name action sets, separated by blanks"],
    );
    fault(
        &[("action-set", "copy")],
        &["veeam:action-set: no tag is called so: did you mean `veeam:action-sets`?"],
    );
    fault(
        &[
            ("action-sets", "copy"),
            ("regions", "frankfurt"),
            ("product-version", "9"),
            ("assumed-by", "me"),
        ],
        &[
            "veeam:assumed-by: `me` is not understood: expected an account id or the ARN of a role",
            "veeam:product-version: `9` is not understood: expected v10 or v11, the version of the AWS backup appliance",
            "veeam:regions: `frankfurt` is not understood: expected a region, such as eu-central-1",
        ],
    );
    fault(
        &[("action-sets", "copy"), ("bucket", "s3://backups/ backups")],
        &[
            "veeam:bucket: `s3://backups/` is not understood: expected the S3 bucket of the repository, or of the data that is protected, such as backups-eu",
        ],
    );
    fault(
        &[("action-sets", "vbr-ebs-encryption-key-policy")],
        &[
            "veeam:action-sets: `vbr-ebs-encryption-key-policy` is granted in the policy of a KMS key, where no look at a principal can tell: it is not checked",
        ],
    );
    fault(
        &[("action-sets", "upload")],
        &["veeam:action-sets: `upload` is meant for a user; it is checked here all the same"],
    );
}

/// The faults of a role with these tags, whose keys are whole.
#[track_caller]
fn fault_of_keys(keys: &[&str], expected: &[&str]) {
    let mut role = principal(role("a"), &[]);
    let tags = keys.iter().map(|key| ((*key).into(), "copy".into()));
    role.tags.extend(tags);
    let bound = bound(vec![role], &Settings::default());
    let faults = bound.faults.iter();
    let found: Vec<String> = faults
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    assert_eq!(found, expected);
    assert!(bound.named.is_empty(), "it is not taken for our tag");
}

#[test]
fn a_tag_key_that_is_ours_but_for_capitals_and_blanks_is_told() {
    let meant = "no tag is called so: did you mean `veeam:action-sets`?";
    for key in [
        "Veeam:Action-Sets",
        "VEEAM:ACTION-SETS",
        " veeam:action-sets",
        "veeam:action-sets ",
        "veeam :action-sets",
        "veeam:Action-Sets",
        "Veeam:acton-sets",
    ] {
        fault_of_keys(&[key], &[&format!("{key}: {meant}")]);
    }
    fault_of_keys(
        &["Veeam:Bucket:2", "Veeam:Cost-Centre", "Owner"],
        &["Veeam:Bucket:2: no tag is called so: did you mean `veeam:bucket`?"],
    );
}

#[test]
fn a_tag_without_a_value_is_told() {
    fault(
        &[
            ("action-sets", "copy"),
            ("assumed-by", ""),
            ("bucket", " "),
            ("regions", ""),
        ],
        &[
            "veeam:assumed-by: it is empty: expected an account id or the ARN of a role",
            "veeam:bucket: it is empty: expected the S3 bucket of the repository, or of the data that is protected, such as backups-eu",
            "veeam:regions: it is empty: expected a region, such as eu-central-1",
        ],
    );
}

#[test]
fn a_value_of_another_kind_is_told_with_what_was_meant() {
    fault(
        &[
            ("action-sets", "copy"),
            ("kms-key", "arn:aws:kms:eu-west-1:111122223333:alias/b"),
            ("role", "role/x"),
        ],
        &[
            "veeam:kms-key: `arn:aws:kms:eu-west-1:111122223333:alias/b` is not understood: expected the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id arn:aws:kms:eu-west-1:111122223333:alias/b` prints it)",
            "veeam:role: `role/x` is not understood: expected `x`, without `role/`; where the role's path is `/role/`, its whole ARN",
        ],
    );
}

#[test]
fn a_resource_is_named_as_the_principals_policies_name_it() {
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/backups";
    let foreign = "arn:aws-cn:kms:cn-north-1:111122223333:key/k";
    fault(
        &[
            ("action-sets", "copy"),
            ("bucket", &format!("{point} /backups")),
            ("kms-key", foreign),
            ("role", "/x"),
        ],
        &[
            &format!(
                "veeam:bucket: `{point}` is not understood: expected the name or the ARN of the bucket, not of an access point"
            ),
            "veeam:bucket: `/backups` is not understood: expected the S3 bucket of the repository, or of the data that is protected, such as backups-eu",
            &format!(
                "veeam:kms-key: `{foreign}` is not understood: expected an ARN in the partition of the principal, which is `aws`"
            ),
            "veeam:role: `/x` is not understood: expected the role that is passed on or assumed, such as veeam-worker",
        ],
    );
}

#[test]
fn policies_alone_are_of_no_partition() {
    let key = "arn:aws-cn:kms:cn-north-1:111122223333:key/k";
    let tags = [("action-sets", "copy"), ("kms-key", key)];
    let settings = Settings::default();
    let asked = Asked {
        extent: Extent::Policies,
        ..asked(&settings, "2026-11-01T06:00:00Z", &Selection::default())
    };
    let bound = listed(&inventory(vec![principal(role("a"), &tags)]), &asked).bound;
    assert_eq!(bound.faults, []);
}

#[test]
fn a_binding_without_action_sets_is_told_with_its_line() {
    let document = "\n[[bind]]\nprincipal = \"arn:aws:iam::*:role/a\"\naction-sets = []";
    let settings = Settings::parse(document).unwrap();
    let bound = bound(vec![principal(role("a"), &[])], &settings);
    let found: Vec<_> = bound
        .faults
        .iter()
        .map(|fault| (&*fault.place, &fault.kind))
        .collect();
    assert_eq!(found, [("settings, line 2", &BindFaultKind::Empty)]);
}

#[test]
fn a_strangers_tag_under_our_prefix_is_none_of_our_business() {
    fault(&[("action-sets", "copy"), ("cost-centre", "12")], &[]);
}

#[test]
fn a_wrong_value_does_not_widen_the_question() {
    let tags = [
        ("action-sets", "copy"),
        ("kms-key", "alias/none-of-ours key"),
    ];
    let bound = bound(vec![principal(role("a"), &tags)], &Settings::default());
    assert_eq!(bound.faults.len(), 2, "{:?}", bound.faults);
    assert!(matches!(
        bound.faults[0].kind,
        BindFaultKind::BadValue { .. }
    ));
}
