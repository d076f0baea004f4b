//! Quotas: what IAM would refuse because it is too long or too many is no deployment to rely on.

use serde_json::json;

use crate::plan_text::{plan, put, resource, role};
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

#[test]
fn a_trust_policy_is_counted_too() {
    let trust = |length: usize| {
        let statement = "{Effect: Allow, Action: 'sts:AssumeRole', Principal: '*', Condition: {StringEquals: {'aws:x': 'TEXT'}}}";
        let statement = statement.replace("TEXT", &"x".repeat(length));
        format!(
            "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {{AssumeRolePolicyDocument: {{Statement: {statement}}}}}
"
        )
    };
    let notes = |length| try_read(&trust(length), &[]).unwrap().notes;
    assert!(notes(1_900).is_empty());
    assert_eq!(
        notes(2_000),
        [
            "the trust policy of `Role` has 2116 characters without white space: IAM's quota is 2048 unless it was raised, to 4096 at most"
        ]
    );
    check(&trust(3_900), &[]);
    check(
        &trust(4_000),
        &[
            "`Role`, t.yaml:4: the trust policy has 4116 characters without white space, and IAM takes 4096 at most",
        ],
    );
}

#[test]
fn inline_policies_of_sam_and_of_a_role_in_a_plan_are_counted() {
    let statement = statement(10_300);
    check(
        &format!(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties: {{Policies: [{{Statement: {statement}}}]}}
"
        ),
        &[
            "`WorkerRole`, t.yaml:4: its inline policies have 10374 characters without white space, and IAM's quota is 10240 for all of them",
        ],
    );
    let mut role = role("aws_iam_role.r", Some("r"));
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::{}"}}}}"#,
        "x".repeat(10_200)
    );
    put(
        &mut role.values,
        &json!({"inline_policy": [{"name": "own", "policy": text}]}),
    );
    put(&mut role.open, &json!({"inline_policy": false}));
    put(&mut role.refers, &json!({"inline_policy": []}));
    check(
        &plan(&[role]),
        &[
            "`aws_iam_role.r`, t.yaml:1: its inline policies have 10297 characters without white space, and IAM's quota is 10240 for all of them",
        ],
    );
}
