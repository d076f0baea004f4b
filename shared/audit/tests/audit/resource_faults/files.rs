//! From a file to a finding: the example snapshot is quiet, and each thing that is changed in it as AWS prints it is found.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::NamedResource;
use catalog::KeyRole;
use serde_json::{Value, json};

use super::{Account, elsewhere};
use crate::principals::at;

const EXAMPLE: &str = include_str!("../../../../../examples/snapshot.json");
const BUCKET: &str = "northgrain-veeam-archive";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/0f1e2d3c-4b5a-4697-8877-665544332211";
const VAULT: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
const KEY_LABEL: &str = "key …2211 in eu-central-1 of 111122223333";

/// A role bound to a set with all that the example names, and the example with a change.
fn with(set: &'static str, change: impl FnOnce(&mut Value)) -> Account {
    let mut snapshot: Value = serde_json::from_str(EXAMPLE).unwrap();
    change(&mut snapshot);
    let read = audit::snapshot::read_snapshot(&snapshot.to_string()).unwrap();
    let mut account = Account::of(set);
    account.resources = read.resources;
    account.named = vec![
        NamedResource::Key {
            arn: KEY.into(),
            role: Some(match set.starts_with("vbaws-role-ec2") {
                true => KeyRole::Source,
                false => KeyRole::Repository,
            }),
        },
        NamedResource::Bucket(BUCKET.into()),
        NamedResource::Vault(VAULT.into()),
    ];
    account
}

fn key(snapshot: &mut Value) -> &mut Value {
    &mut snapshot["keys"][KEY]["describe-key"]["KeyMetadata"]
}

fn bucket(snapshot: &mut Value) -> &mut Value {
    &mut snapshot["buckets"][BUCKET]
}

fn region(snapshot: &mut Value) -> &mut Value {
    &mut snapshot["regions"]["eu-central-1"]
}

#[test]
fn the_example_is_quiet() {
    for set in [
        "vbaws-role-repository",
        "vbaws-role-ec2-backup",
        "vbaws-role-fsx-backup",
        "vbaws-role-dynamodb-backup",
        "vbr-restore-to-ec2",
    ] {
        with(set, |_| {}).is_quiet();
    }
}

#[test]
fn what_aws_prints_of_a_key_is_found() {
    let day = "2026-12-24T10:00:00Z";
    with("vbaws-role-repository", |snapshot| {
        key(snapshot)["Enabled"] = json!(false);
        key(snapshot)["KeyState"] = json!("PendingDeletion");
        key(snapshot)["DeletionDate"] = json!("2026-12-24T10:00:00+00:00");
    })
    .has(
        KEY_LABEL,
        Weight::Breaks,
        Kind::KeyState {
            state: "PendingDeletion".into(),
            deletion: Some(at(day)),
        },
    );
    with("vbaws-role-ec2-backup", |snapshot| {
        key(snapshot)["KeyManager"] = json!("AWS");
    })
    .with(|one| one.workers.push(elsewhere()))
    .has(
        KEY_LABEL,
        Weight::Breaks,
        Kind::KeyNotShareable(elsewhere()),
    );
    // Found by its volumes.
    with("vbaws-role-ec2-backup", |snapshot| {
        key(snapshot)["KeyManager"] = json!("AWS");
    })
    .with(|one| {
        one.named.clear();
        one.workers.push(elsewhere());
    })
    .has(
        KEY_LABEL,
        Weight::Notice,
        Kind::KeyNotShareable(elsewhere()),
    );
}

#[test]
fn what_aws_prints_of_a_bucket_is_found() {
    let label = "bucket northgrain-veeam-archive";
    let set = "vbaws-role-repository";
    with(set, |snapshot| {
        bucket(snapshot)["get-bucket-versioning"] = json!({ "Status": "Enabled" });
    })
    .has(label, Weight::Breaks, Kind::VersionsWithoutLock);
    with(set, |snapshot| {
        bucket(snapshot)["get-bucket-lifecycle-configuration"]["Rules"] = json!([{
            "ID": "to-glacier", "Status": "Enabled", "Filter": { "Prefix": "" },
            "Transitions": [{ "Days": 30, "StorageClass": "GLACIER" }]
        }]);
    })
    .has(label, Weight::Breaks, Kind::Lifecycle("to-glacier".into()));
    with(set, |snapshot| {
        bucket(snapshot)["get-bucket-encryption"]["ServerSideEncryptionConfiguration"]["Rules"] = json!([
            { "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms" } }
        ]);
    })
    .has(label, Weight::Breaks, Kind::BucketEncryption("aws:kms".into()));
    with(set, |snapshot| {
        bucket(snapshot)["get-bucket-location"] = json!({ "LocationConstraint": "eu-west-1" });
    })
    .has(
        KEY_LABEL,
        Weight::Breaks,
        Kind::KeyRegion {
            bucket: BUCKET.into(),
            expected: "eu-west-1".into(),
        },
    );
}

#[test]
fn what_aws_prints_of_a_vault_and_a_region_is_found() {
    with("vbaws-role-fsx-backup", |snapshot| {
        snapshot["vaults"][VAULT]["describe-backup-vault"]["Locked"] = json!(true);
    })
    .has(
        "vault veeam in eu-central-1 of 111122223333",
        Weight::Breaks,
        Kind::VaultLocked,
    );
    let label = "region eu-central-1";
    with("vbaws-role-redshift-backup", |_| {}).has(
        label,
        Weight::Notice,
        Kind::NotOptedIn("Redshift".into()),
    );
    with("vbr-restore-to-ec2", |snapshot| {
        region(snapshot)["get-ebs-encryption-by-default"]["EbsEncryptionByDefault"] = json!(true);
    })
    .has(label, Weight::Notice, Kind::VolumesEncrypted);
    with("vbaws-role-ec2-backup", |snapshot| {
        snapshot["describe-regions"]["Regions"][0]["OptInStatus"] = json!("not-opted-in");
    })
    .has(label, Weight::Breaks, Kind::RegionNotEnabled);
}
