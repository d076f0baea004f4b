//! What IAM refuses to store is found with its place, and what it stores passes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod elements;

use iam::policy::validate::DocumentKind::{self, Inline, Managed, ServiceControl, Trust};
use iam::policy::validate::validate;

#[track_caller]
fn check(kind: DocumentKind, text: &str, expected: &[&str]) {
    let found: Vec<String> = validate(text, kind)
        .iter()
        .map(|fault| format!("{}:{}: {}", fault.line, fault.column, fault.reason))
        .collect();
    assert_eq!(found, expected, "{text}");
}

/// One statement that is right but for `elements`, each on a line of its own; problems without place and statement.
#[track_caller]
fn check_statement(kind: DocumentKind, elements: &[&str], expected: &[&str]) {
    let text = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\n{}\n}}]}}",
        elements.join(",\n")
    );
    let found: Vec<String> = validate(&text, kind)
        .iter()
        .map(|fault| {
            assert!(fault.line > 0 && fault.column > 0, "{fault:?}");
            let problem = fault.reason.strip_prefix("statement 1: ").unwrap();
            problem.to_owned()
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

const ALLOW: &str = r#""Effect": "Allow""#;
const GET: &str = r#""Action": "s3:GetObject""#;
const ALL: &str = r#""Resource": "*""#;
const ASSUME: &str = r#""Action": "sts:AssumeRole""#;
const ANYBODY: &str = r#""Principal": "*""#;

#[test]
fn documents_that_iam_stores_pass() {
    for kind in [Inline, Managed, ServiceControl] {
        check_statement(kind, &[ALLOW, GET, ALL], &[]);
        check(
            kind,
            r#"{"Version": "2012-10-17", "Id": "x", "Statement": {"Sid": "", "Effect": "Deny", "NotAction": ["s3:*", "*"],
            "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/${aws:username}/*"], "Condition": {}}}"#,
            &[],
        );
    }
    check(
        Trust,
        r#"{"Statement": [
            {"Sid": "", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Sid": "", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"]},
             "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": {"StringEquals": {"sts:ExternalId": 42}}}
        ]}"#,
        &[],
    );
}

#[test]
fn a_text_that_is_no_document_is_refused_as_a_whole() {
    check(
        Inline,
        "",
        &["1:0: the policy document is empty: expected a JSON object"],
    );
    check(
        Inline,
        "{\n\"Statement\": [",
        &["2:14: the policy document is cut off: EOF while parsing a list"],
    );
    check(
        Inline,
        "[]",
        &["1:1: the policy document is a list: expected an object"],
    );
    check(
        Inline,
        "{}",
        &["1:1: the policy document has no `Statement`"],
    );
    check(
        Inline,
        r#"{"Statement": []}"#,
        &["1:15: `Statement` is an empty list: expected at least one statement"],
    );
    check(
        Inline,
        r#"{"Statement": ["x"]}"#,
        &["1:16: statement 1: a statement is a text: expected an object"],
    );
}

#[test]
fn a_version_is_one_of_two_and_the_newer_one_for_a_managed_policy() {
    let document = |version: &str| {
        format!(
            r#"{{{version}"Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}"#
        )
    };
    check(Inline, &document(""), &[]);
    check(Inline, &document(r#""Version": "2008-10-17", "#), &[]);
    check(
        Inline,
        &document(r#""Version": "2012-10-18", "#),
        &["1:13: `Version` is `2012-10-18`: expected `2012-10-17` or `2008-10-17`"],
    );
    check(
        Inline,
        &document(r#""Version": 2012, "#),
        &["1:13: `Version` is a number: expected a text"],
    );
    check(
        Managed,
        &document(""),
        &[
            "1:1: the document has no `Version`: expected `2012-10-17`, which a managed policy must have",
        ],
    );
    check(
        Managed,
        &document(r#""Version": "2008-10-17", "#),
        &[
            "1:13: `Version` is `2008-10-17`: expected `2012-10-17`, which a managed policy must have",
        ],
    );
}

#[test]
fn elements_are_known_and_given_once() {
    check(
        Inline,
        "{\"version\": \"2012-10-17\",\n \"Statement\": {\n  \"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\",\n  \"Note\": 1}}",
        &[
            "1:3: `version` is no element of a policy: did you mean `Version`? Case counts",
            "4:4: statement 1: `Note` is no element of a policy: expected Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition",
        ],
    );
    check_statement(
        Inline,
        &[ALLOW, ALLOW, GET, ALL],
        &["`Effect` is given twice in one object: expected each key once"],
    );
}

#[test]
fn what_a_statement_must_have_is_asked_for() {
    check_statement(
        Inline,
        &[ALLOW],
        &[
            "there is neither `Action` nor `NotAction`: expected one of them",
            "there is neither `Resource` nor `NotResource`: expected one of them",
        ],
    );
    check_statement(
        Inline,
        &[GET, ALL],
        &["there is no `Effect`: expected `Allow` or `Deny`"],
    );
    check_statement(
        Inline,
        &[r#""Effect": "allow""#, GET, ALL],
        &["`Effect` is `allow`: expected exactly `Allow` or `Deny`"],
    );
    check_statement(
        Inline,
        &[ALLOW, GET, r#""NotAction": "s3:*""#, ALL],
        &["there are both `Action` and `NotAction`: expected one of them"],
    );
    check_statement(
        Inline,
        &[ALLOW, r#""Action": []"#, r#""Resource": []"#],
        &[
            "the list is empty: expected an action",
            "the list is empty: expected a resource",
        ],
    );
    check_statement(
        Inline,
        &[ALLOW, r#""Action": ["s3:*", 7]"#, ALL],
        &["an action is a number: expected a text"],
    );
}

#[test]
fn only_trust_policies_have_principals_and_they_have_no_resource() {
    for kind in [Inline, Managed, ServiceControl] {
        check_statement(
            kind,
            &[ALLOW, GET, ALL, ANYBODY],
            &["there is `Principal`, which only resource policies and trust policies may have"],
        );
    }
    check_statement(
        Trust,
        &[ALLOW, ASSUME, ALL],
        &[
            "there is neither `Principal` nor `NotPrincipal`: expected one of them",
            "there is `Resource`, which a trust policy cannot have: the resource is the role itself",
        ],
    );
    check_statement(
        Trust,
        &[ALLOW, ASSUME, r#""NotPrincipal": {"AWS": "*"}"#],
        &[
            "there is `NotPrincipal`, which a trust policy cannot have: name the principals in `Principal`",
        ],
    );
}

#[test]
fn several_problems_are_found_at_once_in_the_order_of_the_text() {
    check(
        Inline,
        "{\"Version\": \"2012-10-17\", \"Statement\": [\n {\"Sid\": \"a-b\", \"Effect\": \"Allow\",\n  \"Action\": [\"s3:*\", \"x\"], \"Resource\": \"b\"}]}",
        &[
            "2:10: statement 1: the `Sid` is `a-b`: expected letters and digits only",
            "3:22: statement 1: the action `x` names no service: expected `service:Name`, such as `s3:GetObject`",
            "3:40: statement 1: the resource `b` is no ARN: expected an ARN, or `*` alone",
        ],
    );
}
