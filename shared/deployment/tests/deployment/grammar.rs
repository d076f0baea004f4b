//! Grammar: a policy that IAM would refuse makes the deployment fail, whatever it allows.

use serde_json::json;

use crate::plan_text::{plan, resource, role};
use crate::summary::{gap_texts, try_read};
use crate::template_text::TRUST;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let deployment = try_read(text, &[]).unwrap();
    assert_eq!(gap_texts(&deployment), expected);
}

/// A template with a role that has one inline statement, which begins on line 10.
fn template(statement: &str) -> String {
    let statement = statement.replace('\n', "\n          ");
    format!(
        "Parameters: {{Open: {{Type: String}}}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      {TRUST}
      Policies:
      - PolicyName: a
        PolicyDocument: {{Version: '2012-10-17', Statement: [
          {statement}
        ]}}
"
    )
}

#[test]
fn what_iam_refuses_is_a_gap_with_its_line() {
    for (statement, expected) in [
        (
            "{Sid: Read only, Effect: Allow,\nAction: 'a:b', Resource: '*'}",
            "10: IAM refuses the policy: statement 1: the `Sid` is `Read only`: expected letters and digits only",
        ),
        (
            "{Sid: A, Effect: Allow, Action: 'a:b', Resource: '*'},\n{Sid: A, Effect: Allow, Action: 'a:c', Resource: '*'}",
            "11: IAM refuses the policy: statement 2: the `Sid` `A` is that of another statement too: expected each once in a document",
        ),
        (
            "{Effect: Allow,\nAction: GetObject,\nResource: '*'}",
            "11: IAM refuses the policy: statement 1: the action `GetObject` names no service: expected `service:Name`, such as `s3:GetObject`",
        ),
        (
            "{Effect: Allow,\nAction: ['a:b',\n'a:b:c'], Resource: '*'}",
            "12: IAM refuses the policy: statement 1: the action `a:b:c` has more than one colon: expected `service:Name`, such as `s3:GetObject`",
        ),
        (
            "{Effect: Allow, Action: 'a:b',\nResource: bucket/*}",
            "11: IAM refuses the policy: statement 1: the resource `bucket/*` is no ARN: expected an ARN, or `*` alone",
        ),
        (
            "{Effect: Allow, Action: 'a:b', Resource: '*',\nCondition: {\nStringMatches: {'aws:x': y}}}",
            "12: IAM refuses the policy: statement 1: IAM has no condition operator `StringMatches`: expected one such as `StringEquals`",
        ),
        (
            "{Effect: Allow, Action: 'a:b', Resource: '*',\nPrincipal: '*'}",
            "11: IAM refuses the policy: statement 1: there is `Principal`, which only resource policies and trust policies may have",
        ),
        (
            "{Effect: Allow, Action: 'a:b', Resource: '*',\nConditions: {}}",
            "11: IAM refuses the policy: statement 1: `Conditions` is no element of a policy: expected Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition",
        ),
        (
            "{Effect: Allow, Action: 'a:b',\nResource: [!Ref 'AWS::NoValue']}",
            "11: IAM refuses the policy: statement 1: the list is empty: expected a resource",
        ),
    ] {
        check(
            &template(statement),
            &[&format!("`Role`, t.yaml:{expected}")],
        );
    }
}

#[test]
fn what_is_not_known_is_not_refused() {
    for statement in [
        "{Sid: !Sub 'a-${Open}', Effect: !Ref Open, Action: [!Ref Open], Resource: !Ref Open}",
        "{Effect: Allow, NotAction: !Sub '${Open}', NotResource: [!Sub '${Open}:s3:::b']}",
        "{Effect: Allow, Action: 'a:b', Resource: !Sub 'arn:aws:${Open}:::b'}",
        "{Effect: Allow, Action: 'a:b', Resource: '*', Condition: {StringEquals: {'aws:x': !Ref Open}}}",
        "{Effect: Allow, Action: 'a:b', Resource: '*', Condition: {StringEquals: !ImportValue x}}",
        "{Effect: Allow, Action: 'a:b', Resource: '*', Condition: !ImportValue x}",
        "{Effect: Allow, Action: 'a:b', Resource: '*', 'Fn::Transform': {Name: x}}",
        "!ImportValue x",
    ] {
        check(&template(statement), &[]);
    }
    let trust = |statement: &str| {
        format!(
            "Parameters: {{Open: {{Type: String}}}}
Resources: {{R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Statement: [{statement}]}}}}}}}}"
        )
    };
    for statement in [
        "{Effect: Allow, Action: 'sts:AssumeRole', Principal: !ImportValue x}",
        "{Effect: Allow, Action: !Ref Open, Principal: {AWS: !Sub '${Open}:root', Service: !Ref Open}}",
        "{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Federated: [!Ref Open]}}",
        "!ImportValue x",
    ] {
        check(&trust(statement), &[]);
    }
}

#[test]
fn what_is_known_beside_something_open_is_refused() {
    check(
        &template("{Effect: Allow, Action: [!Ref Open, 'a'], Resource: !Ref Open}"),
        &[
            "`Role`, t.yaml:10: IAM refuses the policy: statement 1: the action `a` names no service: expected `service:Name`, such as `s3:GetObject`",
        ],
    );
}

#[test]
fn trust_policies_managed_policies_and_those_of_groups_are_refused_too() {
    check(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: {AWS: me}}}}
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 'a:b', Resource: '*'}}}
  Group:
    Type: AWS::IAM::Group
    Properties: {Policies: [{PolicyName: g, PolicyDocument: {Statement: {Effect: Allow, Action: 'a:b', Resource: x}}}]}
  Users:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: u, Roles: [!Ref Role, !Ref Other], PolicyDocument: {Statement: {Effect: Allow, Action: 'a:b', Resource: y}}}
  Other: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: {Effect: Allow, Action: 'sts:AssumeRole', Principal: '*'}}}}
  Worker:
    Type: AWS::Serverless::Function
    Properties: {Policies: [{Statement: {Effect: Allow, Action: 'a:b', Resource: z}}]}
",
        &[
            "`Role`, t.yaml:5: IAM refuses the trust policy: statement 1: the principal `me` is none that IAM accepts: expected `*`, twelve digits, or the ARN of an account, user, role or session",
            "`Boundary`, t.yaml:8: IAM refuses the policy: the document has no `Version`: expected `2012-10-17`, which a managed policy must have",
            "`WorkerRole`, t.yaml:18: IAM refuses the policy: statement 1: the resource `z` is no ARN: expected an ARN, or `*` alone",
            "`Group`, t.yaml:11: IAM refuses the policy: statement 1: the resource `x` is no ARN: expected an ARN, or `*` alone",
            "`Users`, t.yaml:14: IAM refuses the policy: statement 1: the resource `y` is no ARN: expected an ARN, or `*` alone",
        ],
    );
}

#[test]
fn the_policies_of_a_plan_are_refused_under_their_address() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "x"}}"#;
    let resources = [
        role("aws_iam_role.r", Some("r")),
        resource(
            "aws_iam_policy.p",
            json!({"name": "p", "policy": text}),
            json!({}),
            json!({}),
        ),
    ];
    check(
        &plan(&resources),
        &[
            "`aws_iam_policy.p`, t.yaml: IAM refuses the policy: statement 1: the resource `x` is no ARN: expected an ARN, or `*` alone",
        ],
    );
}

#[test]
fn a_policy_file_is_refused_with_everything_that_is_wrong() {
    let error = try_read(
        "{\"Statement\": [\n  {\"Sid\": \"read-only\", \"Effect\": \"Allow\", \"Action\": \"a:b\",\n   \"Resource\": \"b/*\"}]}",
        &[],
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 2, column 11: statement 1: the `Sid` is `read-only`: expected letters and digits only; line 3, column 16: statement 1: the resource `b/*` is no ARN: expected an ARN, or `*` alone"
    );
    let error = try_read(
        "Statement:\n  Effect: Allow\n  Action: a:b\n  Resource: b\n",
        &[],
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "line 4: statement 1: the resource `b` is no ARN: expected an ARN, or `*` alone"
    );
}
