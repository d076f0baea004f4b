//! Quotas: what IAM would refuse because it is too long or too many is no deployment to rely on.

use serde_json::json;

use crate::plan_text::{plan, resource, role};
use crate::summary::{gap_texts, try_read};
use crate::template_text::TRUST;

/// A statement of about this many characters, none of them white space.
fn statement(length: usize) -> String {
    format!(
        "{{Effect: Allow, Action: 'a:b', Resource: 'arn:aws:s3:::{}'}}",
        "x".repeat(length)
    )
}

fn template(role: &str, other: &str) -> String {
    format!(
        "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {{{TRUST}, {role}}}
{other}"
    )
}

fn managed(length: usize) -> String {
    let statement = statement(length);
    format!(
        "  Managed: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Roles: [!Ref Role], PolicyDocument: {{Version: '2012-10-17', Statement: {statement}}}}}}}"
    )
}

fn inline(length: usize) -> String {
    let statement = statement(length);
    format!(
        "Policies: [{{PolicyName: a, PolicyDocument: {{Statement: {statement}}}}}, {{PolicyName: b, PolicyDocument: {{Statement: {statement}}}}}]"
    )
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let deployment = try_read(text, &[]).unwrap();
    assert_eq!(gap_texts(&deployment), expected);
}

#[test]
fn a_policy_that_is_longer_than_its_quota_is_a_gap() {
    check(&template("", &managed(6_000)), &[]);
    check(
        &template("", &managed(6_144)),
        &[
            "`Managed`, t.yaml:5: the managed policy has 6241 characters without white space, and IAM's quota is 6144",
        ],
    );
    check(&template(&inline(5_000), ""), &[]);
    check(
        &template(&inline(5_100), ""),
        &[
            "`Role`, t.yaml:3: its inline policies have 10348 characters without white space, and IAM's quota is 10240 for all of them",
        ],
    );
}

#[test]
fn white_space_is_not_counted() {
    let blank = " ".repeat(7_000);
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{blank}{{"Effect":"Allow","Action":"a:b","Resource":"*"}}}}"#
    );
    let resources = [
        role("aws_iam_role.r", Some("r")),
        resource(
            "aws_iam_policy.p",
            json!({"name": "p", "policy": text}),
            json!({}),
            json!({}),
        ),
    ];
    check(&plan(&resources), &[]);
}

#[test]
fn more_than_twenty_attachments_are_a_gap_and_more_than_ten_a_note() {
    let role = |count: usize| {
        let arns: Vec<String> = (0..count)
            .map(|number| format!("'arn:aws:iam::aws:policy/P{number}'"))
            .collect();
        template(&format!("ManagedPolicyArns: [{}]", arns.join(", ")), "")
    };
    check(
        &role(21),
        &["`Role`, t.yaml:3: it has 21 managed policies, and IAM takes 20 at most"],
    );
    check(&role(20), &[]);
    let notes = |count| try_read(&role(count), &[]).unwrap().notes;
    assert_eq!(
        notes(11),
        ["`Role` has 11 managed policies: IAM's quota is 10 unless it was raised, to 20 at most"]
    );
    assert!(notes(10).is_empty());
}
