//! What is really possible: do conditions on the same key leave a doubt, or do they exclude each other?
//!
//! `decide` takes conditions as independent, so it may call a key missing where one statement allows `k = a` and another
//! `k != a`. Here each key that stands in several conditions is tried with samples that stand for all its values, or with each
//! of those that are known; keys that evaluate in one condition only, or have no samples, stay open in each trial. What `decide`
//! said can only be narrowed down: a doubt may go, none comes.

use std::collections::{BTreeMap, BTreeSet};

use super::caller::USER_ID;
use super::candidate::Candidates;
use super::decide;
use super::request::{Layers, Request};
use super::residual::Residual;
use super::statement;
use crate::condition::operator::{Operator, Quantifier};
use crate::condition::sample::{Sample, samples};
use crate::context::{Context, Known, Limit};
use crate::decision::{Decision, Outcome};
use crate::policy::{Condition, Version};

/// More trials than this are not made; the outcome then keeps its doubts.
const MOST_TRIALS: usize = 2048;

/// A key that stands in several conditions, and all that it could be.
struct Tried<'a> {
    key: &'a str,
    samples: Vec<Sample>,
}

/// One trial: these keys so, the others open.
struct Trial {
    residual: Residual,
    outcome: Outcome,
}

/// Narrows down what `decide` made of a candidates.
pub(super) fn refine(
    layers: &Layers<'_>,
    request: &Request<'_>,
    candidates: &Candidates<'_>,
    outcome: Outcome,
) -> Outcome {
    let tried = tried(candidates, request.context, &outcome.missing);
    let count = tried
        .iter()
        .try_fold(1_usize, |count, one| count.checked_mul(one.samples.len()))
        .filter(|count| *count <= MOST_TRIALS);
    let Some(count) = count.filter(|_| !tried.is_empty()) else {
        return outcome;
    };
    let trials: Vec<Trial> = (0..count)
        .map(|number| {
            let mut context = request.context.clone();
            let mut rest = number;
            for one in &tried {
                if let Some(sample) = one.samples.get(rest % one.samples.len()) {
                    context.pin(one.key, sample.iter().cloned());
                }
                rest /= one.samples.len();
            }
            let asked = Request {
                context: &context,
                ..*request
            };
            let candidates = decide::candidates(layers, &asked);
            Trial {
                residual: candidates.residual(),
                outcome: candidates.outcome(&asked),
            }
        })
        .collect();
    let matters = keys_that_matter(&tried, &trials, &outcome.missing);
    conclude(candidates, trials, matters, outcome)
}

/// The keys that evaluate in several conditions and in no variable, with samples.
fn tried<'a>(
    candidates: &Candidates<'a>,
    context: &Context,
    missing: &BTreeSet<Box<str>>,
) -> Vec<Tried<'a>> {
    let missing: BTreeSet<String> = missing.iter().map(|key| key.to_lowercase()).collect();
    let mut conditions: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut variables = BTreeSet::new();
    for (statement, version) in candidates.statements() {
        for condition in &statement.conditions {
            if context.is_open(&condition.key) {
                let folded = condition.key.to_lowercase();
                conditions
                    .entry(folded)
                    .or_default()
                    .push((condition, version));
            }
        }
        if statement.principals.is_some() {
            // The samples of conditions do not try the sessions and ids that principals name.
            variables.insert(USER_ID.to_owned());
        }
        let keys = statement::variables(statement, version);
        variables.extend(keys.into_iter().map(str::to_lowercase));
    }
    conditions
        .into_iter()
        .filter(|(key, list)| list.len() > 1 && missing.contains(key) && !variables.contains(key))
        .filter_map(|(_, list)| {
            let key = &list.first()?.0.key;
            let samples = match context.get(key) {
                Known::Values(values) => each_alone(&list, values)?,
                Known::Absent | Known::Unknown => match context.limit_of(key) {
                    None => samples(&list)?,
                    Some(Limit::OneOf { values, or_absent }) => {
                        let absent = or_absent.then(Vec::new);
                        let present = values.iter().map(|value| vec![value.clone()]);
                        absent.into_iter().chain(present).collect()
                    }
                    Some(Limit::BeginsWith(_)) => return None,
                },
            };
            Some(Tried { key, samples })
        })
        .collect()
}

/// One value or the other; nothing where an operator takes all of them at once.
fn each_alone(list: &[(&Condition, Version)], values: &[Box<str>]) -> Option<Vec<Sample>> {
    let mut operators = list.iter().map(|(one, _)| Operator::parse(&one.operator));
    let alone = operators
        .all(|operator| operator.is_some_and(|operator| operator.quantifier == Quantifier::One));
    alone.then(|| values.iter().map(|value| vec![value.clone()]).collect())
}

/// Those of the missing keys that change the decision in some trial.
fn keys_that_matter(
    tried: &[Tried<'_>],
    trials: &[Trial],
    missing: &BTreeSet<Box<str>>,
) -> BTreeSet<Box<str>> {
    let mut matters: BTreeSet<String> = BTreeSet::new();
    for trial in trials {
        matters.extend(trial.outcome.missing.iter().map(|key| key.to_lowercase()));
    }
    let mut stride = 1;
    for one in tried {
        // The same trial but for this key, which is there as in its first sample.
        let without = |number: usize| number - number / stride % one.samples.len() * stride;
        let changes = trials.iter().enumerate().any(|(number, trial)| {
            trials
                .get(without(number))
                .is_some_and(|other| other.residual != trial.residual)
        });
        if changes {
            matters.insert(one.key.to_lowercase());
        }
        stride *= one.samples.len();
    }
    missing
        .iter()
        .filter(|key| matters.contains(&key.to_lowercase()))
        .cloned()
        .collect()
}

fn conclude(
    candidates: &Candidates<'_>,
    trials: Vec<Trial>,
    matters: BTreeSet<Box<str>>,
    outcome: Outcome,
) -> Outcome {
    if !matters.is_empty() {
        return candidates.narrowed(outcome, matters);
    }
    if candidates.is_complete() {
        return Outcome {
            missing: matters,
            ..outcome
        };
    }
    // Nothing matters any more, so every trial comes to the same. Where some deny explicitly and some implicitly, what is
    // certain is that it is not allowed.
    let mut trials = trials.into_iter().map(|trial| trial.outcome);
    let Some(first) = trials.next() else {
        return outcome;
    };
    trials.fold(first, |settled, other| {
        if settled.decision == Decision::ExplicitDeny && other.decision == Decision::ImplicitDeny {
            other
        } else {
            settled
        }
    })
}
