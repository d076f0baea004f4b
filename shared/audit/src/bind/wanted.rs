//! What is wanted of the resource side: which resources and regions do the requirements lead to, and what of them is judged?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{KeyRole, KmsCaller, SetId, key_needs, setting_needs};
use iam::AccountId;

use super::requirement::Requirement;
use crate::resources::{NamedResource, SourceKind, Wanted, WantedRegion};

/// What is to be read for these requirements in an account.
pub(super) fn wanted<'a>(
    account: AccountId,
    requirements: impl Iterator<Item = &'a Arc<Requirement>> + Clone,
) -> Wanted {
    let named = requirements.clone().flat_map(|one| one.resources.iter());
    Wanted {
        account,
        named: named.cloned().collect(),
        found_keys: true,
        regions: regions(requirements.clone()),
        organization: requirements.count() > 0,
    }
}

/// What is judged in each region that requirements name.
pub(crate) fn regions<'a>(
    requirements: impl Iterator<Item = &'a Arc<Requirement>>,
) -> BTreeMap<Arc<str>, WantedRegion> {
    let mut regions: BTreeMap<Arc<str>, WantedRegion> = BTreeMap::new();
    // Principals with the same tags share their requirements.
    let mut known = BTreeSet::new();
    for requirement in requirements {
        if requirement.regions.is_empty() || !known.insert(Arc::as_ptr(requirement)) {
            continue;
        }
        let wanted = wanted_of_each_region(requirement);
        for region in requirement.regions.iter() {
            let all = regions.entry(Arc::clone(region)).or_default();
            all.volumes |= wanted.volumes;
            all.backup |= wanted.backup;
            all.endpoints |= wanted.endpoints;
            all.sources.extend(&wanted.sources);
        }
    }
    regions
}

/// What is judged in each of a requirement's regions.
pub(crate) fn wanted_of_each_region(requirement: &Requirement) -> WantedRegion {
    let is_of = |sets: &[SetId]| sets.iter().any(|set| set.as_str() == &*requirement.set);
    let mut wanted = WantedRegion::default();
    for need in key_needs() {
        let is_later = need.since.is_some_and(|since| since > requirement.version);
        if !is_of(&need.sets) || is_later {
            continue;
        }
        wanted.volumes |= need.keys.contains(&KeyRole::EbsDefault);
        // Of keys that nobody named it matters only whether they can be shared with the accounts of workers.
        if need.keys.contains(&KeyRole::Source) && !requirement.worker_accounts.is_empty() {
            wanted.sources.extend(sources(need.through));
        }
    }
    wanted.endpoints = requirement.is_carried_in_private()
        || (requirement.private_network == Some(true) && passes_endpoints(requirement));
    for need in setting_needs().iter().filter(|need| is_of(&need.sets)) {
        wanted.volumes |= need.plain_volumes;
        wanted.backup |= need.backup.is_some();
        wanted.endpoints |= requirement.private_network == Some(true) && !need.endpoints.is_empty();
    }
    wanted
}

/// Whether requests for declared resources pass endpoints from a private network: those on buckets, and those that the principal
/// itself makes on keys.
fn passes_endpoints(requirement: &Requirement) -> bool {
    let mut named = requirement.resources.iter();
    let asks = requirement.key_asks.iter().flat_map(|asks| &asks.asks);
    let directly = asks.filter(|ask| ask.through == KmsCaller::Principal);
    named.any(|named| match named {
        NamedResource::Bucket(_) => true,
        NamedResource::Key { role, .. } => directly.clone().any(|ask| Some(ask.role) == *role),
        NamedResource::Vault(_) => false,
    })
}

/// What a service encrypts with the keys that are shared.
fn sources(through: KmsCaller) -> &'static [SourceKind] {
    match through {
        KmsCaller::Ec2 => &[SourceKind::Volume],
        KmsCaller::Rds => &[SourceKind::DbInstance, SourceKind::DbCluster],
        KmsCaller::Principal | KmsCaller::S3 | KmsCaller::Unknown => &[],
    }
}
