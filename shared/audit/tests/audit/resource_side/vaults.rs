//! Vaults: rows B1 and B2 of what the access policy of a backup vault keeps Veeam from.

use audit::requirement::ResourcePolicy;
use audit::resources::Reading;

use super::case::{Case, HAND_OVER, KEY, VAULT, metadata};

fn efs() -> Case {
    Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)])
}

fn deny(actions: &str) -> String {
    format!(
        r#"{{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": [{actions}], "Resource": "*"}}"#
    )
}

const DENIED: &str = "denied by policy of vault veeam, statement Guard (resource policy)";

#[test]
fn b1_a_vault_that_denies_what_the_set_needs() {
    efs()
        .vault(&[&deny(r#""backup:StartBackupJob""#)], None)
        .is(&["drifted", &format!("backup:StartBackupJob: {DENIED}")]);
    efs()
        .vault(&[&deny(r#""backup:PutBackupVaultAccessPolicy""#)], None)
        .is_well();
    efs().vault(&[], None).is_well();
}

/// AWS Backup encrypts backups of EFS with the key of the vault, by itself: the state of the key counts, the role needs nothing.
#[test]
fn a_disabled_key_of_the_vault_stops_backups_of_efs() {
    let case = efs().vault(&[], Some(KEY)).key(KEY, &[HAND_OVER]);
    case.is_well();
    let disabled = |mut case: Case| {
        let mut metadata = metadata(KEY, "CUSTOMER");
        metadata.state = "Disabled".into();
        let key = case.resources.keys.get_mut(KEY).unwrap();
        key.metadata = Reading::Read(metadata);
        let verdict = case.verdict();
        (verdict.judgement().as_str(), verdict.faults.len())
    };
    assert_eq!(disabled(case), ("drifted", 1));
    for set in ["vbaws-role-efs-backup", "vbaws-role-redshift-backup"] {
        let source = Case::role(&[("action-sets", set), ("source-key", KEY)]);
        let source = source.key(KEY, &[HAND_OVER]);
        source.is_well();
        assert_eq!(disabled(source), ("drifted", 1), "{set}");
    }
}

#[test]
fn a_key_of_the_vault_that_denies_the_role_leaves_backups_of_efs_open() {
    let case = efs().vault(&[], Some(KEY));
    let deny = |who: &str, actions: &str| {
        format!(
            r#"{{"Sid": "Guard", "Effect": "Deny", "Principal": {{"AWS": "{who}"}}, "Action": [{actions}], "Resource": "*"}}"#
        )
    };
    let role = "arn:aws:iam::111122223333:role/veeam";
    for actions in [
        r#""kms:*""#,
        r#""kms:GenerateDataKey*""#,
        r#""kms:Decrypt""#,
    ] {
        let denied = case.clone().key(KEY, &[HAND_OVER, &deny(role, actions)]);
        let verdict = denied.verdict();
        assert_eq!(verdict.judgement().as_str(), "undetermined", "{actions}");
        let cause = format!("{:?}", verdict.unknown[0].cause);
        assert!(
            cause.contains("policy of key") && cause.contains("Guard"),
            "{cause}"
        );
    }
    let other = "arn:aws:iam::111122223333:role/other";
    for statement in [
        deny(other, r#""kms:*""#),
        deny(role, r#""kms:PutKeyPolicy""#),
    ] {
        case.clone().key(KEY, &[HAND_OVER, &statement]).is_well();
    }
    // The role itself needs nothing of the key.
    case.key(KEY, &[super::case::ADMINISTRATORS]).is_well();
}

/// Recovery points of FSx and Redshift have ARNs of those services.
#[test]
fn a_vault_that_denies_deleting_its_recovery_points() {
    let deny = |resource: &str| {
        format!(
            r#"{{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "{resource}"}}"#
        )
    };
    const SETS: [(&str, &str); 4] = [
        (
            "vbaws-role-fsx-backup",
            "arn:aws:fsx:eu-west-1:111122223333:backup/*",
        ),
        (
            "vbaws-role-redshift-backup",
            "arn:aws:redshift:eu-west-1:111122223333:snapshot:*/awsbackup:*",
        ),
        (
            "vbaws-role-efs-backup",
            "arn:aws:backup:eu-west-1:111122223333:recovery-point:*",
        ),
        (
            "vbaws-role-dynamodb-backup",
            "arn:aws:backup:eu-west-1:111122223333:recovery-point:*",
        ),
    ];
    for (set, own) in SETS {
        for (_, resource) in SETS {
            let case = Case::role(&[("action-sets", set), ("vault", VAULT)]);
            let case = case.vault(&[&deny(resource)], None);
            match own == resource {
                true => case.is(&["drifted", &format!("backup:DeleteRecoveryPoint: {DENIED}")]),
                false => case.is_well(),
            }
        }
    }
}

/// A policy that allows may let a role in that its own policies do not. Of two vaults each has to.
#[test]
fn b1_a_vault_without_a_policy_is_judged_beside_one_that_allows_more() {
    let arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:second";
    let both = format!("{VAULT} {arn}");
    let allow = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/veeam"}, "Action": "backup:*", "Resource": "*"}"#;
    let others = r#"{"Effect": "Allow", "NotAction": "backup:StartBackupJob", "Resource": "*"}"#;
    let closed = "backup:StartBackupJob: not allowed in identity policy";
    let of = |vaults: &str| {
        let tags = [("action-sets", "vbaws-role-efs-backup"), ("vault", vaults)];
        Case::role(&tags)
            .may(&[others])
            .vault(&[allow, &deny(r#""backup:DeleteBackupVault""#)], None)
    };
    of(VAULT).is_well();
    let mut second = of(&both);
    second.is(&["drifted", closed]);
    for policy in [Reading::Read(None), Reading::Refused("AccessDenied".into())] {
        let mut vault = second.resources.vaults[VAULT].clone();
        vault.policy = policy;
        second.resources.vaults.insert(arn.into(), vault);
        second.is(&["drifted", closed]);
    }
    let first = second.resources.vaults[VAULT].clone();
    second.resources.vaults.insert(arn.into(), first);
    second.is_well();
}

#[test]
fn b1_a_vault_of_another_region_is_a_mistake() {
    let arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
    let tags = [("action-sets", "vbaws-role-efs-backup"), ("vault", arn)];
    let mut case = Case::role(&tags).vault(&[&deny(r#""backup:StartBackupJob""#)], None);
    let vault = case.resources.vaults.remove(VAULT).unwrap();
    case.resources.vaults.insert(arn.into(), vault);
    let assessment = case.assessment();
    let faults = assessment.faults.iter().map(|fault| fault.kind.to_string());
    assert_eq!(
        faults.collect::<Vec<_>>(),
        [format!(
            "`{arn}` is not understood: expected the ARN of a vault in a declared region (eu-west-1), or `eu-central-1` among the declared regions"
        )]
    );
    let verdict = &assessment.verdicts[0];
    assert_eq!(verdict.unread(), [ResourcePolicy::Vault]);
    assert_eq!(assessment.coverage.layers.vaults.read, 0);
}

#[test]
fn b2_the_vault_that_aws_made_for_efs() {
    let policy = deny(
        r#""backup:DeleteBackupVault", "backup:DeleteBackupVaultAccessPolicy", "backup:DeleteRecoveryPoint", "backup:StartCopyJob", "backup:StartRestoreJob", "backup:UpdateRecoveryPointLifecycle""#,
    );
    efs().vault(&[&policy], None).is(&[
        "drifted",
        &format!("backup:DeleteRecoveryPoint, backup:StartCopyJob: {DENIED}"),
    ]);
}
