//! Limits: what does a condition decide on a key whose value is known in part?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::context::no_second_factor;
use iam::{Context, Decision, Document, Layers, Limit, Policy, Request, evaluate};

const ALLOW: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn deny(conditions: &str) -> String {
    format!(
        r#"{ALLOW},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{conditions}}}}}"#
    )
}

fn allow(conditions: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{conditions}}}}}"#)
}

#[track_caller]
fn check(key: &str, limit: Limit, statements: &str, expected: Decision) {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let document = Document::parse(&text).unwrap();
    let layers = Layers {
        identity: vec![Policy {
            name: "p".into(),
            document: Ok(&document),
        }],
        ..Layers::default()
    };
    let mut context = Context::partial();
    context.limit(key, limit);
    let action = "ec2:DeleteSnapshot".parse().unwrap();
    let request = Request {
        principal: None,
        action: &action,
        resource: "arn:aws:ec2:eu-west-1::snapshot/snap-1",
        context: &context,
    };
    let found = evaluate(&layers, &request);
    assert_eq!(found.decision, expected, "{statements}: {found:?}");
}

#[test]
fn a_session_without_a_second_factor_never_says_true() {
    use Decision::{Allowed, ExplicitDeny, ImplicitDeny, Undetermined};
    let factor = |operator: &str, value: &str| {
        format!(r#""{operator}":{{"aws:MultiFactorAuthPresent":"{value}"}}"#)
    };
    let check = |statements: &str, expected| {
        check(
            "aws:MultiFactorAuthPresent",
            no_second_factor(),
            statements,
            expected,
        );
    };
    check(&allow(&factor("Bool", "true")), ImplicitDeny);
    check(&allow(&factor("BoolIfExists", "true")), Undetermined);
    check(&deny(&factor("Bool", "true")), Allowed);
    check(&deny(&factor("Bool", "false")), Undetermined);
    check(&deny(&factor("BoolIfExists", "false")), ExplicitDeny);
    check(&deny(&factor("Null", "true")), Undetermined);
    // Absent or `false`: one of the two denies in either case.
    let either = format!(
        "{},{}",
        deny(&factor("Bool", "false")),
        deny(&factor("Null", "true"))
    );
    check(&either, ExplicitDeny);
}

#[test]
fn a_time_within_a_span_is_before_what_comes_after_the_span() {
    use Decision::{Allowed, ExplicitDeny, Undetermined};
    let times = || Limit::OneOf {
        values: vec!["2026-01-01T00:00:00Z".into(), "2026-01-02T00:00:00Z".into()],
        or_absent: false,
    };
    for (time, expected) in [
        ("2025-12-31T00:00:00Z", Allowed),
        ("2026-01-01T12:00:00Z", Undetermined),
        ("2026-01-03T00:00:00Z", ExplicitDeny),
    ] {
        let older = deny(&format!(
            r#""DateLessThan":{{"aws:TokenIssueTime":"{time}"}}"#
        ));
        check("aws:TokenIssueTime", times(), &older, expected);
    }
    let absent = deny(r#""Null":{"aws:TokenIssueTime":"true"}"#);
    check("aws:TokenIssueTime", times(), &absent, Allowed);
}

#[test]
fn the_beginning_of_a_value_may_be_enough() {
    use Decision::{Allowed, ExplicitDeny, Undetermined};
    for (operator, value, expected) in [
        ("StringNotLike", "AROAX:*", Allowed),
        ("StringNotLike", "AROA*", Allowed),
        ("StringNotLike", "AROAY:*", ExplicitDeny),
        ("StringNotLike", "AROAX:backup-*", Undetermined),
        ("StringNotLike", "AROAX:?", Undetermined),
        ("StringLike", "AROAX:*", ExplicitDeny),
        ("StringEquals", "AROAX:backup", Undetermined),
        ("StringEquals", "AROAY:backup", Allowed),
        ("StringEquals", "AROAX:*", Undetermined),
        ("StringNotEquals", "AROAY:backup", ExplicitDeny),
        ("ForAnyValue:StringLike", "AROAX:*", ExplicitDeny),
        ("ForAllValues:StringNotLike", "AROAX:*", Allowed),
        ("StringEqualsIgnoreCase", "arOaY:b", Undetermined),
        ("Null", "false", ExplicitDeny),
        ("Null", "true", Allowed),
    ] {
        let limit = Limit::BeginsWith("AROAX:".into());
        let statements = deny(&format!(r#""{operator}":{{"aws:userid":"{value}"}}"#));
        check("aws:userid", limit, &statements, expected);
    }
}
