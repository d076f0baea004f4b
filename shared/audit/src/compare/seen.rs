//! Sight: did an audit look again at what a fault was about that people were told of?
//!
//! A fault is over only where somebody read the same thing again and did not find it. What was refused leaves it as it was.

use iam::inventory::PolicyText;

use super::fault::FaultyResource;
use super::topic::{Aspect, FaultTopic};
use crate::bind::requirement::Requirement;
use crate::find::finding::Item;
use crate::resources::{Bucket, Key, NamedResource, Reading, Region, Resources, Vault};

/// How well an audit saw what a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It was read.
    Seen,
    /// It was not.
    Unseen,
    /// The requirement does not lead there any more.
    Gone,
}

/// How well an audit saw what people were told; `None` for what is about no resource.
pub(crate) fn sight(
    told: &Item,
    requirement: &Requirement,
    resources: &Resources,
) -> Option<Sight> {
    let topic = FaultTopic::of(told)?;
    let place = Told {
        place: &told.place,
        requirement,
        resources,
    };
    Some(match (place.is_led_to(), place.was_read(topic.aspect())) {
        (false, _) => Sight::Gone,
        (true, true) => Sight::Seen,
        (true, false) => Sight::Unseen,
    })
}

/// A resource by its label, which people were told.
struct Told<'a> {
    place: &'a str,
    requirement: &'a Requirement,
    resources: &'a Resources,
}

impl<'a> Told<'a> {
    fn is(&self, resource: &FaultyResource) -> bool {
        resource.label() == self.place
    }

    fn key(&self) -> Option<&'a Key> {
        let mut keys = self.resources.keys.iter();
        let key = keys.find(|(arn, _)| self.is(&FaultyResource::Key((*arn).clone())));
        key.map(|(_, key)| key)
    }

    fn bucket(&self) -> Option<&'a Bucket> {
        let name = self.place.strip_prefix("bucket ")?;
        self.resources.buckets.get(name)
    }

    fn vault(&self) -> Option<&'a Vault> {
        let mut vaults = self.resources.vaults.iter();
        let vault = vaults.find(|(arn, _)| self.is(&FaultyResource::Vault((*arn).clone())));
        vault.map(|(_, vault)| vault)
    }

    /// The region that it is, or that it is an endpoint in, if the requirement names it.
    fn region_name(&self) -> Option<&'a str> {
        let name = match self.place.strip_prefix("endpoint ") {
            Some(endpoint) => endpoint.rsplit_once(" in ").map(|(_, region)| region),
            None => self.place.strip_prefix("region "),
        }?;
        let mut regions = self.requirement.regions.iter();
        regions
            .find(|region| ***region == *name)
            .map(|region| &**region)
    }

    fn region(&self) -> Option<&'a Region> {
        self.resources.regions.get(self.region_name()?)
    }

    /// Whether the requirement names it, or may lead to it by what was not read.
    fn is_led_to(&self) -> bool {
        let mut named = self.requirement.resources.iter();
        named.any(|named| match named {
            NamedResource::Key { arn, .. } => self.is(&FaultyResource::Key(arn.clone())),
            NamedResource::Bucket(name) => self.is(&FaultyResource::Bucket(name.clone())),
            NamedResource::Vault(arn) => self.is(&FaultyResource::Vault(arn.clone())),
        }) || self.region_name().is_some()
            || (self.place.starts_with("key ") && self.leads_to_key())
    }

    /// Whether it may be the key of a vault, a bucket or a region.
    fn leads_to_key(&self) -> bool {
        let resources = self.resources;
        let mut named = self.requirement.resources.iter();
        let mut regions = self.requirement.regions.iter();
        named.any(|named| match named {
            NamedResource::Key { .. } => false,
            NamedResource::Bucket(name) => {
                let bucket = resources.buckets.get(name);
                self.may_be(bucket.map(|bucket| &bucket.encryption), |encryption| {
                    encryption.as_ref().and_then(|one| one.key.as_deref())
                })
            }
            NamedResource::Vault(arn) => {
                let vault = resources.vaults.get(arn);
                self.may_be(vault.map(|vault| &vault.description), |description| {
                    description.key.as_deref()
                })
            }
        }) || regions.any(|name| {
            let region = resources.regions.get(&**name);
            self.may_be(region.map(|region| &region.ebs_default_key), |key| {
                Some(key)
            }) || region.is_some_and(|region| {
                let mut sources = region.source_keys.values();
                sources.any(|keys| {
                    self.may_be(Some(keys), |keys| {
                        let mut keys = keys.iter().map(AsRef::as_ref);
                        keys.find(|key| self.is_called(key))
                    })
                })
            })
        })
    }

    /// Whether a key that was read is it; one that nobody read may be.
    fn may_be<T>(
        &self,
        reading: Option<&'a Reading<T>>,
        key: impl Fn(&'a T) -> Option<&'a str>,
    ) -> bool {
        match reading {
            Some(Reading::Read(value)) => key(value).is_some_and(|key| self.is_called(key)),
            Some(Reading::NotRead | Reading::Refused(_)) | None => true,
        }
    }

    /// Whether a service that calls a key so may mean it.
    fn is_called(&self, key: &str) -> bool {
        let end = key.get(key.len().saturating_sub(4)..).unwrap_or(key);
        self.place.starts_with(&format!("key …{end}"))
    }

    fn was_read(&self, aspect: Aspect) -> bool {
        let bucket = |was_read: fn(&Bucket) -> bool| self.bucket().is_some_and(was_read);
        let region = |was_read: fn(&Region) -> bool| self.region().is_some_and(was_read);
        let metadata = || self.key().is_some_and(|key| key.metadata.read().is_some());
        match aspect {
            Aspect::Existence => {
                metadata()
                    || bucket(|one| one.policy.read().is_some())
                    || self
                        .vault()
                        .is_some_and(|vault| vault.description.read().is_some())
            }
            Aspect::Metadata => metadata(),
            Aspect::MetadataAndBucketRegions => metadata() && self.has_bucket_regions(),
            Aspect::Policy => self.has_policy(),
            Aspect::Encryption => bucket(|one| one.encryption.read().is_some()),
            Aspect::Versions => bucket(|one| one.versioning.read().is_some()),
            Aspect::Lock => bucket(|one| one.object_lock.read().is_some()),
            Aspect::VersionsAndLock => {
                bucket(|one| one.versioning.read().is_some() && one.object_lock.read().is_some())
            }
            Aspect::Lifecycle => bucket(|one| one.lifecycle.read().is_some()),
            Aspect::Replication => bucket(|one| one.replicates.read().is_some()),
            Aspect::Payer => {
                self.resources.own_buckets.read().is_some()
                    && bucket(|one| one.requester_pays.read().is_some())
            }
            Aspect::Description => self
                .vault()
                .is_some_and(|vault| vault.description.read().is_some()),
            Aspect::Vaults => region(|one| one.vaults.read().is_some()),
            Aspect::Backup => region(|one| one.backup.read().is_some()),
            Aspect::Volumes => region(|one| one.ebs_encryption_by_default.read().is_some()),
            Aspect::Endpoints => region(|one| one.endpoints.read().is_some()),
            Aspect::Status => self.resources.enabled_regions.read().is_some(),
        }
    }

    fn has_bucket_regions(&self) -> bool {
        let mut named = self.requirement.resources.iter();
        named.all(|named| match named {
            NamedResource::Bucket(name) => {
                let bucket = self.resources.buckets.get(name);
                bucket.is_some_and(|bucket| bucket.region.read().is_some())
            }
            NamedResource::Key { .. } | NamedResource::Vault(_) => true,
        })
    }

    fn has_policy(&self) -> bool {
        let is_readable = |policy: Option<&Option<PolicyText>>| {
            policy.is_some_and(|policy| policy.as_ref().is_none_or(|policy| policy.is_ok()))
        };
        let key = self.key().and_then(|key| key.policy.read());
        let bucket = self.bucket().and_then(|bucket| bucket.policy.read());
        let vault = self.vault().and_then(|vault| vault.policy.read());
        key.is_some_and(|policy| policy.is_ok()) || is_readable(bucket) || is_readable(vault)
    }
}
