//! Shown effects: which calls does a listing not show yet?
//!
//! IAM takes seconds to show a change everywhere. In: the events of a batch, and a listing. Out: the events of which the listing does not
//! show an effect. Nobody waits for what a later event of the batch undid or wrote over, nor for what a listing cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use iam::inventory::{InlinePolicy, ManagedPolicy};
use iam::{Inventory, Principal, PrincipalKind};
use jiff::Timestamp;

use super::effect::{Aspect, Digest, Effect, Owner, Part, State, folded, number};
use super::event::TrailEvent;

/// The ids of the events of which the listing does not show an effect yet.
pub(super) fn not_shown<'e>(events: &[&'e TrailEvent], inventory: &Inventory) -> BTreeSet<&'e str> {
    let batch = Batch::of(events);
    let mut missing = BTreeSet::new();
    for event in events {
        let is_missing = |effect: &Effect| {
            let part = batch.renamed(&effect.part, event.at);
            match batch.last(&part, event.at) {
                Some(states) => !states
                    .iter()
                    .any(|state| shows(inventory, &part, state, event.at)),
                None => false,
            }
        };
        if event.effects.iter().any(is_missing) {
            missing.insert(&*event.id);
        }
    }
    missing
}

/// What the events of a batch come to.
#[derive(Default)]
struct Batch {
    /// When a user's name became another, by time.
    renamed: Vec<(Timestamp, Owner, Owner)>,
    /// The last states of each part. Those of one second stand beside each other, since nobody knows which came last.
    parts: BTreeMap<Part, (Timestamp, Vec<State>)>,
    /// When a user, role or group was last made or deleted, which ends all that was done to it before.
    lives: BTreeMap<Owner, Timestamp>,
}

impl Batch {
    fn of(events: &[&TrailEvent]) -> Self {
        let mut batch = Self::default();
        for event in events {
            let mut names = event.effects.iter().filter(|effect| {
                effect.part.aspect == Aspect::Existence && &*event.call == "UpdateUser"
            });
            if let (Some(from), Some(to)) = (names.next(), names.next()) {
                let (from, to) = (from.part.of.clone(), to.part.of.clone());
                batch.renamed.push((event.at, from, to));
            }
        }
        batch.renamed.sort_by_key(|(at, _, _)| *at);
        for event in events {
            for effect in &event.effects {
                batch.add(effect, event);
            }
        }
        batch
    }

    fn add(&mut self, effect: &Effect, event: &TrailEvent) {
        let part = self.renamed(&effect.part, event.at);
        if part.aspect == Aspect::Existence && &*event.call != "UpdateUser" {
            let life = self.lives.entry(part.of.clone()).or_insert(event.at);
            *life = event.at.max(*life);
        }
        let (at, states) = self.parts.entry(part).or_insert((event.at, Vec::new()));
        if event.at > *at {
            states.clear();
            *at = event.at;
        }
        if event.at == *at {
            states.push(effect.state.clone());
        }
    }

    /// The part of the account under the name that its user has after the batch.
    fn renamed(&self, part: &Part, since: Timestamp) -> Part {
        let mut part = part.clone();
        for (at, from, to) in &self.renamed {
            if *at > since && part.of == *from {
                part.of = to.clone();
            }
        }
        part
    }

    /// What must be seen of a part that was changed at some time; `None` where a later event superseded that.
    fn last(&self, part: &Part, at: Timestamp) -> Option<&[State]> {
        if self.lives.get(&part.of).is_some_and(|life| *life > at) {
            return None;
        }
        let (last, states) = self.parts.get(part)?;
        (*last <= at).then_some(states)
    }
}

/// Whether a listing shows a state, or cannot tell.
fn shows(inventory: &Inventory, part: &Part, state: &State, at: Timestamp) -> bool {
    let shown = match &part.of {
        Owner::User(name) => of_principal(inventory, (PrincipalKind::User, name), part, state, at),
        Owner::Role(name) => of_principal(inventory, (PrincipalKind::Role, name), part, state, at),
        Owner::Group(name) => of_group(inventory, name, &part.aspect, state),
        Owner::InstanceProfile(name) => {
            let mut principals = inventory.principals.iter();
            Some(!principals.any(|role| has(&role.instance_profiles, name)))
        }
        Owner::Policy(arn) => inventory
            .policies
            .get(arn)
            .and_then(|policy| of_policy(policy, state)),
    };
    shown.unwrap_or(true)
}

/// The same of a user or role; `None` where the listing cannot tell.
fn of_principal(
    inventory: &Inventory,
    (kind, name): (PrincipalKind, &str),
    part: &Part,
    state: &State,
    at: Timestamp,
) -> Option<bool> {
    let mut principals = inventory.principals.iter();
    let found =
        principals.find(|one| one.arn.kind() == kind && one.arn.name().eq_ignore_ascii_case(name));
    let Some(principal) = found else {
        // Whoever could not be read is not in the listing either.
        return inventory.gaps.is_empty().then_some(*state == State::Gone);
    };
    let made: Option<Timestamp> = principal.created.parse().ok();
    if made.is_some_and(|made| made > at) {
        // The name is another's by now.
        return None;
    }
    Some(match (&part.aspect, state) {
        (Aspect::Existence, State::Is(id)) => {
            principal.id.is_empty() || Digest::of(&principal.id) == *id
        }
        (Aspect::Existence, state) => *state != State::Gone,
        (Aspect::Path, state) => is(Some(principal.arn.path()), state),
        (Aspect::Attachment(policy), state) => {
            principal.attached.contains(policy) == (*state != State::Gone)
        }
        (Aspect::Inline(name), state) => return inline(&principal.inline, name, state),
        (Aspect::Boundary, state) => is(principal.boundary.as_deref(), state),
        (Aspect::Tag(key), state) => is(tag(principal, key), state),
        (Aspect::Membership(group), state) => {
            has(&principal.groups, group) == (*state != State::Gone)
        }
        (Aspect::Profile(profile), state) => {
            has(&principal.instance_profiles, profile) == (*state != State::Gone)
        }
        (Aspect::Trust, State::Is(expected)) => match &**principal.trust.as_ref()? {
            Ok(trust) => Digest::of_trust(trust) == *expected,
            Err(_) => return None,
        },
        (Aspect::Trust | Aspect::DefaultVersion, _) => return None,
    })
}

fn of_group(inventory: &Inventory, name: &str, aspect: &Aspect, state: &State) -> Option<bool> {
    let mut groups = inventory.groups.iter();
    let found = groups.find(|(group, _)| group.eq_ignore_ascii_case(name));
    let Some((_, group)) = found else {
        return inventory.gaps.is_empty().then_some(*state == State::Gone);
    };
    match aspect {
        Aspect::Attachment(policy) => {
            Some(group.attached.contains(policy) == (*state != State::Gone))
        }
        Aspect::Inline(name) => inline(&group.inline, name, state),
        Aspect::Existence
        | Aspect::Path
        | Aspect::Boundary
        | Aspect::Tag(_)
        | Aspect::Trust
        | Aspect::Membership(_)
        | Aspect::Profile(_)
        | Aspect::DefaultVersion => None,
    }
}

fn of_policy(policy: &ManagedPolicy, state: &State) -> Option<bool> {
    match state {
        State::HasVersion(version) => Some(number(&policy.newest)? >= *version),
        // The version by its id, or by what it says.
        State::Is(expected) => Some(
            Digest::of(&policy.version) == *expected
                || Digest::of_policy(policy.document.as_ref().as_ref().ok()?) == *expected,
        ),
        State::There | State::Gone | State::Names(_) => None,
    }
}

fn inline(policies: &[InlinePolicy], name: &str, state: &State) -> Option<bool> {
    let mut named = policies
        .iter()
        .filter(|policy| *folded(&policy.name) == *name);
    let Some(policy) = named.next() else {
        return Some(*state == State::Gone);
    };
    match state {
        State::Gone => Some(false),
        State::There | State::Names(_) | State::HasVersion(_) => Some(true),
        State::Is(expected) => {
            let document = policy.document.as_ref().as_ref().ok()?;
            Some(Digest::of_policy(document) == *expected)
        }
    }
}

/// Whether a text is the expected one, or is not there where none is expected.
fn is(found: Option<&str>, state: &State) -> bool {
    match state {
        State::Gone => found.is_none(),
        State::Is(expected) => found.map(Digest::of) == Some(*expected),
        State::Names(expected) => found == Some(expected),
        State::There | State::HasVersion(_) => found.is_some(),
    }
}

fn tag<'p>(principal: &'p Principal, key: &str) -> Option<&'p str> {
    let mut tags = principal.tags.iter();
    let found = tags.find(|(name, _)| *folded(name) == *key);
    found.map(|(_, value)| &**value)
}

fn has(names: &[Box<str>], name: &str) -> bool {
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}
