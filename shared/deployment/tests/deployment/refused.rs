//! Refusals: what is told of a file that cannot be checked?

use deployment::{Options, read};
use iam::PrincipalKind;

use crate::summary::try_read;

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = try_read(text, &[]).map(|found| found.form).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

const EXPECTED: &str = "an IAM policy document, a CloudFormation or SAM template, or what `terraform show -json PLAN` prints";
const PLAN: &str =
    "run `terraform plan -out PLAN`, then pass what `terraform show -json PLAN` prints";

#[test]
fn what_is_neither_json_nor_yaml_is_told_with_its_place() {
    check("", &format!("the file is empty: expected {EXPECTED}"));
    check(" \n", &format!("the file is empty: expected {EXPECTED}"));
    check(
        "Resources:\n  a: [b\n",
        "line 3, column 1: this is not YAML: while parsing a flow sequence, expected ',' or ']'",
    );
    check(
        "Resources: {}\n---\nResources: {}\n",
        "line 2: a second YAML document begins here: give each template a file of its own",
    );
}

#[test]
fn what_stands_twice_is_refused() {
    let again = |line: usize, key: &str| {
        format!(
            "line {line}: `{key}` stands here a second time, and nobody knows which one counts: leave one of them"
        )
    };
    check(
        "Resources:\n  R:\n    Type: AWS::IAM::Role\n  R:\n    Type: AWS::IAM::Role\n",
        &again(4, "R"),
    );
    check(
        "Resources: {R: {Type: AWS::IAM::Role,\n Type: AWS::IAM::User}}",
        &again(2, "Type"),
    );
    check(
        "{\"Resources\": {\"R\": {\"Type\": \"a\"},\n\"R\": {\"Type\": \"a\"}}}",
        &again(2, "R"),
    );
}

#[test]
fn only_what_aliases_stand_for_is_counted() {
    let many = "a, ".repeat(210_000);
    let text = format!("Resources: {{}}\nMetadata: [{many}a]\n");
    check(
        &text,
        "there is no user and no role in it: it has no resources",
    );
    check(
        &format!(
            "Resources: {{}}\nA: &a [{}a]\nB: [*a, *a, *a]\n",
            "a, ".repeat(90_000)
        ),
        "line 3: the aliases of this file stand for more than 200000 values: write fewer, or pass the template as it is packaged",
    );
}

#[test]
fn other_shapes_are_recognised() {
    check(
        "hello",
        &format!("this is a mere text: expected {EXPECTED}"),
    );
    check(
        "[1]",
        &format!("this is a list of something else than policy documents: expected {EXPECTED}"),
    );
    check(
        "{\"a\": 1}",
        &format!("this is none of the files that can be checked: expected {EXPECTED}"),
    );
    check(
        r#"{"format_version": "1.0", "terraform_version": "1.9", "values": {}}"#,
        &format!("this is a Terraform state, not a plan: {PLAN}"),
    );
    check(
        r#"{"version": 4, "terraform_version": "1.9", "serial": 1, "resources": []}"#,
        &format!("this is a Terraform state file: {PLAN}"),
    );
    check(
        "resource \"aws_iam_role\" \"r\" {\n}\n",
        &format!("this is Terraform's own language: {PLAN}"),
    );
    check(
        r#"{"version": "36", "artifacts": {}}"#,
        "this is the manifest of a CDK assembly: pass the stack's own file beside it, `*.template.json`",
    );
    check(
        r#"{"RoleDetailList": []}"#,
        "this is the listing of an account: `permdrift audit --auth-details` checks it",
    );
    check(
        "AWSTemplateFormatVersion: 2010-09-09\n",
        "this is a CloudFormation template without `Resources`: there is nothing in it to check",
    );
}

#[test]
fn a_template_without_a_principal_says_what_it_holds_instead() {
    check(
        "Resources: {Bucket: {Type: AWS::S3::Bucket}}",
        "there is no user and no role in it: its only resource is none of IAM",
    );
    check(
        "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'a:b', Resource: '*'}}}}}",
        "there is no user and no role in it: it holds policies and groups only (P), so pass the template that attaches them, the documents one by one, or with --auth-details the listing of an account that has them already",
    );
    check(
        "Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::S3::Bucket}}",
        "there is no user and no role in it: none of its 2 resources is one of IAM",
    );
    check(
        "Resources: {P: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: r, PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: 'a:b', Resource: '*'}}}}}",
        "there is no user and no role in it: `P` is for `r`, which is not in the template, so that one is not checked: if it exists already, give the listing of its account with --auth-details",
    );
    check(
        "Resources: {S: {Type: AWS::CloudFormation::Stack}}",
        "there is no user and no role in it: `S` (line 1) is a stack of its own, which is not looked at: check its template too",
    );
    check(
        "Resources: {P: {Type: AWS::Organizations::Policy, Properties: {Type: SERVICE_CONTROL_POLICY}}, T: {Type: AWS::Organizations::Policy, Properties: {Type: TAG_POLICY}}}",
        "there is no user and no role in it: `P` (line 1) changes the policies of the organisation, which is not looked at: give the SCPs that will be in force with --scp",
    );
    check(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Role: arn:aws:iam::111122223333:role/r}}",
        "there is no user and no role in it: `F` (line 3) runs with a role that exists already, `arn:aws:iam::111122223333:role/r`: `permdrift audit` checks that one",
    );
    check(
        "Parameters: {Make: {Type: String, Default: 'no'}}
Conditions: {Made: !Equals [!Ref Make, 'yes']}
Resources:
  P: {Type: AWS::IAM::RolePolicy, Condition: Made, Properties: {RoleName: r}}",
        "there is no user and no role in it: `P` (line 4) has condition `Made`, which is false: it depends on --parameter Make=VALUE",
    );
}

#[test]
fn a_policy_document_that_iam_would_refuse_is_refused() {
    check(
        "{\n  \"Statement\": {\"Effect\": \"allow\"}}",
        "line 2, column 34: statement 1: `Effect` is `allow`: expected exactly `Allow` or `Deny`",
    );
    check(
        "Statement:\n  Effect: Allow\n  Action: a:b\n",
        "line 1: statement 1 has neither `Resource` nor `NotResource`",
    );
}

#[test]
fn a_value_for_a_parameter_that_is_not_there_is_a_mistake() {
    let text = "Parameters: {Stage: {Type: String}}\nResources: {}";
    let error = try_read(text, &[("Stag", "x")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the template has no parameter `Stag`: expected one of Stage"
    );
}

#[test]
fn a_value_that_no_deployment_would_take_is_a_mistake() {
    let text = "Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Zones: {Type: CommaDelimitedList, AllowedValues: [a, b]}
Resources: {Role: {Type: AWS::IAM::Role}}";
    for (name, value, expected) in [
        ("Stage", "prod", ""),
        (
            "Stage",
            "prd",
            "parameter `Stage` cannot be `prd`: the template allows dev, prod",
        ),
        ("Zones", "a, b", ""),
        (
            "Zones",
            "a,c",
            "parameter `Zones` cannot be `c`: the template allows a, b",
        ),
        ("AWS::Region", "eu-west-1", ""),
        (
            "AWS::Regoin",
            "eu-west-1",
            "the template has no parameter `AWS::Regoin`: expected one of AWS::NotificationARNs, AWS::Partition, AWS::Region, AWS::StackId, AWS::StackName, AWS::URLSuffix",
        ),
    ] {
        let error = try_read(text, &[(name, value)]).map(|found| found.form);
        let told = error.map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(told, expected, "{name}={value}");
    }
}

#[test]
fn the_account_is_the_one_that_the_policies_name() {
    let policy = |accounts: &[&str]| {
        let arns: Vec<String> = accounts
            .iter()
            .map(|account| format!("\"arn:aws:iam::{account}:role/x\""))
            .collect();
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "iam:PassRole", "Resource": [{}]}}}}"#,
            arns.join(",")
        )
    };
    let account = |text: &str| {
        let options = Options {
            account: None,
            parameters: &std::collections::BTreeMap::new(),
            existing: None,
            tag_prefix: "veeam:",
            kind: PrincipalKind::Role,
        };
        match read("p.json", text, &options) {
            Ok(found) => format!("{:?}", found.account),
            Err(error) => error.to_string(),
        }
    };
    let anything =
        r#"{"Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}"#;
    assert!(account(anything).starts_with("Placeholder"));
    assert!(account(&policy(&["111122223333"])).starts_with("Named"));
    assert_eq!(
        account(&policy(&["111122223333", "444455556666"])),
        "its policies name the accounts 111122223333 and 444455556666: say with --account which one it is deployed to"
    );
}

#[test]
fn no_text_makes_it_panic() {
    // What a person could do to a template: cut it off anywhere, or put something odd in the place of each value.
    let text = include_str!("../../../../template.yaml");
    for end in (0..text.len()).step_by(397) {
        let _ = text.get(..end).map(|cut| try_read(cut, &[]));
    }
    for odd in [
        "null",
        "[]",
        "{}",
        "!Ref X",
        "!Sub 1",
        "!If [a]",
        "~",
        "!GetAtt x",
        "''",
    ] {
        for key in [
            "Properties:",
            "Statement:",
            "Action:",
            "Resource:",
            "Tags:",
            "Policies:",
            "Type:",
        ] {
            let changed: String = text
                .lines()
                .map(|line| match line.split_once(key) {
                    Some((front, _)) => format!("{front}{key} {odd}\n"),
                    None => format!("{line}\n"),
                })
                .collect();
            let _ = try_read(&changed, &[]);
        }
    }
}

#[test]
fn who_is_not_created_is_named_with_what_decides() {
    let text = "Parameters: {Make: {Type: String, Default: 'no'}}
Conditions:
  Made: !Equals [!Ref Make, 'yes']
  Both: !And [!Condition Made, !Equals [!Ref AWS::Region, x]]
Resources:
  Reader:
    Type: AWS::IAM::Role
    Condition: Both
    Properties: {AssumeRolePolicyDocument: {Statement: []}}
";
    assert_eq!(
        try_read(text, &[]).unwrap_err().to_string(),
        "it creates none of its users and roles: `Reader` (line 7) has condition `Both`, which is false: it depends on --parameter Make=VALUE"
    );
}

#[test]
fn what_powershell_left_out_is_refused_with_its_line() {
    check(
        "{\"Resources\": {\"R\": {\"Type\": \"AWS::IAM::Role\",\n  \"Properties\": {\"Policies\":\n    \"System.Collections.Hashtable\"}}}}",
        "line 3: `System.Collections.Hashtable` stands where PowerShell's ConvertTo-Json left out what lies deeper than its -Depth: write the file again with `ConvertTo-Json -Depth 100`",
    );
}

#[test]
fn a_plan_without_an_instance_of_its_roles_says_what_decides() {
    let plan = |resource: &str, calls: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{}}}}, "configuration": {{"root_module": {{"resources": [{resource}], "module_calls": {{{calls}}}}}}}}}"#
        )
    };
    let role = |count: &str| {
        format!(
            r#"{{"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role"{count}}}"#
        )
    };
    check(
        &plan("", ""),
        "there is no user and no role in it: it has no resources",
    );
    for (count, expected) in [
        (
            r#", "count_expression": {"references": ["var.create"]}"#,
            ": `count` depends on var.create",
        ),
        (
            r#", "count_expression": {"constant_value": 0}"#,
            ": `count` is none",
        ),
        (
            r#", "for_each_expression": {"references": ["var.roles"]}"#,
            ": `for_each` depends on var.roles",
        ),
        ("", ""),
    ] {
        check(
            &plan(&role(count), ""),
            &format!(
                "it creates none of its users and roles: `aws_iam_role.r` (aws_iam_role) has no instance in the plan{expected}"
            ),
        );
    }
    let module = format!(
        r#""m": {{"count_expression": {{"references": ["var.enabled"]}}, "module": {{"resources": [{}]}}}}"#,
        role("")
    );
    check(
        &plan("", &module),
        "it creates none of its users and roles: `module.m.aws_iam_role.r` (aws_iam_role) has no instance in the plan: `count` of `module.m` depends on var.enabled",
    );
}
