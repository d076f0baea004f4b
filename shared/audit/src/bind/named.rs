//! Named resources: which keys, buckets and vaults are the requests of a set about?
//!
//! In: the actions of a set in groups, what its operations ask of keys, the resources of its scope. Out: the [`NamedResource`]s, so
//! that somebody can read them. What was declared and is no business of the set is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::Arn;

use super::groups::ActionGroups;
use super::key_asks::declared;
use super::resource::Resource;
use crate::bind::requirement::{KeyAsks, ResourcePolicy};
use crate::resources::NamedResource;

/// The resources that the requests of a set are about, sorted.
pub(super) fn named(
    groups: &ActionGroups,
    asks: Option<&KeyAsks>,
    resources: &BTreeMap<Box<str>, Vec<Resource>>,
    regions: &[Arc<str>],
) -> BTreeSet<NamedResource> {
    let mut found = BTreeSet::new();
    let variables = groups.groups.iter();
    let variables = variables.filter_map(|group| group.against.variable.as_ref());
    for resource in variables.filter_map(|name| resources.get(name)).flatten() {
        found.extend(of_arn(&resource.arn));
    }
    if let Some(asks) = asks {
        for (arn, roles) in declared(resources) {
            let roles = roles.into_iter().filter(|role| asks.is_about(*role));
            found.extend(roles.map(|role| NamedResource::Key {
                arn: (&*arn).into(),
                role: Some(role),
            }));
        }
    }
    let mut actions = groups.groups.iter().flat_map(|group| &*group.actions);
    if actions.any(|action| ResourcePolicy::of(action) == Some(ResourcePolicy::Vault)) {
        for vault in resources.get("vault").into_iter().flatten() {
            found.extend(in_regions(vault, regions).map(NamedResource::Vault));
        }
    }
    found
}

fn of_arn(arn: &str) -> Option<NamedResource> {
    let parsed = Arn::parse(arn).ok()?;
    match parsed.service {
        "kms" => Some(NamedResource::Key {
            arn: arn.into(),
            role: None,
        }),
        "s3" => {
            let name = parsed.resource.split('/').next()?;
            Some(NamedResource::Bucket(name.into()))
        }
        _ => None,
    }
}

/// A vault of which only the name was said is meant in each region.
fn in_regions<'a>(
    vault: &'a Resource,
    regions: &'a [Arc<str>],
) -> impl Iterator<Item = Box<str>> + 'a {
    let is_in_one = Arn::parse(&vault.arn).is_ok_and(|arn| arn.region != "*");
    let whole = is_in_one.then(|| Box::from(&*vault.arn));
    let named = regions.iter().filter(move |_| !is_in_one);
    let named = named.map(|region| Box::from(&*vault.in_region(region).arn));
    whole.into_iter().chain(named)
}
