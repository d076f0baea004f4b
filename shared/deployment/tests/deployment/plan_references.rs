//! References in a plan's configuration: which resource do they name, and which resources are not followed at all?

use serde_json::json;

use crate::plan_text::{policy, read, resource, role};
use crate::summary::held;

#[test]
fn a_reference_with_its_prefixes_is_one_reference() {
    for (address, references) in [
        (
            "aws_iam_role.r[0]",
            json!([
                "aws_iam_role.r[0].id",
                "aws_iam_role.r[0]",
                "aws_iam_role.r"
            ]),
        ),
        (
            r#"aws_iam_role.r["a.b"]"#,
            json!([
                r#"aws_iam_role.r["a.b"].name"#,
                r#"aws_iam_role.r["a.b"]"#,
                "aws_iam_role.r"
            ]),
        ),
    ] {
        let open = json!({"role": true});
        let deployment = read(&[
            role(address, None),
            role("aws_iam_role.r[1]", None),
            resource(
                "aws_iam_role_policy.own",
                json!({"name": "own", "policy": policy("a:b")}),
                open.clone(),
                json!({"role": references}),
            ),
            resource(
                "aws_iam_role_policy_attachment.admin",
                json!({"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
                open,
                json!({"role": references}),
            ),
        ]);
        assert_eq!(
            held(&deployment, address),
            [
                "inline own (t.yaml): Allow a:b on *",
                "arn:aws:iam::aws:policy/AdministratorAccess: Allow * on *"
            ]
        );
        assert!(held(&deployment, "aws_iam_role.r[1]").is_empty());
    }
}

#[test]
fn of_two_references_nobody_knows_which_counts() {
    let deployment = read(&[
        role("aws_iam_role.r[0]", None),
        role("aws_iam_role.r[1]", None),
        resource(
            "aws_iam_role_policy.own",
            json!({"name": "own", "policy": policy("a:b")}),
            json!({"role": true}),
            json!({"role": ["aws_iam_role.r[0].id", "aws_iam_role.r[0]", "aws_iam_role.r",
                "aws_iam_role.r[1].id", "aws_iam_role.r[1]", "aws_iam_role.r"]}),
        ),
    ]);
    for id in ["aws_iam_role.r[0]", "aws_iam_role.r[1]"] {
        let held = held(&deployment, id);
        assert!(
            matches!(held.as_slice(), [one] if one.contains('?')),
            "{held:?}"
        );
    }
}
