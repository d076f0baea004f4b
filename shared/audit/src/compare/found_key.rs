//! Found keys: does a requirement still lead to a key that nobody declared?
//!
//! The key of a bucket, that of a vault and the default key of a region for EBS are settings in AWS. In: a requirement, what was read of
//! the resource side, and a key. Out: whether a setting names the key. One that was not read may name any key of its region.

use catalog::KeyRole;
use iam::Arn;

use crate::bind::requirement::Requirement;
use crate::bind::wanted::wanted_of_each_region;
use crate::resources::{NamedResource, Reading, Region, Resources};

/// Whether a setting names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leads {
    /// All settings were read, and none does.
    No,
    /// One was not read.
    Perhaps,
    /// One does.
    Yes,
}

/// A key that somebody was told of.
pub(super) struct FoundKey<'k> {
    /// The region that it is in.
    pub(super) region: &'k str,
    /// Whether a service that calls a key so may mean it.
    pub(super) is_called: &'k dyn Fn(&str) -> bool,
    /// What people were told of it.
    pub(super) told: KeyTopic,
}

/// What people were told of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyTopic {
    /// Requests on it are denied.
    Denied,
    /// It cannot be shared with the accounts of workers.
    NotShareable,
    /// Its state or its kind.
    State,
}

/// What settings call the keys that they name, used or not: ARNs, ids and aliases.
pub(super) fn names<'a>(
    requirement: &Requirement,
    resources: &'a Resources,
) -> impl Iterator<Item = &'a str> {
    let named = requirement.resources.iter();
    let of_named = named.filter_map(|named| match named {
        NamedResource::Key { .. } => None,
        NamedResource::Bucket(name) => {
            let encryption = resources.buckets.get(name)?.encryption.read()?;
            encryption.as_ref()?.key.as_deref()
        }
        NamedResource::Vault(arn) => resources
            .vaults
            .get(arn)?
            .description
            .read()?
            .key
            .as_deref(),
    });
    let regions = requirement.regions.iter();
    let regions = regions.filter_map(|region| resources.regions.get(&**region));
    let of_regions = regions.flat_map(|region| {
        let sources = region.source_keys.values().filter_map(Reading::read);
        let default = region.ebs_default_key.read().map(|key| &**key);
        default
            .into_iter()
            .chain(sources.flatten().map(|key| &**key))
    });
    of_named.chain(of_regions)
}

/// Whether a key is named because a setting led to it, and nobody declared it.
pub(super) fn is_found(role: Option<KeyRole>) -> bool {
    match role {
        Some(KeyRole::EbsDefault | KeyRole::Bucket | KeyRole::Vault) => true,
        Some(KeyRole::Source | KeyRole::Target | KeyRole::Repository) | None => false,
    }
}

impl FoundKey<'_> {
    /// Whether a requirement leads to it.
    pub(super) fn is_led_to(&self, requirement: &Requirement, resources: &Resources) -> Leads {
        let named = requirement.resources.iter();
        let of_named = named.map(|named| match named {
            NamedResource::Key { .. } => Leads::No,
            NamedResource::Bucket(name) => self.of_bucket(name, resources),
            NamedResource::Vault(arn) => self.of_vault(arn, resources),
        });
        let mut regions = requirement.regions.iter();
        let region = regions.any(|region| **region == *self.region);
        let of_region = region.then(|| {
            let region = resources.regions.get(self.region);
            let default = self.of_default(requirement, region);
            default.max(self.of_sources(requirement, region))
        });
        of_named.chain(of_region).max().unwrap_or(Leads::No)
    }

    fn of_bucket(&self, name: &str, resources: &Resources) -> Leads {
        let Some(bucket) = resources.buckets.get(name) else {
            return Leads::Perhaps;
        };
        // S3 encrypts with keys of the bucket's region only.
        let is_elsewhere = bucket
            .region
            .read()
            .is_some_and(|one| **one != *self.region);
        match is_elsewhere {
            true => Leads::No,
            false => self.of_reading(Some(&bucket.encryption), |encryption| {
                encryption.as_ref().and_then(|one| one.key.as_deref())
            }),
        }
    }

    fn of_vault(&self, arn: &str, resources: &Resources) -> Leads {
        if Arn::parse(arn).is_ok_and(|arn| arn.region != self.region) {
            return Leads::No;
        }
        let vault = resources.vaults.get(arn);
        self.of_reading(vault.map(|vault| &vault.description), |description| {
            description.key.as_deref()
        })
    }

    /// Whether it is the default key of its region, and that is used.
    fn of_default(&self, requirement: &Requirement, region: Option<&Region>) -> Leads {
        let is_read = region.is_some_and(|region| region.ebs_default_key.read().is_some());
        if !is_read && !wanted_of_each_region(requirement).volumes {
            return Leads::No;
        }
        let names = self.of_reading(region.map(|region| &region.ebs_default_key), |key| {
            Some(key)
        });
        // Workers of another account encrypt with it, whatever is set for new volumes.
        let is_of_workers =
            self.told != KeyTopic::Denied && !requirement.worker_accounts.is_empty();
        let encrypts = region.map(|region| &region.ebs_encryption_by_default);
        match encrypts {
            _ if is_of_workers => names,
            Some(Reading::Read(true)) => names,
            Some(Reading::Read(false)) => Leads::No,
            Some(Reading::NotRead | Reading::Refused(_)) | None => names.min(Leads::Perhaps),
        }
    }

    /// Whether something that is backed up is encrypted with it. That matters only where workers of another account read it.
    fn of_sources(&self, requirement: &Requirement, region: Option<&Region>) -> Leads {
        if self.told != KeyTopic::NotShareable || requirement.worker_accounts.is_empty() {
            return Leads::No;
        }
        let wanted = wanted_of_each_region(requirement).sources;
        let kinds = wanted.into_iter().map(|kind| {
            let keys = region.and_then(|region| region.source_keys.get(&kind));
            self.of_reading(keys, |keys| {
                let mut keys = keys.iter().map(AsRef::as_ref);
                keys.find(|key| (self.is_called)(key))
            })
        });
        kinds.max().unwrap_or(Leads::No)
    }

    fn of_reading<'a, T>(
        &self,
        reading: Option<&'a Reading<T>>,
        key: impl Fn(&'a T) -> Option<&'a str>,
    ) -> Leads {
        match reading {
            Some(Reading::Read(value)) if key(value).is_some_and(|key| (self.is_called)(key)) => {
                Leads::Yes
            }
            Some(Reading::Read(_)) => Leads::No,
            Some(Reading::NotRead | Reading::Refused(_)) | None => Leads::Perhaps,
        }
    }
}
