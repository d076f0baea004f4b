//! Contexts that say little against all contexts that say more: is what was decided true in each of them?

use std::collections::{BTreeMap, BTreeSet};

use iam::{Cause, Context, Decision, Outcome};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::made::{self, KEYS, Made, decide};

type Assignment = Vec<Option<&'static str>>;

/// For each key, what it may be.
type Choices = Vec<Vec<Option<&'static str>>>;

/// One of its values or none.
fn any_value(key: &'static str) -> Vec<Option<&'static str>> {
    let values = made::values(key).iter().copied().map(Some);
    std::iter::once(None).chain(values).collect()
}

/// Every way to choose.
fn assignments(choices: &Choices) -> Vec<Assignment> {
    let mut all: Vec<Assignment> = vec![Vec::new()];
    for choices in choices {
        let longer = |head: &Assignment| -> Vec<Assignment> {
            let one = |choice: &Option<_>| [head.as_slice(), &[*choice]].concat();
            choices.iter().map(one).collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

fn context(assignment: &Assignment) -> Context {
    let mut context = Context::complete();
    for (key, value) in KEYS.into_iter().zip(assignment) {
        if let Some(value) = value {
            context.set_one(key, *value);
        }
    }
    context
}

/// What an audit tells apart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Allowed,
    Narrower,
    Denied,
    Unclear,
}

fn class(outcome: &Outcome) -> Class {
    match (outcome.decision, &outcome.cause) {
        (Decision::Allowed, _) => Class::Allowed,
        (_, Cause::AllowedOnlyOn { .. }) => Class::Narrower,
        (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => Class::Denied,
        (Decision::Undetermined, _) => Class::Unclear,
    }
}

/// The keys for which two assignments that differ in nothing else give different answers.
fn keys_that_matter<T: PartialEq>(
    choices: &Choices,
    answers: &BTreeMap<Assignment, T>,
) -> BTreeSet<Box<str>> {
    let mut matter = BTreeSet::new();
    for (assignment, answer) in answers {
        for (at, (key, choices)) in KEYS.into_iter().zip(choices).enumerate() {
            let mut other = assignment.clone();
            other.splice(at..=at, choices.first().copied());
            if answers[&other] != *answer {
                matter.insert(key.into());
            }
        }
    }
    matter
}

fn answers<T>(
    made: &Made,
    choices: &Choices,
    tell: impl Fn(&Outcome) -> T,
) -> BTreeMap<Assignment, T> {
    let all = assignments(choices).into_iter();
    all.map(|assignment| {
        let outcome = decide(made, &context(&assignment));
        (assignment, tell(&outcome))
    })
    .collect()
}

/// A context that leaves some keys open, and a completion of it. A key has one value at most: several without a set operator
/// match nothing, and no policy is written for that.
fn completed() -> impl Strategy<Value = (Context, Context)> {
    let choice = |key: &'static str| {
        let values = prop::collection::vec(select(made::values(key)), 0..2);
        (any::<bool>(), values)
    };
    KEYS.map(choice).prop_map(|choices| {
        let (mut partial, mut complete) = (Context::partial(), Context::complete());
        for (key, (known, values)) in KEYS.into_iter().zip(choices) {
            if known {
                partial.set(key, values.iter().copied());
            }
            complete.set(key, values);
        }
        (partial, complete)
    })
}

/// A context that knows of some keys one value or more.
fn one_of_several() -> impl Strategy<Value = (Context, Choices)> {
    let choice = |key: &'static str| {
        prop::option::of(subsequence(
            made::values(key),
            1..=2.min(made::values(key).len()),
        ))
    };
    KEYS.map(choice).prop_map(|known| {
        let mut context = Context::partial();
        let choices = KEYS
            .into_iter()
            .zip(known)
            .map(|(key, values)| match values {
                Some(values) => {
                    context.set(key, values.iter().copied());
                    values.into_iter().map(Some).collect()
                }
                None => any_value(key),
            });
        let choices = choices.collect();
        (context, choices)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    /// `missing` is exactly the keys that can change the decision.
    #[test]
    fn the_missing_keys_are_those_that_change_the_decision(made in made::plain()) {
        let found = decide(&made, &Context::complete()).missing;
        let choices = KEYS.map(any_value).to_vec();
        let answers = answers(&made, &choices, |outcome| outcome.decision);
        prop_assert_eq!(found, keys_that_matter(&choices, &answers));
    }

    /// A key that is unknown, or one of several values, leaves a decision open exactly where its values decide.
    #[test]
    fn a_decision_is_open_exactly_where_completions_differ(
        made in made::plain(),
        (context, choices) in one_of_several(),
    ) {
        let found = decide(&made, &context);
        let answers = answers(&made, &choices, class);
        let first = *answers.values().next().unwrap();
        let same = answers.values().all(|answer| *answer == first);
        prop_assert_eq!(class(&found), if same { first } else { Class::Unclear });
        prop_assert_eq!(&found.missing, &keys_that_matter(&choices, &answers));
        if let Cause::MissingContext { by } = &found.cause {
            prop_assert!(!by.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_settled_decision_stays_under_every_completion(
        made in made::anything(),
        (partial, complete) in completed(),
    ) {
        let before = decide(&made, &partial);
        let after = decide(&made, &complete);
        match before.decision {
            Decision::Allowed | Decision::ExplicitDeny => {
                prop_assert_eq!(before.decision, after.decision);
            }
            Decision::ImplicitDeny => prop_assert_ne!(after.decision, Decision::Allowed),
            Decision::Undetermined => {}
        }
    }

    #[test]
    fn keys_that_are_not_missing_never_change_the_decision(
        made in made::anything(),
        (partial, complete) in completed(),
    ) {
        let mut context = Context::complete();
        for (key, values) in partial.entries() {
            if !values.is_empty() {
                context.set(key, values.iter().cloned());
            }
        }
        let before = decide(&made, &context);
        let mut after = context.clone();
        for (key, values) in complete.entries() {
            if !before.missing.iter().any(|missing| missing.eq_ignore_ascii_case(key)) && context.is_open(key) {
                after.set(key, values.iter().cloned());
            }
        }
        prop_assert_eq!(before.decision, decide(&made, &after).decision);
    }
}
