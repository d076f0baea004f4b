//! The stand-in for IAM: does it speak as AWS does? boto3, which is made from AWS's own model, reads what it says.

use std::collections::BTreeSet;

use e2e::bridge::Bridge;
use e2e::standin::{Conduct, StandIn};
use iam::Document;
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/backup/veeam";

fn account() -> Value {
    let document = |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements });
    json!({
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [{
            "Path": "/backup/", "RoleName": "veeam", "RoleId": "AROA0000000000000001", "Arn": ROLE,
            "CreateDate": "2026-01-01T00:00:00+00:00",
            "AssumeRolePolicyDocument": document(json!([{
                "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }])),
            "InstanceProfileList": [],
            "RolePolicyList": [{ "PolicyName": "own", "PolicyDocument": document(json!([
                { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::backup*" },
                { "Effect": "Allow", "Action": "ec2:*", "Resource": "*",
                  "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-central-1" } } },
                { "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*" } ])) }],
            "AttachedManagedPolicies": [],
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/bound" },
            "Tags": [{ "Key": "team", "Value": "backup & restore <1>" }],
            "RoleLastUsed": {},
        }],
        "Policies": [{
            "PolicyName": "bound", "PolicyId": "ANPA0000000000000001", "Arn": "arn:aws:iam::123456789012:policy/bound",
            "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 1,
            "IsAttachable": true, "CreateDate": "2026-01-01T00:00:00+00:00", "UpdateDate": "2026-01-01T00:00:00+00:00",
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2026-01-01T00:00:00+00:00",
                "Document": document(json!([{ "Effect": "Allow", "Action": ["s3:*", "ec2:Describe*"], "Resource": "*" }])) }],
        }],
    })
}

fn with(conduct: Conduct) -> (StandIn, Bridge) {
    let stand_in = StandIn::start(&account(), conduct);
    let aws = Bridge::new(stand_in.url());
    (stand_in, aws)
}

/// Of each result: action, decision, whether the boundary lets it through, whether the organisation does.
fn told(answer: &Value) -> Vec<(String, String, Value, Value)> {
    let results = answer["EvaluationResults"]
        .as_array()
        .expect("an answer has results");
    results
        .iter()
        .map(|result| {
            let text = |key: &str| result[key].as_str().unwrap_or_default().to_owned();
            (
                text("EvalActionName"),
                text("EvalDecision"),
                result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"].clone(),
                result["OrganizationsDecisionDetail"]["AllowedByOrganizations"].clone(),
            )
        })
        .collect()
}

fn entry(
    action: &str,
    decision: &str,
    boundary: Value,
    organizations: Value,
) -> (String, String, Value, Value) {
    (
        action.to_owned(),
        decision.to_owned(),
        boundary,
        organizations,
    )
}

fn scp() -> Conduct {
    let document = |text| Document::parse(text).expect("an SCP of the test can be read");
    Conduct {
        service_control: vec![vec![
            document(
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            ),
            document(
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}}"#,
            ),
        ]],
        ..Conduct::default()
    }
}

#[test]
fn a_listing_comes_in_pages_with_tags_boundaries_and_documents() {
    let (_stand_in, aws) = with(Conduct {
        listing_page: 1,
        ..Conduct::default()
    });
    let first = aws.must("iam", "get_account_authorization_details", json!({}));
    assert_eq!(first["IsTruncated"], true);
    let role = &first["RoleDetailList"][0];
    assert_eq!(role["Tags"][0]["Value"], "backup & restore <1>");
    assert_eq!(
        role["RolePolicyList"][0]["PolicyDocument"]["Statement"][2]["Effect"],
        "Deny"
    );
    let last = aws.must(
        "iam",
        "get_account_authorization_details",
        json!({ "Marker": first["Marker"] }),
    );
    assert_eq!(last["IsTruncated"], false);
    assert_eq!(last["Policies"][0]["PolicyName"], "bound");
}

#[test]
fn the_truth_about_several_resources_stands_inside_the_result() {
    let (_stand_in, aws) = with(Conduct::default());
    let answer = aws.must(
        "iam",
        "simulate_principal_policy",
        json!({
            "PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"],
            "ResourceArns": ["arn:aws:s3:::backup/a", "arn:aws:s3:::other/a"],
        }),
    );
    let result = &answer["EvaluationResults"][0];
    assert_eq!(result["EvalDecision"], "implicitDeny");
    assert!(
        result["EvalResourceName"]
            .as_str()
            .is_some_and(|name| name.contains("${"))
    );
    let each = &result["ResourceSpecificResults"];
    assert_eq!(each[0]["EvalResourceName"], "arn:aws:s3:::backup/a");
    assert_eq!(each[0]["EvalResourceDecision"], "allowed");
    assert_eq!(
        each[0]["MatchedStatements"][0]["SourcePolicyType"],
        "IAM Policy"
    );
    assert_eq!(each[1]["EvalResourceDecision"], "implicitDeny");
}

#[test]
fn layers_tell_of_themselves_and_can_be_left_out() {
    let (_stand_in, aws) = with(scp());
    let ask = |without: Value| {
        let mut parameters = json!({
            "PolicySourceArn": ROLE,
            "ActionNames": ["s3:PutObject", "s3:DeleteObject", "ec2:RunInstances"],
            "ResourceArns": ["arn:aws:s3:::backup/a"],
            "ContextEntries": [{ "ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string",
                                 "ContextKeyValues": ["eu-central-1"] }],
        });
        if without != Value::Null {
            parameters["PolicyExclusionList"] = without;
        }
        told(&aws.must("iam", "simulate_principal_policy", parameters))
    };
    assert_eq!(
        ask(Value::Null),
        [
            entry("s3:PutObject", "explicitDeny", json!(true), json!(false)),
            entry("s3:DeleteObject", "explicitDeny", json!(true), json!(true)),
            entry(
                "ec2:RunInstances",
                "implicitDeny",
                json!(false),
                json!(true)
            ),
        ]
    );
    assert_eq!(
        ask(json!([{ "PolicyType": "scp" }, { "PolicyType": "permission-boundary" }])),
        [
            entry("s3:PutObject", "allowed", Value::Null, Value::Null),
            entry("s3:DeleteObject", "explicitDeny", Value::Null, Value::Null),
            entry("ec2:RunInstances", "allowed", Value::Null, Value::Null),
        ]
    );
}

#[test]
fn keys_that_any_statement_names_are_missing() {
    let (_stand_in, aws) = with(Conduct::default());
    let answer = aws.must(
        "iam",
        "simulate_principal_policy",
        json!({
            "PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"],
        }),
    );
    assert_eq!(
        answer["EvaluationResults"][0]["MissingContextValues"],
        json!(["aws:RequestedRegion"])
    );
}

#[test]
fn results_come_in_pages() {
    let (_stand_in, aws) = with(Conduct::default());
    let actions: Vec<String> = (0..150)
        .map(|number| format!("s3:Action{number}"))
        .collect();
    let first = aws.must(
        "iam",
        "simulate_principal_policy",
        json!({
            "PolicySourceArn": ROLE, "ActionNames": actions, "MaxItems": 1000,
        }),
    );
    assert_eq!(
        first["EvaluationResults"].as_array().map(Vec::len),
        Some(100)
    );
    let last = aws.must("iam", "simulate_principal_policy", json!({
        "PolicySourceArn": ROLE, "ActionNames": actions, "MaxItems": 1000, "Marker": first["Marker"],
    }));
    assert_eq!(last["EvaluationResults"].as_array().map(Vec::len), Some(50));
    assert_eq!(last["IsTruncated"], false);
}

#[test]
fn what_aws_refuses_is_refused_in_its_words() {
    let (stand_in, aws) = with(Conduct {
        apart: vec![BTreeSet::from(["sts:AssumeRole".to_owned()])],
        ..Conduct::default()
    });
    let refusal = |parameters: Value| {
        let refusal = aws
            .call("iam", "simulate_principal_policy", parameters)
            .expect_err("refused");
        (refusal.code, refusal.message)
    };
    let (code, message) = refusal(json!({
        "PolicySourceArn": ROLE, "ActionNames": ["iam:PassRole", "sts:AssumeRole", "s3:GetObject"] }));
    assert_eq!(code, "InvalidInput");
    assert!(
        message.contains("[sts:AssumeRole] and [iam:PassRole,s3:GetObject] require different authorization information"),
        "{message}"
    );
    let (code, _) = refusal(json!({
        "PolicySourceArn": "arn:aws:sts::123456789012:assumed-role/veeam/session", "ActionNames": ["s3:GetObject"] }));
    assert_eq!(code, "InvalidInput");
    let (code, _) = refusal(json!({ "PolicySourceArn": ROLE, "ActionNames": ["s3:Get*"] }));
    assert_eq!(code, "InvalidInput");
    let (code, _) = refusal(json!({
        "PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"], "ResourceArns": ["my-bucket"] }));
    assert_eq!(code, "InvalidInput");
    stand_in.behave(Conduct {
        gone: BTreeSet::from([ROLE.to_owned()]),
        ..Conduct::default()
    });
    let (code, _) = refusal(json!({ "PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"] }));
    assert_eq!(code, "NoSuchEntity");
    stand_in.behave(Conduct {
        throttled_percent: 100,
        ..Conduct::default()
    });
    let (code, message) =
        refusal(json!({ "PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"] }));
    assert_eq!(
        (code.as_str(), message.contains("Rate exceeded")),
        ("Throttling", true)
    );
}
