//! Seeking: which look-ups find the calls that can have led to a finding?
//!
//! The likeliest to find one come first, because an audit makes only so many.

use std::collections::BTreeSet;

use iam::{Arn, partition_of};

use super::takes::{Whose, calls_of};
use super::way::Way;
use crate::bind::requirement::ResourcePolicy;
use crate::events::look_up::{LookUp, LookUpBy, region_of_iam};
use crate::find::finding::Lack;
use crate::resources::{NamedResource, Resources};

/// A look-up with its rank: 0 is made first.
pub(super) type Ranked = (u8, LookUp);

/// The look-ups for one way. `is_management`: whether the organisation's calls are recorded in this account.
pub(super) fn look_ups(
    way: Way<'_>,
    whose: Whose<'_>,
    resources: &Resources,
    sees: Sees,
) -> Vec<Ranked> {
    let home = region_of_iam(whose.arn.partition());
    let iam = |rank, name: &str| (rank, look_up(home, LookUpBy::Resource(name.into())));
    let own = || iam(0, whose.arn.name());
    let policy = |rank, arn: &str| {
        // What AWS changes in a policy of its own is recorded nowhere.
        let is_own = !arn.contains(":iam::aws:");
        (is_own && arn.starts_with("arn:")).then(|| iam(rank, arn))
    };
    let mut found = Vec::new();
    match way {
        Way::Less | Way::More(None) => {
            found.push(own());
            if let Some(principal) = whose.principal {
                found.extend(principal.attached.iter().filter_map(|arn| policy(1, arn)));
                for name in &principal.groups {
                    found.push(iam(1, name));
                    let group = whose.groups.get(name);
                    let attached = group.into_iter().flat_map(|group| &group.attached);
                    found.extend(attached.filter_map(|arn| policy(2, arn)));
                }
            }
        }
        Way::More(Some(at)) => {
            found.push(own());
            found.extend(policy(0, at));
            let group = at.strip_prefix("group ");
            let group = group.map(|rest| rest.split_once(": ").map_or(rest, |(name, _)| name));
            found.extend(group.map(|name| iam(0, name)));
            let groups = whose.principal.into_iter().flat_map(|one| &one.groups);
            found.extend(groups.map(|name| iam(1, name)));
        }
        Way::Boundary(_) => {
            found.push(own());
            let boundary = whose.principal.and_then(|one| one.boundary.as_deref());
            found.extend(boundary.and_then(|arn| policy(0, arn)));
        }
        Way::NoBoundary | Way::Binding | Way::Trust | Way::Profile | Way::AccessKeys => {
            found.push(own());
        }
        Way::Organization(_) | Way::OrganizationLess => {
            if sees == Sees::Organization {
                for call in [
                    "AttachPolicy",
                    "DetachPolicy",
                    "UpdatePolicy",
                    "MoveAccount",
                ] {
                    found.push((1, look_up(home, LookUpBy::Call(call.into()))));
                }
            }
        }
        Way::Resource(lack) | Way::Grant(lack) => found.extend(of_lack(lack, home, resources)),
        Way::Endpoint(regions) => {
            for region in regions {
                for call in [
                    "ModifyVpcEndpoint",
                    "DeleteVpcEndpoints",
                    "CreateVpcEndpoint",
                ] {
                    found.push((2, look_up(region, LookUpBy::Call(call.into()))));
                }
            }
        }
        Way::Fault(topic, place) => {
            let region = region_in(place);
            let bucket = place.strip_prefix("bucket ");
            if let Some(name) = bucket {
                found.extend(of_bucket(name, resources));
            } else if let Some(arn) = key_at(place, resources) {
                found.extend(of_key(arn));
            }
            if let Some(region) = region.filter(|_| bucket.is_none()) {
                let is_of_key = |call: &&&str| call.contains("Key") && !call.contains("Ebs");
                let calls = calls_of(topic).iter().filter(|call| !is_of_key(call));
                let calls = calls.filter(|call| !call.contains("Bucket"));
                for call in calls {
                    found.push((2, look_up(region, LookUpBy::Call((*call).into()))));
                }
            }
        }
    }
    found
}

/// Which trail events an account sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sees {
    /// Its own.
    Own,
    /// Those of its organisation too: it is the management account.
    Organization,
}

fn look_up(region: &str, by: LookUpBy) -> LookUp {
    LookUp {
        region: region.into(),
        by,
    }
}

fn of_lack(lack: &Lack, home: &str, resources: &Resources) -> Vec<Ranked> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for text in &lack.resources {
        match NamedResource::of(text) {
            Some(named) if !seen.insert(named.clone()) => {}
            Some(named) => found.extend(of_resource(&named, resources)),
            None => {
                let role = text.parse::<iam::PrincipalArn>().ok();
                let name = role.map(|role| LookUpBy::Resource(role.name().into()));
                found.extend(name.map(|by| (1, look_up(home, by))));
            }
        }
    }
    if seen.is_empty() {
        // Nothing narrower was asked about, so it is one of those that were read.
        let kinds: BTreeSet<ResourcePolicy> =
            lack.actions.iter().filter_map(ResourcePolicy::of).collect();
        let read = read_of(&kinds, resources).into_iter();
        let read = read.flat_map(|named| of_resource(&named, resources));
        found.extend(read.map(|(_, look_up)| (3, look_up)));
    }
    found
}

/// What was read of these kinds.
fn read_of(kinds: &BTreeSet<ResourcePolicy>, resources: &Resources) -> Vec<NamedResource> {
    let mut read = Vec::new();
    if kinds.contains(&ResourcePolicy::Key) {
        let keys = resources.keys.keys().cloned();
        read.extend(keys.map(|arn| NamedResource::Key { arn, role: None }));
    }
    if kinds.contains(&ResourcePolicy::Bucket) {
        read.extend(resources.buckets.keys().cloned().map(NamedResource::Bucket));
    }
    if kinds.contains(&ResourcePolicy::Vault) {
        read.extend(resources.vaults.keys().cloned().map(NamedResource::Vault));
    }
    read
}

fn of_resource(named: &NamedResource, resources: &Resources) -> Vec<Ranked> {
    match named {
        NamedResource::Key { arn, .. } => of_key(arn).into_iter().collect(),
        NamedResource::Bucket(name) => of_bucket(name, resources).into_iter().collect(),
        NamedResource::Vault(arn) => {
            let region = Arn::parse(arn).map(|arn| arn.region);
            let calls = [
                "PutBackupVaultAccessPolicy",
                "DeleteBackupVaultAccessPolicy",
            ];
            let of_region =
                |region: &str| calls.map(|call| (2, look_up(region, LookUpBy::Call(call.into()))));
            region.map(of_region).into_iter().flatten().collect()
        }
    }
}

fn of_key(arn: &str) -> Option<Ranked> {
    let region = Arn::parse(arn).ok()?.region;
    Some((0, look_up(region, LookUpBy::Resource(arn.into()))))
}

/// Where nobody knows the region of a bucket, nobody knows where its calls are recorded.
fn of_bucket(name: &str, resources: &Resources) -> Option<Ranked> {
    let region = resources.buckets.get(name)?.region.read()?;
    Some((0, look_up(region, LookUpBy::Resource(name.into()))))
}

/// The key that people are told of in these words.
fn key_at<'r>(place: &str, resources: &'r Resources) -> Option<&'r str> {
    use crate::judge::resource_faults::fault::FaultyResource;
    let mut keys = resources.keys.keys();
    let found = keys.find(|arn| FaultyResource::Key((*arn).clone()).label() == place)?;
    Some(found)
}

/// The region in the words by which people are told of a resource.
fn region_in(place: &str) -> Option<&str> {
    let at = place
        .strip_prefix("region ")
        .or_else(|| Some(place.split_once(" in ")?.1))?;
    let region = at.split(' ').next()?;
    (!region.is_empty() && partition_of(region).starts_with("aws")).then_some(region)
}
