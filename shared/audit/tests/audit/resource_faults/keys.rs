//! Keys: K3, K7, K8, K14.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::{Bucket, Key, KeyMetadata, NamedResource, Region, SourceKind};
use catalog::KeyRole;

use super::{Account, REGION, elsewhere, policy, read, refused};
use crate::principals::{ACCOUNT, account, at};

pub(super) const ARN: &str =
    "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const LABEL: &str = "key …90ab in eu-central-1 of 111122223333";

pub(super) fn metadata() -> KeyMetadata {
    KeyMetadata {
        arn: ARN.into(),
        account: account(),
        state: "Enabled".into(),
        manager: "CUSTOMER".into(),
        spec: "SYMMETRIC_DEFAULT".into(),
        deletion: None,
        valid_to: None,
    }
}

/// An account whose role works with one key.
pub(super) fn with_key(set: &'static str, role: KeyRole) -> Account {
    let mut account = Account::of(set);
    account.named.push(NamedResource::Key {
        arn: ARN.into(),
        role: Some(role),
    });
    set_key(&mut account, |_| {});
    account
}

pub(super) fn set_key(account: &mut Account, change: impl FnOnce(&mut KeyMetadata)) {
    let mut metadata = metadata();
    change(&mut metadata);
    let key = Key {
        metadata: read(metadata),
        ..Key::default()
    };
    account.resources.keys.insert(ARN.into(), key);
}

fn source() -> Account {
    with_key("vbaws-role-ec2-backup", KeyRole::Source)
}

fn repository() -> Account {
    with_key("vbaws-role-repository", KeyRole::Repository)
}

#[test]
fn k3_a_key_of_aws_cannot_be_shared_with_the_account_of_a_worker() {
    let managed = source().with(|one| set_key(one, |key| key.manager = "AWS".into()));
    managed.is_quiet();
    let shared = managed.with(|one| one.workers.push(elsewhere()));
    shared.has(LABEL, Weight::Breaks, Kind::KeyNotShareable(elsewhere()));
    managed.with(|one| one.workers.push(account())).is_quiet();
    source()
        .with(|one| one.workers.push(elsewhere()))
        .is_quiet();
    // A restore role does not share.
    with_key("vbaws-role-fsx-restore", KeyRole::Source)
        .with(|one| {
            set_key(one, |key| key.manager = "AWS".into());
            one.workers.push(elsewhere());
        })
        .is_quiet();
}

#[test]
fn k3_volumes_that_are_there_are_a_notice_because_nobody_said_that_they_are_protected() {
    let mut found = Account::of("vbaws-role-ec2-backup");
    set_key(&mut found, |key| key.manager = "AWS".into());
    let keys = read([ARN.into()].into());
    let region = Region {
        source_keys: [(SourceKind::Volume, keys)].into(),
        ..Region::default()
    };
    found.resources.regions.insert(REGION.into(), region);
    found.is_quiet();
    found.workers.push(elsewhere());
    found.has(LABEL, Weight::Notice, Kind::KeyNotShareable(elsewhere()));
}

#[test]
fn k7_a_key_that_is_not_enabled_breaks_whatever_it_encrypts() {
    for account in [source(), repository()] {
        for state in ["Enabled", "Updating"] {
            let healthy = account.with(|one| set_key(one, |key| key.state = state.into()));
            healthy.is_quiet();
        }
        for (state, weight) in [
            ("Disabled", Weight::Breaks),
            ("PendingDeletion", Weight::Breaks),
            ("PendingImport", Weight::Breaks),
            ("PendingReplicaDeletion", Weight::Breaks),
            ("Unavailable", Weight::Breaks),
            ("Creating", Weight::Unknown),
        ] {
            let ill = account.with(|one| set_key(one, |key| key.state = state.into()));
            let kind = Kind::KeyState {
                state: state.into(),
                deletion: None,
            };
            ill.has(LABEL, weight, kind);
        }
    }
}

#[test]
fn k7_a_key_is_to_be_deleted_on_a_day() {
    let day = at("2026-11-24T10:00:00Z");
    let kind = Kind::KeyState {
        state: "PendingDeletion".into(),
        deletion: Some(day),
    };
    assert_eq!(kind.words(), "is now to be deleted on 2026-11-24");
    repository()
        .with(|one| {
            set_key(one, |key| {
                key.state = "PendingDeletion".into();
                key.deletion = Some(day);
            });
        })
        .has(LABEL, Weight::Breaks, kind);
}

#[test]
fn k7_material_that_expires_within_a_month_is_a_notice() {
    let expires = |day: &str| {
        let day = at(day);
        repository().with(|one| set_key(one, |key| key.valid_to = Some(day)))
    };
    expires("2027-01-01T00:00:00Z").is_quiet();
    let soon = "2026-11-20T00:00:00Z";
    expires(soon).has(LABEL, Weight::Notice, Kind::KeyMaterialExpires(at(soon)));
}

#[test]
fn k7_the_key_of_a_vault_and_of_a_region_is_found() {
    let disabled = |account: &mut Account| {
        set_key(account, |key| key.state = "Disabled".into());
    };
    let kind = Kind::KeyState {
        state: "Disabled".into(),
        deletion: None,
    };
    let vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:v";
    let mut backup = Account::of("vbaws-role-fsx-backup");
    backup.named.push(NamedResource::Vault(vault.into()));
    super::vaults::set_vault(&mut backup, vault, |vault| vault.key = Some(ARN.into()));
    disabled(&mut backup);
    backup.has(LABEL, Weight::Breaks, kind.clone());

    let mut deploy = Account::of("vbaws-appliance-deploy");
    disabled(&mut deploy);
    let region = |on| Region {
        ebs_default_key: read("1234abcd-12ab-34cd-56ef-1234567890ab".into()),
        ebs_encryption_by_default: read(on),
        ..Region::default()
    };
    deploy
        .resources
        .regions
        .insert(REGION.into(), region(false));
    deploy.is_quiet();
    deploy.resources.regions.insert(REGION.into(), region(true));
    deploy.has(LABEL, Weight::Breaks, kind);
}

#[test]
fn k8_a_repository_takes_a_symmetric_key_of_the_customer() {
    repository().is_quiet();
    let spec = repository().with(|one| set_key(one, |key| key.spec = "RSA_2048".into()));
    spec.has(LABEL, Weight::Breaks, Kind::KeySpec("RSA_2048".into()));
    let managed = repository().with(|one| set_key(one, |key| key.manager = "AWS".into()));
    managed.has(LABEL, Weight::Breaks, Kind::KeyManagedByAws);
    let other = source().with(|one| set_key(one, |key| key.spec = "RSA_2048".into()));
    other.has(LABEL, Weight::Unknown, Kind::KeySpec("RSA_2048".into()));
}

#[test]
fn a_key_that_is_several_keys_is_told_of_once_at_its_worst() {
    let both = repository().with(|one| {
        for role in [None, Some(KeyRole::Source)] {
            one.named.push(NamedResource::Key {
                arn: ARN.into(),
                role,
            });
        }
        one.named.sort();
        set_key(one, |key| key.spec = "HMAC_256".into());
    });
    both.has(LABEL, Weight::Breaks, Kind::KeySpec("HMAC_256".into()));
}

#[test]
fn k7_a_default_key_counts_where_volumes_are_encrypted_or_workers_take_part() {
    let mut deploy = Account::of("vbaws-role-worker-deployment");
    deploy.named.push(NamedResource::Key {
        arn: ARN.into(),
        role: Some(KeyRole::EbsDefault),
    });
    set_key(&mut deploy, |key| key.state = "Disabled".into());
    let region = Region {
        ebs_default_key: read(ARN.into()),
        ebs_encryption_by_default: read(false),
        ..Region::default()
    };
    deploy.resources.regions.insert(REGION.into(), region);
    deploy.is_quiet();
    let kind = Kind::KeyState {
        state: "Disabled".into(),
        deletion: None,
    };
    deploy
        .with(|one| one.workers.push(account()))
        .has(LABEL, Weight::Breaks, kind);
}

#[test]
fn k8_a_repositorys_key_lies_in_the_region_of_its_bucket() {
    let bucket = |region: &str| Bucket {
        region: read(region.into()),
        ..Bucket::default()
    };
    let mut one = repository();
    one.named.push(NamedResource::Bucket("b".into()));
    one.is_quiet();
    one.resources.buckets.insert("b".into(), bucket(REGION));
    one.is_quiet();
    one.resources
        .buckets
        .insert("b".into(), bucket("eu-west-1"));
    let kind = Kind::KeyRegion {
        bucket: "b".into(),
        expected: "eu-west-1".into(),
    };
    one.has(LABEL, Weight::Breaks, kind);
    // It may be the key of another bucket.
    one.named.push(NamedResource::Bucket("c".into()));
    one.resources.buckets.insert("c".into(), bucket(REGION));
    one.is_quiet();
    one.resources.buckets.insert("c".into(), Bucket::default());
    one.is_quiet();
}

#[test]
fn k14_an_id_in_a_policy_that_nobody_has_is_a_hint_that_names_it() {
    let with = |id: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{id}"}},"Action":"kms:Decrypt","Resource":"*"}}]}}"#
        );
        repository().with(|one| {
            let key = one.resources.keys.get_mut(ARN).unwrap();
            key.policy = read(policy(&text));
        })
    };
    let dead = "AROAGONEGONEGONEGONE1";
    with(dead).has(LABEL, Weight::Notice, Kind::DeadPrincipal(dead.into()));
    with(&format!("arn:aws:iam::{ACCOUNT}:role/a")).is_quiet();
    let alive = "AROAHEREHEREHEREHERE1";
    let mut listing = repository().inventory();
    listing.principals[0].id = alive.into();
    with(alive)
        .with(|one| one.inventory = Some(listing.clone()))
        .is_quiet();
    // Where the listing is cut off, nobody knows who is gone.
    listing.gaps.push(iam::inventory::Gap::Truncated);
    with(dead)
        .with(|one| one.inventory = Some(listing))
        .is_quiet();
}

#[test]
fn a_key_that_was_not_read_has_no_fault() {
    for reading in [refused(), audit::resources::Reading::NotRead] {
        let blind = repository().with(|one| {
            let key = one.resources.keys.get_mut(ARN).unwrap();
            key.metadata = reading;
            key.policy = refused();
        });
        blind.is_quiet();
    }
}

#[test]
fn a_key_that_is_gone_or_lost_its_material_decrypts_nothing() {
    let gone = repository().with(|one| {
        let key = one.resources.keys.get_mut(ARN).unwrap();
        key.metadata = audit::resources::Reading::Refused("NotFoundException".into());
    });
    gone.has(LABEL, Weight::Breaks, Kind::NotThere);
    let past = at("2026-10-31T00:00:00Z");
    repository()
        .with(|one| set_key(one, |key| key.valid_to = Some(past)))
        .has(LABEL, Weight::Breaks, Kind::KeyMaterialExpired(past));
}
