//! Several values for a key of an audit: a request bears one of them, and only the set operators see them all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::{Context, Decision, Document, Layers, Policy, Request, evaluate};

/// Decides by statements, each an effect and its condition, besides one that allows all where none of them does.
#[track_caller]
fn check(statements: &[(&str, &str)], values: &[&str], expected: Decision, hangs: bool) {
    let plain = ("Allow", "{}");
    let plain = (!statements.iter().any(|(effect, _)| *effect == "Allow")).then_some(&plain);
    let statements: Vec<String> = statements
        .iter()
        .chain(plain)
        .map(|(effect, condition)| {
            format!(
                r#"{{"Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
            )
        })
        .collect();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statements.join(",")
    );
    let document = Document::parse(&text).unwrap();
    let layers = Layers {
        identity: vec![Policy {
            name: "inline p".into(),
            document: Ok(&document),
        }],
        ..Layers::default()
    };
    let mut context = Context::partial();
    context.set("aws:SourceIp", values.iter().copied());
    let request = Request {
        principal: None,
        action: &"s3:GetObject".parse().unwrap(),
        resource: "arn:aws:s3:::b/k",
        context: &context,
    };
    let found = evaluate(&layers, &request);
    assert_eq!(found.decision, expected, "{:?}", found.cause);
    assert_eq!(
        found.missing,
        hangs.then(|| "aws:SourceIp".into()).into_iter().collect()
    );
}

const TWO: [&str; 2] = ["10.0.0.1", "192.168.0.1"];

#[test]
fn what_holds_for_each_value_holds() {
    let far = r#"{"NotIpAddress": {"aws:SourceIp": "172.16.0.0/12"}}"#;
    let near = r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}"#;
    check(&[("Deny", far)], &TWO, Decision::ExplicitDeny, false);
    check(&[("Deny", near)], &TWO, Decision::ExplicitDeny, false);
    check(&[("Allow", near)], &TWO, Decision::Allowed, false);
}

#[test]
fn what_holds_for_one_and_not_the_other_hangs_on_the_key() {
    let ten = r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    let not_ten = r#"{"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    for condition in [ten, not_ten] {
        check(&[("Deny", condition)], &TWO, Decision::Undetermined, true);
        check(&[("Allow", condition)], &TWO, Decision::Undetermined, true);
    }
}

#[test]
fn conditions_that_take_turns_leave_no_doubt() {
    let ten = r#"{"IpAddress": {"aws:SourceIp": "10.0.0.1"}}"#;
    let other = r#"{"IpAddress": {"aws:SourceIp": "192.168.0.1"}}"#;
    check(
        &[("Allow", ten), ("Allow", other)],
        &TWO,
        Decision::Allowed,
        false,
    );
    check(
        &[("Allow", ten), ("Deny", ten)],
        &TWO,
        Decision::ImplicitDeny,
        false,
    );
}

#[test]
fn set_operators_see_all_values() {
    let all = r#"{"ForAllValues:IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    let any = r#"{"ForAnyValue:IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}"#;
    check(&[("Allow", all)], &TWO, Decision::ImplicitDeny, false);
    check(&[("Allow", any)], &TWO, Decision::Allowed, false);
}

#[test]
fn a_variable_may_stand_for_any_of_them() {
    let own = r#"{"StringEquals": {"aws:SourceIp": "${aws:SourceIp}"}}"#;
    check(&[("Allow", own)], &TWO, Decision::Undetermined, true);
}
