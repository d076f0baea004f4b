//! Found keys: which keys do operations work with that nobody has to declare?
//!
//! The default key of a region for EBS, the key of a bucket and that of a vault are settings in AWS. In: what was bound, and what is
//! known of the resource side. Out: the same requirements with the checks of these keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use catalog::KeyRole;
use iam::{AccountId, Arn};

use super::found_regions::located;
use super::key_asks::{Keys, add};
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

fn completed(requirement: &Arc<Requirement>, resources: &Resources) -> Arc<Requirement> {
    let Some(asks) = &requirement.key_asks else {
        return Arc::clone(requirement);
    };
    let site = Site {
        requirement,
        asks,
        resources,
    };
    let found: Vec<(KeyAsks, Keys)> = [site.defaults(), site.of_resources()].concat();
    if found.iter().all(|(_, keys)| keys.is_empty()) {
        return Arc::clone(requirement);
    }
    let mut checks = requirement.checks.to_vec();
    let mut named: BTreeSet<NamedResource> = requirement.resources.iter().cloned().collect();
    let declared: BTreeSet<KeyRole> = requirement
        .resources
        .iter()
        .filter_map(|resource| match resource {
            NamedResource::Key { role, .. } => *role,
            NamedResource::Bucket(_) | NamedResource::Vault(_) => None,
        })
        .collect();
    for (asks, keys) in found {
        add(&asks, &keys, &declared, &mut checks);
        for (arn, roles) in keys {
            named.extend(roles.into_iter().map(|role| NamedResource::Key {
                arn: (&*arn).into(),
                role: Some(role),
            }));
        }
    }
    let mut completed = Requirement {
        checks: checks.into(),
        resources: named.into_iter().collect(),
        ..Requirement::clone(requirement)
    };
    completed.count();
    Arc::new(completed)
}

struct Site<'a> {
    requirement: &'a Requirement,
    asks: &'a KeyAsks,
    resources: &'a Resources,
}

impl Site<'_> {
    /// The default keys of the regions. Whether they are used where it depends on that is settled by the region itself.
    fn defaults(&self) -> Vec<(KeyAsks, Keys)> {
        let regions = self.requirement.regions.iter().filter_map(|name| {
            let region = self.resources.regions.get(&**name)?;
            let key = region.ebs_default_key.read()?;
            let arn = self.arn(key, name, self.asks.account)?;
            let asks = match region.ebs_encryption_by_default.read() {
                Some(encrypts) => self.asks.where_volumes_are_encrypted(*encrypts),
                None => self.asks.clone(),
            };
            let keys = self.wanted(&asks, arn, KeyRole::EbsDefault);
            Some((asks, keys.into_iter().collect()))
        });
        regions.collect()
    }

    /// The keys of buckets and vaults.
    fn of_resources(&self) -> Vec<(KeyAsks, Keys)> {
        let mut keys = Keys::new();
        for resource in self.requirement.resources.iter() {
            let found = match resource {
                NamedResource::Key { .. } => None,
                NamedResource::Bucket(name) => self.of_bucket(name),
                NamedResource::Vault(arn) => self.of_vault(arn),
            };
            let wanted = found.and_then(|(arn, role)| self.wanted(self.asks, arn, role));
            if let Some((arn, roles)) = wanted {
                keys.entry(arn).or_default().extend(roles);
            }
        }
        vec![(self.asks.clone(), keys)]
    }

    fn of_bucket(&self, name: &str) -> Option<(Arc<str>, KeyRole)> {
        let bucket = self.resources.buckets.get(name)?;
        let encryption = bucket.encryption.read()?.as_ref()?;
        let region = bucket.region.read().map_or("", |region| &**region);
        let key = encryption.key.as_deref()?;
        let arn = self.arn(key, region, self.asks.account)?;
        Some((arn, KeyRole::Bucket))
    }

    fn of_vault(&self, arn: &str) -> Option<(Arc<str>, KeyRole)> {
        let vault = self.resources.vaults.get(arn)?;
        let key = vault.description.read()?.key.as_deref()?;
        let vault = Arn::parse(arn).ok()?;
        let account = vault.account.parse().ok()?;
        Some((self.arn(key, vault.region, account)?, KeyRole::Vault))
    }

    /// The ARN of a key that is said by its ARN or id. Which key an alias stands for is not known here.
    fn arn(&self, key: &str, region: &str, account: AccountId) -> Option<Arc<str>> {
        if let Ok(parsed) = Arn::parse(key) {
            return parsed.resource.starts_with("key/").then(|| key.into());
        }
        let partition = self.partition();
        let is_whole = !key.contains('/') && !region.is_empty();
        is_whole.then(|| format!("arn:{partition}:kms:{region}:{account}:key/{key}").into())
    }

    /// As the ARNs of the requirement have it.
    fn partition(&self) -> &str {
        let resources = self.requirement.questions().map(|one| &*one.resource);
        let mut known = resources.filter_map(|arn| Some(Arn::parse(arn).ok()?.partition));
        known.next().unwrap_or("aws")
    }

    /// The key, where something is asked of it. A key that AWS manages serves its service whatever identity policies say; where nobody
    /// knows whether it is one, nothing is asked.
    fn wanted(
        &self,
        asks: &KeyAsks,
        arn: Arc<str>,
        role: KeyRole,
    ) -> Option<(Arc<str>, BTreeSet<KeyRole>)> {
        let key = self.resources.keys.get(&*arn)?;
        let is_customers = match key.metadata.read() {
            Some(metadata) => &*metadata.manager != "AWS",
            None => key.policy.read().is_some(),
        };
        (is_customers && asks.is_about(role)).then(|| (arn, [role].into()))
    }
}
