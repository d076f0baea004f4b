//! Read sides: which policies of the resource side had been read where an action was found to be denied?
//!
//! A denial names one cause, and the resource side may deny the same besides. A later audit that does not read that side any more
//! cannot call such a denial over; `compare` holds both against each other.

use std::collections::BTreeSet;

use iam::evaluate::is_covered_by_rcps;
use iam::{AccountId, ActionName};

use crate::bind::requirement::{Requirement, ResourcePolicy};
use crate::find::finding::ReadSide;
use crate::judge::resource_side::vaults;
use crate::resources::{NamedResource, Organization, Resources};

/// The policies of vaults and keys that decide an action where it is asked about `*`; of a bucket that nobody named none is read.
pub(crate) fn policies_of(action: &ActionName, requirement: &Requirement) -> Vec<ResourcePolicy> {
    let of_keys = vaults::starts_job(action) && vaults::uses_keys_of_vaults(requirement);
    let own = ResourcePolicy::of(action).into_iter();
    own.chain(of_keys.then_some(ResourcePolicy::Key)).collect()
}

/// Whether the own policy of a resource was read; `None` for what has none that is read.
pub(crate) fn has_policy(resource: &str, resources: &Resources) -> Option<bool> {
    Some(match NamedResource::of(resource)? {
        NamedResource::Key { arn, .. } => {
            let key = resources.keys.get(&arn);
            key.is_some_and(|key| key.policy.read().is_some())
        }
        NamedResource::Bucket(name) => {
            let bucket = resources.buckets.get(&name);
            bucket.is_some_and(|bucket| bucket.policy.read().is_some())
        }
        NamedResource::Vault(arn) => {
            let vault = resources.vaults.get(&arn);
            vault.is_some_and(|vault| vault.policy.read().is_some())
        }
    })
}

/// Whether all RCPs above an account are known.
pub(crate) fn knows_resource_control(resources: &Resources, account: AccountId) -> bool {
    let is_whole = |organization: &Organization| {
        organization.management_account == Some(account)
            || (organization.resource_control.read().is_some()
                && organization.refused_resource_control.is_empty())
    };
    let organization = resources.organization.read();
    organization.is_some_and(|organization| organization.as_ref().is_none_or(is_whole))
}

/// Whether requests pass VPC endpoints in private networks, and the policies of all endpoints in the regions are known.
pub(crate) fn knows_endpoints(requirement: &Requirement, resources: &Resources) -> bool {
    let is_known = |region: &str| {
        let endpoints = resources.regions.get(region);
        let endpoints = endpoints.and_then(|region| region.endpoints.read());
        endpoints.is_some_and(|all| all.iter().all(|one| one.policy.is_some()))
    };
    requirement.private_network == Some(true)
        && !requirement.regions.is_empty()
        && requirement.regions.iter().all(|region| is_known(region))
}

/// What was read of the resource side of these actions on these resources.
pub(super) fn read_side(
    actions: &BTreeSet<ActionName>,
    on: &BTreeSet<Box<str>>,
    requirement: &Requirement,
    not_checked: &[ResourcePolicy],
    (resources, account): (&Resources, AccountId),
) -> ReadSide {
    let policies = || {
        let mut actions = actions.iter();
        actions.any(|action| {
            let policies = policies_of(action, requirement);
            !policies.is_empty() && policies.iter().all(|one| !not_checked.contains(one))
        })
    };
    let was_read = |resource: &str| match resource {
        "*" => policies(),
        named => has_policy(named, resources) == Some(true),
    };
    ReadSide {
        resources: on.iter().filter(|one| was_read(one)).cloned().collect(),
        resource_control: actions.iter().any(is_covered_by_rcps)
            && knows_resource_control(resources, account),
        endpoints: knows_endpoints(requirement, resources),
    }
}
