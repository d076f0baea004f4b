//! Explaining: which actions of a question are not allowed, and why?
//!
//! In: what the layers of one principal say ([`Weighed`]). Out: groups of actions with the same outcome. What is certain
//! is told apart by set operations; where it hangs on an open key or on what cannot be evaluated, the actions are split
//! until all of a class are alike to every statement that matters, and `evaluate` decides one of each class.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::bits::Bits;
use super::document::{CompiledDocument, CompiledStatement};
use super::layers::{ServiceControl, layers};
use super::stance::{Planes, Says};
use super::weigh::Weighed;
use super::{ActionList, Asked, Present, Scope};
use crate::action::ActionName;
use crate::context::Context;
use crate::decision::{Cause, Decision, Outcome, StatementRef};
use crate::evaluate::statement::narrower_patterns;
use crate::evaluate::{Request, evaluate};
use crate::inventory::{Inventory, Principal};
use crate::policy::Version;
use crate::question::Group;

/// Answers questions about one principal on one resource in one context.
pub(super) struct Answer<'s, 'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) service_control: &'s ServiceControl<'a>,
    pub(super) documents: &'s [CompiledDocument<'a>],
    pub(super) scope: &'s Scope,
    pub(super) principal: &'a Principal,
    pub(super) present: &'s [&'s Present<'a>],
    pub(super) weighed: &'s Weighed,
}

/// A statement that has something to say, and where it stands.
struct Spoken<'s, 'a> {
    layer: usize,
    policy: usize,
    version: Version,
    compiled: &'s CompiledStatement<'a>,
    says: Says,
}

/// Actions by outcome, each outcome once.
#[derive(Default)]
struct Outcomes(Vec<(Outcome, Bits)>);

impl<'a> Answer<'_, 'a> {
    /// The groups of one question, in the order of their first actions.
    pub(super) fn groups(&self, at: usize, list: &ActionList, groups: &mut Vec<Group>) {
        let mut outcomes = Outcomes::default();
        match &list.asked {
            Some(asked) => self.by_sets(asked, &list.actions, &mut outcomes),
            None => {
                let each = list.actions.iter().enumerate();
                let each = each.map(|(at, action)| (action, Bits::of(at..at + 1)));
                self.by_requests(each, &mut outcomes);
            }
        }
        let place = |position: usize| match &list.asked {
            Some(asked) => asked.places.get(position).copied(),
            None => u16::try_from(position).ok(),
        };
        outcomes.0.sort_by_key(|(_, actions)| actions.first());
        groups.extend(outcomes.0.into_iter().map(|(outcome, actions)| {
            let mut places = Vec::with_capacity(actions.count());
            actions.for_each(|position| places.extend(place(position)));
            Group {
                question: at,
                outcome,
                actions: places,
            }
        }));
    }

    fn context(&self) -> &Context {
        self.weighed
            .context(self.principal, &self.scope.place.context)
    }

    fn by_sets(&self, asked: &Asked, actions: &[ActionName], outcomes: &mut Outcomes) {
        let layers = &self.weighed.layers;
        let mut left = asked.deniable.clone();
        let readable = self.weighed.unreadable.is_none();
        if readable && layers.iter().all(|planes| planes.let_through(&left)) {
            return;
        }
        let mut doubtful = Bits::default();
        if self.scope.place.context.is_complete() {
            // An open key is told even where it changes nothing now.
            doubtful = left.and(&union(layers.iter().map(Planes::unsure)));
            left = left.without(&doubtful);
        }
        let denied = left.and(&union(layers.iter().map(|planes| &planes.denies)));
        left = left.without(&denied);
        self.denied(denied, outcomes);
        if let Some(cause) = self.unreadable() {
            outcomes.add(Decision::Undetermined, cause, left);
        } else {
            // For each layer, what it lets through in no case, unless on narrower resources.
            let closed: Vec<Bits> = layers
                .iter()
                .map(|planes| {
                    let closed = left.clone().without(&planes.allows);
                    closed.without(&planes.may_allow)
                })
                .collect();
            let barred = union(closed.iter().zip(layers).map(|(closed, planes)| {
                let barred = closed.clone().without(&planes.narrower);
                barred.without(&planes.may_narrower)
            }));
            left = left.without(&barred);
            self.barred(barred, &closed, outcomes);
            let hanging = union(closed.iter().zip(layers).map(|(closed, planes)| {
                let allow = planes.may_allow.clone().without(&planes.allows);
                let narrower = closed.and(&planes.may_narrower).without(&planes.narrower);
                allow.or(&narrower).or(&planes.may_deny)
            }));
            let hanging = left.and(&hanging);
            let narrower = left.and(&union(&closed)).without(&hanging);
            self.narrower(narrower, &closed, outcomes);
            doubtful.insert_all(&hanging);
        }
        self.doubtful(doubtful, asked, actions, outcomes);
    }

    fn unreadable(&self) -> Option<Cause> {
        let (layer, policy) = self.weighed.unreadable?;
        let present = self.present.get(layer)?;
        let held = &present.policies.get(policy)?.held;
        Some(Cause::Unreadable {
            layer: present.layer,
            policy: held.source.name(),
            reason: held.document.err()?.told().into(),
        })
    }

    fn denied(&self, denied: Bits, outcomes: &mut Outcomes) {
        if denied.is_empty() {
            return;
        }
        let denies = self.spoken(|says| says == Says::Denies);
        let mut classes = vec![denied];
        for deny in &denies {
            split(&mut classes, &deny.compiled.actions);
        }
        for class in classes {
            let cause = Cause::DeniedBy(self.refs(&denies, |deny| deny.means(&class)));
            outcomes.add(Decision::ExplicitDeny, cause, class);
        }
    }

    fn barred(&self, barred: Bits, closed: &[Bits], outcomes: &mut Outcomes) {
        let mut classes = vec![barred];
        for closed in closed {
            split(&mut classes, closed);
        }
        for class in classes {
            let layers = self.present.iter().zip(closed);
            let closed = layers.filter(|(_, closed)| closed.meets(&class));
            let cause = Cause::NotAllowedIn(closed.map(|(present, _)| present.layer).collect());
            outcomes.add(Decision::ImplicitDeny, cause, class);
        }
    }

    fn narrower(&self, narrower: Bits, closed: &[Bits], outcomes: &mut Outcomes) {
        if narrower.is_empty() {
            return;
        }
        let allows = self.spoken(|says| says == Says::AllowsNarrower);
        let mut classes = vec![narrower];
        for closed in closed {
            split(&mut classes, closed);
        }
        for allow in &allows {
            // In a layer that is open anyway it does not count.
            let counts = closed.get(allow.layer);
            let counts = counts.map(|closed| closed.and(&allow.compiled.actions));
            split(&mut classes, &counts.unwrap_or_default());
        }
        for class in classes {
            let counts = |allow: &Spoken<'_, 'a>| {
                let closed = closed.get(allow.layer);
                allow.means(&class) && closed.is_some_and(|closed| closed.meets(&class))
            };
            let resources: BTreeSet<Box<str>> = allows
                .iter()
                .filter(|allow| counts(allow))
                .flat_map(|allow| {
                    let context = match allow.compiled.personal_resource {
                        true => self.context(),
                        false => &self.scope.place.context,
                    };
                    narrower_patterns(allow.compiled.statement, allow.version, context)
                })
                .map(Box::from)
                .collect();
            let cause = Cause::AllowedOnlyOn {
                by: self.refs(&allows, counts),
                resources: resources.into_iter().collect(),
            };
            outcomes.add(Decision::ImplicitDeny, cause, class);
        }
    }

    /// Asks `evaluate` about one action of each class.
    fn doubtful(
        &self,
        doubtful: Bits,
        asked: &Asked,
        actions: &[ActionName],
        outcomes: &mut Outcomes,
    ) {
        if doubtful.is_empty() {
            return;
        }
        let complete = self.scope.place.context.is_complete();
        let mut classes = vec![doubtful];
        for planes in &self.weighed.layers {
            split(&mut classes, &planes.allows);
            split(&mut classes, &planes.may_allow);
            split(&mut classes, &planes.narrower);
            split(&mut classes, &planes.may_narrower);
        }
        for spoken in self.spoken(|_| true) {
            // Certain and without a condition, it says no more than the planes do.
            let plain = matches!(spoken.says, Says::Allows | Says::Denies)
                && spoken.compiled.statement.conditions.is_empty();
            if complete || !plain {
                split(&mut classes, &spoken.compiled.actions);
            }
        }
        let one_of_each = classes.into_iter().filter_map(|class| {
            let place = asked.places.get(class.first()?)?;
            Some((actions.get(usize::from(*place))?, class))
        });
        self.by_requests(one_of_each, outcomes);
    }

    /// Asks `evaluate` about each of these actions; the answer holds for all positions beside it.
    fn by_requests<'n>(
        &self,
        actions: impl Iterator<Item = (&'n ActionName, Bits)>,
        outcomes: &mut Outcomes,
    ) {
        let layers = layers(self.inventory, self.principal, self.service_control);
        for (action, positions) in actions {
            let request = Request {
                principal: Some(&self.principal.arn),
                action,
                resource: &self.scope.place.resource,
                context: self.context(),
            };
            let outcome = evaluate(&layers, &request);
            if outcome.decision != Decision::Allowed {
                outcomes.join(outcome, positions);
            }
        }
    }

    /// The statements that say something wanted, in order.
    fn spoken(&self, wanted: impl Fn(Says) -> bool) -> Vec<Spoken<'_, 'a>> {
        let mut all = Vec::new();
        for (layer, present) in self.present.iter().enumerate() {
            for (policy, member) in present.policies.iter().enumerate() {
                let Some(position) = member.document else {
                    continue;
                };
                let stance = self.scope.stances.get(&position);
                let Some((document, stance)) = self.documents.get(position).zip(stance) else {
                    continue;
                };
                let personal = self
                    .weighed
                    .personal
                    .iter()
                    .filter(|personal| personal.layer == layer && personal.policy == policy);
                let personal = personal.map(|personal| (personal.statement, personal.says));
                let said = stance.said.iter().copied().chain(personal);
                let said = said.filter(|(_, says)| wanted(*says));
                let spoken = said.filter_map(|(statement, says)| {
                    Some(Spoken {
                        layer,
                        policy,
                        version: document.version,
                        compiled: document.statements.get(statement)?,
                        says,
                    })
                });
                all.extend(spoken);
            }
        }
        all.sort_by_key(|spoken| (spoken.layer, spoken.policy, spoken.compiled.index));
        all
    }

    fn refs<'s>(
        &self,
        spoken: &[Spoken<'s, 'a>],
        counts: impl Fn(&Spoken<'s, 'a>) -> bool,
    ) -> Vec<StatementRef> {
        let refs = spoken.iter().filter(|spoken| counts(spoken));
        refs.filter_map(|spoken| {
            let present = self.present.get(spoken.layer)?;
            let sid = spoken.compiled.statement.sid.as_deref();
            Some(StatementRef {
                layer: present.layer,
                policy: present.policies.get(spoken.policy)?.held.source.name(),
                index: Some(spoken.compiled.index),
                sid: sid.map(Arc::from),
            })
        })
        .collect()
    }
}

impl Spoken<'_, '_> {
    /// Whether the actions of a class, which are all alike to this statement, are its own.
    fn means(&self, class: &Bits) -> bool {
        self.compiled.actions.meets(class)
    }
}

impl Outcomes {
    /// Adds an outcome that is not there yet.
    fn add(&mut self, decision: Decision, cause: Cause, actions: Bits) {
        if !actions.is_empty() {
            let missing = BTreeSet::new();
            let outcome = Outcome {
                decision,
                cause,
                missing,
            };
            self.0.push((outcome, actions));
        }
    }

    /// Adds an outcome that may be there already.
    fn join(&mut self, outcome: Outcome, actions: Bits) {
        match self.0.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, known)) => known.insert_all(&actions),
            None => self.0.push((outcome, actions)),
        }
    }
}

/// Splits each class into what is in a set and what is not.
fn split(classes: &mut Vec<Bits>, by: &Bits) {
    let mut outside = Vec::new();
    for class in classes.iter_mut() {
        if class.meets(by) {
            let inside = class.and(by);
            let rest = class.clone().without(by);
            if !rest.is_empty() {
                outside.push(rest);
            }
            *class = inside;
        }
    }
    classes.append(&mut outside);
}

fn union<B: Borrow<Bits>>(sets: impl IntoIterator<Item = B>) -> Bits {
    let mut all = Bits::default();
    for set in sets {
        all.insert_all(set.borrow());
    }
    all
}
