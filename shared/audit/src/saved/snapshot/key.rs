//! Keys: what do `describe-key`, `get-key-policy` and `list-grants` say of a KMS key?

use std::sync::Arc;

use iam::inventory::PolicyText;
use iam::policy::grant;
use iam::{AccountId, Arn};
use serde::Deserialize;

use super::instant::Instant;
use super::json::{Section, Value};
use super::output::Output;
use super::policies;
use crate::resources::{Key, KeyMetadata};

const DESCRIBE: &str = "describe-key";
const POLICY: &str = "get-key-policy";
const GRANTS: &str = "list-grants";

/// A key under its ARN; `None` where that is none, which was noted.
pub(super) fn read(arn: &str, value: &Value<'_, '_>) -> Option<Key> {
    if !is_key(arn) {
        let named = if arn.is_empty() { "KEY" } else { arn };
        value.mistake(format!(
            "`{arn}` is not the ARN of a KMS key: put in its place what `aws kms describe-key --key-id {named} --query KeyMetadata.Arn --output text` prints"
        ));
        return None;
    }
    let parts = value.section(
        &[DESCRIBE, POLICY, GRANTS],
        "an object with what commands print of the key",
    )?;
    Some(Key {
        metadata: Output::of(&parts, DESCRIBE, &[]).printed(|value| metadata(arn, value)),
        policy: Output::of(&parts, POLICY, &[]).printed(policies::printed),
        grants: Output::of(&parts, GRANTS, &[]).list(|value| grants(arn, value)),
    })
}

/// Whether a text is the ARN of a key, and not of an alias.
fn is_key(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| {
        arn.service == "kms"
            && !arn.region.is_empty()
            && arn.account.parse::<AccountId>().is_ok()
            && arn
                .resource
                .strip_prefix("key/")
                .is_some_and(|id| !id.is_empty())
    })
}

fn metadata(arn: &str, value: &Value<'_, '_>) -> Option<KeyMetadata> {
    const EXPECTED: &str = "what `aws kms describe-key` prints";
    const READ: [&str; 8] = [
        "Arn",
        "AWSAccountId",
        "Enabled",
        "KeyState",
        "KeyManager",
        "KeySpec",
        "DeletionDate",
        "ValidTo",
    ];
    const OTHER: [&str; 17] = [
        "KeyId",
        "CreationDate",
        "Description",
        "KeyUsage",
        "Origin",
        "CustomKeyStoreId",
        "CloudHsmClusterId",
        "ExpirationModel",
        "CustomerMasterKeySpec",
        "EncryptionAlgorithms",
        "SigningAlgorithms",
        "KeyAgreementAlgorithms",
        "MacAlgorithms",
        "MultiRegion",
        "MultiRegionConfiguration",
        "PendingDeletionWindowInDays",
        "CurrentKeyMaterialId",
    ];
    let printed = value.printed(&["KeyMetadata"], &[], EXPECTED)?;
    let fields = printed.required("KeyMetadata", EXPECTED)?;
    let fields = fields.printed(&READ, &OTHER, EXPECTED)?;
    let found = fields.text("Arn", EXPECTED)?;
    if *found != *arn {
        fields.get("Arn")?.mistake(format!(
            "this is of `{found}`, and stands under another key: run `aws kms describe-key --key-id {arn}`"
        ));
        return None;
    }
    let state = fields.text("KeyState", EXPECTED)?;
    if let Some(enabled) = fields.get("Enabled")
        && enabled.read::<bool>("true or false")? != (&*state == "Enabled")
    {
        enabled.mistake(format!(
            "`Enabled` contradicts `KeyState`, which is `{state}`: run `aws kms describe-key` again"
        ));
        return None;
    }
    let owner = fields.required("AWSAccountId", EXPECTED)?;
    let account = owner.text("an account's twelve digits")?;
    if Arn::parse(arn).is_ok_and(|arn| arn.account != &*account) {
        owner.mistake(format!(
            "`{account}` is not the account in the key's ARN: run `aws kms describe-key` again"
        ));
        return None;
    }
    let spec = match fields.get("KeySpec") {
        Some(spec) => spec.text("a text")?,
        None => fields.text(
            "CustomerMasterKeySpec",
            "`KeySpec` or the older `CustomerMasterKeySpec`",
        )?,
    };
    Some(KeyMetadata {
        arn: arn.into(),
        account: account.parse().ok()?,
        state,
        manager: fields.text("KeyManager", EXPECTED)?,
        spec,
        deletion: instant(&fields, "DeletionDate")?,
        valid_to: instant(&fields, "ValidTo")?,
    })
}

/// An instant that may be absent; `None` where it is none.
fn instant(fields: &Section<'_, '_>, key: &str) -> Option<Option<jiff::Timestamp>> {
    let Some(value) = fields.get(key) else {
        return Some(None);
    };
    let read: Option<Instant> = value.read("an instant as the AWS CLI prints it, or null")?;
    Some(read.map(|instant| instant.0))
}

fn grants(arn: &str, value: &Value<'_, '_>) -> Option<Vec<PolicyText>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct OfKey {
        key_id: Option<Box<str>>,
    }
    const EXPECTED: &str = "what `aws kms list-grants` prints";
    let printed = value.printed(&["Grants"], &[], EXPECTED)?;
    let grants = printed.required("Grants", EXPECTED)?.items(EXPECTED)?;
    let mut read = Vec::with_capacity(grants.len());
    for json in grants {
        let of_key: Option<OfKey> = serde_json::from_str(json.json).ok();
        if let Some(other) = of_key.and_then(|of_key| of_key.key_id)
            && other.starts_with("arn:")
            && *other != *arn
        {
            json.mistake(format!(
                "this grant is of `{other}`, and stands under another key: run `aws kms list-grants --key-id {arn}`"
            ));
            return None;
        }
        let document = grant::read(json.json);
        read.push(Arc::new(
            document.map_err(|fault| json.lift(fault, json.json)),
        ));
    }
    Some(read)
}
