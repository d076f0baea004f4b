//! Plans in which two things have one name, or may have: which of them counts?

use serde_json::{Value, json};

use crate::plan_text::{changed, known, policy, put, read, role, without_reasons};
use crate::summary::{held, try_read};

#[test]
fn a_name_that_is_not_known_yet_may_be_the_one_that_is_named() {
    let doubtful = "inline p (t.yaml): Allow a:b on *?";
    let prefixed = |prefix: &str| {
        let mut role = role("aws_iam_role.r", None);
        put(&mut role.values, &json!({"name_prefix": prefix}));
        role
    };
    for (role, expected) in [
        (role("aws_iam_role.r", None), &[doubtful][..]),
        (prefixed("veeam-"), &[doubtful]),
        (prefixed("other-"), &[]),
        // IAM takes no two names that differ in case only.
        (role("aws_iam_role.r", Some("VEEAM-1")), &[doubtful]),
        (role("aws_iam_role.r", Some("veeam")), &[]),
    ] {
        let own = json!({"role": "veeam-1", "name": "p", "policy": policy("a:b")});
        let deployment = read(&[role, known("aws_iam_role_policy.p", own)]);
        assert_eq!(
            without_reasons(held(&deployment, "aws_iam_role.r")),
            expected
        );
    }
}

#[test]
fn of_two_inline_policies_of_one_name_nobody_knows_which_stays() {
    let own = |address, name: &str, action: &str| {
        known(
            address,
            json!({"role": "r", "name": name, "policy": policy(action)}),
        )
    };
    let resources = |other| {
        [
            role("aws_iam_role.r", Some("r")),
            own("aws_iam_role_policy.a", "p", "a:b"),
            own("aws_iam_role_policy.b", other, "c:d"),
        ]
    };
    for (other, expected) in [
        (
            "p",
            [
                "inline p (t.yaml): Allow a:b on *?",
                "inline p (t.yaml): Allow c:d on *?",
            ],
        ),
        (
            "q",
            [
                "inline p (t.yaml): Allow a:b on *",
                "inline q (t.yaml): Allow c:d on *",
            ],
        ),
    ] {
        let held = held(&read(&resources(other)), "aws_iam_role.r");
        assert_eq!(without_reasons(held), expected);
    }
}

#[test]
fn whose_name_may_live_on_is_not_gone() {
    let before = json!({"name": "old"});
    let prefixed = |prefix: &str| {
        let mut role = role("aws_iam_role.new", None);
        role.values["name_prefix"] = json!(prefix);
        role
    };
    for (there, is_gone) in [
        (role("aws_iam_role.new", Some("new")), true),
        (role("aws_iam_role.new", Some("old")), false),
        (role("aws_iam_role.new", Some("Old")), false),
        (role("aws_iam_role.new", None), false),
        (prefixed("ol"), false),
        (prefixed("new-"), true),
        // Only what is left of an earlier replacement is deleted.
        (role("aws_iam_role.x", Some("new")), false),
    ] {
        let text = changed(&[there], "aws_iam_role", &["delete"], &before, &Value::Null);
        let deployment = try_read(&text.to_string(), &[]).unwrap();
        assert_eq!(!deployment.deleted.is_empty(), is_gone, "{text}");
        assert_eq!(
            deployment.notes.is_empty(),
            is_gone,
            "{:?}",
            deployment.notes
        );
    }
}
