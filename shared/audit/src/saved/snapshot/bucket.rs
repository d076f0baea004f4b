//! Buckets: what do the commands of `aws s3api` say of one?

use iam::inventory::PolicyText;

use super::json::Value;
use super::lifecycle;
use super::output::Output;
use super::policies;
use crate::resources::{Bucket, BucketEncryption, ObjectLock, Reading, Versioning};

const POLICY: &str = "get-bucket-policy";
const VERSIONING: &str = "get-bucket-versioning";
const OBJECT_LOCK: &str = "get-object-lock-configuration";
const ENCRYPTION: &str = "get-bucket-encryption";
const LIFECYCLE: &str = "get-bucket-lifecycle-configuration";
const LOCATION: &str = "get-bucket-location";
const PAYMENT: &str = "get-bucket-request-payment";
const REPLICATION: &str = "get-bucket-replication";

/// A bucket under its name; `None` where that is none, which was noted.
pub(super) fn read(name: &str, value: &Value<'_, '_>) -> Option<Bucket> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_of_name) {
        value.mistake(format!(
            "`{name}` is no name of a bucket: expected the name alone, such as `backups-eu`"
        ));
        return None;
    }
    let parts = value.section(
        &[
            POLICY,
            VERSIONING,
            OBJECT_LOCK,
            ENCRYPTION,
            LIFECYCLE,
            LOCATION,
            PAYMENT,
            REPLICATION,
        ],
        "an object with what commands print of the bucket",
    )?;
    let part = |command, none: &[&str]| Output::of(&parts, command, none);
    let policy = part(POLICY, &["NoSuchBucketPolicy"]);
    let lock = part(OBJECT_LOCK, &["ObjectLockConfigurationNotFoundError"]);
    let encryption = part(
        ENCRYPTION,
        &["ServerSideEncryptionConfigurationNotFoundError"],
    );
    let lifecycle = part(LIFECYCLE, &["NoSuchLifecycleConfiguration"]);
    let replication = part(REPLICATION, &["ReplicationConfigurationNotFoundError"]);
    let (versioning, mfa_delete) = match part(VERSIONING, &[]).printed(versioning) {
        Reading::Read((versioning, mfa_delete)) => {
            (Reading::Read(versioning), Reading::Read(mfa_delete))
        }
        Reading::Refused(code) => (Reading::Refused(code), Reading::NotRead),
        Reading::NotRead => (Reading::NotRead, Reading::NotRead),
    };
    let bucket = Bucket {
        policy: policy.reading(|| None, |value| policies::printed(value).map(Some)),
        versioning,
        mfa_delete,
        object_lock: lock.reading(|| None, |value| object_lock(value).map(Some)),
        encryption: encryption.reading(|| None, |value| self::encryption(value).map(Some)),
        lifecycle: lifecycle.reading(Vec::new, lifecycle::read),
        region: part(LOCATION, &[]).printed(region),
        requester_pays: part(PAYMENT, &[]).printed(requester_pays),
        replicates: replication.reading(|| false, replicates),
    };
    if let (Reading::Read(Some(policy)), Some(value)) = (&bucket.policy, parts.get(POLICY)) {
        about_another(name, policy, value);
    }
    Some(bucket)
}

/// Whether S3 found no such bucket.
pub(super) fn is_not_there(bucket: &Bucket) -> bool {
    fn is_missing<T>(reading: &Reading<T>) -> bool {
        matches!(reading, Reading::Refused(code) if &**code == "NoSuchBucket")
    }
    is_missing(&bucket.region) || is_missing(&bucket.policy)
}

/// Notes a policy that is about another bucket, which S3 would not have taken.
fn about_another(name: &str, policy: &PolicyText, value: &Value<'_, '_>) {
    let Ok(document) = &**policy else {
        return;
    };
    let statements = document.statements.iter();
    let resources = statements
        .filter(|statement| !statement.resource.negated)
        .flat_map(|statement| &statement.resource.patterns);
    for resource in resources {
        let Some((_, named)) = resource.split_once(":s3:::") else {
            continue;
        };
        let bucket = named.split('/').next().unwrap_or_default();
        let known = bucket.split(['*', '?', '$']).next().unwrap_or_default();
        let fits = match known.len() == bucket.len() {
            true => bucket == name,
            false => name.starts_with(known),
        };
        if !fits {
            value.mistake(format!(
                "this policy is about `{resource}`, and stands under the bucket `{name}`: run `aws s3api get-bucket-policy --bucket {name}`"
            ));
            return;
        }
    }
}

/// Whether it keeps versions, and whether only the root user with MFA deletes them.
fn versioning(value: &Value<'_, '_>) -> Option<(Versioning, bool)> {
    // A bucket that never kept versions prints nothing.
    if value.is_nothing() {
        return Some((Versioning::Never, false));
    }
    let printed = value.printed(
        &["Status", "MFADelete"],
        &[],
        "what `aws s3api get-bucket-versioning` prints",
    )?;
    let Some(status) = printed.get("Status") else {
        return Some((Versioning::Never, false));
    };
    const EXPECTED: &str = "`Enabled` or `Suspended`";
    let versioning = match &*status.text(EXPECTED)? {
        "Enabled" => Versioning::Enabled,
        "Suspended" => Versioning::Suspended,
        other => {
            status.mistake(format!("`{other}` is no status: expected {EXPECTED}"));
            return None;
        }
    };
    const MFA: &str = "`Enabled` or `Disabled`";
    let mfa_delete = match printed.get("MFADelete") {
        None => false,
        Some(found) => match &*found.text(MFA)? {
            "Enabled" => true,
            "Disabled" => false,
            other => {
                found.mistake(format!("`{other}` is no status: expected {MFA}"));
                return None;
            }
        },
    };
    Some((versioning, mfa_delete))
}

fn object_lock(value: &Value<'_, '_>) -> Option<ObjectLock> {
    const EXPECTED: &str = "what `aws s3api get-object-lock-configuration` prints";
    let printed = value.printed(&["ObjectLockConfiguration"], &[], EXPECTED)?;
    let lock = printed.required("ObjectLockConfiguration", EXPECTED)?;
    let lock = lock.printed(&["ObjectLockEnabled", "Rule"], &[], EXPECTED)?;
    let enabled = lock.required("ObjectLockEnabled", "`Enabled`")?;
    if *enabled.text("`Enabled`")? != *"Enabled" {
        enabled.mistake("expected `Enabled`, which is all that S3 prints here");
        return None;
    }
    let Some(rule) = lock.get("Rule") else {
        return Some(ObjectLock {
            default_retention: None,
        });
    };
    let rule = rule.printed(&["DefaultRetention"], &[], EXPECTED)?;
    let retention = rule.required("DefaultRetention", EXPECTED)?;
    let retention = retention.printed(&["Mode", "Days", "Years"], &[], EXPECTED)?;
    let mode = retention.text("Mode", "`GOVERNANCE` or `COMPLIANCE`")?;
    let (unit, number) = match (retention.get("Days"), retention.get("Years")) {
        (Some(days), _) => ("day", days),
        (None, Some(years)) => ("year", years),
        (None, None) => ("day", retention.required("Days", "`Days` or `Years`")?),
    };
    let number: u32 = number.read("a number")?;
    let plural = if number == 1 { "" } else { "s" };
    Some(ObjectLock {
        default_retention: Some(format!("{mode}, {number} {unit}{plural}").into()),
    })
}

fn encryption(value: &Value<'_, '_>) -> Option<BucketEncryption> {
    const EXPECTED: &str = "what `aws s3api get-bucket-encryption` prints";
    const RULE: &str = "ApplyServerSideEncryptionByDefault";
    let printed = value.printed(&["ServerSideEncryptionConfiguration"], &[], EXPECTED)?;
    let configuration = printed.required("ServerSideEncryptionConfiguration", EXPECTED)?;
    let configuration = configuration.printed(&["Rules"], &[], EXPECTED)?;
    let rules = configuration.required("Rules", EXPECTED)?;
    let items = rules.items(EXPECTED)?;
    let [rule] = items.as_slice() else {
        rules.mistake(format!(
            "there are {} rules, and S3 takes one: run `aws s3api get-bucket-encryption` again",
            items.len()
        ));
        return None;
    };
    let rule = rule.printed(&[RULE], &["BucketKeyEnabled"], EXPECTED)?;
    let by_default = rule.required(RULE, EXPECTED)?;
    let by_default = by_default.printed(&["SSEAlgorithm", "KMSMasterKeyID"], &[], EXPECTED)?;
    let key = by_default.get("KMSMasterKeyID");
    Some(BucketEncryption {
        algorithm: by_default.text("SSEAlgorithm", "such as `AES256` or `aws:kms`")?,
        key: match key {
            Some(key) => Some(key.text("a key's id, alias or ARN")?),
            None => None,
        },
    })
}

fn region(value: &Value<'_, '_>) -> Option<Box<str>> {
    const EXPECTED: &str = "what `aws s3api get-bucket-location` prints, such as `{\"LocationConstraint\": \"eu-central-1\"}`";
    let printed = value.printed(&["LocationConstraint"], &[], EXPECTED)?;
    let region: Option<Box<str>> = printed
        .required("LocationConstraint", EXPECTED)?
        .read("a region, or null")?;
    Some(match region.as_deref() {
        None | Some("" | "US") => "us-east-1".into(),
        Some("EU") => "eu-west-1".into(),
        Some(region) => region.into(),
    })
}

fn requester_pays(value: &Value<'_, '_>) -> Option<bool> {
    const EXPECTED: &str = "`BucketOwner` or `Requester`";
    let printed = value.printed(
        &["Payer"],
        &[],
        "what `aws s3api get-bucket-request-payment` prints",
    )?;
    let payer = printed.required("Payer", EXPECTED)?;
    match &*payer.text(EXPECTED)? {
        "BucketOwner" => Some(false),
        "Requester" => Some(true),
        other => {
            payer.mistake(format!("`{other}` is no payer: expected {EXPECTED}"));
            None
        }
    }
}

fn replicates(value: &Value<'_, '_>) -> Option<bool> {
    const EXPECTED: &str = "what `aws s3api get-bucket-replication` prints";
    let printed = value.printed(&["ReplicationConfiguration"], &[], EXPECTED)?;
    let configuration = printed.required("ReplicationConfiguration", EXPECTED)?;
    let configuration = configuration.printed(&["Rules"], &["Role"], EXPECTED)?;
    let rules = configuration.required("Rules", EXPECTED)?.items(EXPECTED)?;
    let mut replicates = false;
    for rule in rules {
        let fields = rule.printed(
            &["Status"],
            &[
                "ID",
                "Prefix",
                "Filter",
                "Priority",
                "Destination",
                "SourceSelectionCriteria",
                "DeleteMarkerReplication",
                "ExistingObjectReplication",
            ],
            EXPECTED,
        )?;
        replicates |= lifecycle::is_enabled(&fields)?;
    }
    Some(replicates)
}
