//! Touched principals: whose verdicts can the calls of trail events change?
//!
//! In: the events, and an account that was listed and bound. Out: the principals, each with the events that touched it.

mod not_listed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{AccountId, Arn, Inventory, Principal, PrincipalArn, PrincipalKind};

use super::event::{ActedOn, EventFault, EventFaultReason, TrailEvent};
use super::read::TrailEvents;
use super::shown::not_shown;
use crate::bind::requirement::{Bound, Requirement};
use crate::bind::wanted::wanted_of_each_region;
use crate::judge::resource_side::roles::assumes;
use crate::resources::NamedResource;
use crate::settings::pattern::Pattern;
pub use not_listed::NotListed;

/// An account that was listed and bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account<'a> {
    pub(crate) id: AccountId,
    pub(crate) inventory: &'a Inventory,
    pub(crate) bound: &'a Bound,
}

/// Whom trail events touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// The bound principals with the events that touched them, by time; an event that was delivered twice is here once.
    pub bound: BTreeMap<PrincipalArn, Vec<Arc<TrailEvent>>>,
    /// Those of the listing that nothing binds, or nothing binds any more.
    pub unbound: BTreeSet<PrincipalArn>,
    /// The users and roles that are not in the listing: kind and name.
    gone: BTreeSet<(PrincipalKind, Box<str>)>,
    /// How many bound principals were touched besides, and not asked about.
    pub not_asked: usize,
    /// What the events name and the listing does not have, by kind and name.
    pub not_listed: Vec<NotListed>,
    /// How many events there were.
    pub events: usize,
    /// How many of them are about the account in which they were recorded, and that is another one.
    pub elsewhere: usize,
    /// Those that could not be read or followed.
    pub faults: Vec<EventFault>,
    /// Those that may wait and whose effect the listing does not show yet, by time. They touched nobody in this audit.
    pub pending: Vec<Arc<TrailEvent>>,
}

impl Touched {
    /// Whom events touched in an account.
    pub(crate) fn of(all: &TrailEvents, listed: Account<'_>) -> Self {
        let events = all.events.iter().map(|event| (&*event.id, event));
        let by_id: BTreeMap<&str, &TrailEvent> = events.collect();
        let mut once: Vec<&TrailEvent> = by_id.into_values().collect();
        once.sort_by_key(|event| event.at);
        let named: BTreeSet<&PrincipalArn> = listed.bound.named.iter().collect();
        let mut touched = Self {
            events: all.total,
            faults: all.faults.clone(),
            ..Self::default()
        };
        let (elsewhere, here): (Vec<_>, Vec<_>) = once
            .into_iter()
            .partition(|event| is_elsewhere(event, listed.id));
        touched.elsewhere = elsewhere.len();
        let mut waiting = match all.waits.is_empty() {
            true => BTreeSet::new(),
            false => not_shown(&here, listed.inventory),
        };
        waiting.retain(|id| all.waits.contains(*id));
        let mut not_listed = BTreeMap::new();
        for event in here {
            if waiting.contains(&*event.id) {
                touched.pending.push(Arc::new(event.clone()));
                continue;
            }
            let gone = named_principals(&event.acted_on).into_iter();
            let gone = gone.filter(|(kind, name)| named_so(listed, *kind, name).is_empty());
            touched
                .gone
                .extend(gone.map(|(kind, name)| (kind, name.into())));
            if let Some(one) = NotListed::of(event, listed.inventory) {
                not_listed.insert((one.what, one.name.clone()), one);
            }
            let principals = principals(&event.acted_on, listed);
            let event = Arc::new(event.clone());
            for principal in principals {
                match named.contains(principal) {
                    true => {
                        let events = touched.bound.entry(principal.clone()).or_default();
                        events.push(Arc::clone(&event));
                    }
                    false => {
                        touched.unbound.insert(principal.clone());
                    }
                }
            }
        }
        touched.not_listed = not_listed.into_values().collect();
        touched
    }

    /// Without those who are not asked about; `None`: all are.
    #[must_use]
    pub(crate) fn only(mut self, asked: Option<&BTreeSet<PrincipalArn>>) -> Self {
        if let Some(asked) = asked {
            let all = self.bound.len();
            self.bound.retain(|principal, _| asked.contains(principal));
            self.not_asked = all - self.bound.len();
            self.unbound.retain(|principal| asked.contains(principal));
            // Whoever is asked about is in the listing.
            self.gone.clear();
            self.not_listed.clear();
        }
        self
    }

    /// Makes faults of what is not listed and has a name like Veeam's, for whom no baseline says what was bound before.
    pub(crate) fn miss(&mut self, like_veeam: &[Pattern]) {
        let is_like = |one: &NotListed| {
            let mut patterns = like_veeam.iter();
            patterns.any(|pattern| pattern.matches_any_case(one.short_name()))
        };
        let (missed, others) = std::mem::take(&mut self.not_listed)
            .into_iter()
            .partition(is_like);
        self.not_listed = others;
        let missed: Vec<NotListed> = missed;
        self.faults.extend(missed.into_iter().map(|one| EventFault {
            place: format!("event {}", one.event).into(),
            reason: EventFaultReason::NotListed {
                call: one.call,
                what: one.what,
                name: one.name,
            },
        }));
    }

    /// All that are in the listing.
    pub(crate) fn principals(&self) -> BTreeSet<PrincipalArn> {
        self.bound.keys().chain(&self.unbound).cloned().collect()
    }

    /// Of those that a baseline knows, the ones that were touched and are in no listing.
    pub(crate) fn gone<'a>(
        &self,
        known: impl Iterator<Item = &'a PrincipalArn>,
    ) -> impl Iterator<Item = &'a PrincipalArn> {
        known.filter(|arn| {
            let mut gone = self.gone.iter();
            gone.any(|(kind, name)| *kind == arn.kind() && is_name(arn.name(), name))
        })
    }
}

/// The principals of the listing whose verdicts an event can change.
pub(super) fn touched_by<'a>(
    event: &TrailEvent,
    listed: Account<'a>,
) -> BTreeSet<&'a PrincipalArn> {
    match is_elsewhere(event, listed.id) {
        true => BTreeSet::new(),
        false => principals(&event.acted_on, listed),
    }
}

/// Whether an event can touch only an account that is not this one. Keys and buckets are used across accounts, and the events of an
/// organisation come up in its management account.
pub(super) fn is_elsewhere(event: &TrailEvent, account: AccountId) -> bool {
    match event.acted_on {
        ActedOn::Key(_) | ActedOn::Bucket(_) | ActedOn::Organization(_) => false,
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Role(_)
        | ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_)
        | ActedOn::Vault { .. }
        | ActedOn::VaultItself { .. }
        | ActedOn::Region(_)
        | ActedOn::RegionItself(_)
        | ActedOn::Endpoints(_) => event.account.is_some_and(|recorded| recorded != account),
    }
}

/// The users and roles that an event names itself.
pub(super) fn named_principals(acted_on: &ActedOn) -> Vec<(PrincipalKind, &str)> {
    match acted_on {
        ActedOn::User(name) => vec![(PrincipalKind::User, name)],
        ActedOn::RenamedUser { from, to } => {
            vec![(PrincipalKind::User, from), (PrincipalKind::User, to)]
        }
        ActedOn::Role(name) => vec![(PrincipalKind::Role, name)],
        ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_)
        | ActedOn::Key(_)
        | ActedOn::Bucket(_)
        | ActedOn::Vault { .. }
        | ActedOn::VaultItself { .. }
        | ActedOn::Region(_)
        | ActedOn::RegionItself(_)
        | ActedOn::Endpoints(_)
        | ActedOn::Organization(_) => Vec::new(),
    }
}

/// The principals of the listing whose verdicts a call can change.
fn principals<'a>(acted_on: &ActedOn, listed: Account<'a>) -> BTreeSet<&'a PrincipalArn> {
    match acted_on {
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Role(_)
        | ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_) => {
            let mut touched = changed(acted_on, listed);
            touched.extend(depending(acted_on, &touched, listed));
            touched
        }
        ActedOn::Key(arn) => requiring(listed, |requirement| {
            requirement.resources.iter().any(|resource| match resource {
                NamedResource::Key { arn: named, .. } => named == arn,
                NamedResource::Bucket(_) | NamedResource::Vault(_) => false,
            })
        }),
        ActedOn::Bucket(name) => requiring(listed, |requirement| {
            let bucket = NamedResource::Bucket(name.clone());
            requirement.resources.contains(&bucket)
        }),
        ActedOn::Vault { region, name } => {
            requiring(listed, |requirement| names_vault(requirement, region, name))
        }
        // Which vaults there are decides too where none is declared.
        ActedOn::VaultItself { region, name } => requiring(listed, |requirement| {
            names_vault(requirement, region, name)
                || works_in(requirement, region) && wanted_of_each_region(requirement).backup
        }),
        ActedOn::Region(region) | ActedOn::RegionItself(region) => {
            requiring(listed, |requirement| works_in(requirement, region))
        }
        ActedOn::Endpoints(region) => requiring(listed, |requirement| {
            requirement.private_network == Some(true) && works_in(requirement, region)
        }),
        ActedOn::Organization(target) => match is_another(target.as_deref(), listed.id) {
            true => BTreeSet::new(),
            // Which accounts are below an OU or a root is not known here.
            false => requiring(listed, |_| true),
        },
    }
}

/// Whether a target of an organisation's policy is an account, and not this one.
pub(super) fn is_another(target: Option<&str>, account: AccountId) -> bool {
    let is_account = |target: &str| target.bytes().all(|byte| byte.is_ascii_digit());
    target.is_some_and(|target| is_account(target) && target != account.as_str())
}

/// The principals of the listing of which something changed.
fn changed<'a>(acted_on: &ActedOn, listed: Account<'a>) -> BTreeSet<&'a PrincipalArn> {
    match acted_on {
        ActedOn::Group(name) => of_kind(listed, PrincipalKind::User, |user| {
            user.groups.iter().any(|group| is_name(group, name))
        }),
        ActedOn::Policy(arn) => holders(listed, arn),
        ActedOn::InstanceProfile(name) => of_kind(listed, PrincipalKind::Role, |role| {
            let mut profiles = role.instance_profiles.iter();
            profiles.any(|profile| is_name(profile, name))
        }),
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Role(_)
        | ActedOn::Key(_)
        | ActedOn::Bucket(_)
        | ActedOn::Vault { .. }
        | ActedOn::VaultItself { .. }
        | ActedOn::Region(_)
        | ActedOn::RegionItself(_)
        | ActedOn::Endpoints(_)
        | ActedOn::Organization(_) => named_principals(acted_on)
            .into_iter()
            .flat_map(|(kind, name)| named_so(listed, kind, name))
            .collect(),
    }
}

/// The bound principals whose verdicts hang on others: roles on those that are declared to assume them, and on the roles that they
/// assume. `acted_on` may name somebody who is gone.
fn depending<'a>(
    acted_on: &ActedOn,
    changed: &BTreeSet<&PrincipalArn>,
    listed: Account<'a>,
) -> BTreeSet<&'a PrincipalArn> {
    let named = named_principals(acted_on);
    let is_changed = |arn: &str| {
        arn.parse::<PrincipalArn>().is_ok_and(|arn| {
            let is_named = |(kind, name): &(PrincipalKind, &str)| {
                arn.account() == listed.id && arn.kind() == *kind && is_name(arn.name(), name)
            };
            changed.contains(&arn) || named.iter().any(is_named)
        })
    };
    requiring(listed, |requirement| hangs_on(requirement).any(is_changed))
}

/// The ARNs of those on whom the verdict of a requirement hangs besides: who is declared to assume the role, and the roles that are
/// assumed. Not all are of users and roles of the account.
pub(super) fn hangs_on(requirement: &Requirement) -> impl Iterator<Item = &str> {
    let assumed = requirement
        .questions()
        .filter(|question| question.actions.iter().any(assumes));
    let assumed = assumed.map(|question| &*question.resource);
    let assuming = requirement.trusted.iter().map(|arn| &**arn);
    assuming.chain(assumed)
}

fn names_vault(requirement: &Requirement, region: &str, name: &str) -> bool {
    requirement.resources.iter().any(|resource| match resource {
        NamedResource::Vault(arn) => Arn::parse(arn).is_ok_and(|arn| {
            arn.region == region && arn.resource.strip_prefix("backup-vault:") == Some(name)
        }),
        NamedResource::Bucket(_) | NamedResource::Key { .. } => false,
    })
}

fn works_in(requirement: &Requirement, region: &str) -> bool {
    requirement.regions.iter().any(|one| **one == *region)
}

/// IAM keeps names apart without regard to case.
pub(super) fn is_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn of_kind<'a>(
    listed: Account<'a>,
    kind: PrincipalKind,
    touches: impl Fn(&Principal) -> bool,
) -> BTreeSet<&'a PrincipalArn> {
    let principals = listed.inventory.principals.iter();
    principals
        .filter(|principal| principal.arn.kind() == kind && touches(principal))
        .map(|principal| &principal.arn)
        .collect()
}

fn named_so<'a>(
    listed: Account<'a>,
    kind: PrincipalKind,
    name: &str,
) -> BTreeSet<&'a PrincipalArn> {
    of_kind(listed, kind, |principal| {
        is_name(principal.arn.name(), name)
    })
}

/// Who holds a managed policy, directly or by a group, or is bounded by it.
fn holders<'a>(listed: Account<'a>, policy: &str) -> BTreeSet<&'a PrincipalArn> {
    let inventory = listed.inventory;
    let names = |attached: &[Box<str>]| attached.iter().any(|arn| **arn == *policy);
    let groups = inventory
        .groups
        .iter()
        .filter(|(_, group)| names(&group.attached));
    let groups: BTreeSet<&str> = groups.map(|(name, _)| &**name).collect();
    let principals = inventory.principals.iter();
    principals
        .filter(|principal| {
            names(&principal.attached)
                || principal.boundary.as_deref() == Some(policy)
                || principal.groups.iter().any(|name| groups.contains(&**name))
        })
        .map(|principal| &principal.arn)
        .collect()
}

/// The bound principals with a requirement for which something holds.
fn requiring<'a>(
    listed: Account<'a>,
    holds: impl Fn(&Requirement) -> bool,
) -> BTreeSet<&'a PrincipalArn> {
    let subjects = listed.bound.subjects.iter().filter(|subject| {
        let mut requirements = subject.requirements.iter();
        requirements.any(|requirement| holds(requirement))
    });
    let principals = &listed.inventory.principals;
    subjects
        .filter_map(|subject| principals.get(subject.principal))
        .map(|principal| &principal.arn)
        .collect()
}
