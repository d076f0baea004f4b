//! Asking: with which calls are all questions about one principal answered?
//!
//! Lists of questions share actions, resources and contexts; each action is asked about once on each resource in each context. Resources
//! with the same actions go into one call. `*` goes alone, because AWS takes it only as the absence of resources.

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{ActionName, Context, Principal, PrincipalKind, Question};
use jiff::Timestamp;

use super::split::Splits;

/// The most actions that one call asks about.
pub(super) const ACTIONS: usize = 100;
/// The most resources that one call asks about.
const RESOURCES: usize = 20;

/// Actions that are asked about on some resources in one context; a call for each batch of the actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) context: Arc<Context>,
    /// Empty: the text `*`.
    pub(super) resources: Vec<Arc<str>>,
    /// Sorted, without repetition.
    pub(super) actions: Vec<ActionName>,
    /// The positions of action and resource that are asked about; all where there are none.
    pub(super) wanted: BTreeSet<(usize, usize)>,
}

/// All units of the lists of questions, in the order in which the questions first name them.
pub(super) fn units(lists: &[Arc<[Question]>]) -> Vec<Unit> {
    let mut asked: Vec<(&Arc<Context>, &Arc<str>, BTreeSet<&ActionName>)> = Vec::new();
    for question in lists.iter().flat_map(|questions| questions.iter()) {
        let same = asked.iter_mut().find(|(context, resource, _)| {
            **resource == question.resource && **context == question.context
        });
        match same {
            Some((_, _, actions)) => actions.extend(question.actions.iter()),
            None => asked.push((
                &question.context,
                &question.resource,
                question.actions.iter().collect(),
            )),
        }
    }
    let mut units: Vec<Unit> = Vec::new();
    for (context, resource, actions) in asked {
        if actions.is_empty() {
            continue;
        }
        let whole = &**resource == "*";
        let same = units.iter_mut().find(|unit| {
            !whole
                && !unit.resources.is_empty()
                && unit.resources.len() < RESOURCES
                && unit.context == *context
                && unit.actions.iter().eq(actions.iter().copied())
        });
        match same {
            Some(unit) => unit.resources.push(Arc::clone(resource)),
            None => units.push(Unit {
                context: Arc::clone(context),
                resources: if whole {
                    Vec::new()
                } else {
                    vec![Arc::clone(resource)]
                },
                actions: actions.into_iter().cloned().collect(),
                wanted: BTreeSet::new(),
            }),
        }
    }
    units
}

/// Few units for questions about concrete resources: resources of one context go into one call, whatever their actions.
pub(super) fn merged(questions: &[Question]) -> Vec<Unit> {
    type Asked<'q> = (
        &'q Arc<Context>,
        Vec<&'q Question>,
        BTreeSet<&'q ActionName>,
    );
    let mut calls: Vec<Asked<'_>> = Vec::new();
    for question in questions {
        let has_room = calls.iter().position(|(context, resources, actions)| {
            let more = question.actions.iter().filter(|one| !actions.contains(one));
            **context == question.context
                && resources.len() < RESOURCES
                && actions.len() + more.count() <= ACTIONS
        });
        match has_room.and_then(|at| calls.get_mut(at)) {
            Some((_, resources, actions)) => {
                resources.push(question);
                actions.extend(question.actions.iter());
            }
            None => calls.push((
                &question.context,
                vec![question],
                question.actions.iter().collect(),
            )),
        }
    }
    let units = calls.into_iter().map(|(context, questions, actions)| {
        let actions: Vec<ActionName> = actions.into_iter().cloned().collect();
        let wanted = questions
            .iter()
            .enumerate()
            .flat_map(|(resource, question)| {
                let asked = question.actions.iter();
                let positions = asked.filter_map(|action| actions.binary_search(action).ok());
                positions.map(move |action| (action, resource))
            });
        Unit {
            wanted: wanted.collect(),
            context: Arc::clone(context),
            resources: questions
                .iter()
                .map(|question| Arc::clone(&question.resource))
                .collect(),
            actions,
        }
    });
    units.collect()
}

impl Unit {
    /// The calls that the unit takes if nothing is denied, no answer has a second page and no batch is refused.
    pub(super) fn calls(&self, splits: &Splits) -> usize {
        let batches = self.actions.chunks(ACTIONS);
        batches
            .map(|batch| splits.known(batch).map_or(1, |parts| parts.len()))
            .sum()
    }

    /// Whether an action is asked about on a resource.
    pub(super) fn wants(&self, action: usize, resource: usize) -> bool {
        self.wanted.is_empty() || self.wanted.contains(&(action, resource))
    }

    /// The position of a question's resource; `None` if the unit does not ask it.
    pub(super) fn position(&self, question: &Question) -> Option<usize> {
        if self.context != question.context {
            return None;
        }
        if self.resources.is_empty() {
            return (&*question.resource == "*").then_some(0);
        }
        self.resources
            .iter()
            .position(|resource| *resource == question.resource)
    }
}

/// What is known of every request: the time, that TLS is used, and who asks. What the question says comes last and wins.
pub(super) fn context(principal: &Principal, question: &Context, now: Timestamp) -> Context {
    let mut context = Context::partial();
    context.set_one("aws:SecureTransport", "true");
    context.set_one(
        "aws:CurrentTime",
        now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    );
    context.set_one("aws:EpochTime", now.as_second().to_string());
    context.set_one("aws:PrincipalArn", principal.arn.as_str());
    context.set_one("aws:PrincipalAccount", principal.arn.account().as_str());
    match principal.arn.kind() {
        PrincipalKind::User => {
            context.set_one("aws:PrincipalType", "User");
            context.set_one("aws:username", principal.arn.name());
            context.set_one("aws:userid", principal.id.clone());
        }
        PrincipalKind::Role => context.set_one("aws:PrincipalType", "AssumedRole"),
    }
    for (key, value) in &principal.tags {
        context.set_one(&format!("aws:PrincipalTag/{key}"), value.clone());
    }
    context.extend(question);
    context
}
