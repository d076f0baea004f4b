//! Buckets: are they set as the repositories need that Veeam keeps in them?

use catalog::{BucketNeed, Immutability, KeyRole, RepositoryKeeper};

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::{Inspected, is_called, is_not_there};
use crate::bind::requirement::Need;
use crate::resources::{Bucket, LifecycleRule, NamedResource, Versioning};

/// The folder in which an appliance keeps all that it writes.
const FOLDER: &str = "Veeam/";

pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    not_there(inspected, faults);
    not_own(inspected, faults);
    let Some(need) = inspected.repository() else {
        return;
    };
    for name in inspected.buckets() {
        let Some(bucket) = inspected.resources.buckets.get(name) else {
            continue;
        };
        let resource = FaultyResource::Bucket(name.into());
        let mut add = |weight, kind| {
            faults.push(ResourceFault {
                resource: resource.clone(),
                weight,
                kind,
            });
        };
        encryption(inspected, need, bucket, &mut add);
        locking(need, bucket, &mut add);
        if bucket.mfa_delete.read() == Some(&true)
            && let Some(weight) = deletes_versions(inspected)
        {
            add(weight, ResourceFaultKind::MfaDelete);
        }
        lifecycle(need, bucket, &mut add);
        if bucket.replicates.read() == Some(&true) {
            let weight = match need.keeper {
                RepositoryKeeper::BackupServer => Weight::Breaks,
                RepositoryKeeper::Appliance => Weight::Notice,
            };
            add(weight, ResourceFaultKind::Replication);
        }
        // Only whoever calls from another account than the bucket's is refused.
        let own = inspected.resources.own_buckets.read();
        if bucket.requester_pays.read() == Some(&true) && own.is_some_and(|own| !own.contains(name))
        {
            add(Weight::Unknown, ResourceFaultKind::RequesterPays);
        }
        faults.extend(inspected.dead_if_any(&resource, &bucket.policy));
    }
}

/// A bucket that S3 does not find. What makes its own bucket may name one that is not there yet.
fn not_there(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    if makes_buckets(inspected) {
        return;
    }
    for name in inspected.buckets() {
        let bucket = inspected.resources.buckets.get(name);
        if bucket.is_some_and(is_missing) {
            faults.push(ResourceFault {
                resource: FaultyResource::Bucket(name.into()),
                weight: Weight::Breaks,
                kind: ResourceFaultKind::NotThere,
            });
        }
    }
}

/// S12: the bucket of an appliance's repository has to be in the account of the role.
fn not_own(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    let is_of_appliance = inspected
        .repository()
        .is_some_and(|need| need.keeper == RepositoryKeeper::Appliance);
    let Some(own) = inspected.resources.own_buckets.read() else {
        return;
    };
    if !is_of_appliance || makes_buckets(inspected) {
        return;
    }
    for name in inspected.buckets() {
        let bucket = inspected.resources.buckets.get(name);
        if !own.contains(name) && !bucket.is_some_and(is_missing) {
            faults.push(ResourceFault {
                resource: FaultyResource::Bucket(name.into()),
                weight: Weight::Breaks,
                kind: ResourceFaultKind::BucketNotOwn,
            });
        }
    }
}

fn makes_buckets(inspected: &Inspected<'_>) -> bool {
    let questions = inspected.requirement.questions();
    let mut actions = questions.flat_map(|question| question.actions.iter());
    actions.any(|action| action.as_str().eq_ignore_ascii_case("s3:CreateBucket"))
}

fn is_missing(bucket: &Bucket) -> bool {
    const CODE: &str = "NoSuchBucket";
    is_not_there(&bucket.policy, CODE)
        || is_not_there(&bucket.versioning, CODE)
        || is_not_there(&bucket.object_lock, CODE)
        || is_not_there(&bucket.encryption, CODE)
        || is_not_there(&bucket.lifecycle, CODE)
        || is_not_there(&bucket.region, CODE)
}

/// S6: an appliance writes to no bucket that encrypts with KMS; for a backup server its user needs the key besides.
fn encryption(
    inspected: &Inspected<'_>,
    need: BucketNeed,
    bucket: &Bucket,
    add: &mut impl FnMut(Weight, ResourceFaultKind),
) {
    let Some(Some(encryption)) = bucket.encryption.read() else {
        return;
    };
    let algorithm = encryption.algorithm.to_ascii_lowercase();
    if algorithm == "aes256" {
        return;
    }
    if !["aws:kms", "aws:kms:dsse"].contains(&&*algorithm) {
        let algorithm = encryption.algorithm.clone();
        add(
            Weight::Unknown,
            ResourceFaultKind::BucketEncryption(algorithm),
        );
        return;
    }
    let region = bucket.region.read().map_or("", AsRef::as_ref);
    let is_own = |arn: &str| {
        let key = encryption.key.as_deref();
        key.is_some_and(|key| is_called(arn, key, region))
    };
    let mut named = inspected.requirement.resources.iter();
    let is_judged = named.any(|named| match named {
        NamedResource::Key { arn, role } => *role == Some(KeyRole::Bucket) && is_own(arn),
        NamedResource::Bucket(_) | NamedResource::Vault(_) => false,
    });
    let of_aws = match encryption.key.as_deref() {
        None => true,
        Some(key) => key.ends_with("alias/aws/s3"),
    };
    let weight = match need.keeper {
        RepositoryKeeper::Appliance => Weight::Breaks,
        // Whether the key lets the user in is decided with the requests.
        RepositoryKeeper::BackupServer if is_judged => return,
        RepositoryKeeper::BackupServer if of_aws => Weight::Notice,
        RepositoryKeeper::BackupServer => Weight::Unknown,
    };
    let algorithm = encryption.algorithm.clone();
    add(weight, ResourceFaultKind::BucketEncryption(algorithm));
}

/// S7, S8, S9: versions and locks.
fn locking(need: BucketNeed, bucket: &Bucket, add: &mut impl FnMut(Weight, ResourceFaultKind)) {
    let versions = bucket.versioning.read().map(|versioning| match versioning {
        Versioning::Enabled => true,
        Versioning::Never | Versioning::Suspended => false,
    });
    let lock = bucket.object_lock.read();
    let is_locked = lock.map(Option::is_some);
    match need.immutability {
        Immutability::On => {
            if versions == Some(false) {
                add(Weight::Breaks, ResourceFaultKind::NoVersions);
            }
            if is_locked == Some(false) {
                add(Weight::Breaks, ResourceFaultKind::NoLock);
            }
        }
        Immutability::Off if is_locked == Some(true) => {
            add(Weight::Breaks, ResourceFaultKind::LockNotMeant);
        }
        Immutability::Off if versions == Some(true) && is_locked == Some(false) => {
            add(Weight::Notice, ResourceFaultKind::VersionsNotMeant);
        }
        Immutability::Off => {}
        Immutability::Either => {
            // Only an appliance is known to refuse one without the other.
            let weight = match need.keeper {
                RepositoryKeeper::Appliance => Weight::Breaks,
                RepositoryKeeper::BackupServer => Weight::Unknown,
            };
            match (versions, is_locked) {
                (Some(true), Some(false)) => add(weight, ResourceFaultKind::VersionsWithoutLock),
                (Some(false), Some(true)) => add(weight, ResourceFaultKind::LockWithoutVersions),
                (_, _) => {}
            }
        }
    }
    if let Some(Some(lock)) = lock
        && let Some(retention) = &lock.default_retention
    {
        let kind = ResourceFaultKind::DefaultRetention(retention.clone());
        add(Weight::Breaks, kind);
    }
}

/// What it means that versions cannot be deleted; `None` where nothing deletes any.
fn deletes_versions(inspected: &Inspected<'_>) -> Option<Weight> {
    let checks = inspected.requirement.checks.iter();
    let mut asked = checks.flat_map(|check| check.question.actions.iter().zip(check.needs.iter()));
    let is_delete = |action: &iam::ActionName| {
        let name = action.as_str();
        name.eq_ignore_ascii_case("s3:DeleteObjectVersion")
    };
    let needs = asked.by_ref().filter(|(action, _)| is_delete(action));
    let weights = needs.map(|(_, need)| match need {
        Need::Required => Weight::Breaks,
        Need::Optional(_) | Need::Asked(_) => Weight::Notice,
    });
    weights.min()
}

/// S11: rules that move or delete what Veeam wrote.
fn lifecycle(need: BucketNeed, bucket: &Bucket, add: &mut impl FnMut(Weight, ResourceFaultKind)) {
    let rules = bucket.lifecycle.read().into_iter().flatten();
    for rule in rules.filter(|rule| rule.is_enabled) {
        if let Some(weight) = reaches(need.keeper, rule) {
            add(weight, ResourceFaultKind::Lifecycle(rule.id.clone()));
        }
    }
}

fn reaches(keeper: RepositoryKeeper, rule: &LifecycleRule) -> Option<Weight> {
    if rule.only_removes_markers {
        return None;
    }
    if rule.only_aborts_uploads {
        return match keeper {
            RepositoryKeeper::BackupServer => Some(Weight::Notice),
            RepositoryKeeper::Appliance => None,
        };
    }
    let prefix = &*rule.prefix;
    let is_certain = match keeper {
        RepositoryKeeper::BackupServer => true,
        RepositoryKeeper::Appliance if FOLDER.starts_with(prefix) => true,
        // Within the folder it may be another repository's.
        RepositoryKeeper::Appliance if prefix.starts_with(FOLDER) => false,
        RepositoryKeeper::Appliance => return None,
    };
    Some(match is_certain && !rule.is_narrowed {
        true => Weight::Breaks,
        false => Weight::Unknown,
    })
}
