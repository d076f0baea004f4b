//! Explaining: which actions of a question are not allowed, and why?
//!
//! In: what the layers of one principal say ([`PrincipalEffects`]). Out: groups of actions with the same outcome. What is
//! certain is decided by set operations; where it depends on an open key or on what cannot be evaluated, the actions are
//! split until all of a class are alike to every statement that matters, and `evaluate` decides one of each class.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::bits::Bits;
use super::combine::PrincipalEffects;
use super::document::{CompiledDocument, CompiledStatement};
use super::effect::{ActionEffects, StatementEffect, TargetEffects};
use super::layers::{ServiceControl, layers};
use super::library::PresentLayer;
use super::table::{ActionList, ListPositions};
use crate::action::ActionName;
use crate::context::Context;
use crate::decision::{Cause, Decision, Outcome, StatementRef};
use crate::evaluate::statement::narrower_patterns;
use crate::evaluate::{Request, evaluate};
use crate::inventory::{Inventory, Principal};
use crate::policy::Version;
use crate::question::Group;

/// Everything that the outcomes of one principal on one resource in one context follow from.
pub(super) struct Explainer<'s, 'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) service_control: &'s ServiceControl<'a>,
    pub(super) documents: &'s [CompiledDocument<'a>],
    pub(super) target: &'s TargetEffects,
    pub(super) principal: &'a Principal,
    pub(super) present: &'s [&'s PresentLayer<'a>],
    pub(super) effects: &'s PrincipalEffects,
}

/// A statement that has an effect, and where it is.
struct EffectiveStatement<'s, 'a> {
    layer: usize,
    policy: usize,
    version: Version,
    compiled: &'s CompiledStatement<'a>,
    effect: StatementEffect,
}

/// Actions by outcome, each outcome once.
#[derive(Default)]
struct Outcomes(Vec<(Outcome, Bits)>);

impl<'a> Explainer<'_, 'a> {
    /// The groups of one question, in the order of their first actions.
    pub(super) fn groups(&self, at: usize, list: &ActionList, groups: &mut Vec<Group>) {
        let mut outcomes = Outcomes::default();
        match &list.positions {
            Some(positions) => self.by_sets(positions, &list.actions, &mut outcomes),
            None => {
                let each = list.actions.iter().enumerate();
                let each = each.map(|(at, action)| (action, Bits::of(at..at + 1)));
                self.by_requests(each, &mut outcomes);
            }
        }
        let in_list = |position: usize| match &list.positions {
            Some(positions) => positions.in_list.get(position).copied(),
            None => u16::try_from(position).ok(),
        };
        outcomes.0.sort_by_key(|(_, actions)| actions.first());
        groups.extend(outcomes.0.into_iter().map(|(outcome, actions)| {
            let mut places = Vec::with_capacity(actions.count());
            actions.for_each(|position| places.extend(in_list(position)));
            Group {
                question: at,
                outcome,
                actions: places,
            }
        }));
    }

    fn context(&self) -> &Context {
        self.effects
            .context(self.principal, &self.target.target.context)
    }

    fn by_sets(&self, positions: &ListPositions, actions: &[ActionName], outcomes: &mut Outcomes) {
        let layers = &self.effects.layers;
        let mut left = positions.deniable.clone();
        let readable = self.effects.unreadable.is_none();
        if readable && layers.iter().all(|layer| layer.let_through(&left)) {
            return;
        }
        let mut doubtful = Bits::default();
        if self.target.target.context.is_complete() {
            // An open key is reported even where it changes nothing now.
            doubtful = left.and(&union(layers.iter().map(ActionEffects::unsure)));
            left = left.without(&doubtful);
        }
        let denied = left.and(&union(layers.iter().map(|layer| &layer.denies)));
        left = left.without(&denied);
        self.denied(denied, outcomes);
        if let Some(cause) = self.unreadable() {
            outcomes.add(Decision::Undetermined, cause, left);
        } else {
            // For each layer, what it lets through in no case, unless on narrower resources.
            let closed: Vec<Bits> = layers
                .iter()
                .map(|layer| {
                    let closed = left.clone().without(&layer.allows);
                    closed.without(&layer.may_allow)
                })
                .collect();
            let barred = union(closed.iter().zip(layers).map(|(closed, layer)| {
                let barred = closed.clone().without(&layer.narrower);
                barred.without(&layer.may_narrower)
            }));
            left = left.without(&barred);
            self.barred(barred, &closed, outcomes);
            let undecided = union(closed.iter().zip(layers).map(|(closed, layer)| {
                let allow = layer.may_allow.clone().without(&layer.allows);
                let narrower = closed.and(&layer.may_narrower).without(&layer.narrower);
                allow.or(&narrower).or(&layer.may_deny)
            }));
            let undecided = left.and(&undecided);
            let narrower = left.and(&union(&closed)).without(&undecided);
            self.narrower(narrower, &closed, outcomes);
            doubtful.insert_all(&undecided);
        }
        self.doubtful(doubtful, positions, actions, outcomes);
    }

    fn unreadable(&self) -> Option<Cause> {
        let (layer, policy) = self.effects.unreadable?;
        let present = self.present.get(layer)?;
        let held = &present.policies.get(policy)?.held;
        Some(Cause::Unreadable {
            layer: present.layer,
            policy: held.source.name(),
            reason: held.document.err()?.to_string().into(),
        })
    }

    fn denied(&self, denied: Bits, outcomes: &mut Outcomes) {
        if denied.is_empty() {
            return;
        }
        let denies = self.statements(|effect| effect == StatementEffect::Denies);
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
        let allows = self.statements(|effect| effect == StatementEffect::AllowsNarrower);
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
            let counts = |allow: &EffectiveStatement<'_, 'a>| {
                let closed = closed.get(allow.layer);
                allow.means(&class) && closed.is_some_and(|closed| closed.meets(&class))
            };
            let resources: BTreeSet<Box<str>> = allows
                .iter()
                .filter(|allow| counts(allow))
                .flat_map(|allow| {
                    let context = match allow.compiled.resource_by_principal {
                        true => self.context(),
                        false => &self.target.target.context,
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
        positions: &ListPositions,
        actions: &[ActionName],
        outcomes: &mut Outcomes,
    ) {
        if doubtful.is_empty() {
            return;
        }
        let complete = self.target.target.context.is_complete();
        let mut classes = vec![doubtful];
        for layer in &self.effects.layers {
            split(&mut classes, &layer.allows);
            split(&mut classes, &layer.may_allow);
            split(&mut classes, &layer.narrower);
            split(&mut classes, &layer.may_narrower);
        }
        for one in self.statements(|_| true) {
            // Certain and without a condition, it says no more than the sets of its layer.
            let plain = matches!(
                one.effect,
                StatementEffect::Allows | StatementEffect::Denies
            ) && one.compiled.statement.conditions.is_empty();
            if complete || !plain {
                split(&mut classes, &one.compiled.actions);
            }
        }
        let one_of_each = classes.into_iter().filter_map(|class| {
            let in_list = positions.in_list.get(class.first()?)?;
            Some((actions.get(usize::from(*in_list))?, class))
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
                resource: &self.target.target.resource,
                context: self.context(),
            };
            let outcome = evaluate(&layers, &request);
            if outcome.decision != Decision::Allowed {
                outcomes.join(outcome, positions);
            }
        }
    }

    /// The statements whose effect is one of those asked for, in order.
    fn statements(
        &self,
        is_asked: impl Fn(StatementEffect) -> bool,
    ) -> Vec<EffectiveStatement<'_, 'a>> {
        let mut all = Vec::new();
        for (layer, present) in self.present.iter().enumerate() {
            for (policy, member) in present.policies.iter().enumerate() {
                let Some(position) = member.document else {
                    continue;
                };
                let effects = self.target.documents.get(&position);
                let Some((document, effects)) = self.documents.get(position).zip(effects) else {
                    continue;
                };
                let by_principal = self.effects.by_principal.iter();
                let by_principal = by_principal
                    .filter(|one| one.layer == layer && one.policy == policy)
                    .map(|one| (one.statement, one.effect));
                let of_policy = effects.statements.iter().copied().chain(by_principal);
                let asked = of_policy.filter(|(_, effect)| is_asked(*effect));
                all.extend(asked.filter_map(|(statement, effect)| {
                    Some(EffectiveStatement {
                        layer,
                        policy,
                        version: document.version,
                        compiled: document.statements.get(statement)?,
                        effect,
                    })
                }));
            }
        }
        all.sort_by_key(|one| (one.layer, one.policy, one.compiled.index));
        all
    }

    fn refs<'s>(
        &self,
        statements: &[EffectiveStatement<'s, 'a>],
        counts: impl Fn(&EffectiveStatement<'s, 'a>) -> bool,
    ) -> Vec<StatementRef> {
        let refs = statements.iter().filter(|one| counts(one));
        refs.filter_map(|one| {
            let present = self.present.get(one.layer)?;
            let sid = one.compiled.statement.sid.as_deref();
            Some(StatementRef {
                layer: present.layer,
                policy: present.policies.get(one.policy)?.held.source.name(),
                index: Some(one.compiled.index),
                sid: sid.map(Arc::from),
            })
        })
        .collect()
    }
}

impl EffectiveStatement<'_, '_> {
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
