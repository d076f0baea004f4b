//! Terraform plans: whom do they leave behind, and what does each hold?

use serde_json::{Value, json};

use crate::plan_text::{Resource, plan, policy, read, resource, role};
use crate::summary::{gaps, held, principal, try_read};

#[track_caller]
fn check(resources: &[Resource], id: &str, expected: &[&str]) {
    assert_eq!(held(&read(resources), id), expected);
}

#[test]
fn policies_belong_to_whom_they_name() {
    check(
        &[
            role("aws_iam_role.r", Some("r")),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "role": "r", "policy": policy("a:b")}),
                json!({"id": true}),
                json!({}),
            ),
            resource(
                "aws_iam_role_policy_attachment.admin",
                json!({"role": "r", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
                json!({}),
                json!({}),
            ),
            resource(
                "aws_iam_role_policy.other",
                json!({"name": "other", "role": "else", "policy": policy("*")}),
                json!({}),
                json!({}),
            ),
        ],
        "aws_iam_role.r",
        &[
            "inline own (t.yaml): Allow a:b on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
        ],
    );
}

#[test]
fn what_is_known_after_apply_is_followed_through_the_configuration() {
    check(
        &[
            role("aws_iam_role.r", None),
            resource(
                "aws_iam_policy.p",
                json!({"name": "p", "path": "/", "policy": policy("a:b")}),
                json!({"arn": true}),
                json!({}),
            ),
            resource(
                "aws_iam_role_policy_attachment.a",
                json!({}),
                json!({"role": true, "policy_arn": true}),
                json!({"role": ["aws_iam_role.r.name", "aws_iam_role.r"], "policy_arn": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}),
            ),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "policy": policy("c:d")}),
                json!({"role": true}),
                json!({"role": ["aws_iam_role.r.id", "aws_iam_role.r"]}),
            ),
        ],
        "aws_iam_role.r",
        &[
            "inline own (t.yaml): Allow c:d on *",
            "aws_iam_policy.p (t.yaml): Allow a:b on *",
        ],
    );
}

#[test]
fn an_instance_belongs_to_the_one_of_the_same_key() {
    let attachment = |address: &'static str, action: &str| {
        resource(
            address,
            json!({"name": "own", "policy": policy(action)}),
            json!({"role": true}),
            json!({"role": ["aws_iam_role.r", "each.key"]}),
        )
    };
    let resources = [
        role(r#"aws_iam_role.r["a"]"#, None),
        role(r#"aws_iam_role.r["b"]"#, None),
        attachment(r#"aws_iam_role_policy.p["a"]"#, "a:a"),
        attachment(r#"aws_iam_role_policy.p["b"]"#, "b:b"),
    ];
    check(
        &resources,
        r#"aws_iam_role.r["a"]"#,
        &["inline own (t.yaml): Allow a:a on *"],
    );
}

#[test]
fn what_cannot_be_followed_may_be_for_anybody() {
    check(
        &[
            role("aws_iam_role.r", Some("r")),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "policy": policy("a:b")}),
                json!({"role": true}),
                json!({"role": ["local.role"]}),
            ),
        ],
        "aws_iam_role.r",
        &[
            "inline own (t.yaml): Allow a:b on *? t.yaml: `aws_iam_role_policy.own.role` is known only after apply: it depends on local.role",
        ],
    );
}

#[test]
fn a_policy_that_is_known_after_apply_cannot_be_read() {
    check(
        &[
            role("aws_iam_role.r", Some("r")),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "role": "r"}),
                json!({"policy": true}),
                json!({"policy": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]}),
            ),
        ],
        "aws_iam_role.r",
        &[
            "inline own (t.yaml): unreadable: t.yaml: `aws_iam_role_policy.own.policy` is known only after apply: it depends on aws_s3_bucket.b.arn",
        ],
    );
}

#[test]
fn of_a_data_source_only_what_is_open_is_in_doubt() {
    check(
        &[
            role("aws_iam_role.r", Some("r")),
            resource(
                "data.aws_iam_policy_document.d",
                json!({"version": "2012-10-17", "statement": [
                    {"sid": "All", "effect": "Allow", "actions": ["a:b"], "resources": ["*"], "condition": [], "principals": []},
                    {"effect": "Allow", "actions": ["c:d"], "resources": [null, "arn:aws:s3:::x"], "condition": [
                        {"test": "StringEquals", "variable": "aws:RequestedRegion", "values": ["eu-west-1"]}]},
                ]}),
                json!({"json": true, "id": true, "statement": [{"actions": [false], "resources": [false]}, {"resources": [true, false]}]}),
                json!({}),
            ),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "role": "r"}),
                json!({"policy": true}),
                json!({"policy": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}),
            ),
        ],
        "aws_iam_role.r",
        &[
            "inline own (t.yaml): Allow a:b on *",
            "inline own (t.yaml): Allow c:d on arn:aws:s3:::x",
            "inline own (t.yaml): Allow c:d on *? t.yaml: `resources` in statement 2 of `data.aws_iam_policy_document.d` is known only after apply",
        ],
    );
}

#[test]
fn users_hold_what_their_groups_hold() {
    check(
        &[
            resource(
                "aws_iam_user.u",
                json!({"name": "u", "path": "/"}),
                json!({"arn": true}),
                json!({}),
            ),
            resource(
                "aws_iam_group.g",
                json!({"name": "g"}),
                json!({}),
                json!({}),
            ),
            resource(
                "aws_iam_group_policy.p",
                json!({"name": "p", "group": "g", "policy": policy("a:b")}),
                json!({}),
                json!({}),
            ),
            resource(
                "aws_iam_user_group_membership.m",
                json!({"user": "u", "groups": ["g"]}),
                json!({}),
                json!({}),
            ),
        ],
        "aws_iam_user.u",
        &["group aws_iam_group.g: inline p (t.yaml): Allow a:b on *"],
    );
}

#[test]
fn a_boundary_is_one_of_the_plan_or_by_its_arn() {
    let mut bounded = role("aws_iam_role.r", Some("r"));
    bounded.open["permissions_boundary"] = json!(true);
    bounded.refers = json!({"permissions_boundary": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]});
    let boundary = resource(
        "aws_iam_policy.p",
        json!({"name": "p", "path": "/", "policy": policy("a:b")}),
        json!({"arn": true}),
        json!({}),
    );
    check(
        &[bounded, boundary],
        "aws_iam_role.r",
        &["boundary aws_iam_policy.p (t.yaml): Allow a:b on *"],
    );
}

#[test]
fn what_stands_in_the_role_itself_counts_where_it_is_configured() {
    let mut old = role("aws_iam_role.r", Some("r"));
    old.values["inline_policy"] = json!([{"name": "in", "policy": policy("a:b")}]);
    old.values["managed_policy_arns"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    old.open = json!({});
    old.refers = json!({"inline_policy": [], "managed_policy_arns": []});
    check(
        &[old],
        "aws_iam_role.r",
        &[
            "inline in (t.yaml): Allow a:b on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
        ],
    );
}

#[test]
fn what_was_read_of_a_role_stays_unless_the_plan_takes_it_away() {
    let mut there = role("aws_iam_role.r", Some("r"));
    let inline = |name: &str, action: &str| json!({"name": name, "policy": policy(action)});
    there.values["inline_policy"] = json!([
        inline("by-hand", "a:b"),
        inline("own", "old:one"),
        inline("gone", "*")
    ]);
    there.values["managed_policy_arns"] = json!([
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/Gone"
    ]);
    there.open = json!({});
    let own = resource(
        "aws_iam_role_policy.own",
        json!({"name": "own", "role": "r", "policy": policy("new:one")}),
        json!({}),
        json!({}),
    );
    let mut text: Value = serde_json::from_str(&plan(&[there, own])).unwrap();
    let deleted = |kind: &str, before: Value| json!({"address": kind, "type": kind, "change": {"actions": ["delete"], "before": before}});
    let changes = text["resource_changes"].as_array_mut().unwrap();
    changes.push(deleted(
        "aws_iam_role_policy",
        json!({"role": "r", "name": "gone"}),
    ));
    changes.push(deleted(
        "aws_iam_role_policy_attachment",
        json!({"role": "r", "policy_arn": "arn:aws:iam::aws:policy/Gone"}),
    ));
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert_eq!(
        held(&deployment, "aws_iam_role.r"),
        [
            "inline by-hand (t.yaml): Allow a:b on *",
            "inline own (t.yaml): Allow new:one on *",
            "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *",
        ]
    );
}

#[test]
fn a_policy_that_the_plan_read_is_known() {
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let mut text: Value = serde_json::from_str(&plan(&[
        role("aws_iam_role.r", Some("r")),
        resource(
            "aws_iam_role_policy_attachment.a",
            json!({"role": "r", "policy_arn": arn}),
            json!({}),
            json!({}),
        ),
    ]))
    .unwrap();
    text["prior_state"] = json!({"values": {"root_module": {"resources": [{"address": "data.aws_iam_policy.p", "mode": "data",
        "type": "aws_iam_policy", "values": {"arn": arn, "policy": policy("a:b")}}]}}});
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert_eq!(
        held(&deployment, "aws_iam_role.r"),
        ["data.aws_iam_policy.p (t.yaml): Allow a:b on *"]
    );
}

#[test]
fn tags_of_the_provider_count() {
    let mut tagged = role("aws_iam_role.r", Some("r"));
    tagged.values["tags"] = json!({"a": "b"});
    tagged.values["tags_all"] = json!({"a": "b", "veeam:action-sets": "x"});
    let deployment = read(&[tagged]);
    let role = principal(&deployment, "aws_iam_role.r");
    assert_eq!(role.tag("veeam:action-sets"), Some("x"));
    let mut open = self::role("aws_iam_role.r", Some("r"));
    open.values["tags_all"] = json!({"a": "b"});
    open.open["tags_all"] = json!({"veeam:action-sets": true});
    let deployment = try_read(&plan(&[open]), &[]).unwrap();
    assert_eq!(gaps(&deployment).len(), 1);
}

#[test]
fn modules_pass_names_in_and_out() {
    let trust = r#"{"Statement":[]}"#;
    let text = json!({
        "planned_values": {"root_module": {
            "resources": [{"address": "aws_iam_role_policy.outer", "mode": "managed", "type": "aws_iam_role_policy",
                "values": {"name": "outer", "policy": policy("a:b")}}],
            "child_modules": [
                {"address": "module.roles", "resources": [{"address": "module.roles.aws_iam_role.r", "mode": "managed",
                    "type": "aws_iam_role", "values": {"path": "/", "assume_role_policy": trust}}]},
                {"address": "module.grants[0]", "resources": [{"address": "module.grants[0].aws_iam_role_policy.inner",
                    "mode": "managed", "type": "aws_iam_role_policy", "values": {"name": "inner", "policy": policy("c:d")}}]},
            ],
        }},
        "resource_changes": [
            {"address": "aws_iam_role_policy.outer", "change": {"after_unknown": {"role": true}}},
            {"address": "module.grants[0].aws_iam_role_policy.inner", "change": {"after_unknown": {"role": true}}},
            {"address": "module.roles.aws_iam_role.r", "change": {"after_unknown": {"name": true}}},
        ],
        "configuration": {"root_module": {
            "resources": [{"address": "aws_iam_role_policy.outer",
                "expressions": {"role": {"references": ["module.roles.name", "module.roles"]}}}],
            "module_calls": {
                "roles": {"module": {
                    "outputs": {"name": {"expression": {"references": ["aws_iam_role.r.name", "aws_iam_role.r"]}}},
                    "resources": [{"address": "aws_iam_role.r", "expressions": {}}]}},
                "grants": {
                    "expressions": {"role": {"references": ["module.roles.name", "module.roles"]}},
                    "module": {"resources": [{"address": "aws_iam_role_policy.inner",
                        "expressions": {"role": {"references": ["var.role"]}}}]}},
            },
        }},
    });
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert_eq!(
        held(&deployment, "module.roles.aws_iam_role.r"),
        [
            "inline outer (t.yaml): Allow a:b on *",
            "inline inner (t.yaml): Allow c:d on *",
        ]
    );
}

#[test]
fn what_is_deleted_is_gone() {
    let text = json!({
        "planned_values": {"root_module": {}},
        "resource_changes": [{"address": "aws_iam_role.old", "type": "aws_iam_role",
            "change": {"actions": ["delete"], "before": {"name": "old"}, "after": null}}],
    });
    let deployment = try_read(&text.to_string(), &[]).unwrap();
    assert_eq!(
        deployment.deleted,
        [("aws_iam_role.old".to_owned(), "old".to_owned())].into()
    );
    assert!(deployment.origins.is_empty());
}

#[test]
fn what_a_plan_forgets_stays_in_aws_and_is_a_gap() {
    for (actions, reason) in [
        (
            json!(["forget"]),
            "the plan forgets it and leaves it in AWS",
        ),
        (
            json!(["create", "forget"]),
            "the plan forgets it and leaves it in AWS",
        ),
        (json!(["explode"]), "the plan says `explode`"),
    ] {
        let change = json!({"address": "aws_iam_role_policy.q", "type": "aws_iam_role_policy",
            "change": {"actions": actions, "before": {"name": "q", "role": "r", "policy": "{}"}}});
        let text = json!({"planned_values": {"root_module": {}}, "resource_changes": [change]});
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        let gaps = format!("{:?}", deployment.inventory.gaps);
        assert!(gaps.contains(reason), "{gaps}");
    }
}
