//! Vaults: what do `describe-backup-vault` and `get-backup-vault-access-policy` say of a vault of AWS Backup?

use iam::{AccountId, Arn};

use super::json::{Section, Value};
use super::output::Output;
use super::policies;
use crate::resources::{Reading, Vault, VaultDescription};

const DESCRIBE: &str = "describe-backup-vault";
const POLICY: &str = "get-backup-vault-access-policy";
/// The vault, or its policy, is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// A vault under its ARN; `None` where that is none, which was noted.
pub(super) fn read(arn: &str, value: &Value<'_, '_>) -> Option<Vault> {
    if !is_vault(arn) {
        value.mistake(format!(
            "`{arn}` is not the ARN of a vault: put in its place what `aws backup describe-backup-vault --backup-vault-name NAME --query BackupVaultArn --output text` prints"
        ));
        return None;
    }
    let parts = value.section(
        &[DESCRIBE, POLICY],
        "an object with what commands print of the vault",
    )?;
    let description = match Output::of(&parts, DESCRIBE, &[]).printed(|value| describe(arn, value))
    {
        Reading::Read(Ok(description)) => Reading::Read(description),
        Reading::Read(Err(reason)) | Reading::Refused(reason) => Reading::Refused(reason),
        Reading::NotRead => Reading::NotRead,
    };
    let policy = Output::of(&parts, POLICY, &[NOT_FOUND]).reading(
        || None,
        |value| {
            let fields = value.printed(
                &["BackupVaultArn", "Policy"],
                &["BackupVaultName"],
                "what `aws backup get-backup-vault-access-policy` prints",
            )?;
            is_of(arn, &fields)?;
            policies::printed(value).map(Some)
        },
    );
    // A vault that is not there has no policy either, which says nothing of the vault that was meant.
    let policy = match (&description, policy) {
        (Reading::Refused(code), Reading::Read(None)) if **code == *NOT_FOUND => {
            Reading::Refused(NOT_FOUND.into())
        }
        (_, policy) => policy,
    };
    Some(Vault {
        policy,
        description,
    })
}

fn is_vault(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| {
        arn.service == "backup"
            && !arn.region.is_empty()
            && arn.account.parse::<AccountId>().is_ok()
            && arn
                .resource
                .strip_prefix("backup-vault:")
                .is_some_and(|name| !name.is_empty())
    })
}

/// `None` where the output names another vault, which is noted.
fn is_of(arn: &str, fields: &Section<'_, '_>) -> Option<()> {
    let Some(value) = fields.get("BackupVaultArn") else {
        return Some(());
    };
    let found = value.text("the vault's ARN")?;
    if *found == *arn {
        return Some(());
    }
    value.mistake(format!(
        "this is of `{found}`, and stands under the vault `{arn}`: run the command for that one"
    ));
    None
}

/// What a description says, or why it does not say enough.
fn describe(arn: &str, value: &Value<'_, '_>) -> Option<Result<VaultDescription, Box<str>>> {
    const EXPECTED: &str = "what `aws backup describe-backup-vault` prints";
    let fields = value.printed(
        &[
            "BackupVaultArn",
            "Locked",
            "VaultType",
            "VaultState",
            "EncryptionKeyArn",
        ],
        &[
            "BackupVaultName",
            "CreationDate",
            "CreatorRequestId",
            "NumberOfRecoveryPoints",
            "MinRetentionDays",
            "MaxRetentionDays",
            "LockDate",
            "SourceBackupVaultArn",
            "MpaApprovalTeamArn",
            "MpaSessionArn",
            "LatestMpaApprovalTeamUpdate",
            "EncryptionKeyType",
        ],
        EXPECTED,
    )?;
    fields.required("BackupVaultArn", EXPECTED)?;
    is_of(arn, &fields)?;
    let key = match fields.get("EncryptionKeyArn") {
        Some(key) => key.read("the ARN of a key")?,
        None => None,
    };
    let state = match fields.get("VaultState") {
        Some(state) => state.text("such as `AVAILABLE`")?,
        None => Box::default(),
    };
    let (Some(locked), Some(kind)) = (fields.get("Locked"), fields.get("VaultType")) else {
        // Nobody knows what an older AWS CLI left out.
        return Some(Err(
            "`Locked` or `VaultType` is not in the output: use a newer AWS CLI".into(),
        ));
    };
    Some(Ok(VaultDescription {
        is_locked: locked.read("true or false")?,
        state,
        kind: kind.text("such as `BACKUP_VAULT`")?,
        key,
    }))
}
