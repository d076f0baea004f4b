//! `explain` and `audit` agree: what an audit of the example says of a request, `explain` says too.

use serde_json::Value;

use crate::binary::{file, permdrift};

const SCPS: [&str; 2] = ["examples/scp-root.json", "examples/scp-account.json"];

/// The example, with its settings and SCPs.
fn example() -> Vec<String> {
    let mut arguments = vec![
        "--auth-details".to_owned(),
        file("examples/account.json").display().to_string(),
        "--settings".to_owned(),
        file("examples/settings.toml").display().to_string(),
    ];
    for scp in SCPS {
        arguments.extend(["--scp".to_owned(), file(scp).display().to_string()]);
    }
    arguments
}

/// The exit code of `explain` for a request.
fn explained(principal: &str, action: &str, place: &Value) -> Option<i32> {
    let mut command = permdrift(&["explain", principal, action]);
    command.args(example());
    command.args(["--resource", place["resource"].as_str().unwrap()]);
    if let Some(region) = place["region"].as_str() {
        command.arg("--context");
        command.arg(format!("aws:RequestedRegion={region}"));
    }
    command.output().unwrap().status.code()
}

#[test]
fn what_an_audit_calls_missing_or_unknown_explain_does_too() {
    let mut audit = permdrift(&["audit", "--output", "json"]);
    let output = audit.args(example()).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut asked = 0;
    for verdict in found["verdicts"].as_array().unwrap() {
        let principal = verdict["principal"].as_str().unwrap();
        for (list, code) in [("missing", 1), ("unknown", 2)] {
            for group in verdict[list].as_array().unwrap() {
                // One action for each place and cause: the others are decided by the same statements.
                let places = group["places"].as_array().unwrap().iter();
                for place in places.filter(|place| place["resource"] != "*") {
                    let action = place["actions"][0].as_str().unwrap();
                    let found = explained(principal, action, place);
                    assert_eq!(found, Some(code), "{principal} {action} {place}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 3, "{asked}");
}

#[test]
fn what_an_audit_calls_compliant_explain_allows_without_a_resource() {
    for (principal, action) in [
        ("VeeamEc2Backup-Ireland", "ec2:CreateSnapshot"),
        ("VeeamImpersonation", "sts:AssumeRole"),
    ] {
        let place = serde_json::json!({ "resource": "*" });
        assert_eq!(
            explained(principal, action, &place),
            Some(0),
            "{principal} {action}"
        );
    }
}
