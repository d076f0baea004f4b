//! Roles and users that are there already: what does a plan give them, and what does it take away?

use serde_json::{Value, json};

use crate::existing::{
    BOUNDARY, OLD_GENERATED, OLD_SHARED, OTHER, OWN, ROLE, SHARED, USER, account, check,
};
use crate::plan_text::{changed, known, plan, policy, push, resource, role};
use crate::summary::{held, read_with};

fn own(name: &str) -> Value {
    json!({"name": name, "role": "worker", "policy": policy("new:one")})
}

#[test]
fn a_role_of_the_listing_gets_what_a_plan_gives() {
    let attachment = resource(
        "aws_iam_role_policy_attachment.a",
        json!({"role": "worker"}),
        json!({"policy_arn": true}),
        json!({"policy_arn": ["aws_iam_policy.new.arn", "aws_iam_policy.new"]}),
    );
    let managed = resource(
        "aws_iam_policy.new",
        json!({"name": "new", "policy": policy("new:two")}),
        json!({"arn": true}),
        json!({}),
    );
    check(
        &plan(&[
            known("aws_iam_role_policy.own", own("own")),
            attachment,
            managed,
        ]),
        ROLE,
        &[
            "inline own (t.yaml): Allow new:one on *",
            OTHER,
            "aws_iam_policy.new (t.yaml): Allow new:two on *",
            OLD_SHARED,
            OLD_GENERATED,
            BOUNDARY,
        ],
    );
}

#[test]
fn a_data_source_that_is_read_during_apply_names_its_role() {
    let policy = resource(
        "aws_iam_role_policy.new",
        json!({"name": "new", "policy": policy("new:one")}),
        json!({"role": true}),
        json!({"role": ["data.aws_iam_role.w.name", "data.aws_iam_role.w"]}),
    );
    let data = resource(
        "data.aws_iam_role.w",
        json!({"name": "worker"}),
        json!({"arn": true}),
        json!({}),
    );
    check(
        &plan(&[policy, data]),
        ROLE,
        &[
            "inline new (t.yaml): Allow new:one on *",
            OWN,
            OTHER,
            OLD_SHARED,
            OLD_GENERATED,
            BOUNDARY,
        ],
    );
}

#[test]
fn what_a_plan_takes_away_from_a_role_of_the_listing_is_gone() {
    let other = [role("aws_iam_role.r", Some("r"))];
    let gone = Value::Null;
    let text = changed(
        &other,
        "aws_iam_role_policy",
        &["delete"],
        &own("own"),
        &gone,
    );
    check(
        &text.to_string(),
        ROLE,
        &[OTHER, OLD_SHARED, OLD_GENERATED, BOUNDARY],
    );
    let attached = json!({"role": "worker", "policy_arn": SHARED});
    let kind = "aws_iam_role_policy_attachment";
    let text = changed(&other, kind, &["delete"], &attached, &gone);
    check(
        &text.to_string(),
        ROLE,
        &[OWN, OTHER, OLD_GENERATED, BOUNDARY],
    );
    let exclusive = known(
        "aws_iam_role_policies_exclusive.e",
        json!({"role_name": "worker", "policy_names": ["own"]}),
    );
    check(
        &plan(&[exclusive]),
        ROLE,
        &[OWN, OLD_SHARED, OLD_GENERATED, BOUNDARY],
    );
}

#[test]
fn a_user_that_a_plan_takes_out_of_a_group_may_not_be_in_it() {
    let other = [role("aws_iam_role.r", Some("r"))];
    let members = |users: Value| json!({"name": "m", "group": "operators", "users": users});
    let (before, after) = (members(json!(["operator"])), members(json!([])));
    let kind = "aws_iam_group_membership";
    let text = changed(&other, kind, &["update"], &before, &after);
    let account = account();
    let deployment = read_with(&text.to_string(), &[], Some(&account)).unwrap();
    let held = held(&deployment, USER);
    let why = "t.yaml: `aws_iam_group_membership.x` takes `operator` out of the group `operators`";
    assert!(
        !held.is_empty() && held.iter().all(|line| line.ends_with(why)),
        "{held:?}"
    );
}

#[test]
fn a_role_that_a_plan_deletes_or_renames_is_not_taken_over() {
    let other = [role("aws_iam_role.r", Some("r"))];
    let gone = Value::Null;
    for (actions, after) in [
        (&["delete"][..], Value::Null),
        (&["delete", "create"], json!({"name": "renamed"})),
    ] {
        let mut text = changed(
            &other,
            "aws_iam_role_policy",
            &["delete"],
            &own("own"),
            &gone,
        );
        let change = json!({"actions": actions, "before": {"name": "worker"}, "after": after});
        let change = json!({"address": "aws_iam_role.w", "type": "aws_iam_role", "change": change});
        push(&mut text, "/resource_changes", change);
        let account = account();
        let deployment = read_with(&text.to_string(), &[], Some(&account)).unwrap();
        assert_eq!(deployment.origins.len(), 1, "{actions:?}");
    }
}
