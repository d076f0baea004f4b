//! The provider `awscc` and Cloud Control: are their resources followed like those of the provider `aws`?

use serde_json::{Value, json};

use crate::plan_text::{Resource, known, plan, policy, push, put, read, resource, role};
use crate::summary::{gap_texts, gaps, held, principal, try_read};

const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;

/// A role of `awscc` with these values; as the provider has it, what is not configured is known only after apply.
fn awscc_role(values: &Value) -> Resource {
    let mut refers = json!({"role_name": [], "assume_role_policy_document": []});
    for key in values.as_object().unwrap().keys() {
        put(&mut refers, &json!({key: []}));
    }
    let mut all = json!({"role_name": "r", "assume_role_policy_document": TRUST});
    put(&mut all, values);
    let mut open = json!({"arn": true, "id": true, "role_id": true, "path": true, "policies": true, "tags": true,
        "managed_policy_arns": true, "permissions_boundary": true, "description": true});
    for key in values.as_object().unwrap().keys() {
        put(&mut open, &json!({key: false}));
    }
    resource("awscc_iam_role.r", all, open, refers)
}

fn inline(name: &str, action: &str) -> Value {
    json!({"policy_name": name, "policy_document": policy(action)})
}

#[test]
fn a_role_holds_what_stands_in_it() {
    let deployment = read(&[
        awscc_role(&json!({
            "policies": [inline("one", "a:b"), inline("two", "c:d")],
            "managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "tags": [{"key": "veeam:action-sets", "value": "x"}],
        })),
        known(
            "awscc_iam_role_policy.own",
            json!({"role_name": "r", "policy_name": "own", "policy_document": policy("e:f")}),
        ),
        known(
            "awscc_iam_managed_policy.p",
            json!({"managed_policy_name": "p", "policy_document": policy("g:h"), "roles": ["r"]}),
        ),
    ]);
    assert_eq!(
        held(&deployment, "awscc_iam_role.r"),
        [
            "inline one (t.yaml): Allow a:b on *",
            "inline two (t.yaml): Allow c:d on *",
            "inline own (t.yaml): Allow e:f on *",
            "awscc_iam_managed_policy.p (t.yaml): Allow g:h on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
        ]
    );
    let role = principal(&deployment, "awscc_iam_role.r");
    assert_eq!(role.arn.as_str(), "arn:aws:iam::111122223333:role/r");
    assert_eq!(role.tag("veeam:action-sets"), Some("x"));
    assert!(role.boundary.is_none());
    assert!(matches!(role.trust.as_deref(), Some(Ok(_))));
}

#[test]
fn a_role_of_which_little_is_configured_holds_nothing() {
    let deployment = read(&[awscc_role(&json!({}))]);
    assert!(held(&deployment, "awscc_iam_role.r").is_empty());
    let role = principal(&deployment, "awscc_iam_role.r");
    assert!(
        !role
            .unsettled
            .iter()
            .any(|key| key.starts_with("aws:PrincipalTag"))
    );
}

#[test]
fn a_boundary_is_followed_through_the_configuration() {
    let mut bounded = awscc_role(&json!({}));
    put(
        &mut bounded.refers,
        &json!({"permissions_boundary": ["awscc_iam_managed_policy.p.policy_arn", "awscc_iam_managed_policy.p"]}),
    );
    let boundary = known(
        "awscc_iam_managed_policy.p",
        json!({"policy_document": policy("a:b")}),
    );
    assert_eq!(
        held(&read(&[bounded, boundary]), "awscc_iam_role.r"),
        ["boundary awscc_iam_managed_policy.p (t.yaml): Allow a:b on *"]
    );
}

#[test]
fn a_user_holds_what_its_groups_hold() {
    let deployment = read(&[
        known(
            "awscc_iam_user.u",
            json!({"user_name": "u", "groups": ["g"], "policies": [inline("own", "a:b")]}),
        ),
        known(
            "awscc_iam_group.g",
            json!({"group_name": "g", "policies": [inline("shared", "c:d")]}),
        ),
        known(
            "awscc_iam_user_policy.more",
            json!({"user_name": "u", "policy_name": "more", "policy_document": policy("e:f")}),
        ),
        known(
            "awscc_iam_group_policy.p",
            json!({"group_name": "g", "policy_name": "p", "policy_document": policy("g:h")}),
        ),
    ]);
    assert_eq!(
        held(&deployment, "awscc_iam_user.u"),
        [
            "inline own (t.yaml): Allow a:b on *",
            "inline more (t.yaml): Allow e:f on *",
            "group awscc_iam_group.g: inline shared (t.yaml): Allow c:d on *",
            "group awscc_iam_group.g: inline p (t.yaml): Allow g:h on *",
        ]
    );
}

#[test]
fn an_instance_profile_names_its_role() {
    let deployment = read(&[
        awscc_role(&json!({})),
        known(
            "awscc_iam_instance_profile.p",
            json!({"roles": ["r"], "instance_profile_name": "p"}),
        ),
    ]);
    let role = principal(&deployment, "awscc_iam_role.r");
    assert_eq!(role.instance_profiles.len(), 1);
}

#[test]
fn an_open_tag_is_not_settled() {
    let open = awscc_role(&json!({"tags": [{"key": "veeam:action-sets"}, {"key": "team"}]}));
    let deployment = try_read(&plan(&[open]), &[]).unwrap();
    let told = gaps(&deployment);
    assert!(
        matches!(told.as_slice(), [one] if one.contains("tag veeam:action-sets")),
        "{told:?}"
    );
    let mut whole = awscc_role(&json!({}));
    put(&mut whole.refers, &json!({"tags": ["var.tags"]}));
    let deployment = try_read(&plan(&[whole]), &[]).unwrap();
    let told = gaps(&deployment);
    assert!(
        matches!(told.as_slice(), [one] if one.contains("awscc_iam_role.r, tags")),
        "{told:?}"
    );
}

/// What the role of `aws` holds beside a policy of `awscc` for it, with these configurations of the providers.
fn beside(aws: &Value, awscc: &Value) -> Vec<String> {
    let mut text: Value = serde_json::from_str(&plan(&[
        role("aws_iam_role.r", Some("r")),
        known(
            "awscc_iam_role_policy.deny",
            json!({"role_name": "r", "policy_name": "deny", "policy_document": policy("a:b")}),
        ),
    ]))
    .unwrap();
    let providers = json!({"aws": aws, "awscc": awscc});
    put(
        text.pointer_mut("/configuration").unwrap(),
        &json!({"provider_config": providers}),
    );
    let configured = text.pointer_mut("/configuration/root_module/resources");
    let configured = configured.and_then(Value::as_array_mut).unwrap();
    for (resource, key) in configured.iter_mut().zip(["aws", "awscc"]) {
        let kind = format!("{key}_iam_role");
        put(resource, &json!({"type": kind, "provider_config_key": key}));
    }
    held(&try_read(&text.to_string(), &[]).unwrap(), "aws_iam_role.r")
}

#[test]
fn two_providers_with_the_same_credentials_are_of_one_account() {
    let region = |region: &str| json!({"expressions": {"region": {"constant_value": region}}});
    let profile = |profile: &str| json!({"expressions": {"profile": {"constant_value": profile}}});
    let sure = "inline deny (t.yaml): Allow a:b on *";
    for (aws, awscc) in [
        (json!({}), json!({})),
        (region("eu-west-1"), json!({})),
        (profile("a"), profile("a")),
    ] {
        assert_eq!(beside(&aws, &awscc), [sure], "{aws} {awscc}");
    }
    let assumed = json!({"expressions": {"assume_role": [{"role_arn": {"constant_value": "x"}}]}});
    let variable = json!({"expressions": {"profile": {"references": ["var.profile"]}}});
    for (aws, awscc) in [
        (profile("a"), profile("b")),
        (profile("a"), json!({})),
        (assumed.clone(), assumed),
        (variable.clone(), variable),
    ] {
        let held = beside(&aws, &awscc);
        assert!(
            matches!(held.as_slice(), [one] if one.contains("? ")),
            "{aws} {awscc}: {held:?}"
        );
    }
}

#[test]
fn a_role_that_is_deleted_is_named() {
    let text = json!({
        "planned_values": {"root_module": {}},
        "resource_changes": [{"address": "awscc_iam_role.old", "type": "awscc_iam_role",
            "change": {"actions": ["delete"], "before": {"role_name": "old"}, "after": null}}],
    });
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert_eq!(
        deployment.deleted,
        [("awscc_iam_role.old".to_owned(), "old".to_owned())].into()
    );
}

#[test]
fn a_resource_of_cloud_control_that_may_be_of_iam_is_a_gap() {
    let check = |values: Value, open: Value, expected: &[&str]| {
        let address = "aws_cloudcontrolapi_resource.x";
        let other = resource(address, values, open, json!({}));
        let resources = [role("aws_iam_role.r", Some("r")), other];
        let deployment = try_read(&plan(&resources), &[]).unwrap();
        assert_eq!(gap_texts(&deployment), expected);
    };
    check(json!({"type_name": "AWS::S3::Bucket"}), json!({}), &[]);
    check(
        json!({"type_name": "AWS::IAM::OIDCProvider"}),
        json!({}),
        &[],
    );
    check(
        json!({"type_name": "AWS::IAM::RolePolicy"}),
        json!({}),
        &[
            "`aws_cloudcontrolapi_resource.x`, t.yaml: `AWS::IAM::RolePolicy` is not followed in `aws_cloudcontrolapi_resource`, so what this one grants or denies is not known: write it as a resource of the providers aws or awscc",
        ],
    );
    check(
        json!({}),
        json!({"type_name": true}),
        &[
            "`aws_cloudcontrolapi_resource.x`, t.yaml: it may be a resource of IAM, which is not followed here: `aws_cloudcontrolapi_resource.x.type_name` is known only after apply",
        ],
    );
}

#[test]
fn what_may_change_permissions_from_outside_is_noted() {
    let notes = |address: &'static str, values: Value| {
        let resources = [role("aws_iam_role.r", Some("r")), known(address, values)];
        try_read(&plan(&resources), &[]).unwrap().notes
    };
    for address in [
        "aws_cloudformation_stack.x",
        "awscc_cloudformation_stack_set.x",
    ] {
        assert_eq!(
            notes(address, json!({})),
            [format!(
                "`{address}` is a stack of its own, which is not looked at: check its template too"
            )]
        );
    }
    for (address, values) in [
        (
            "aws_organizations_policy.x",
            json!({"type": "SERVICE_CONTROL_POLICY"}),
        ),
        ("aws_organizations_policy.x", json!({})),
        ("aws_organizations_policy_attachment.x", json!({})),
    ] {
        assert_eq!(
            notes(address, values),
            [format!(
                "`{address}` changes the policies of the organisation, which is not looked at: give the SCPs that will be in force with --scp"
            )]
        );
    }
    assert_eq!(
        notes(
            "aws_budgets_budget_action.x",
            json!({"action_type": "APPLY_IAM_POLICY"})
        ),
        [
            "`aws_budgets_budget_action.x` attaches a policy when a budget is exceeded, which is not looked at"
        ]
    );
    for (address, values) in [
        ("aws_organizations_policy.x", json!({"type": "TAG_POLICY"})),
        (
            "aws_budgets_budget_action.x",
            json!({"action_type": "RUN_SSM_DOCUMENTS"}),
        ),
    ] {
        assert!(notes(address, values).is_empty(), "{address}");
    }
}

#[test]
fn what_a_policy_of_awscc_granted_before_is_taken_away() {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let mut there = role("aws_iam_role.r", Some("r"));
    put(&mut there.values, &json!({"managed_policy_arns": [admin]}));
    there.open = json!({});
    let mut text: Value = serde_json::from_str(&plan(&[there])).unwrap();
    let before = json!({"policy_arn": admin, "roles": ["r"]});
    let change = json!({"actions": ["delete"], "before": before, "after": null});
    let gone = json!({"address": "awscc_iam_managed_policy.x", "type": "awscc_iam_managed_policy", "change": change});
    push(&mut text, "/resource_changes", gone);
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert!(held(&deployment, "aws_iam_role.r").is_empty());
}
