//! Buckets: S6 to S9, S11, S13.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::{
    Bucket, BucketEncryption, LifecycleRule, NamedResource, ObjectLock, Reading, Versioning,
};

use super::{Account, policy, read, refused};

pub(super) const LABEL: &str = "bucket b";

const APPLIANCE: &str = "vbaws-role-repository";
const IMMUTABLE: &str = "vbr-s3-immutability";
const PLAIN: &str = "vbr-s3-no-immutability";

fn locked() -> Option<ObjectLock> {
    Some(ObjectLock {
        default_retention: None,
    })
}

/// A bucket that the set takes, with a policy, and with all that was read of it.
fn bucket(is_immutable: bool) -> Bucket {
    Bucket {
        policy: read(Some(policy(
            r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#,
        ))),
        versioning: read(match is_immutable {
            true => Versioning::Enabled,
            false => Versioning::Never,
        }),
        mfa_delete: read(false),
        object_lock: read(locked().filter(|_| is_immutable)),
        encryption: read(Some(BucketEncryption {
            algorithm: "AES256".into(),
            key: None,
        })),
        lifecycle: read(Vec::new()),
        region: read("eu-central-1".into()),
        requester_pays: read(false),
        replicates: read(false),
    }
}

pub(super) fn with_bucket(set: &'static str, change: impl FnOnce(&mut Bucket)) -> Account {
    let mut account = Account::of(set);
    account.named.push(NamedResource::Bucket("b".into()));
    let mut bucket = bucket(set == IMMUTABLE);
    change(&mut bucket);
    account.resources.buckets.insert("b".into(), bucket);
    account
}

#[test]
fn mfa_delete_keeps_versions_from_being_deleted() {
    with_bucket(IMMUTABLE, |one| one.mfa_delete = read(true)).has(
        LABEL,
        Weight::Breaks,
        Kind::MfaDelete,
    );
    with_bucket(PLAIN, |one| one.mfa_delete = read(true)).is_quiet();
    with_bucket(IMMUTABLE, |one| one.mfa_delete = refused()).is_quiet();
}

#[test]
fn an_algorithm_that_nobody_knows_is_not_known_to_be_fine() {
    let with = |algorithm: &str| {
        with_bucket(APPLIANCE, |one| {
            one.encryption = read(Some(BucketEncryption {
                algorithm: algorithm.into(),
                key: None,
            }));
        })
    };
    with("aes256").is_quiet();
    for (algorithm, weight) in [
        ("AWS:KMS", Weight::Breaks),
        ("aws:kms:dsse", Weight::Breaks),
        ("aws:new", Weight::Unknown),
        ("", Weight::Unknown),
    ] {
        let kind = Kind::BucketEncryption(algorithm.into());
        with(algorithm).has(LABEL, weight, kind);
    }
}

#[test]
fn a_bucket_that_s3_does_not_find_is_not_there() {
    let gone = |one: &mut Bucket| {
        *one = Bucket {
            policy: Reading::Refused("NoSuchBucket".into()),
            ..Bucket::default()
        };
    };
    for set in [APPLIANCE, IMMUTABLE] {
        let missing = with_bucket(set, gone);
        missing.has(LABEL, Weight::Breaks, Kind::NotThere);
        let others = ["another".into()].into();
        let missing = missing.with(|one| one.resources.own_buckets = read(others));
        missing.has(LABEL, Weight::Breaks, Kind::NotThere);
    }
    with_bucket(APPLIANCE, |one| one.policy = refused()).is_quiet();
}

#[test]
fn s12_an_appliance_works_with_buckets_of_its_account() {
    let owning = |set, name: &str| {
        let own = [name.into()].into();
        with_bucket(set, |_| {}).with(|one| one.resources.own_buckets = read(own))
    };
    owning(APPLIANCE, "another").has(LABEL, Weight::Breaks, Kind::BucketNotOwn);
    owning(APPLIANCE, "b").is_quiet();
    owning(IMMUTABLE, "another").is_quiet();
    let unread = with_bucket(APPLIANCE, |one| *one = Bucket::default());
    unread.is_quiet();
    let others = ["another".into()].into();
    unread
        .with(|one| one.resources.own_buckets = read(others))
        .has(LABEL, Weight::Breaks, Kind::BucketNotOwn);
}

#[test]
fn a_bucket_as_veeams_samples_make_it_is_quiet() {
    for set in [APPLIANCE, IMMUTABLE, PLAIN] {
        with_bucket(set, |_| {}).is_quiet();
    }
    with_bucket(APPLIANCE, |one| *one = bucket(true)).is_quiet();
    let suspended = |one: &mut Bucket| one.versioning = read(Versioning::Suspended);
    with_bucket(APPLIANCE, suspended).is_quiet();
    // A bucket that is a source, and no repository.
    with_bucket("vbr-unstructured-s3-objects", |one| {
        *one = bucket(true);
        one.lifecycle = read(vec![rule("archive", "")]);
    })
    .is_quiet();
}

#[test]
fn s6_an_appliance_writes_to_no_bucket_that_encrypts_with_kms() {
    let encrypts = |set, key: Option<&str>| {
        with_bucket(set, |one| {
            one.encryption = read(Some(BucketEncryption {
                algorithm: "aws:kms".into(),
                key: key.map(Into::into),
            }));
        })
    };
    let kind = || Kind::BucketEncryption("aws:kms".into());
    encrypts(APPLIANCE, None).has(LABEL, Weight::Breaks, kind());
    let own = encrypts(PLAIN, Some("arn:aws:kms:eu-central-1:111122223333:key/1"));
    own.has(LABEL, Weight::Unknown, kind());
    encrypts(PLAIN, None).has(LABEL, Weight::Notice, kind());
    // Whether the key lets the user in is decided with the requests.
    own.with(|one| {
        one.named.push(NamedResource::Key {
            arn: "arn:aws:kms:eu-central-1:111122223333:key/1".into(),
            role: Some(catalog::KeyRole::Bucket),
        });
    })
    .is_quiet();
    with_bucket(APPLIANCE, |one| one.encryption = read(None)).is_quiet();
}

#[test]
fn s7_an_appliance_takes_versions_and_lock_or_neither() {
    with_bucket(APPLIANCE, |one| one.versioning = read(Versioning::Enabled)).has(
        LABEL,
        Weight::Breaks,
        Kind::VersionsWithoutLock,
    );
    with_bucket(APPLIANCE, |one| one.object_lock = read(locked())).has(
        LABEL,
        Weight::Breaks,
        Kind::LockWithoutVersions,
    );
    with_bucket("agent-standalone-s3", |one| {
        one.versioning = read(Versioning::Enabled);
    })
    .has(LABEL, Weight::Unknown, Kind::VersionsWithoutLock);
}

#[test]
fn s7_an_immutable_repository_needs_both() {
    with_bucket(IMMUTABLE, |one| {
        one.versioning = read(Versioning::Suspended);
    })
    .has(LABEL, Weight::Breaks, Kind::NoVersions);
    with_bucket(IMMUTABLE, |one| one.object_lock = read(None)).has(
        LABEL,
        Weight::Breaks,
        Kind::NoLock,
    );
}

#[test]
fn s8_a_default_retention_fails() {
    for set in [APPLIANCE, IMMUTABLE] {
        with_bucket(set, |one| {
            *one = bucket(true);
            one.object_lock = read(Some(ObjectLock {
                default_retention: Some("COMPLIANCE, 30 days".into()),
            }));
        })
        .has(
            LABEL,
            Weight::Breaks,
            Kind::DefaultRetention("COMPLIANCE, 30 days".into()),
        );
    }
}

#[test]
fn s9_a_lock_on_a_repository_without_immutability_fails() {
    with_bucket(PLAIN, |one| *one = bucket(true)).has(LABEL, Weight::Breaks, Kind::LockNotMeant);
    with_bucket(PLAIN, |one| one.versioning = read(Versioning::Enabled)).has(
        LABEL,
        Weight::Notice,
        Kind::VersionsNotMeant,
    );
}

fn rule(id: &str, prefix: &str) -> LifecycleRule {
    LifecycleRule {
        id: id.into(),
        is_enabled: true,
        prefix: prefix.into(),
        is_narrowed: false,
        only_aborts_uploads: false,
        only_removes_markers: false,
    }
}

#[test]
fn s11_a_lifecycle_rule_that_reaches_veeams_files() {
    let kind = || Kind::Lifecycle("archive".into());
    let ruled = |set, rule: LifecycleRule| with_bucket(set, |one| one.lifecycle = read(vec![rule]));
    for (prefix, weight) in [
        ("", Some(Weight::Breaks)),
        ("Vee", Some(Weight::Breaks)),
        ("Veeam/", Some(Weight::Breaks)),
        ("Veeam/Backup/other/", Some(Weight::Unknown)),
        ("logs/", None),
    ] {
        let account = ruled(APPLIANCE, rule("archive", prefix));
        match weight {
            Some(weight) => account.has(LABEL, weight, kind()),
            None => account.is_quiet(),
        };
    }
    ruled(PLAIN, rule("archive", "logs/")).has(LABEL, Weight::Breaks, kind());
    let mut off = rule("archive", "");
    off.is_enabled = false;
    ruled(PLAIN, off).is_quiet();
    let mut narrowed = rule("archive", "");
    narrowed.is_narrowed = true;
    ruled(APPLIANCE, narrowed).has(LABEL, Weight::Unknown, kind());
    let mut aborts = rule("archive", "");
    aborts.only_aborts_uploads = true;
    ruled(APPLIANCE, aborts.clone()).is_quiet();
    ruled(PLAIN, aborts).has(LABEL, Weight::Notice, kind());
}

#[test]
fn s13_replication_and_requester_pays() {
    let replicates = |one: &mut Bucket| one.replicates = read(true);
    with_bucket(PLAIN, replicates).has(LABEL, Weight::Breaks, Kind::Replication);
    with_bucket(APPLIANCE, replicates).has(LABEL, Weight::Notice, Kind::Replication);
    let pays = with_bucket(PLAIN, |one| one.requester_pays = read(true));
    // Whose bucket it is was not read.
    pays.is_quiet();
    pays.with(|one| one.resources.own_buckets = read(["b".into()].into()))
        .is_quiet();
    pays.with(|one| one.resources.own_buckets = read(["c".into()].into()))
        .has(LABEL, Weight::Unknown, Kind::RequesterPays);
}

#[test]
fn a_bucket_that_was_not_read_has_no_fault() {
    for set in [APPLIANCE, IMMUTABLE, PLAIN] {
        with_bucket(set, |one| {
            *one = Bucket {
                policy: refused(),
                versioning: refused(),
                mfa_delete: refused(),
                object_lock: refused(),
                encryption: refused(),
                lifecycle: refused(),
                region: refused(),
                requester_pays: refused(),
                replicates: refused(),
            };
        })
        .is_quiet();
        with_bucket(set, |one| *one = Bucket::default()).is_quiet();
    }
    // Half of what decides is not enough.
    with_bucket(APPLIANCE, |one| {
        *one = bucket(true);
        one.object_lock = refused();
    })
    .is_quiet();
}
