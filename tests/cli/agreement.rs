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

#[test]
fn a_fact_has_one_level_on_the_screen_and_in_json() {
    let example = [
        "audit",
        "--auth-details",
        "examples/account.json",
        "--settings",
        "examples/settings.toml",
        "--credential-report",
        "examples/credential-report.csv",
    ];
    let json = permdrift(&example)
        .args(["--output", "json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let level = |name: &str, set: &str, code: &str| {
        let findings = json["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| {
            let principal = one["principal"].as_str().unwrap_or_default();
            let is_theirs = principal.ends_with(&format!("/{name}"));
            is_theirs && one["actionSet"].as_str().unwrap_or_default() == set && one["code"] == code
        });
        found.map(|one| one["level"].as_str().unwrap().to_owned())
    };
    let screen = permdrift(&example).env("COLUMNS", "200").output().unwrap();
    let screen = String::from_utf8(screen.stdout).unwrap();
    let mut compared = 0;
    for line in screen.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (said, expected) = match words.as_slice() {
            ["undetermined", said, "role" | "user", name, set, ..] => {
                (*said, level(name, set, "undetermined"))
            }
            ["user", name, said, "has", ..] => (
                said.trim_matches(['(', ')', ':']),
                level(name, "", "access-key"),
            ),
            _ => continue,
        };
        assert_eq!(expected.as_deref(), Some(said), "{line}");
        compared += 1;
    }
    assert!(compared > 3, "{screen}");
}
