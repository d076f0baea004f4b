//! What is inspected: a requirement, what its operations need, and what is known of the resources.

use catalog::{BucketNeed, KeyNeed, KeyRole, SettingNeed, key_needs, setting_needs};
use iam::inventory::PolicyText;
use iam::policy::{Effect, NamedPrincipal};
use iam::{AccountId, Inventory};
use jiff::Timestamp;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use crate::bind::requirement::Requirement;
use crate::resources::{Key, NamedResource, Reading, Resources};

/// Whether AWS says with this code that there is no such thing.
pub(super) fn is_not_there<T>(reading: &Reading<T>, code: &str) -> bool {
    match reading {
        Reading::Refused(found) => **found == *code,
        Reading::NotRead | Reading::Read(_) => false,
    }
}

/// Whether a service calls a key so in a region, by its ARN or its id; aliases are not followed.
pub(super) fn is_called(arn: &str, name: &str, region: &str) -> bool {
    arn == name
        || (arn.ends_with(&format!(":key/{name}")) && arn.contains(&format!(":kms:{region}:")))
}

/// What is inspected.
pub(super) struct Inspected<'a> {
    pub(super) requirement: &'a Requirement,
    pub(super) resources: &'a Resources,
    pub(super) inventory: &'a Inventory,
    pub(super) account: AccountId,
    pub(super) now: Timestamp,
    /// What its operations need of keys.
    keys: Vec<&'static KeyNeed>,
    /// What they need of settings.
    pub(super) settings: Vec<&'static SettingNeed>,
}

impl<'a> Inspected<'a> {
    pub(super) fn new(
        requirement: &'a Requirement,
        resources: &'a Resources,
        inventory: &'a Inventory,
        account: AccountId,
        now: Timestamp,
    ) -> Self {
        let set = &*requirement.set;
        let version = requirement.version;
        let keys = key_needs().iter().filter(|need| {
            need.sets.iter().any(|one| one.as_str() == set)
                && need.since.is_none_or(|since| since <= version)
        });
        let settings = setting_needs()
            .iter()
            .filter(|need| need.sets.iter().any(|one| one.as_str() == set));
        Self {
            requirement,
            resources,
            inventory,
            account,
            now,
            keys: keys.collect(),
            settings: settings.collect(),
        }
    }

    /// Whether its operations work with such a key. Of a set that is not in the catalog it is enough that it has actions of KMS.
    pub(super) fn uses(&self, role: Option<KeyRole>) -> bool {
        match (self.keys.as_slice(), role) {
            ([], _) => {
                let mut actions = self
                    .requirement
                    .questions()
                    .flat_map(|question| question.actions.iter());
                actions.any(|action| action.service().eq_ignore_ascii_case("kms"))
            }
            (_, None) => true,
            (needs, Some(role)) => needs.iter().any(|need| need.keys.contains(&role)),
        }
    }

    /// Whether such a key is the only one that its operations work with.
    pub(super) fn uses_only(&self, role: KeyRole) -> bool {
        let mut roles = self.keys.iter().flat_map(|need| &need.keys);
        !self.keys.is_empty() && roles.all(|one| *one == role)
    }

    /// Whether its operations share with another account what such a key encrypts.
    pub(super) fn shares(&self, role: KeyRole) -> bool {
        let mut needs = self.keys.iter();
        needs.any(|need| {
            need.keys.contains(&role) && (need.across_accounts || need.id.ends_with("-share"))
        })
    }

    /// What its repository needs of the bucket, if it has one.
    pub(super) fn repository(&self) -> Option<BucketNeed> {
        self.settings.iter().find_map(|need| need.bucket)
    }

    /// The buckets that it names.
    pub(super) fn buckets(&self) -> impl Iterator<Item = &'a str> {
        let requirement = self.requirement;
        requirement
            .resources
            .iter()
            .filter_map(|named| match named {
                NamedResource::Bucket(name) => Some(&**name),
                NamedResource::Key { .. } | NamedResource::Vault(_) => None,
            })
    }

    /// The vaults that it names.
    pub(super) fn vaults(&self) -> impl Iterator<Item = &'a str> {
        let requirement = self.requirement;
        requirement
            .resources
            .iter()
            .filter_map(|named| match named {
                NamedResource::Vault(arn) => Some(&**arn),
                NamedResource::Key { .. } | NamedResource::Bucket(_) => None,
            })
    }

    /// The regions that it names, with what is known of them.
    pub(super) fn regions(&self) -> impl Iterator<Item = (&'a str, &'a crate::resources::Region)> {
        let (requirement, resources) = (self.requirement, self.resources);
        let regions = requirement.regions.iter();
        regions.filter_map(|name| Some((&**name, resources.regions.get(&**name)?)))
    }

    /// A key by its ARN, or by the id that a service calls it by in a region; aliases are not followed.
    pub(super) fn key(&self, name: &str, region: &str) -> Option<(&'a str, &'a Key)> {
        let resources = self.resources;
        if let Some((arn, key)) = resources.keys.get_key_value(name) {
            return Some((arn, key));
        }
        let mut keys = resources.keys.iter();
        keys.find(|(arn, _)| is_called(arn, name, region))
            .map(|(arn, key)| (&**arn, key))
    }

    /// The entries of a policy that let in somebody who is gone. Nobody knows who is gone where the listing is not whole.
    pub(super) fn dead(
        &self,
        resource: &FaultyResource,
        policy: &Reading<PolicyText>,
    ) -> Vec<ResourceFault> {
        match policy.read() {
            Some(policy) => self.dead_in(resource, policy),
            None => Vec::new(),
        }
    }

    /// The same for what may have no policy.
    pub(super) fn dead_if_any(
        &self,
        resource: &FaultyResource,
        policy: &Reading<Option<PolicyText>>,
    ) -> Vec<ResourceFault> {
        match policy.read() {
            Some(Some(policy)) => self.dead_in(resource, policy),
            Some(None) | None => Vec::new(),
        }
    }

    fn dead_in(&self, resource: &FaultyResource, policy: &PolicyText) -> Vec<ResourceFault> {
        let Ok(document) = policy.as_ref() else {
            return Vec::new();
        };
        if !self.inventory.gaps.is_empty() {
            return Vec::new();
        }
        let mut dead = Vec::new();
        for statement in &document.statements {
            let Some(principals) = &statement.principals else {
                continue;
            };
            if statement.effect == Effect::Deny || principals.negated {
                continue;
            }
            for principal in &principals.list {
                let NamedPrincipal::UniqueId(id) = principal else {
                    continue;
                };
                let mut listed = self.inventory.principals.iter();
                if !listed.any(|principal| principal.id == *id) {
                    let kind = ResourceFaultKind::DeadPrincipal(id.clone());
                    dead.push(ResourceFault {
                        resource: resource.clone(),
                        weight: Weight::Notice,
                        kind,
                    });
                }
            }
        }
        dead
    }
}
