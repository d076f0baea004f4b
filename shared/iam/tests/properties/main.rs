//! Properties of the language and the simulator: what holds for every policy, not just for those somebody thought of?
//!
//! Policies are made from few words, so that they meet each other: four keys, a handful of values, actions and resources.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod completions;
mod made;
mod on_top;
mod sided;
mod texts;

use iam::{Cause, Context, Decision, Outcome};
use made::decide;
use proptest::prelude::*;

/// What a person would call better.
fn rank(outcome: &Outcome) -> u8 {
    match outcome.decision {
        Decision::Allowed => 2,
        Decision::Undetermined => 1,
        Decision::ImplicitDeny | Decision::ExplicitDeny => 0,
    }
}

fn kind(cause: &Cause) -> std::mem::Discriminant<Cause> {
    std::mem::discriminant(cause)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn one_more_deny_never_makes_a_decision_better(
        made in made::anything(),
        deny in made::deny(),
        place in any::<prop::sample::Index>(),
        context in made::context(),
    ) {
        let before = decide(&made, &context);
        let after = decide(&made.clone().with(deny, place), &context);
        if before.decision == Decision::ExplicitDeny {
            prop_assert_eq!(after.decision, Decision::ExplicitDeny);
        }
        // What was allowed on narrower resources may hang on the new deny; what was denied otherwise stays so.
        if !matches!(before.cause, Cause::AllowedOnlyOn { .. }) && context.is_complete() {
            prop_assert!(rank(&after) <= rank(&before) || after.decision == Decision::Undetermined);
        }
        if before.decision != Decision::Allowed {
            prop_assert_ne!(after.decision, Decision::Allowed);
        }
    }

    #[test]
    fn the_order_of_statements_and_documents_does_not_matter(
        made in made::anything(),
        context in made::context(),
    ) {
        let before = decide(&made, &context);
        let after = decide(&made.reversed(), &context);
        prop_assert_eq!(before.decision, after.decision);
        prop_assert_eq!(before.missing, after.missing);
        prop_assert_eq!(kind(&before.cause), kind(&after.cause));
        prop_assert_eq!(before.cause.layers(), after.cause.layers());
    }

    #[test]
    fn a_trace_ends_in_the_same_outcome(made in made::anything(), context in made::context()) {
        let trace = made::with_layers(&made, &context, iam::evaluate::trace::trace);
        prop_assert_eq!(&trace.outcome, &decide(&made, &context));
        let applies = |step: &&iam::evaluate::trace::Step| step.why == iam::evaluate::trace::Why::Applies;
        let denied: Vec<_> = trace
            .steps
            .iter()
            .filter(applies)
            .filter(|step| step.effect == iam::policy::Effect::Deny)
            .map(|step| step.at.clone())
            .collect();
        match trace.outcome.cause {
            Cause::DeniedBy(by) => prop_assert_eq!(by, denied),
            _ => prop_assert!(denied.is_empty()),
        }
    }

    #[test]
    fn nothing_is_missing_from_a_context_that_names_all_keys(made in made::anything()) {
        let mut context = Context::complete();
        for key in made::KEYS {
            context.set_one(key, "a");
        }
        context.set_one("aws:userid", "AROAEXAMPLEEXAMPLE001:worker");
        prop_assert!(decide(&made, &context).missing.is_empty());
    }
}
