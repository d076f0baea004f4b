//! The trace of a decision: which statements were evaluated, and why did each apply or not?
//!
//! In: what [`super::evaluate`] takes. Out: a [`Trace`] with the same outcome and one [`Step`] a statement, in the order of
//! the layers. It is for people who ask about one request; it is not fast.

use std::sync::Arc;

use super::caller::Manner;
use super::policy::Policy;
use super::request::{Exemption, Layers, Request, is_allow, statement_ref};
use super::resource_candidates::{context_of, named_in};
use super::resource_side::ResourceControlExemption;
use super::statement;
use crate::condition::{self, Evaluation};
use crate::decision::{Layer, Outcome, StatementRef};
use crate::policy::{Condition, Effect, Statement, Version};
use crate::truth::{Truth, Truths};

/// A decision and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The decision.
    pub outcome: Outcome,
    /// The layers that are there and count, in order: one that holds no statement is here all the same.
    pub layers: Vec<Layer>,
    /// Every statement, in order. A policy that cannot be read has none.
    pub steps: Vec<Step>,
    /// Why service control policies were given and do not count.
    pub exemption: Option<Exemption>,
    /// Why resource control policies were given and do not count.
    pub resource_control_exemption: Option<ResourceControlExemption>,
}

/// One statement, and whether it applies to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which statement.
    pub at: StatementRef,
    /// What it does where it applies.
    pub effect: Effect,
    /// Whether it applies.
    pub why: Why,
}

/// Why a statement applies or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Everything matches.
    Applies,
    /// It is for other actions.
    OtherAction,
    /// It is for other principals.
    OtherPrincipal,
    /// It is for other resources.
    OtherResource,
    /// It is for other resources, and would apply to those: the request was for `*`.
    Narrower,
    /// A condition is false.
    Fails(Vec<Doubt>),
    /// Nothing is false, and something is not known or cannot be evaluated.
    Hangs(Vec<Doubt>),
}

/// One part of a statement that is not simply true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Which part.
    pub part: Part,
    /// The keys on which it depends, as spelled; empty where it depends on none.
    pub keys: Vec<Box<str>>,
    /// Why it cannot be evaluated.
    pub reason: Option<Arc<str>>,
}

/// A part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its principals.
    Principals,
    /// Its resource, for the variables in it.
    Resource,
    /// One of its conditions.
    Condition(Condition),
    /// All of it: what it will be, or whether it is there, is not known.
    Whole,
}

/// Decides one request and tells how.
#[must_use]
pub fn trace(layers: &Layers<'_>, request: &Request<'_>) -> Trace {
    let mut steps = Vec::new();
    let mut counting = Vec::new();
    let mut add = |layer, policies: &[Policy<'_>], why: &dyn Fn(&Statement, Version) -> Why| {
        counting.push(layer);
        for policy in policies {
            let Ok(document) = policy.document else {
                continue;
            };
            for (index, statement) in document.statements.iter().enumerate() {
                steps.push(Step {
                    at: statement_ref(layer, policy, index, statement),
                    effect: statement.effect,
                    why: why(statement, document.version),
                });
            }
        }
    };
    for (layer, policies) in layers.counting(request.principal) {
        add(layer, policies, &|statement, version| {
            why(statement, version, request)
        });
    }
    let side = layers.resource_side.as_ref();
    if let Some(side) = side {
        let limits = layers.limits();
        for (layer, policies) in side.counting(request.principal, request.action) {
            let context = context_of(layer, request.context);
            let request = Request {
                context: &context,
                ..*request
            };
            add(layer, policies, &|statement, version| {
                let named = named_in(side, layer, statement, limits, &context);
                why_for(&named, statement, version, &request)
            });
        }
    }
    Trace {
        outcome: super::evaluate(layers, request),
        layers: counting,
        steps,
        exemption: layers
            .exemption(request.principal)
            .filter(|_| !layers.service_control.is_empty()),
        resource_control_exemption: side
            .filter(|side| !side.resource_control.is_empty())
            .and_then(|side| side.exemption(request.principal, request.action)),
    }
}

/// Why a statement of the resource side applies or not.
fn why_for(
    named: &[(Manner, Evaluation<'_>)],
    statement: &Statement,
    version: Version,
    request: &Request<'_>,
) -> Why {
    if !statement.is_about(request.action) {
        return Why::OtherAction;
    }
    let is_named = |(_, evaluation): &(Manner, Evaluation<'_>)| {
        let counts = evaluation.counts(request.context);
        (!evaluation.can.never()).then_some(counts)
    };
    let truth = named.iter().filter_map(is_named).max();
    let doubts = || {
        named.iter().map(|(_, evaluation)| Doubt {
            part: Part::Principals,
            keys: evaluation.keys.iter().copied().map(Box::from).collect(),
            reason: evaluation.reason.clone(),
        })
    };
    match (truth, why(statement, version, request)) {
        (None, _) => Why::OtherPrincipal,
        (Some(Truth::Yes), why) => why,
        (Some(_), why @ (Why::OtherAction | Why::OtherResource | Why::Narrower)) => why,
        (Some(Truth::No), Why::Fails(others)) => Why::Fails(doubts().chain(others).collect()),
        (Some(Truth::No), _) => Why::Fails(doubts().collect()),
        (Some(Truth::Unclear), Why::Hangs(others)) => Why::Hangs(doubts().chain(others).collect()),
        (Some(Truth::Unclear), why @ Why::Fails(_)) => why,
        (Some(Truth::Unclear), _) => Why::Hangs(doubts().collect()),
    }
}

fn why(statement: &Statement, version: Version, request: &Request<'_>) -> Why {
    if !statement.is_about(request.action) {
        return Why::OtherAction;
    }
    let resource =
        statement::evaluate_resource(statement, version, request.resource, request.context);
    if resource.can.never() {
        let narrower = request.resource == "*" && is_allow(statement);
        let would = narrower
            .then(|| statement::evaluate_narrower(statement, version, request.context))
            .flatten();
        return match would {
            Some(evaluation) if evaluation.can.surely() => Why::Narrower,
            _ => Why::OtherResource,
        };
    }
    let complete = request.context.is_complete();
    let mut fails = Vec::new();
    let mut undecided = Vec::new();
    let conditions = statement.conditions.iter().map(|one| {
        let answer = condition::evaluate(one, version, statement.effect, request.context);
        (Some(one), answer)
    });
    for (condition, answer) in std::iter::once((None, resource)).chain(conditions) {
        let truths = if complete {
            answer.now.into()
        } else {
            answer.can
        };
        if truths.surely() {
            continue;
        }
        let into = if truths.never() {
            &mut fails
        } else {
            &mut undecided
        };
        let part = condition.map_or(Part::Resource, |one| Part::Condition(one.clone()));
        into.push(Doubt {
            reason: answer.reason.filter(|_| truths != Truths::EITHER),
            part,
            keys: answer.keys.into_iter().map(Box::from).collect(),
        });
    }
    if let Some(doubt) = &statement.doubt {
        undecided.push(Doubt {
            part: Part::Whole,
            keys: Vec::new(),
            reason: Some(Arc::clone(&doubt.reason)),
        });
    }
    match (fails.is_empty(), undecided.is_empty()) {
        (false, _) => Why::Fails(fails),
        (true, false) => Why::Hangs(undecided),
        (true, true) => Why::Applies,
    }
}
