//! Vaults: rows B1 and B2 of what the access policy of a backup vault keeps Veeam from.

use super::case::{Case, VAULT};

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

#[test]
fn b1_a_vault_of_another_region_is_not_asked() {
    let elsewhere = [
        ("action-sets", "vbaws-role-efs-backup"),
        (
            "vault",
            "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam",
        ),
    ];
    let mut case = Case::role(&elsewhere).vault(&[&deny(r#""backup:StartBackupJob""#)], None);
    let vault = case.resources.vaults.remove(VAULT).unwrap();
    case.resources.vaults.insert(elsewhere[1].1.into(), vault);
    case.is_well();
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
