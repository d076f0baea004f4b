//! Found keys: which keys do operations work with that nobody has to declare?
//!
//! The default key of a region for EBS, the key of a bucket and that of a vault are settings in AWS. In: what was bound, and what is
//! known of the resource side. Out: the same requirements with the checks of these keys.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use catalog::KeyRole;
use iam::{AccountId, Arn};

use super::found_regions::located;
use super::key_asks::{add, settle};
use crate::bind::requirement::{Bound, KeyAsks, Requirement};
use crate::resources::{NamedResource, Resources};

/// Adds to each requirement the checks of keys that the resource side names, and puts those of buckets in their regions.
pub(crate) fn complete(bound: &mut Bound, resources: &Resources) {
    let mut known: HashMap<*const Requirement, Arc<Requirement>> = HashMap::new();
    let mut shared: HashMap<*const Arc<Requirement>, Arc<[Arc<Requirement>]>> = HashMap::new();
    // The old lists are kept until the end, so that no address is given out twice.
    let mut old = Vec::with_capacity(bound.subjects.len());
    for subject in &mut bound.subjects {
        let list = shared
            .entry(subject.requirements.as_ptr())
            .or_insert_with(|| {
                let all =
                    subject.requirements.iter().map(|requirement| {
                        let known = known.entry(Arc::as_ptr(requirement));
                        Arc::clone(known.or_insert_with(|| {
                            completed(&located(requirement, resources), resources)
                        }))
                    });
                all.collect()
            });
        old.push(std::mem::replace(
            &mut subject.requirements,
            Arc::clone(list),
        ));
    }
}

/// Whether the key of each operation is known that works with one: it was declared, or what leads to it was read, wherever it can be.
/// Where a key is one that AWS manages, or there is none, that is known as well.
pub(crate) fn are_known(requirement: &Requirement, resources: &Resources) -> bool {
    let Some(asks) = &requirement.key_asks else {
        return true;
    };
    let sources = KeySources {
        requirement,
        asks,
        resources,
    };
    let (places, declared) = (sources.places(), sources.declared());
    let mut roles = KeyRole::ALL.iter();
    roles.all(|role| {
        let mut of_role = places.iter().filter(|place| place.role == *role);
        match role {
            KeyRole::EbsDefault if !requirement.regions.is_empty() => {
                of_role.all(|place| place.key != FoundKey::Unknown)
            }
            KeyRole::EbsDefault => !asks.works_with(*role),
            KeyRole::Bucket | KeyRole::Vault => {
                !asks.works_with(*role)
                    || (of_role.clone().next().is_some()
                        && of_role.all(|place| place.key != FoundKey::Unknown))
            }
            KeyRole::Source | KeyRole::Target | KeyRole::Repository => {
                !asks.works_with(*role) || declared.values().flatten().any(|one| one == role)
            }
        }
    })
}

/// Whether the settings that lead to one of the keys could not be read, so that any key may be it.
pub(crate) fn has_unknown(requirement: &Requirement, resources: &Resources) -> bool {
    let mut asks = requirement.key_asks.iter();
    asks.any(|asks| {
        let sources = KeySources {
            requirement,
            asks,
            resources,
        };
        let mut places = sources.places().into_iter();
        places.any(|place| place.key == FoundKey::Unknown)
    })
}

/// Whether the keys of declared vaults are known: read with the vault, or that there is none whose policy decides.
pub(crate) fn are_known_of_vaults(requirement: &Requirement, resources: &Resources) -> bool {
    let places = requirement.key_asks.iter().flat_map(|asks| {
        let sources = KeySources {
            requirement,
            asks,
            resources,
        };
        sources.places()
    });
    let mut of_vaults = places.filter(|place| place.role == KeyRole::Vault);
    of_vaults.all(|place| place.key != FoundKey::Unknown)
}

fn completed(requirement: &Arc<Requirement>, resources: &Resources) -> Arc<Requirement> {
    let Some(asks) = &requirement.key_asks else {
        return Arc::clone(requirement);
    };
    let sources = KeySources {
        requirement,
        asks,
        resources,
    };
    let (places, declared) = (sources.places(), sources.declared());
    // What one key is to all operations is added at once.
    let mut found: BTreeMap<Arc<str>, (&KeyAsks, BTreeSet<KeyRole>)> = BTreeMap::new();
    for place in &places {
        let FoundKey::Customers(arn) = &place.key else {
            continue;
        };
        let (asks, roles) = found.entry(Arc::clone(arn)).or_insert_with(|| {
            let roles = declared.get(&**arn).cloned().unwrap_or_default();
            (sources.asks, roles)
        });
        if place.role == KeyRole::EbsDefault {
            *asks = &place.asks;
        }
        roles.insert(place.role);
    }
    if found.is_empty() {
        return Arc::clone(requirement);
    }
    let mut checks = requirement.checks.to_vec();
    let mut named: BTreeSet<NamedResource> = requirement.resources.iter().cloned().collect();
    let all: Vec<&KeyAsks> = places.iter().map(|place| &*place.asks).collect();
    let needed = settle(&all, &known(&places, &declared), &mut checks);
    for (arn, (asks, roles)) in found {
        named.extend(roles.iter().map(|role| NamedResource::Key {
            arn: (&*arn).into(),
            role: Some(*role),
        }));
        add(asks, &[(arn, roles)].into(), &needed, &mut checks);
    }
    let mut completed = Requirement {
        checks: checks.into(),
        resources: named.into_iter().collect(),
        ..Requirement::clone(requirement)
    };
    completed.count();
    Arc::new(completed)
}

/// The roles of which each key is known: those that are declared, and those that were found in each of their places.
fn known(
    places: &[Pointer<'_>],
    declared: &BTreeMap<&str, BTreeSet<KeyRole>>,
) -> BTreeSet<KeyRole> {
    let has = |role: KeyRole, wanted: fn(&FoundKey) -> bool| {
        let mut of_role = places.iter().filter(|place| place.role == role);
        of_role.any(|place| wanted(&place.key))
    };
    let found = KeyRole::ALL.iter().copied().filter(|role| {
        has(*role, |key| matches!(key, FoundKey::Customers(_)))
            && !has(*role, |key| *key == FoundKey::Unknown)
    });
    found.chain(declared.values().flatten().copied()).collect()
}

/// A setting that can name a key with which operations work.
struct Pointer<'a> {
    role: KeyRole,
    /// What is asked of keys there.
    asks: Cow<'a, KeyAsks>,
    key: FoundKey,
}

/// The key of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FoundKey {
    /// A customer's, by its ARN.
    Customers(Arc<str>),
    /// None whose policy decides: nothing is encrypted, no operation takes place with it, or AWS manages it. Such a key serves its
    /// service whatever identity policies say.
    Nobodys,
    /// Not known which, or whose it is.
    Unknown,
}

struct KeySources<'a> {
    requirement: &'a Requirement,
    asks: &'a KeyAsks,
    resources: &'a Resources,
}

impl<'a> KeySources<'a> {
    fn declared(&self) -> BTreeMap<&'a str, BTreeSet<KeyRole>> {
        let mut declared: BTreeMap<&str, BTreeSet<KeyRole>> = BTreeMap::new();
        for named in self.requirement.resources.iter() {
            if let NamedResource::Key {
                arn,
                role: Some(role),
            } = named
            {
                declared.entry(arn).or_default().insert(*role);
            }
        }
        declared
    }

    fn places(&self) -> Vec<Pointer<'a>> {
        let regions = self.requirement.regions.iter();
        let defaults = regions.map(|region| self.default(region));
        let resources = self.requirement.resources.iter();
        let of_resources = resources.filter_map(|resource| {
            let (role, key) = match resource {
                NamedResource::Key { .. } => return None,
                NamedResource::Bucket(name) => (KeyRole::Bucket, self.of_bucket(name)),
                NamedResource::Vault(arn) => (KeyRole::Vault, self.of_vault(arn)),
            };
            Some(Pointer {
                role,
                key: self.wanted(self.asks, role, key),
                asks: Cow::Borrowed(self.asks),
            })
        });
        defaults.chain(of_resources).collect()
    }

    /// The default key of a region. Whether it is used where it depends on that is settled by the region itself.
    fn default(&self, name: &str) -> Pointer<'a> {
        let region = self.resources.regions.get(name);
        let asks = match region.and_then(|region| region.ebs_encryption_by_default.read()) {
            Some(true) => Cow::Owned(self.asks.where_volumes_are_encrypted()),
            Some(false) => Cow::Owned(self.asks.where_volumes_are_not_encrypted()),
            None => Cow::Borrowed(self.asks),
        };
        let key = region.and_then(|region| region.ebs_default_key.read());
        let key = key.map_or(FoundKey::Unknown, |key| {
            self.key(key, name, self.asks.account)
        });
        Pointer {
            role: KeyRole::EbsDefault,
            key: self.wanted(&asks, KeyRole::EbsDefault, key),
            asks,
        }
    }

    fn of_bucket(&self, name: &str) -> FoundKey {
        let Some(bucket) = self.resources.buckets.get(name) else {
            return FoundKey::Unknown;
        };
        let region = bucket.region.read().map_or("", |region| &**region);
        match bucket.encryption.read() {
            None => FoundKey::Unknown,
            Some(encryption) => match encryption.as_ref().and_then(|one| one.key.as_deref()) {
                None => FoundKey::Nobodys,
                Some(key) => self.key(key, region, self.asks.account),
            },
        }
    }

    fn of_vault(&self, arn: &str) -> FoundKey {
        let vault = self.resources.vaults.get(arn);
        let Some(description) = vault.and_then(|vault| vault.description.read()) else {
            return FoundKey::Unknown;
        };
        let Some(key) = description.key.as_deref() else {
            return FoundKey::Nobodys;
        };
        let vault = Arn::parse(arn).ok();
        let place = vault.and_then(|arn| Some((arn.region, arn.account.parse().ok()?)));
        place.map_or(FoundKey::Unknown, |(region, account)| {
            self.key(key, region, account)
        })
    }

    /// A key that is said by its ARN, id or alias. Which key an alias stands for is known only of those of AWS.
    fn key(&self, key: &str, region: &str, account: AccountId) -> FoundKey {
        let arn: Arc<str> = match Arn::parse(key) {
            Ok(parsed) if parsed.resource.starts_with("key/") => key.into(),
            Ok(parsed) if parsed.resource.starts_with(OF_AWS) => return FoundKey::Nobodys,
            Ok(_) => return FoundKey::Unknown,
            Err(_) if key.starts_with(OF_AWS) => return FoundKey::Nobodys,
            Err(_) if key.contains('/') || region.is_empty() => return FoundKey::Unknown,
            Err(_) => {
                let partition = self.partition();
                format!("arn:{partition}:kms:{region}:{account}:key/{key}").into()
            }
        };
        let Some(known) = self.resources.keys.get(&*arn) else {
            return FoundKey::Unknown;
        };
        match known.metadata.read() {
            Some(metadata) if &*metadata.manager == "AWS" => FoundKey::Nobodys,
            Some(_) => FoundKey::Customers(arn),
            None if known.policy.read().is_some() => FoundKey::Customers(arn),
            None => FoundKey::Unknown,
        }
    }

    /// As the ARNs of the requirement have it.
    fn partition(&self) -> &str {
        let resources = self.requirement.questions().map(|one| &*one.resource);
        let mut known = resources.filter_map(|arn| Some(Arn::parse(arn).ok()?.partition));
        known.next().unwrap_or("aws")
    }

    /// The key, where an operation takes place with it.
    fn wanted(&self, asks: &KeyAsks, role: KeyRole, key: FoundKey) -> FoundKey {
        match asks.works_with(role) {
            true => key,
            false => FoundKey::Nobodys,
        }
    }
}

/// How the names begin of keys that AWS manages.
const OF_AWS: &str = "alias/aws/";
