//! Checked: which of the policies that decide a requirement's requests besides did nobody look at?
//!
//! In: a requirement, and what was read of the resource side. Out: the policies that were not looked at, or not wherever they decide:
//! a policy counts only with the state and the settings of each of its resources.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use iam::evaluate::{account_of, is_covered_by_rcps};
use iam::policy::Effect;
use iam::{AccountId, Arn, Question};

use crate::bind::found_keys;
use crate::bind::requirement::{Need, Requirement, ResourcePolicy};
use crate::judge::assessment::Readings;
use crate::judge::resource_side::passing::Passed;
use crate::judge::resource_side::{vaults, workers};
use crate::resources::{Bucket, Key, NamedPolicy, NamedResource, Reading, Resources, Vault};

/// The policies that nobody looked at, by requirement.
pub(crate) struct NotChecked<'a> {
    resources: &'a Resources,
    account: AccountId,
    known: HashMap<usize, Arc<[ResourcePolicy]>>,
}

impl<'a> NotChecked<'a> {
    pub(crate) fn new(resources: &'a Resources, account: AccountId) -> Self {
        Self {
            resources,
            account,
            known: HashMap::new(),
        }
    }

    /// Those of a requirement, sorted.
    pub(crate) fn of(&mut self, requirement: &Arc<Requirement>) -> Arc<[ResourcePolicy]> {
        let looking = Looking {
            requirement,
            resources: self.resources,
            account: self.account,
        };
        let known = self.known.entry(Arc::as_ptr(requirement).addr());
        let found = known.or_insert_with(|| {
            // Whether requests pass endpoints hangs on what was read.
            let unread = requirement.unread.iter().copied();
            let unread = unread.chain([ResourcePolicy::Endpoint, ResourcePolicy::EnabledRegions]);
            let of_vaults = vaults::uses_keys_of_vaults(requirement);
            let unread = unread.chain(of_vaults.then_some(ResourcePolicy::Key));
            let lacking: BTreeSet<_> = unread.filter(|one| !looking.is_checked(*one)).collect();
            lacking.into_iter().collect()
        });
        Arc::clone(found)
    }
}

struct Looking<'a> {
    requirement: &'a Requirement,
    resources: &'a Resources,
    account: AccountId,
}

impl Looking<'_> {
    fn is_checked(&self, policy: ResourcePolicy) -> bool {
        match policy {
            ResourcePolicy::Bucket | ResourcePolicy::Vault => {
                self.names(policy) && self.has_read_all(policy)
            }
            // No action asks for a key: those of vaults are used by AWS Backup itself.
            ResourcePolicy::Key if !self.requirement.unread.contains(&policy) => {
                self.has_read_all(policy)
                    && found_keys::are_known_of_vaults(self.requirement, self.resources)
            }
            ResourcePolicy::Key => {
                self.has_read_all(policy)
                    && found_keys::are_known(self.requirement, self.resources)
                    && (self.names(policy) || !self.asks_of_any_key())
            }
            ResourcePolicy::Endpoint => {
                let passed = Passed::by(self.requirement, self.resources);
                let mut regions = passed.regions.iter();
                let of_workers = workers::endpoints(self.requirement, self.resources);
                passed.is_whole
                    && of_workers.iter().all(|one| one.policy.is_some())
                    && regions
                        .all(|region| how_read_endpoints(region, self.resources) == HowRead::Read)
            }
            // A file that has no such list says so once, for the whole audit.
            ResourcePolicy::EnabledRegions => {
                let is_refused = matches!(self.resources.enabled_regions, Reading::Refused(_));
                self.requirement.regions.is_empty() || !is_refused
            }
            ResourcePolicy::ResourceControl => {
                // Those above another account nobody can read.
                !self.reaches_another_account() && self.has_read_resource_control()
            }
        }
    }

    fn named(&self, policy: ResourcePolicy) -> impl Iterator<Item = &NamedResource> {
        let named = self.requirement.resources.iter();
        named.filter(move |named| policy_of(named) == policy)
    }

    fn names(&self, policy: ResourcePolicy) -> bool {
        self.named(policy).next().is_some()
    }

    fn has_read_all(&self, policy: ResourcePolicy) -> bool {
        let mut named = self.named(policy);
        named.all(|named| reading(named, self.resources, self.account) == HowRead::Read)
    }

    /// Whether an action on keys is needed of which nobody knows on which key.
    fn asks_of_any_key(&self) -> bool {
        let mut checks = self.requirement.checks.iter();
        checks.any(|check| {
            let mut actions = check.question.actions.iter().zip(check.needs.iter());
            &*check.question.resource == "*"
                && actions.any(|(action, need)| {
                    *need == Need::Required
                        && ResourcePolicy::of(action) == Some(ResourcePolicy::Key)
                })
        })
    }

    fn has_read_resource_control(&self) -> bool {
        match &self.resources.organization {
            Reading::Read(None) => true,
            Reading::Read(Some(organization)) => {
                let is_of_management = organization.management_account == Some(self.account);
                let levels = organization.resource_control.read();
                // They are decided for declared resources; where none of them denies, nothing is left to decide.
                let is_whole = organization.refused_resource_control.is_empty();
                is_of_management
                    || (is_whole && levels.is_some_and(|levels| !denies(levels)))
                    || (is_whole && levels.is_some() && self.names_all())
            }
            Reading::NotRead | Reading::Refused(_) => false,
        }
    }

    /// The questions about what RCPs restrict.
    fn restricted(&self) -> impl Iterator<Item = &Question> {
        let questions = self.requirement.questions();
        questions.filter(|question| question.actions.iter().any(is_covered_by_rcps))
    }

    /// Whether each request that RCPs restrict is about a resource that was declared.
    fn names_all(&self) -> bool {
        self.restricted().all(|question| &*question.resource != "*")
    }

    fn reaches_another_account(&self) -> bool {
        let mut restricted = self.restricted();
        restricted.any(|question| match Arn::parse(&question.resource) {
            Ok(arn) if arn.service == "s3" => {
                let bucket = arn.resource.split('/').next().unwrap_or_default();
                let own = self.resources.own_buckets.read();
                own.is_some_and(|own| !own.contains(bucket))
            }
            Ok(arn) => arn
                .account
                .parse()
                .is_ok_and(|account: AccountId| account != self.account),
            Err(_) => false,
        })
    }
}

fn denies(levels: &[Vec<NamedPolicy>]) -> bool {
    let mut policies = levels.iter().flatten();
    policies.any(|policy| match &*policy.document {
        Ok(document) => {
            let mut statements = document.statements.iter();
            statements.any(|statement| statement.effect == Effect::Deny)
        }
        Err(_) => true,
    })
}

/// How well a resource was seen: its policy, and the state or settings that decide besides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HowRead {
    Read,
    Refused,
    NotRead,
}

impl HowRead {
    pub(super) fn of<T>(reading: &Reading<T>) -> Self {
        match reading {
            Reading::Read(_) => Self::Read,
            Reading::Refused(_) => Self::Refused,
            Reading::NotRead => Self::NotRead,
        }
    }

    /// What was refused outweighs what nobody asked for, and either outweighs what was read.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refused, _) | (_, Self::Refused) => Self::Refused,
            (Self::NotRead, _) | (_, Self::NotRead) => Self::NotRead,
            (Self::Read, Self::Read) => Self::Read,
        }
    }

    pub(super) fn count(self, readings: &mut Readings) {
        match self {
            Self::Read => readings.read += 1,
            Self::Refused => readings.refused += 1,
            Self::NotRead => readings.not_read += 1,
        }
    }
}

fn policy_of(named: &NamedResource) -> ResourcePolicy {
    match named {
        NamedResource::Key { .. } => ResourcePolicy::Key,
        NamedResource::Bucket(_) => ResourcePolicy::Bucket,
        NamedResource::Vault(_) => ResourcePolicy::Vault,
    }
}

pub(super) fn reading(named: &NamedResource, resources: &Resources, account: AccountId) -> HowRead {
    match named {
        NamedResource::Key { arn, .. } => {
            let of_key = |key| how_read_key(arn, key, account);
            resources.keys.get(arn).map_or(HowRead::NotRead, of_key)
        }
        NamedResource::Bucket(name) => {
            let bucket = resources.buckets.get(name);
            bucket.map_or(HowRead::NotRead, how_read_bucket)
        }
        NamedResource::Vault(arn) => {
            let of_vault =
                |vault: &Vault| HowRead::of(&vault.policy).and(HowRead::of(&vault.description));
            resources.vaults.get(arn).map_or(HowRead::NotRead, of_vault)
        }
    }
}

/// How well the endpoints of a region were seen.
pub(super) fn how_read_endpoints(region: &str, resources: &Resources) -> HowRead {
    let region = resources.regions.get(region);
    region.map_or(HowRead::NotRead, |region| HowRead::of(&region.endpoints))
}

fn how_read_key(arn: &str, key: &Key, account: AccountId) -> HowRead {
    let metadata = key.metadata.read();
    // Its service lets everybody of the account in.
    let serves = metadata.is_some_and(|metadata| &*metadata.manager == "AWS")
        && account_of(arn) == Some(account);
    match serves {
        true => HowRead::Read,
        false => HowRead::of(&key.policy).and(HowRead::of(&key.metadata)),
    }
}

fn how_read_bucket(bucket: &Bucket) -> HowRead {
    HowRead::of(&bucket.policy)
        .and(HowRead::of(&bucket.versioning))
        .and(HowRead::of(&bucket.object_lock))
        .and(HowRead::of(&bucket.encryption))
        .and(HowRead::of(&bucket.lifecycle))
        .and(HowRead::of(&bucket.region))
}
