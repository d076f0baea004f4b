//! Doubt: what does a statement decide of which not everything is known yet?

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::policy::Doubt;
use iam::{Cause, Context, Decision, Document, Layers, Outcome, Policy, Request, evaluate};

const SURE: &str = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#;
const NARROW: &str = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*/*"}"#;

/// Decides a request for an object, or for `*`, by statements of which some are in doubt.
fn decide(statements: &[(&str, Option<&[&str]>)], resource: &str) -> Outcome {
    let texts: Vec<&str> = statements.iter().map(|(text, _)| *text).collect();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        texts.join(",")
    );
    let mut document = Document::parse(&text).unwrap();
    for (statement, (_, doubt)) in document.statements.iter_mut().zip(statements) {
        statement.doubt = doubt.map(|resources| {
            Box::new(Doubt {
                reason: "t.yaml:7: `Bucket` is not known".into(),
                resources: resources.iter().map(|one| (*one).into()).collect(),
            })
        });
    }
    let layers = Layers {
        identity: vec![Policy {
            name: "inline p".into(),
            document: Ok(&document),
        }],
        boundary: None,
        session: None,
        service_control: Vec::new(),
        management_account: false,
        resource_side: None,
    };
    let action = "s3:GetObject".parse().unwrap();
    let context = Context::partial();
    evaluate(
        &layers,
        &Request {
            principal: None,
            action: &action,
            resource,
            context: &context,
        },
    )
}

#[track_caller]
fn check(statements: &[(&str, Option<&[&str]>)], resource: &str, expected: Decision) -> Cause {
    let outcome = decide(statements, resource);
    assert_eq!(outcome.decision, expected, "{:?}", outcome.cause);
    outcome.cause
}

const OBJECT: &str = "arn:aws:s3:::backups/x";

#[test]
fn an_allow_in_doubt_does_not_count_as_allowing() {
    let cause = check(&[(SURE, Some(&[]))], OBJECT, Decision::Undetermined);
    let Cause::CannotEvaluate { reason, .. } = cause else {
        panic!("{cause:?}");
    };
    assert_eq!(&*reason, "t.yaml:7: `Bucket` is not known");
}

#[test]
fn a_deny_in_doubt_may_deny() {
    check(
        &[(SURE, None), (DENY, Some(&[]))],
        OBJECT,
        Decision::Undetermined,
    );
}

#[test]
fn what_is_certain_outweighs_a_doubt() {
    check(
        &[(SURE, None), (SURE, Some(&[]))],
        OBJECT,
        Decision::Allowed,
    );
    check(
        &[(SURE, Some(&[])), (DENY, None)],
        OBJECT,
        Decision::ExplicitDeny,
    );
}

#[test]
fn a_doubt_about_resources_leaves_no_doubt_that_something_is_allowed() {
    let doubt: &[&str] = &["arn:aws:s3:::${Bucket}/*"];
    check(&[(NARROW, Some(doubt))], OBJECT, Decision::Undetermined);
    check(
        &[(NARROW, Some(doubt))],
        "arn:aws:kms:eu-west-1:111122223333:key/1",
        Decision::ImplicitDeny,
    );
    let cause = check(&[(NARROW, Some(doubt))], "*", Decision::ImplicitDeny);
    let Cause::AllowedOnlyOn { resources, .. } = cause else {
        panic!("{cause:?}");
    };
    assert_eq!(*resources, ["arn:aws:s3:::${Bucket}/*".into()]);
    check(&[(NARROW, Some(&[]))], "*", Decision::Undetermined);
}
