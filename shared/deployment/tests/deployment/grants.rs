//! What a plan grants and takes away: what is held, and what does nobody know?

use serde_json::{Value, json};

use crate::plan_text::{
    Resource, changed, known, plan, policy, put, read, resource, role, without_reasons,
};
use crate::summary::{gaps, held, try_read};

/// A role `r` that is there already, with what Terraform read of it: an inline policy `old`, and AdministratorAccess.
fn read_role() -> Resource {
    let mut there = role("aws_iam_role.r", Some("r"));
    let read = json!({"inline_policy": [{"name": "old", "policy": policy("old:one")}], "managed_policy_arns": [ADMIN]});
    put(&mut there.values, &read);
    there.open = json!({});
    there
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const OLD: &str = "inline old (t.yaml): Allow old:one on *";
const ALL: &str = "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *";

#[test]
fn what_a_change_had_before_and_has_no_more_is_taken_away() {
    let attached = json!({"role": "r", "policy_arn": ADMIN});
    let other = json!({"role": "other", "policy_arn": ADMIN});
    let to =
        |roles: Value| json!({"name": "x", "roles": roles, "users": ["u"], "policy_arn": ADMIN});
    let inline = |name: &str| json!({"role": "r", "name": name, "policy": policy("new:one")});
    let new = "inline new (t.yaml): Allow new:one on *";
    let (attachment, several, own) = (
        "aws_iam_role_policy_attachment",
        "aws_iam_policy_attachment",
        "aws_iam_role_policy",
    );
    let (remade, first) = (["delete", "create"], ["create", "delete"]);
    let gone = Value::Null;
    for (kind, actions, before, after, expected) in [
        (attachment, &remade[..], &attached, &other, &[OLD][..]),
        (attachment, &first[..], &attached, &other, &[OLD]),
        (attachment, &["delete"], &attached, &gone, &[OLD]),
        (attachment, &["no-op"], &attached, &attached, &[OLD, ALL]),
        (attachment, &["forget"], &attached, &gone, &[OLD, ALL]),
        (several, &["delete"], &to(json!(["r"])), &gone, &[OLD]),
        (
            several,
            &["update"],
            &to(json!(["r", "s"])),
            &to(json!(["s"])),
            &[OLD],
        ),
        (
            several,
            &["update"],
            &to(json!(["r", "s"])),
            &to(json!(["r"])),
            &[OLD, ALL],
        ),
        (own, &remade, &inline("old"), &inline("new"), &[new, ALL]),
        (own, &first, &inline("old"), &inline("new"), &[new, ALL]),
    ] {
        let text = changed(&[read_role()], kind, actions, before, after);
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        assert_eq!(
            held(&deployment, "aws_iam_role.r"),
            expected,
            "{kind} {actions:?} {before} {after}"
        );
    }
}

#[test]
fn what_goes_at_one_address_and_comes_at_another_is_in_doubt() {
    let attachment = json!({"role": "r", "policy_arn": ADMIN});
    let inline = json!({"role": "r", "name": "own", "policy": policy("new:one")});
    for (there, kind, expected) in [
        (
            known("aws_iam_role_policy_attachment.y", attachment),
            "aws_iam_role_policy_attachment",
            [
                OLD,
                "arn:aws:iam::aws:policy/AdministratorAccess, if it is attached: Allow * on *?",
            ],
        ),
        (
            known("aws_iam_role_policy.y", inline),
            "aws_iam_role_policy",
            ["inline own (t.yaml): Allow new:one on *?", ALL],
        ),
    ] {
        let before = there.values.clone();
        let mut role = read_role();
        let read = match kind {
            "aws_iam_role_policy" => json!({"inline_policy": []}),
            _ => json!({}),
        };
        put(&mut role.values, &read);
        let text = changed(&[role, there], kind, &["delete"], &before, &Value::Null);
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        assert_eq!(
            without_reasons(held(&deployment, "aws_iam_role.r")),
            expected
        );
    }
}

#[test]
fn what_an_exclusive_resource_does_not_list_is_taken_away() {
    let attachments = "aws_iam_role_policy_attachments_exclusive.e";
    let inline = "aws_iam_role_policies_exclusive.e";
    let of = |address, values, open| resource(address, values, open, json!({}));
    let (no, old) = (json!([]), json!(["old"]));
    let maybe_all = "arn:aws:iam::aws:policy/AdministratorAccess, if it is attached: Allow * on *?";
    let maybe_old = "inline old (t.yaml): Allow old:one on *?";
    for (exclusive, expected) in [
        (
            of(
                attachments,
                json!({"role_name": "r", "policy_arns": no}),
                json!({}),
            ),
            &[OLD][..],
        ),
        (
            of(
                attachments,
                json!({"role_name": "r", "policy_arns": [ADMIN]}),
                json!({}),
            ),
            &[OLD, ALL],
        ),
        (
            of(
                attachments,
                json!({"role_name": "else", "policy_arns": no}),
                json!({}),
            ),
            &[OLD, ALL],
        ),
        (
            of(
                attachments,
                json!({"policy_arns": no}),
                json!({"role_name": true}),
            ),
            &[OLD, maybe_all],
        ),
        (
            of(
                inline,
                json!({"role_name": "r", "policy_names": no}),
                json!({}),
            ),
            &[ALL],
        ),
        (
            of(
                inline,
                json!({"role_name": "r", "policy_names": old}),
                json!({}),
            ),
            &[OLD, ALL],
        ),
        (
            of(
                inline,
                json!({"role_name": "r"}),
                json!({"policy_names": true}),
            ),
            &[maybe_old, ALL],
        ),
    ] {
        let what = exclusive.values.to_string();
        let held = held(&read(&[read_role(), exclusive]), "aws_iam_role.r");
        assert_eq!(without_reasons(held), expected, "{what}");
    }
}

#[test]
fn what_the_plan_grants_beside_an_exclusive_resource_is_in_doubt() {
    let user = || known("aws_iam_user.u", json!({"name": "u", "path": "/"}));
    let group = || known("aws_iam_group.g", json!({"name": "g"}));
    let joined = || {
        known(
            "aws_iam_user_group_membership.m",
            json!({"user": "u", "groups": ["g"]}),
        )
    };
    let given = |address, values| known(address, values);
    let inline = "Allow a:b on *";
    for (grant, exclusive, expected) in [
        (
            given(
                "aws_iam_user_policy_attachment.a",
                json!({"user": "u", "policy_arn": ADMIN}),
            ),
            given(
                "aws_iam_user_policy_attachments_exclusive.e",
                json!({"user_name": "u", "policy_arns": []}),
            ),
            format!("{ADMIN}, if it is attached: Allow * on *?"),
        ),
        (
            given(
                "aws_iam_user_policy.a",
                json!({"user": "u", "name": "p", "policy": policy("a:b")}),
            ),
            given(
                "aws_iam_user_policies_exclusive.e",
                json!({"user_name": "u", "policy_names": []}),
            ),
            format!("inline p (t.yaml): {inline}?"),
        ),
        (
            given(
                "aws_iam_user_policy.a",
                json!({"user": "u", "name": "p", "policy": policy("a:b")}),
            ),
            given(
                "aws_iam_user_policies_exclusive.e",
                json!({"user_name": "u", "policy_names": ["p"]}),
            ),
            format!("inline p (t.yaml): {inline}"),
        ),
        (
            given(
                "aws_iam_group_policy.a",
                json!({"group": "g", "name": "p", "policy": policy("a:b")}),
            ),
            given(
                "aws_iam_group_policies_exclusive.e",
                json!({"group_name": "g", "policy_names": []}),
            ),
            format!("group aws_iam_group.g: inline p (t.yaml): {inline}?"),
        ),
        (
            given(
                "aws_iam_group_policy_attachment.a",
                json!({"group": "g", "policy_arn": ADMIN}),
            ),
            given(
                "aws_iam_group_policy_attachments_exclusive.e",
                json!({"group_name": "g", "policy_arns": [ADMIN]}),
            ),
            format!("{ADMIN}: Allow * on *"),
        ),
    ] {
        let held = held(
            &read(&[user(), group(), joined(), grant, exclusive]),
            "aws_iam_user.u",
        );
        assert_eq!(without_reasons(held), [expected]);
    }
}

#[test]
fn a_role_that_is_changed_may_lose_what_does_not_stand_in_it() {
    let mut role = read_role();
    role.refers = json!({"inline_policy": [], "managed_policy_arns": []});
    let own = known(
        "aws_iam_role_policy.p",
        json!({"role": "r", "name": "p", "policy": policy("a:b")}),
    );
    let attached = known(
        "aws_iam_role_policy_attachment.a",
        json!({"role": "r", "policy_arn": ADMIN}),
    );
    let mut text: Value = serde_json::from_str(&plan(&[role, own, attached])).unwrap();
    for (action, doubt) in [("create", ""), ("no-op", ""), ("update", "?")] {
        let with = json!({"actions": [action], "before": {}});
        put(&mut text["resource_changes"][0]["change"], &with);
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        let own = format!("inline p (t.yaml): Allow a:b on *{doubt}");
        assert_eq!(
            without_reasons(held(&deployment, "aws_iam_role.r")),
            [OLD, &own, ALL],
            "{action}"
        );
    }
}

#[test]
fn a_policy_that_is_deleted_while_attached_is_in_doubt() {
    let before = json!({"arn": ADMIN, "policy": policy("*")});
    for (actions, expected) in [
        (
            ["delete"],
            "arn:aws:iam::aws:policy/AdministratorAccess, if it is attached: Allow * on *?",
        ),
        (["forget"], ALL),
    ] {
        let text = changed(
            &[read_role()],
            "aws_iam_policy",
            &actions,
            &before,
            &Value::Null,
        );
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        assert_eq!(
            without_reasons(held(&deployment, "aws_iam_role.r")),
            [OLD, expected]
        );
    }
}

#[test]
fn another_provider_may_be_another_account() {
    let attachment = known(
        "aws_iam_role_policy_attachment.a",
        json!({"role": "r", "policy_arn": ADMIN}),
    );
    let resources = [role("aws_iam_role.r", Some("r")), attachment];
    for (providers, expected) in [
        (["aws", "aws"], ALL),
        (
            ["aws", "aws.other"],
            "arn:aws:iam::aws:policy/AdministratorAccess, if it is attached: Allow * on *?",
        ),
    ] {
        let mut text: Value = serde_json::from_str(&plan(&resources)).unwrap();
        for (at, provider) in providers.into_iter().enumerate() {
            let place = format!("/configuration/root_module/resources/{at}");
            let with = json!({"type": "aws_iam_role", "provider_config_key": provider});
            put(text.pointer_mut(&place).unwrap(), &with);
        }
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        assert_eq!(
            without_reasons(held(&deployment, "aws_iam_role.r")),
            [expected]
        );
    }
}

#[test]
fn a_plan_that_is_not_whole_is_a_gap() {
    for (with, count) in [
        (json!({"errored": true}), 1),
        (json!({"complete": false}), 1),
        (
            json!({"complete": true, "deferred_changes": [{"reason": "provider_config_unknown"}]}),
            1,
        ),
        (
            json!({"complete": true, "errored": false, "deferred_changes": []}),
            0,
        ),
    ] {
        let mut text: Value =
            serde_json::from_str(&plan(&[role("aws_iam_role.r", Some("r"))])).unwrap();
        put(&mut text, &with);
        assert_eq!(
            gaps(&try_read(&text.to_string(), &[]).unwrap()).len(),
            count,
            "{with}"
        );
    }
}
