//! Users, roles and groups that are there already: what do they hold once a file gives them policies?

use std::collections::BTreeMap;

use deployment::{Options, read};
use iam::{Inventory, PrincipalKind};
use serde_json::{Value, json};

use crate::plan_text::policy;
use crate::summary::{held, principal, read_with, try_read};

pub const ROLE: &str = "arn:aws:iam::111122223333:role/app/worker";
pub const USER: &str = "arn:aws:iam::111122223333:user/operator";
pub const SHARED: &str = "arn:aws:iam::111122223333:policy/shared";
const GENERATED: &str = "arn:aws:iam::111122223333:policy/stack-Managed-1A2B3C4D5E6F";

fn document(action: &str) -> Value {
    serde_json::from_str(&policy(action)).unwrap()
}

/// An account with a role, a user in a group, and two managed policies.
pub fn account() -> Inventory {
    let managed = |arn: &str, action: &str| {
        json!({"PolicyName": arn, "Arn": arn, "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": true, "Document": document(action)}]})
    };
    let trust = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}});
    let listing = json!({
        "RoleDetailList": [{"Arn": ROLE, "RoleName": "worker", "Path": "/app/", "RoleId": "AROAEXAMPLEEXAMPLE001",
            "AssumeRolePolicyDocument": trust, "Tags": [{"Key": "veeam:action-sets", "Value": "x"}],
            "RolePolicyList": [
                {"PolicyName": "own", "PolicyDocument": document("old:one")},
                {"PolicyName": "other", "PolicyDocument": document("old:two")}],
            "AttachedManagedPolicies": [
                {"PolicyName": "shared", "PolicyArn": SHARED}, {"PolicyName": "generated", "PolicyArn": GENERATED}],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": SHARED},
            "InstanceProfileList": []}],
        "UserDetailList": [{"Arn": USER, "UserName": "operator", "Path": "/", "UserId": "AIDAEXAMPLEEXAMPLE001",
            "GroupList": ["operators"], "AttachedManagedPolicies": []}],
        "GroupDetailList": [{"Arn": "arn:aws:iam::111122223333:group/operators", "GroupName": "operators",
            "GroupPolicyList": [{"PolicyName": "in-group", "PolicyDocument": document("old:three")}],
            "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": SHARED}]}],
        "Policies": [managed(SHARED, "old:shared"), managed(GENERATED, "old:generated")],
        "IsTruncated": false,
    });
    iam::inventory::read(listing.to_string().as_bytes()).unwrap()
}

/// What somebody holds after a file, whose text this is.
#[track_caller]
pub fn check(text: &str, id: &str, expected: &[&str]) {
    let account = account();
    let deployment = read_with(text, &[], Some(&account)).unwrap();
    assert_eq!(held(&deployment, id), expected);
}

pub const OWN: &str = "inline own: Allow old:one on *";
pub const OTHER: &str = "inline other: Allow old:two on *";
pub const OLD_SHARED: &str = "arn:aws:iam::111122223333:policy/shared: Allow old:shared on *";
pub const OLD_GENERATED: &str =
    "arn:aws:iam::111122223333:policy/stack-Managed-1A2B3C4D5E6F: Allow old:generated on *";
pub const BOUNDARY: &str =
    "boundary arn:aws:iam::111122223333:policy/shared: Allow old:shared on *";

/// A template with one resource.
fn template(kind: &str, properties: &str) -> String {
    let document = "PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'new:one', Resource: '*'}}";
    format!(
        "Resources:\n  Managed:\n    Type: {kind}\n    Properties: {{{document}, {properties}}}\n"
    )
}

#[test]
fn a_role_keeps_what_it_has_and_gets_what_the_template_gives() {
    check(
        &template("AWS::IAM::RolePolicy", "PolicyName: new, RoleName: worker"),
        ROLE,
        &[
            "inline new (t.yaml:3): Allow new:one on *",
            OWN,
            OTHER,
            OLD_SHARED,
            OLD_GENERATED,
            BOUNDARY,
        ],
    );
}

#[test]
fn a_policy_of_the_same_name_is_overwritten() {
    check(
        &template("AWS::IAM::Policy", "PolicyName: own, Roles: [worker]"),
        ROLE,
        &[
            "inline own (t.yaml:3): Allow new:one on *",
            OTHER,
            OLD_SHARED,
            OLD_GENERATED,
            BOUNDARY,
        ],
    );
    check(
        &template(
            "AWS::IAM::Policy",
            "PolicyName: !Ref 'AWS::StackName', Roles: [worker]",
        ),
        ROLE,
        &[
            "inline ${AWS::StackName} (t.yaml:3): Allow new:one on *",
            "inline own: Allow old:one on *? t.yaml:3: the policy on line 3 may overwrite `own`",
            "inline other: Allow old:two on *? t.yaml:3: the policy on line 3 may overwrite `other`",
            OLD_SHARED,
            OLD_GENERATED,
            BOUNDARY,
        ],
    );
}

#[test]
fn an_earlier_version_of_a_policy_without_a_name_is_in_doubt() {
    check(
        &template("AWS::IAM::ManagedPolicy", "Roles: [worker]"),
        ROLE,
        &[
            OWN,
            OTHER,
            "Managed (t.yaml:3): Allow new:one on *",
            OLD_SHARED,
            "arn:aws:iam::111122223333:policy/stack-Managed-1A2B3C4D5E6F, if it is attached: Allow old:generated on *? t.yaml:3: `stack-Managed-1A2B3C4D5E6F` may be what `Managed` is now, which the deployment replaces",
            BOUNDARY,
        ],
    );
}

#[test]
fn whoever_holds_a_policy_of_the_file_is_checked_with_it() {
    let text = template("AWS::IAM::ManagedPolicy", "ManagedPolicyName: shared");
    check(
        &text,
        ROLE,
        &[
            OWN,
            OTHER,
            "Managed (t.yaml:3): Allow new:one on *",
            OLD_GENERATED,
            "boundary Managed (t.yaml:3): Allow new:one on *",
        ],
    );
    check(
        &text,
        USER,
        &[
            "group operators of the listing: inline in-group: Allow old:three on *",
            "Managed (t.yaml:3): Allow new:one on *",
        ],
    );
}

#[test]
fn the_users_of_a_group_get_what_the_group_gets() {
    check(
        &template(
            "AWS::IAM::GroupPolicy",
            "PolicyName: new, GroupName: operators",
        ),
        USER,
        &[
            "group operators of the listing: inline new (t.yaml:3): Allow new:one on *",
            "group operators of the listing: inline in-group: Allow old:three on *",
            OLD_SHARED,
        ],
    );
}

#[test]
fn the_users_of_a_group_that_the_template_defines_get_what_it_says() {
    let group = "Resources:
  Operators:
    Type: AWS::IAM::Group
    Properties: {GroupName: operators, Policies: [{PolicyName: new, PolicyDocument: {Statement: {Effect: Allow, Action: 'new:one', Resource: '*'}}}]}
";
    check(
        group,
        USER,
        &["group Operators: inline new (t.yaml:4): Allow new:one on *"],
    );
}

#[test]
fn one_of_the_listing_is_known_as_it_is() {
    let account = account();
    let text = template("AWS::IAM::RolePolicy", "PolicyName: new, RoleName: worker");
    let deployment = read_with(&text, &[], Some(&account)).unwrap();
    assert_eq!(deployment.origins.len(), 1);
    let worker = principal(&deployment, ROLE);
    assert_eq!(worker.tag("veeam:action-sets"), Some("x"));
    assert_eq!(&*worker.id, "AROAEXAMPLEEXAMPLE001");
    assert!(worker.unsettled.is_empty(), "{:?}", worker.unsettled);
    assert!(matches!(worker.trust.as_deref(), Some(Ok(_))));
    assert_eq!(
        deployment.notes,
        [
            "users and roles that exist already are checked with what the account's listing says of them: what an earlier version of the stack gave them counts, even if this template takes it away"
        ]
    );
}

#[test]
fn who_is_in_no_listing_is_noted() {
    let text = template("AWS::IAM::RolePolicy", "PolicyName: new, RoleName: nobody");
    let text = format!("{text}  Other: {{Type: AWS::IAM::User}}\n");
    let account = account();
    assert_eq!(
        read_with(&text, &[], Some(&account)).unwrap().notes,
        [
            "`Managed` is for `nobody`, which is neither in the template nor in the account's listing, so that one is not checked"
        ]
    );
    assert_eq!(
        try_read(&text, &[]).unwrap().notes,
        [
            "`Managed` is for `nobody`, which is not in the template, so that one is not checked: if it exists already, give the listing of its account with --auth-details"
        ]
    );
}

#[test]
fn a_listing_of_another_account_does_not_count() {
    let mut account = account();
    account.account = Some("444455556666".parse().unwrap());
    let text = template("AWS::IAM::RolePolicy", "PolicyName: new, RoleName: worker");
    let text =
        format!("{text}  Other: {{Type: AWS::IAM::User, Properties: {{Groups: [operators]}}}}\n");
    let deployment = read_with(&text, &[], Some(&account)).unwrap();
    assert_eq!(deployment.origins.len(), 1);
    assert_eq!(
        held(&deployment, "Other"),
        [
            "group operators: inline all of it: unreadable: t.yaml:5: the file does not hold this group"
        ]
    );
    assert!(deployment.notes.contains(
        &"the listing is that of account 444455556666, and --account says 111122223333, so no user, role or group of the listing counts".to_owned()
    ));
}

#[test]
fn a_listing_of_another_account_than_the_policies_name_is_noted() {
    let account = account();
    let notes = |accounts: &[&str]| {
        let arns: Vec<String> = accounts
            .iter()
            .map(|id| format!("'arn:aws:iam::{id}:role/x'"))
            .collect();
        let text = format!(
            "Resources: {{U: {{Type: AWS::IAM::User, Properties: {{Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: 'sts:AssumeRole', Resource: [{}]}}}}}}]}}}}}}",
            arns.join(", ")
        );
        let options = Options {
            account: None,
            parameters: &BTreeMap::new(),
            existing: Some(&account),
            tag_prefix: "veeam:",
            kind: PrincipalKind::Role,
        };
        let deployment = read("t.yaml", &text, &options).unwrap();
        assert_eq!(deployment.account.id().as_str(), "111122223333");
        deployment.notes
    };
    assert_eq!(
        notes(&["444455556666"]),
        [
            "the listing is that of account 111122223333, and the only account that the file's policies name is 444455556666: if it is deployed there, say so with --account"
        ]
    );
    assert!(notes(&["111122223333"]).is_empty());
    assert!(notes(&["444455556666", "111122223333"]).is_empty());
}
