//! Regions and lists of the account: was read what verdicts rest on besides policies?
//!
//! A region counts where something that is set in it decides about a requirement, and as read where all of that was read.

use std::collections::BTreeMap;

use crate::bind::wanted;
use crate::judge::assessment::{ListRead, Readings};
use crate::judge::verdict::Verdict;
use crate::resources::{NamedResource, Reading, Region, RegionStatus, Resources, WantedRegion};

use super::HowRead;

/// What is set in the regions that requirements name.
pub(super) fn regions(verdicts: &[Verdict], resources: &Resources) -> Readings {
    let requirements = verdicts.iter().map(|verdict| &verdict.requirement);
    let mut readings = Readings::default();
    for (name, wanted) in wanted::regions(requirements) {
        let is_enabled = |known: &BTreeMap<Box<str>, RegionStatus>| {
            known.get(&*name) != Some(&RegionStatus::NotOptedIn)
        };
        // Nothing is set in a region that is not enabled, and that it is not is a fault by itself.
        let is_asked = resources.enabled_regions.read().is_none_or(is_enabled);
        if wanted == WantedRegion::default() || !is_asked {
            continue;
        }
        let region = resources.regions.get(&*name);
        let how_read = region.map_or(HowRead::NotRead, |region| how_read_region(region, &wanted));
        how_read.count(&mut readings);
    }
    readings
}

fn how_read_region(region: &Region, wanted: &WantedRegion) -> HowRead {
    let mut how_read = HowRead::Read;
    if wanted.volumes {
        how_read = how_read
            .and(HowRead::of(&region.ebs_default_key))
            .and(HowRead::of(&region.ebs_encryption_by_default));
    }
    if wanted.backup {
        how_read = how_read
            .and(HowRead::of(&region.backup))
            .and(HowRead::of(&region.vaults));
    }
    if wanted.endpoints {
        how_read = how_read.and(HowRead::of(&region.endpoints));
    }
    for kind in &wanted.sources {
        let keys = region.source_keys.get(kind);
        how_read = how_read.and(keys.map_or(HowRead::NotRead, HowRead::of));
    }
    how_read
}

/// Which regions are enabled: needed where a requirement names one.
pub(super) fn enabled_regions(verdicts: &[Verdict], resources: &Resources) -> ListRead {
    let mut requirements = verdicts.iter().map(|verdict| &verdict.requirement);
    let is_needed = requirements.any(|requirement| !requirement.regions.is_empty());
    list_read(is_needed.then_some(&resources.enabled_regions))
}

/// Which buckets the account owns: needed where a requirement names one.
pub(super) fn own_buckets(verdicts: &[Verdict], resources: &Resources) -> ListRead {
    let mut named = verdicts
        .iter()
        .flat_map(|verdict| verdict.requirement.resources.iter());
    let is_needed = named.any(|named| matches!(named, NamedResource::Bucket(_)));
    list_read(is_needed.then_some(&resources.own_buckets))
}

/// `needed`: what was read of a list that is needed.
fn list_read<T>(needed: Option<&Reading<T>>) -> ListRead {
    match needed {
        None => ListRead::NotNeeded,
        Some(Reading::Read(_)) => ListRead::Read,
        Some(Reading::Refused(_)) => ListRead::Refused,
        Some(Reading::NotRead) => ListRead::NotRead,
    }
}
