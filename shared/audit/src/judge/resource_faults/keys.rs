//! Keys: in what state are the KMS keys that a requirement works with, and are they of the right kind?

use catalog::KeyRole;
use iam::Arn;
use jiff::ToSpan;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::{Inspected, is_not_there};
use crate::resources::{KeyMetadata, NamedResource, Reading};

/// Who manages a key that the account cannot change.
const OF_AWS: &str = "AWS";
/// The spec of keys that encrypt symmetrically.
const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
/// So many days before its material expires a key is told of.
const EXPIRES_SOON: i64 = 30;

/// A key that a requirement works with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Used<'a> {
    arn: &'a str,
    role: Option<KeyRole>,
}

pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    for used in used(inspected) {
        let Some(key) = inspected.resources.keys.get(used.arn) else {
            continue;
        };
        let resource = FaultyResource::Key(used.arn.into());
        let mut add = |weight, kind| {
            faults.push(ResourceFault {
                resource: resource.clone(),
                weight,
                kind,
            });
        };
        if is_not_there(&key.metadata, "NotFoundException") {
            add(Weight::Breaks, ResourceFaultKind::NotThere);
        }
        if let Some(metadata) = key.metadata.read() {
            state(inspected, metadata, &mut add);
            let is_repository = used.role == Some(KeyRole::Repository)
                || (used.role.is_none() && inspected.uses_only(KeyRole::Repository));
            if is_repository {
                repository(inspected, used.arn, metadata, &mut add);
            } else if metadata.spec.as_ref() != SYMMETRIC {
                let kind = ResourceFaultKind::KeySpec(metadata.spec.clone());
                add(Weight::Unknown, kind);
            }
            if used.role == Some(KeyRole::Source) {
                sharing(inspected, metadata, Weight::Breaks, &mut add);
            }
        }
        faults.extend(inspected.dead(&resource, &key.policy));
    }
    found_sources(inspected, faults);
}

/// The keys that a requirement names, and those that its vaults, buckets and regions lead to.
fn used<'a>(inspected: &Inspected<'a>) -> Vec<Used<'a>> {
    let mut all: Vec<Used<'a>> = Vec::new();
    for named in inspected.requirement.resources.iter() {
        match named {
            // Whether a region's default key is used, the region says.
            NamedResource::Key {
                role: Some(KeyRole::EbsDefault),
                ..
            }
            | NamedResource::Bucket(_)
            | NamedResource::Vault(_) => {}
            NamedResource::Key { arn, role } => {
                if inspected.uses(*role) {
                    all.push(Used { arn, role: *role });
                }
            }
        }
    }
    let mut lead_to = |name: &str, region: &str, role| {
        let known = inspected.key(name, region);
        all.extend(known.map(|(arn, _)| Used {
            arn,
            role: Some(role),
        }));
    };
    if inspected.uses(Some(KeyRole::Vault)) {
        for arn in inspected.vaults() {
            let vault = inspected.resources.vaults.get(arn);
            let key = vault.and_then(|vault| vault.description.read()?.key.as_deref());
            if let Some(key) = key {
                let region = Arn::parse(arn).map_or("", |arn| arn.region);
                lead_to(key, region, KeyRole::Vault);
            }
        }
    }
    if inspected.uses(Some(KeyRole::Bucket)) {
        for name in inspected.buckets() {
            let Some(bucket) = inspected.resources.buckets.get(name) else {
                continue;
            };
            let region = bucket.region.read().map_or("", AsRef::as_ref);
            if let Some(Some(encryption)) = bucket.encryption.read()
                && let Some(key) = &encryption.key
            {
                lead_to(key, region, KeyRole::Bucket);
            }
        }
    }
    if inspected.uses(Some(KeyRole::EbsDefault)) {
        for (name, region) in inspected.regions() {
            // Workers of another account encrypt with it, whatever is set for new volumes.
            let is_used = region.ebs_encryption_by_default.read() == Some(&true)
                || !inspected.requirement.worker_accounts.is_empty();
            if is_used && let Some(key) = region.ebs_default_key.read() {
                lead_to(key, name, KeyRole::EbsDefault);
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// K7: a key that is not enabled decrypts nothing.
fn state(
    inspected: &Inspected<'_>,
    metadata: &KeyMetadata,
    add: &mut impl FnMut(Weight, ResourceFaultKind),
) {
    let weight = match &*metadata.state {
        "Enabled" | "Updating" => None,
        "Disabled"
        | "PendingDeletion"
        | "PendingImport"
        | "PendingReplicaDeletion"
        | "Unavailable" => Some(Weight::Breaks),
        _ => Some(Weight::Unknown),
    };
    if let Some(weight) = weight {
        let kind = ResourceFaultKind::KeyState {
            state: metadata.state.clone(),
            deletion: metadata.deletion,
        };
        add(weight, kind);
    } else if let Some(at) = metadata.valid_to
        && at <= inspected.now
    {
        add(Weight::Breaks, ResourceFaultKind::KeyMaterialExpired(at));
    } else if let Some(at) = metadata.valid_to
        && let Ok(soon) = inspected.now.checked_add((EXPIRES_SOON * 24).hours())
        && at <= soon
    {
        add(Weight::Notice, ResourceFaultKind::KeyMaterialExpires(at));
    }
}

/// K8: a repository wants a symmetric key of the customer, in the bucket's region.
fn repository(
    inspected: &Inspected<'_>,
    arn: &str,
    metadata: &KeyMetadata,
    add: &mut impl FnMut(Weight, ResourceFaultKind),
) {
    if &*metadata.spec != SYMMETRIC {
        let kind = ResourceFaultKind::KeySpec(metadata.spec.clone());
        add(Weight::Breaks, kind);
    }
    if &*metadata.manager == OF_AWS {
        add(Weight::Breaks, ResourceFaultKind::KeyManagedByAws);
    }
    let Ok(parsed) = Arn::parse(arn) else {
        return;
    };
    let mut elsewhere = None;
    for name in inspected.buckets() {
        let bucket = inspected.resources.buckets.get(name);
        match bucket.map(|bucket| &bucket.region) {
            // Of several buckets it may be that of any.
            Some(Reading::Read(region)) if **region == *parsed.region => return,
            Some(Reading::Read(region)) => {
                elsewhere = elsewhere.or(Some((name, region)));
            }
            Some(Reading::NotRead | Reading::Refused(_)) | None => return,
        }
    }
    if let Some((bucket, region)) = elsewhere {
        let kind = ResourceFaultKind::KeyRegion {
            bucket: bucket.into(),
            expected: region.clone(),
        };
        add(Weight::Breaks, kind);
    }
}

/// K3: what a key of AWS encrypts cannot be shared with the account of a worker.
fn sharing(
    inspected: &Inspected<'_>,
    metadata: &KeyMetadata,
    weight: Weight,
    add: &mut impl FnMut(Weight, ResourceFaultKind),
) {
    if &*metadata.manager != OF_AWS || !inspected.shares(KeyRole::Source) {
        return;
    }
    let workers = inspected.requirement.worker_accounts.iter();
    for account in workers.filter(|account| **account != metadata.account) {
        add(weight, ResourceFaultKind::KeyNotShareable(*account));
    }
}

/// The same for the keys of what is in the account. Nobody knows whether Veeam protects that.
fn found_sources(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    if inspected.requirement.worker_accounts.is_empty() {
        return;
    }
    for (region, settings) in inspected.regions() {
        let found = settings.source_keys.values().filter_map(Reading::read);
        for name in found.flatten() {
            let Some((arn, key)) = inspected.key(name, region) else {
                continue;
            };
            let resource = FaultyResource::Key(arn.into());
            if let Some(metadata) = key.metadata.read()
                && !faults.iter().any(|fault| fault.resource == resource)
            {
                sharing(inspected, metadata, Weight::Notice, &mut |weight, kind| {
                    faults.push(ResourceFault {
                        resource: resource.clone(),
                        weight,
                        kind,
                    });
                });
            }
        }
    }
}
