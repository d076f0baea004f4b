//! Kinds: what is the resource of a request that Veeam makes, and what can it not be?

use audit::Judgement;
use audit::requirement::ResourcePolicy;
use audit::verdict::Notice;

use super::{ALL, REGIONS, all_but, check_missing, missing, unknown, verdict};

#[test]
fn where_nobody_knows_which_kind_a_request_is_about_all_of_them_decide() {
    let deny = |action: &str, resource: &str| {
        format!(r#"{ALL},{{"Effect":"Deny","Action":"{action}","Resource":"{resource}"}}"#)
    };
    let set = "vbaws-role-default-backup-restore";
    for resource in [
        "arn:aws:backup:*:*:recovery-point:*",
        "arn:aws:fsx:*:*:backup/*",
    ] {
        let statements = deny("backup:DeleteRecoveryPoint", resource);
        let found = verdict(set, &REGIONS, &statements, None);
        assert_eq!(
            unknown(&found),
            ["backup:DeleteRecoveryPoint"],
            "{resource}"
        );
    }
    let statements = deny("backup:DeleteRecoveryPoint", "arn:aws:*");
    check_missing(set, &REGIONS, &statements, "backup:DeleteRecoveryPoint");
    // A document may be the account's own or AWS's.
    let statements = deny("ssm:SendCommand", "arn:aws:ssm:*::document/*");
    let found = verdict("vbaws-role-ec2-backup", &REGIONS, &statements, None);
    assert_eq!(unknown(&found), ["ssm:SendCommand"]);
}

/// The recovery points of a set are of one kind, and AWS makes up the name of each: a policy that names some names none of the next.
#[test]
fn an_identity_policy_has_to_allow_the_recovery_points_of_the_set() {
    const ACTION: &str = "backup:DeleteRecoveryPoint";
    let own = "arn:aws:backup:*:*:recovery-point:*";
    let fsx = "arn:aws:fsx:*:111122223333:backup/backup-*";
    let cluster = "arn:aws:redshift:*:*:snapshot:cluster/awsbackup:*";
    for (set, allowed, missing) in [
        ("vbaws-role-efs-backup", own, false),
        ("vbaws-role-efs-backup", fsx, true),
        (
            "vbaws-role-efs-backup",
            "arn:aws:backup:*:*:recovery-point:0a1b2c3d-*",
            true,
        ),
        ("vbaws-role-efs-backup", "arn:aws:*1234", true),
        ("vbaws-role-fsx-backup", fsx, false),
        ("vbaws-role-fsx-backup", own, true),
        (
            "vbaws-role-fsx-backup",
            "arn:aws:fsx:*:*:backup/backup-0123",
            true,
        ),
        ("vbaws-role-redshift-backup", cluster, false),
        ("vbaws-role-redshift-backup", own, true),
    ] {
        let statements = all_but(&format!("\"{ACTION}\""), &format!("\"{allowed}\""));
        let found = verdict(set, &REGIONS, &statements, None);
        let expected: &[&str] = if missing { &[ACTION] } else { &[] };
        assert_eq!(super::missing(&found), expected, "{set} {allowed}");
        assert_eq!(unknown(&found), [""; 0], "{set} {allowed}");
    }
    // Without a region it may be the one that a policy names.
    let in_one = "arn:aws:backup:eu-west-1:*:recovery-point:*";
    let statements = all_but(&format!("\"{ACTION}\""), &format!("\"{in_one}\""));
    let found = verdict("vbaws-role-efs-backup", &[], &statements, None);
    assert_eq!(super::missing(&found), [""; 0]);
}

#[test]
fn a_service_linked_role_is_below_its_own_path() {
    let deny = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"iam:CreateServiceLinkedRole","Resource":"arn:aws:iam::*:role/aws-service-role/*"}}"#
    );
    let set = "vbaws-role-rds-instance-restore";
    check_missing(set, &REGIONS, &deny, "iam:CreateServiceLinkedRole");
    let own = all_but(
        r#""iam:CreateServiceLinkedRole""#,
        r#""arn:aws:iam::*:role/Veeam*""#,
    );
    check_missing(set, &REGIONS, &own, "iam:CreateServiceLinkedRole");
}

#[test]
fn a_pattern_that_matches_by_chance_denies_nothing_else() {
    for resource in ["arn:aws:s3:::*-*", "arn:aws:s3:::*1*"] {
        let deny = format!(r#"{ALL},{{"Effect":"Deny","Action":"s3:*","Resource":"{resource}"}}"#);
        let found = verdict("vbr-s3-immutability", &[], &deny, None);
        assert_eq!(found.judgement(), Judgement::Compliant, "{resource}");
    }
    let region = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2:*-1::snapshot/*"}}"#
    );
    let found = verdict("vbaws-role-ec2-backup", &[], &region, None);
    assert_eq!(found.judgement(), Judgement::Compliant);
}

#[test]
fn what_cannot_exist_is_allowed_in_vain() {
    let backups = all_but(
        r#""ec2:DeleteSnapshot""#,
        r#""arn:aws:ec2:*::snapshot/backup-*""#,
    );
    check_missing(
        "vbaws-role-ec2-backup",
        &REGIONS,
        &backups,
        "ec2:DeleteSnapshot",
    );
}

#[test]
fn veeam_writes_below_its_own_folder() {
    let deny = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"s3:PutObject","Resource":"arn:aws:s3:::*/Veeam/*"}}"#
    );
    check_missing("vbr-s3-immutability", &[], &deny, "s3:PutObject");
    let some = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"s3:PutObject","Resource":"arn:aws:s3:::bk/Veeam/Backup/*"}}"#
    );
    let found = verdict("vbr-s3-immutability", &[("bucket", "bk")], &some, None);
    let is_told = |notice: &Notice| matches!(notice, Notice::DeniedOn { .. });
    assert!(found.notices.iter().any(is_told), "{found:?}");
}

#[test]
fn the_account_of_a_declared_key_is_in_its_arn() {
    let key = "arn:aws:kms:eu-west-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let deny = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:ResourceAccount":"111122223333"}}}}}}"#
    );
    let tags = [("kms-key", key), ("regions", "eu-west-1")];
    let found = verdict("vbaws-role-ec2-backup", &tags, &deny, None);
    assert!(
        missing(&found).contains(&"kms:CreateGrant".to_owned()),
        "{found:?}"
    );
    let own = key.replace("999999999999", "111122223333");
    let tags = [("kms-key", &*own), ("regions", "eu-west-1")];
    let found = verdict("vbaws-role-ec2-backup", &tags, &deny, None);
    let open = [missing(&found), unknown(&found)].concat();
    assert!(!open.contains(&"kms:CreateGrant".to_owned()), "{found:?}");
}

#[test]
fn a_deny_that_excludes_an_allow_leaves_out_what_it_names() {
    // On everything else either the SCP does not allow or the Deny applies.
    let but = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::p","arn:aws:s3:::p/*"],"Condition":{{"StringEquals":{{"aws:SourceVpc":"v"}}}}}}"#
    );
    let scp = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}}"#;
    let found = verdict("vbr-s3-immutability", &[], &but, Some(scp));
    assert!(
        unknown(&found).contains(&"s3:GetObject".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_key_policy_counts_where_an_operation_needs_a_key() {
    use ResourcePolicy::{Bucket, Key};
    #[track_caller]
    fn check(set: &str, tags: &[(&str, &str)], expected: &[ResourcePolicy]) {
        let found = verdict(set, tags, ALL, None);
        let unread = found.requirement.unread.iter().copied();
        let of_resources = unread.filter(|policy| *policy != ResourcePolicy::ResourceControl);
        assert_eq!(of_resources.collect::<Vec<_>>(), expected);
    }
    // Neither names an action of KMS.
    check("vbr-s3-immutability", &[], &[Bucket, Key]);
    check("vbaws-role-worker-configuration", &REGIONS, &[]);
    let answer = "kms-encrypted-repository";
    let reading = "vbr-s3-read-only-immutability";
    check(reading, &[], &[Bucket, Key]);
    check(reading, &[(answer, "yes")], &[Bucket, Key]);
    check(reading, &[(answer, "no")], &[Bucket]);
    // The bucket's own key is needed all the same.
    check("vbr-s3-immutability", &[(answer, "no")], &[Bucket, Key]);
}
