//! References in a plan's configuration: which resource do they name, and which resources are not followed at all?

use serde_json::json;

use crate::plan_text::{plan, policy, read, resource, role};
use crate::summary::{gap_texts, held, try_read};

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

#[test]
fn a_type_of_iam_that_is_not_followed_is_a_gap() {
    let resources = |kind: &'static str| {
        [
            role("aws_iam_role.r", Some("r")),
            resource(kind, json!({"role_name": "r"}), json!({}), json!({})),
        ]
    };
    for address in ["awscc_iam_future_policy.x", "aws_iam_role_alias.x"] {
        let deployment = try_read(&plan(&resources(address)), &[]).unwrap();
        let kind = address.split('.').next().unwrap();
        let expected = format!(
            "`{address}`, t.yaml: resources of type `{kind}` are not followed, so what this one grants or denies is not known"
        );
        assert_eq!(gap_texts(&deployment), [expected]);
        // Alone it is not taken for nobody.
        let alone = [resource(address, json!({}), json!({}), json!({}))];
        assert_eq!(gap_texts(&try_read(&plan(&alone), &[]).unwrap()).len(), 1);
    }
    for address in [
        "awscc_iam_oidc_provider.x",
        "aws_iam_access_key.x",
        "aws_s3_bucket.x",
    ] {
        let deployment = try_read(&plan(&resources(address)), &[]).unwrap();
        assert!(gap_texts(&deployment).is_empty(), "{address}");
    }
}

#[test]
fn a_plan_with_a_wrapper_s_lines_around_it_is_read() {
    let plan = plan(&[role("aws_iam_role.r", Some("r"))]);
    let wrapped = format!(
        "[command]/opt/terraform-bin show -json plan.out\n{plan}\n::debug::Terraform exited with code 0.\n"
    );
    let deployment = try_read(&wrapped, &[]).unwrap();
    assert_eq!(deployment.origins.len(), 1);
}

#[test]
fn a_wrapper_s_log_with_two_plans_in_it_is_refused() {
    let one = plan(&[role("aws_iam_role.r", Some("r"))]);
    let other = plan(&[role("aws_iam_role.s", Some("s"))]);
    let wrapped = format!("[command]/opt/terraform-bin show -json plan.out\n{one}\n{other}\n");
    assert_eq!(
        try_read(&wrapped, &[]).unwrap_err().to_string(),
        "this is the log of a pipeline with more than one Terraform plan in it: pass what `terraform show -json PLAN` prints for each of them as a file of its own"
    );
}

#[test]
fn a_module_referred_to_as_a_whole_may_be_any_of_its_outputs() {
    let inline = |references: &[&str]| {
        resource(
            "aws_iam_role_policy.own",
            json!({"name": "own", "policy": policy("a:b")}),
            json!({"role": true}),
            json!({"role": references}),
        )
    };
    let deployment = read(&[
        role("aws_iam_role.r", None),
        inline(&["aws_iam_role.r.id", "aws_iam_role.r", "module.names"]),
    ]);
    let held = held(&deployment, "aws_iam_role.r");
    assert!(
        matches!(held.as_slice(), [one] if one.contains("? ")),
        "{held:?}"
    );
}

#[test]
fn an_empty_boundary_is_none() {
    let mut unbounded = role("aws_iam_role.r", Some("r"));
    unbounded.values["permissions_boundary"] = json!("");
    assert!(held(&read(&[unbounded]), "aws_iam_role.r").is_empty());
    let mut bounded = role("aws_iam_role.r", Some("r"));
    bounded.values["permissions_boundary"] = json!("arn:aws:iam::111122223333:policy/none");
    let found = held(&read(&[bounded]), "aws_iam_role.r");
    assert!(found[0].starts_with("boundary "), "{found:?}");
}
