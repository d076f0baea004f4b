//! Seen: did an audit look again at what a fault of a resource was about that people were told of?
//!
//! A fault is over only where somebody read the same thing again and did not find it. What was refused leaves it as it was; what the
//! requirement does not lead to any more, or has no use for, nobody looks at.

use iam::inventory::PolicyText;
use iam::{AccountId, Arn};

use super::found_key::{self, FoundKey, KeyTopic, Leads, is_found};
use crate::bind::requirement::Requirement;
use crate::bind::wanted::wanted_of_each_region;
use crate::find::finding::Item;
use crate::judge::resource_faults::fault::{FaultyResource, last_four};
use crate::judge::resource_faults::topic::{Aspect, FaultTopic};
use crate::resources::{Bucket, Key, NamedResource, Region, Resources, Vault};

/// Whether an audit looked again at what a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was read.
    Again,
    /// It was not.
    NotAgain,
    /// The requirement does not lead there any more.
    Gone,
}

/// Whether an audit of an account looked again at what people were told of; `None` for what is about no resource.
pub(super) fn seen(
    told: &Item,
    requirement: &Requirement,
    resources: &Resources,
    account: AccountId,
) -> Option<Seen> {
    let topic = FaultTopic::of(told)?;
    let place = Labelled {
        topic,
        label: &told.place,
        requirement,
        resources,
        account,
    };
    Some(match (place.is_led_to(), place.was_read(topic.aspect())) {
        (Leads::No, _) => Seen::Gone,
        (Leads::Yes, true) => Seen::Again,
        (Leads::Yes, false) | (Leads::Perhaps, _) => Seen::NotAgain,
    })
}

/// A resource by its label, which people were told.
struct Labelled<'a> {
    topic: FaultTopic,
    label: &'a str,
    requirement: &'a Requirement,
    resources: &'a Resources,
    account: AccountId,
}

impl<'a> Labelled<'a> {
    fn is(&self, resource: &FaultyResource) -> bool {
        resource.label() == self.label
    }

    /// Whether each key that it can be was read: two keys of a region may end alike.
    fn has_keys(&self, was_read: fn(&Key) -> bool) -> bool {
        let is_read = |name: &str| {
            let mut keys = self.resources.keys.iter();
            let is_it = |arn: &str| arn == name || arn.ends_with(&format!(":key/{name}"));
            keys.any(|(arn, key)| {
                is_it(arn) && self.is(&FaultyResource::Key(arn.clone())) && was_read(key)
            })
        };
        let may_be = |name: &&str| match Arn::parse(name) {
            Ok(_) => self.is(&FaultyResource::Key((*name).into())),
            Err(_) => self.label.starts_with(&format!("key …{}", last_four(name))),
        };
        let named = self.requirement.resources.iter();
        let named = named.filter_map(|named| match named {
            NamedResource::Key { arn, .. } => Some(&**arn),
            NamedResource::Bucket(_) | NamedResource::Vault(_) => None,
        });
        let all = named.chain(found_key::names(self.requirement, self.resources));
        let mut all = all.filter(may_be).peekable();
        all.peek().is_some() && all.all(is_read)
    }

    fn bucket(&self) -> Option<&'a Bucket> {
        let name = self.label.strip_prefix("bucket ")?;
        self.resources.buckets.get(name)
    }

    /// The ARN of the vault that it is, if the requirement names it.
    fn vault_arn(&self) -> Option<&'a str> {
        let mut named = self.requirement.resources.iter();
        named.find_map(|named| match named {
            NamedResource::Vault(arn) if self.is(&FaultyResource::Vault(arn.clone())) => {
                Some(&**arn)
            }
            NamedResource::Key { .. } | NamedResource::Bucket(_) | NamedResource::Vault(_) => None,
        })
    }

    fn vault(&self) -> Option<&'a Vault> {
        self.resources.vaults.get(self.vault_arn()?)
    }

    /// The region that it is, or that it is an endpoint in, if the requirement names it.
    fn region_name(&self) -> Option<&'a str> {
        let name = match self.label.strip_prefix("endpoint ") {
            Some(endpoint) => endpoint.rsplit_once(" in ").map(|(_, region)| region),
            None => self.label.strip_prefix("region "),
        }?;
        let mut regions = self.requirement.regions.iter();
        regions
            .find(|region| ***region == *name)
            .map(|region| &**region)
    }

    fn region(&self) -> Option<&'a Region> {
        self.resources.regions.get(self.region_name()?)
    }

    /// Whether the requirement leads to it, and has use for what was told of it.
    fn is_led_to(&self) -> Leads {
        if !self.is_wanted() {
            return Leads::No;
        }
        let mut named = self.requirement.resources.iter();
        let is_named = named.any(|named| match named {
            NamedResource::Key { arn, role } => {
                !is_found(*role) && self.is(&FaultyResource::Key(arn.clone()))
            }
            NamedResource::Bucket(name) => self.is(&FaultyResource::Bucket(name.clone())),
            NamedResource::Vault(arn) => self.is(&FaultyResource::Vault(arn.clone())),
        });
        match is_named || self.region_name().is_some() {
            true => Leads::Yes,
            false => self.leads_to_key(),
        }
    }

    /// Whether what was told of it still matters, as far as that hangs on what is declared.
    fn is_wanted(&self) -> bool {
        if self.topic == FaultTopic::KeyNotShareable {
            return !self.requirement.worker_accounts.is_empty();
        }
        // Of another account's vaults AWS does not say which there are.
        if self.topic == FaultTopic::NotThere {
            return self.vault_arn().is_none_or(|arn| self.is_own(arn));
        }
        if self.topic.aspect() == Aspect::Endpoints {
            let was_read = self.was_read(Aspect::Endpoints);
            return was_read || wanted_of_each_region(self.requirement).endpoints;
        }
        true
    }

    fn is_own(&self, arn: &str) -> bool {
        Arn::parse(arn).is_ok_and(|arn| arn.account == self.account.as_str())
    }

    /// Whether it is the key of a vault, a bucket or a region.
    fn leads_to_key(&self) -> Leads {
        let home = self.label.strip_prefix("key …");
        let home = home.and_then(|rest| rest.split_once(" in "));
        let region = home.and_then(|(_, home)| home.split_once(" of "));
        let Some((region, _)) = region else {
            return Leads::No;
        };
        let is_called = |key: &str| {
            let start = format!("key …{}", last_four(key));
            self.label.starts_with(&start)
        };
        let key = FoundKey {
            region,
            is_called: &is_called,
            told: match self.topic == FaultTopic::KeyNotShareable {
                true => KeyTopic::NotShareable,
                false => KeyTopic::State,
            },
        };
        key.is_led_to(self.requirement, self.resources)
    }

    fn was_read(&self, aspect: Aspect) -> bool {
        let bucket = |was_read: fn(&Bucket) -> bool| self.bucket().is_some_and(was_read);
        let region = |was_read: fn(&Region) -> bool| self.region().is_some_and(was_read);
        let metadata = || self.has_keys(|key| key.metadata.read().is_some());
        let description = || {
            let vault = self.vault();
            vault.is_some_and(|vault| vault.description.read().is_some())
        };
        match aspect {
            Aspect::Existence => {
                metadata()
                    || bucket(|one| one.policy.read().is_some())
                    || description()
                    || self.is_listed_vault()
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
            Aspect::Owner => self.resources.own_buckets.read().is_some(),
            Aspect::Description => description(),
            Aspect::Vaults => region(|one| one.vaults.read().is_some()),
            Aspect::Backup => region(|one| one.backup.read().is_some()),
            Aspect::Volumes => region(|one| one.ebs_encryption_by_default.read().is_some()),
            Aspect::Endpoints => region(|one| one.endpoints.read().is_some()),
            Aspect::Status => self.resources.enabled_regions.read().is_some(),
        }
    }

    /// Whether its region lists the vault that it is.
    fn is_listed_vault(&self) -> bool {
        let arn = self.vault_arn().and_then(|arn| Arn::parse(arn).ok());
        arn.is_some_and(|arn| {
            let region = self.resources.regions.get(arn.region);
            let listed = region.and_then(|region| region.vaults.read());
            let name = arn.resource.strip_prefix("backup-vault:");
            name.is_some_and(|name| listed.is_some_and(|listed| listed.contains(name)))
        })
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
        let bucket = self.bucket().and_then(|bucket| bucket.policy.read());
        let vault = self.vault().and_then(|vault| vault.policy.read());
        self.has_keys(|key| key.policy.read().is_some_and(|policy| policy.is_ok()))
            || is_readable(bucket)
            || is_readable(vault)
    }
}
