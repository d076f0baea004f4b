//! Names: one that IAM refuses makes the deployment fail.

use serde_json::{Value, json};

use crate::plan_text::{known, plan, policy, put, role};
use crate::summary::{gap_texts, try_read};
use crate::template_text::TRUST;

#[track_caller]
fn check(text: &str, expected: &[String]) {
    assert_eq!(gap_texts(&try_read(text, &[]).unwrap()), expected);
}

const DOCUMENT: &str = "PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 'a:b', Resource: '*'}}";

/// A template with a role and a resource of this type, with a name or path on line 5.
fn template(kind: &str, property: &str, value: &str) -> String {
    let rest = match kind {
        "Role" => TRUST.to_owned(),
        "ManagedPolicy" => DOCUMENT.to_owned(),
        "Policy" => format!("Roles: [!Ref Other], {DOCUMENT}"),
        _ => String::new(),
    };
    format!(
        "Resources:\n  X:\n    Type: AWS::IAM::{kind}\n    Properties: {{\n      {property}: '{value}', {rest}}}\n  Other: {{Type: AWS::IAM::Role, Properties: {{{TRUST}}}}}\n"
    )
}

#[test]
fn a_name_that_is_too_long_is_a_gap() {
    for (kind, property, what, longest) in [
        ("Role", "RoleName", "role", 64),
        ("User", "UserName", "user", 64),
        ("Group", "GroupName", "group", 128),
        ("ManagedPolicy", "ManagedPolicyName", "managed policy", 128),
        ("Policy", "PolicyName", "inline policy", 128),
        (
            "InstanceProfile",
            "InstanceProfileName",
            "instance profile",
            128,
        ),
    ] {
        let text = |length: usize| template(kind, property, &"n".repeat(length));
        check(&text(longest), &[]);
        check(
            &text(longest + 1),
            &[format!(
                "`X`, t.yaml:5: IAM refuses the name of the {what}: it has {} characters, and {longest} are the most",
                longest + 1
            )],
        );
    }
}

#[test]
fn a_name_has_no_other_characters_than_iam_takes() {
    check(&template("Role", "RoleName", "a_+=,.@-Z9"), &[]);
    for (name, odd) in [("backup role", ' '), ("a/b", '/'), ("größe", 'ö')] {
        check(
            &template("Role", "RoleName", name),
            &[format!(
                "`X`, t.yaml:5: IAM refuses the name `{name}` of the role: it has `{odd}` in it, where letters and digits of ASCII and `_+=,.@-` were expected"
            )],
        );
    }
}

#[test]
fn a_path_is_checked_too() {
    check(&template("Role", "Path", "/a/b!/"), &[]);
    check(
        &template("Role", "Path", "/a"),
        &["`X`, t.yaml:5: IAM refuses the path `/a`: expected a slash at both ends, such as `/backup/`".to_owned()],
    );
    check(
        &template("Role", "Path", &format!("/{}/", "p".repeat(511))),
        &[
            "`X`, t.yaml:5: IAM refuses the path: it has 513 characters, and 512 are the most"
                .to_owned(),
        ],
    );
    check(
        &template("User", "Path", "/a b/"),
        &["`X`, t.yaml:5: IAM refuses the path `/a b/`: it has ` ` in it, where visible characters of ASCII were expected".to_owned()],
    );
    check(
        &template("ManagedPolicy", "Path", "/a*/"),
        &["`X`, t.yaml:5: IAM refuses the path `/a*/`: it has `*` in it, where letters and digits of ASCII and `_+=,.@-` were expected".to_owned()],
    );
}

#[test]
fn the_names_of_a_plan_are_checked() {
    let long = "n".repeat(129);
    let mut inline = role("aws_iam_role.inline", Some("inline"));
    let blocks = json!([{"name": "a b", "policy": policy("a:b")}]);
    put(&mut inline.values, &json!({"inline_policy": blocks}));
    put(&mut inline.refers, &json!({"inline_policy": []}));
    let named = |values: &Value| {
        let mut values = values.clone();
        put(&mut values, &json!({"name": long}));
        values
    };
    let resources = [
        role("aws_iam_role.r", Some("a b")),
        inline,
        known("aws_iam_user.u", named(&json!({"path": "/a b/"}))),
        known("aws_iam_group.g", named(&json!({}))),
        known("aws_iam_policy.p", named(&json!({"policy": policy("a:b")}))),
        known(
            "aws_iam_role_policy.p",
            named(&json!({"role": "inline", "policy": policy("a:b")})),
        ),
        known(
            "aws_iam_instance_profile.i",
            named(&json!({"role": "inline"})),
        ),
    ];
    let told = gap_texts(&try_read(&plan(&resources), &[]).unwrap());
    let starts = [
        "`aws_iam_group.g`, t.yaml: IAM refuses the name of the group",
        "`aws_iam_policy.p`, t.yaml: IAM refuses the name of the managed policy",
        "`aws_iam_role.r`, t.yaml: IAM refuses the name `a b` of the role",
        "`aws_iam_user.u`, t.yaml: IAM refuses the name of the user",
        "`aws_iam_user.u`, t.yaml: IAM refuses the path `/a b/`",
        "`aws_iam_role.inline`, t.yaml: IAM refuses the name `a b` of the inline policy",
        "`aws_iam_role_policy.p`, t.yaml: IAM refuses the name of the inline policy",
        "`aws_iam_instance_profile.i`, t.yaml: IAM refuses the name of the instance profile",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}");
    }
}
