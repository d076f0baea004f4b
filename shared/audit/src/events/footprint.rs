//! Footprints: which trail events can change a verdict at all?
//!
//! In: what a whole audit listed and bound. Out: the names of all that an event could be about, in a stored form, so that an event that is
//! about nothing of them costs a look-up and no call to AWS. An event whose audit could show another verdict always
//! [concerns](Footprint::concern) the account; an event that changes nothing may do so too.

mod rules;
mod stored;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{AccountId, Arn, Principal, PrincipalArn, PrincipalKind};

use super::effect::{Aspect, Owner, State, folded};
use super::event::{ActedOn, TrailEvent};
use super::read::TrailEvents;
use super::touched::{Account, hangs_on, is_another, is_elsewhere, named_principals};
use crate::bind::found_keys::has_unknown;
use crate::bind::requirement::Requirement;
use crate::bind::wanted::wanted_of_each_region;
use crate::resources::{NamedResource, Resources};
pub use rules::BindingRules;
pub use stored::ReadFootprintError;

/// What an audit knew that a trail event could be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footprint {
    account: AccountId,
    /// The digest of the rules by which principals were bound.
    rules: Box<str>,
    /// Whether all users and roles could be read.
    is_whole: bool,
    names: Names,
    /// Whether a verdict depends on keys that nobody could find.
    has_unknown_keys: bool,
}

/// The names, sorted. Those of IAM are in small letters, because IAM keeps names apart without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    users: BTreeSet<Box<str>>,
    roles: BTreeSet<Box<str>>,
    groups: BTreeSet<Box<str>>,
    instance_profiles: BTreeSet<Box<str>>,
    /// ARNs of managed policies.
    policies: BTreeSet<Box<str>>,
    /// ARNs.
    keys: BTreeSet<Box<str>>,
    buckets: BTreeSet<Box<str>>,
    /// Region and name, with a slash between them.
    vaults: BTreeSet<Box<str>>,
    regions: BTreeSet<Box<str>>,
    /// Regions in which it matters which vaults there are.
    vault_regions: BTreeSet<Box<str>>,
    /// Regions in which workers have no public addresses.
    private_regions: BTreeSet<Box<str>>,
}

/// What an event is to an account's audits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// It acted on something that the last audit knew.
    Known,
    /// It may have bound somebody new, or the footprint cannot tell.
    New,
    /// No audit can show another verdict because of it.
    Nothing,
}

impl Footprint {
    /// What an audit saw. Where its selection is not the whole account, requirements of others are missing: such a footprint can
    /// [extend](Self::extend) one of a whole audit, and not replace it.
    #[must_use]
    pub(crate) fn of(account: Account<'_>, resources: &Resources, rules: &BindingRules) -> Self {
        let gaps = &account.inventory.gaps;
        let mut footprint = Self {
            account: account.id,
            rules: rules.digest().into(),
            is_whole: !gaps.iter().any(is_about_principals),
            names: Names::default(),
            has_unknown_keys: false,
        };
        for arn in &account.bound.named {
            footprint.names.principal(arn.kind(), arn.name());
        }
        let subjects = account.bound.subjects.iter();
        let mut requirements: Vec<&Arc<Requirement>> = subjects
            .flat_map(|subject| subject.requirements.iter())
            .collect();
        // Principals with the same tags share their requirements.
        requirements.sort_by_key(|one| Arc::as_ptr(one));
        requirements.dedup_by_key(|one| Arc::as_ptr(one));
        for requirement in requirements {
            footprint.names.requirement(requirement, account.id);
            footprint.has_unknown_keys |= has_unknown(requirement, resources);
        }
        for principal in &account.inventory.principals {
            if footprint
                .names
                .knows(principal.arn.kind(), principal.arn.name())
            {
                footprint.names.held(principal, account);
            }
        }
        footprint
    }

    /// Whose footprint it is.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Adds what a later audit saw. It forgets nothing: only the next whole audit's footprint does.
    pub fn extend(&mut self, later: Self) {
        self.is_whole &= later.is_whole;
        self.has_unknown_keys |= later.has_unknown_keys;
        self.names.extend(later.names);
    }

    /// What an event is to an audit by these rules.
    #[must_use]
    pub fn concern(&self, event: &TrailEvent, rules: &BindingRules) -> Concern {
        if is_elsewhere(event, self.account) {
            return Concern::Nothing;
        }
        if self.is_known(&event.acted_on) {
            return Concern::Known;
        }
        let is_outdated = *self.rules != *rules.digest();
        let is_unseen = !self.is_whole && is_of_iam(&event.acted_on);
        match is_outdated || is_unseen || rules.may_bind(event, self.account) {
            true => Concern::New,
            false => Concern::Nothing,
        }
    }

    /// Keeps those of a batch that concern the account, and learns from them what later ones can be about: a policy that one attaches
    /// may get a new version by another. All are kept where one may have bound somebody new, because nobody knows yet what that
    /// principal holds. Faults are kept.
    #[must_use]
    pub fn select(&mut self, mut batch: TrailEvents, rules: &BindingRules) -> TrailEvents {
        let mut is_kept = vec![false; batch.events.len()];
        let mut is_new = false;
        loop {
            let mut learned = false;
            for (event, is_kept) in batch.events.iter().zip(&mut is_kept) {
                if *is_kept {
                    continue;
                }
                let concern = self.concern(event, rules);
                is_new |= concern == Concern::New;
                if concern != Concern::Nothing {
                    *is_kept = true;
                    learned = true;
                    self.learn(event);
                }
            }
            if !learned {
                break;
            }
        }
        let mut is_kept = is_kept.into_iter();
        batch
            .events
            .retain(|_| is_kept.next().unwrap_or(true) || is_new);
        batch
    }

    /// Adds what an event that concerns the account names.
    fn learn(&mut self, event: &TrailEvent) {
        for (kind, name) in named_principals(&event.acted_on) {
            self.names.principal(kind, name);
        }
        for effect in &event.effects {
            match &effect.part.aspect {
                Aspect::Attachment(policy) => {
                    self.names.policies.insert(policy.clone());
                }
                Aspect::Membership(group) => {
                    self.names.groups.insert(group.clone());
                }
                Aspect::Profile(profile) => {
                    self.names.instance_profiles.insert(profile.clone());
                }
                Aspect::Boundary => {
                    if let State::Names(policy) = &effect.state {
                        self.names.policies.insert(policy.clone());
                    }
                }
                Aspect::Existence
                | Aspect::Path
                | Aspect::Inline(_)
                | Aspect::Tag(_)
                | Aspect::Trust
                | Aspect::DefaultVersion => {}
            }
            if let Owner::Group(group) = &effect.part.of {
                self.names.groups.insert(group.clone());
            }
        }
    }

    fn is_known(&self, acted_on: &ActedOn) -> bool {
        let names = &self.names;
        match acted_on {
            ActedOn::User(_) | ActedOn::RenamedUser { .. } | ActedOn::Role(_) => {
                let mut named = named_principals(acted_on).into_iter();
                named.any(|(kind, name)| names.knows(kind, name))
            }
            ActedOn::Group(name) => names.groups.contains(&folded(name)),
            ActedOn::Policy(arn) => names.policies.contains(arn),
            ActedOn::InstanceProfile(name) => names.instance_profiles.contains(&folded(name)),
            ActedOn::Key(arn) => self.has_unknown_keys || names.keys.contains(arn),
            ActedOn::Bucket(name) => names.buckets.contains(name),
            ActedOn::Vault { region, name } => names.vaults.contains(&vault(region, name)),
            ActedOn::VaultItself { region, name } => {
                names.vaults.contains(&vault(region, name)) || names.vault_regions.contains(region)
            }
            ActedOn::Region(region) | ActedOn::RegionItself(region) => {
                names.regions.contains(region)
            }
            ActedOn::Endpoints(region) => names.private_regions.contains(region),
            ActedOn::Organization(target) => {
                let is_empty = names.users.is_empty() && names.roles.is_empty();
                !is_empty && !is_another(target.as_deref(), self.account)
            }
        }
    }
}

impl Names {
    fn principal(&mut self, kind: PrincipalKind, name: &str) {
        match kind {
            PrincipalKind::User => self.users.insert(folded(name)),
            PrincipalKind::Role => self.roles.insert(folded(name)),
        };
    }

    fn knows(&self, kind: PrincipalKind, name: &str) -> bool {
        match kind {
            PrincipalKind::User => self.users.contains(&folded(name)),
            PrincipalKind::Role => self.roles.contains(&folded(name)),
        }
    }

    /// What a verdict depends on besides the principal itself.
    fn requirement(&mut self, requirement: &Requirement, account: AccountId) {
        let others = hangs_on(requirement).filter_map(|arn| arn.parse::<PrincipalArn>().ok());
        for other in others.filter(|arn| arn.account() == account) {
            self.principal(other.kind(), other.name());
        }
        for resource in requirement.resources.iter() {
            match resource {
                NamedResource::Key { arn, .. } => {
                    self.keys.insert(arn.clone());
                }
                NamedResource::Bucket(name) => {
                    self.buckets.insert(name.clone());
                }
                NamedResource::Vault(arn) => {
                    let name = Arn::parse(arn).ok().and_then(|arn| {
                        let name = arn.resource.strip_prefix("backup-vault:")?;
                        Some(vault(arn.region, name))
                    });
                    self.vaults.extend(name);
                }
            }
        }
        let regions = || {
            requirement
                .regions
                .iter()
                .map(|region| Box::from(&**region))
        };
        self.regions.extend(regions());
        if wanted_of_each_region(requirement).backup {
            self.vault_regions.extend(regions());
        }
        if requirement.private_network == Some(true) {
            self.private_regions.extend(regions());
        }
    }

    /// What a principal holds, directly or by a group.
    fn held(&mut self, principal: &Principal, account: Account<'_>) {
        self.policies.extend(principal.attached.iter().cloned());
        self.policies.extend(principal.boundary.clone());
        let profiles = principal.instance_profiles.iter();
        self.instance_profiles
            .extend(profiles.map(|name| folded(name)));
        for name in &principal.groups {
            self.groups.insert(folded(name));
            let group = account.inventory.groups.get(name);
            let attached = group.map_or(&[][..], |group| &group.attached);
            self.policies.extend(attached.iter().cloned());
        }
    }

    fn extend(&mut self, other: Self) {
        let Self {
            users,
            roles,
            groups,
            instance_profiles,
            policies,
            keys,
            buckets,
            vaults,
            regions,
            vault_regions,
            private_regions,
        } = other;
        self.users.extend(users);
        self.roles.extend(roles);
        self.groups.extend(groups);
        self.instance_profiles.extend(instance_profiles);
        self.policies.extend(policies);
        self.keys.extend(keys);
        self.buckets.extend(buckets);
        self.vaults.extend(vaults);
        self.regions.extend(regions);
        self.vault_regions.extend(vault_regions);
        self.private_regions.extend(private_regions);
    }
}

/// Whether something is missing in a listing that could be a user or a role, or one of their policies.
fn is_about_principals(gap: &iam::inventory::Gap) -> bool {
    match gap {
        iam::inventory::Gap::Truncated | iam::inventory::Gap::Item { .. } => true,
        // Such as the access keys of one user.
        iam::inventory::Gap::Part { .. } => false,
    }
}

fn is_of_iam(acted_on: &ActedOn) -> bool {
    match acted_on {
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Role(_)
        | ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_) => true,
        ActedOn::Key(_)
        | ActedOn::Bucket(_)
        | ActedOn::Vault { .. }
        | ActedOn::VaultItself { .. }
        | ActedOn::Region(_)
        | ActedOn::RegionItself(_)
        | ActedOn::Endpoints(_)
        | ActedOn::Organization(_) => false,
    }
}

fn vault(region: &str, name: &str) -> Box<str> {
    format!("{region}/{name}").into()
}
