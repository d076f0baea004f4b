//! The resource side on top of an answer about the principal's side: does it come to what evaluating all at once does?

use iam::evaluate::on_top::{ServiceControlLayers, on_top};
use iam::{Context, Decision, Outcome};
use proptest::prelude::*;

use super::made::{self, Made, decide, with_layers};

fn put_on_top(made: &Made, context: &Context, service_control: ServiceControlLayers) -> Outcome {
    let principal_side = Made {
        side: None,
        ..made.clone()
    };
    let principal_side = decide(&principal_side, context);
    with_layers(made, context, |layers, request| {
        on_top(&principal_side, layers, service_control, request)
    })
}

/// In a context that says all, and with a resource, where IAM itself leaves less open than an audit.
fn asked() -> impl Strategy<Value = (Made, Context)> {
    let complete = made::context().prop_filter("complete", Context::is_complete);
    let made = made::anything().prop_map(|made| Made {
        resource: "arn:aws:s3:::a/x",
        ..made
    });
    (made, complete)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn the_resource_side_on_top_is_as_all_at_once((made, context) in asked()) {
        let at_once = decide(&made, &context).decision;
        let found = put_on_top(&made, &context, ServiceControlLayers::Known).decision;
        let allowed = |decision| decision == Decision::Allowed;
        if found != Decision::Undetermined && at_once != Decision::Undetermined {
            prop_assert_eq!(allowed(found), allowed(at_once));
        }
        // What is open at once is not settled on top.
        if at_once == Decision::Undetermined {
            prop_assert!(!allowed(found));
        }
    }

    #[test]
    fn unknown_scps_never_make_a_decision_better((made, context) in asked()) {
        let known = put_on_top(&made, &context, ServiceControlLayers::Known).decision;
        let unknown = put_on_top(&made, &context, ServiceControlLayers::Unknown).decision;
        match known {
            Decision::Allowed => prop_assert!(matches!(unknown, Decision::Allowed | Decision::Undetermined)),
            other => prop_assert_eq!(unknown, other),
        }
    }
}
