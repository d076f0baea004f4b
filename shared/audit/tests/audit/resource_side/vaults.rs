//! Vaults: rows B1 and B2 of what the access policy of a backup vault keeps Veeam from.

use audit::requirement::ResourcePolicy;

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
