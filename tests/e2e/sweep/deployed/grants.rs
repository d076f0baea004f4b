//! Grants: what happens if the function's role loses one of them?
//!
//! Each statement of the role is taken away in turn; the run must fail or say that it does not know, and somebody must be told.
//! `tests/e2e/tests/grants/main.rs` holds that no statement grants more than is called.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::site::{Holder, Site};

/// What a run without the statement comes to.
enum Without {
    /// It fails, and names this call.
    Fails(&'static str),
    /// It answers, and tells that this call was refused.
    Says(&'static str),
    /// It answers, and opens a finding of this code.
    Tells(&'static str),
    /// It goes on: what the resource side was not read for is told with each requirement, and is no finding.
    GoesOn,
    /// This server does not ask for it.
    NotAsked,
}

const STATEMENTS: [(&str, Without); 18] = [
    (
        "Discover",
        Without::Fails("iam:GetAccountAuthorizationDetails"),
    ),
    ("Simulate", Without::Tells("undetermined")),
    ("JudgeAccessKeys", Without::Tells("coverage")),
    ("ReadKeys", Without::GoesOn),
    ("ReadBuckets", Without::GoesOn),
    ("ReadVaults", Without::GoesOn),
    ("ReadAccount", Without::GoesOn),
    ("ReadSettings", Without::Fails("ssm:GetParameter")),
    ("KeepBaseline", Without::Fails("dynamodb:Query")),
    ("TellPeople", Without::Fails("sns:Publish")),
    ("TellChats", Without::Fails("sns:Publish")),
    (
        "TellSecurityHub",
        Without::Says("securityhub:BatchImportFindings"),
    ),
    ("TellMachines", Without::Fails("events:PutEvents")),
    // Only for accounts that are too large for one run.
    ("HandOnTheRemainder", Without::NotAsked),
    // Lambda and the encrypted services ask for these in the role's name; here nothing is a service of its own.
    ("KeepWhatFailed", Without::NotAsked),
    ("WriteTheLog", Without::NotAsked),
    ("OpenTheTable", Without::NotAsked),
    ("SealTheTopic", Without::NotAsked),
];

#[test]
fn a_missing_grant_is_never_silent() {
    let site = Site::new(&[
        ("ScheduleState", "DISABLED"),
        ("ChatState", "ENABLED"),
        ("SecurityHubState", "ENABLED"),
    ]);
    let aws = site.server.aws();
    let role = site.stack.resource("SweepRole");
    let got = aws.must(
        "iam",
        "get_role_policy",
        json!({ "RoleName": role, "PolicyName": "sweep" }),
    );
    let whole = &got["PolicyDocument"];
    let statements = whole["Statement"]
        .as_array()
        .expect("the role has statements");
    let sids: BTreeSet<&str> = statements
        .iter()
        .filter_map(|statement| statement["Sid"].as_str())
        .collect();
    assert_eq!(
        sids,
        STATEMENTS.iter().map(|(sid, _)| *sid).collect(),
        "each statement is here, and only those"
    );
    let put = |document: &Value| {
        aws.must(
            "iam",
            "put_role_policy",
            json!({
            "RoleName": role, "PolicyName": "sweep", "PolicyDocument": document.to_string() }),
        );
    };
    for (sid, without) in STATEMENTS {
        if matches!(without, Without::NotAsked) {
            continue;
        }
        let rest: Vec<&Value> = statements
            .iter()
            .filter(|statement| statement["Sid"] != sid)
            .collect();
        put(&json!({ "Version": "2012-10-17", "Statement": rest }));
        let tells = ["TellPeople", "TellChats", "TellSecurityHub"].contains(&sid);
        if tells {
            // Something to tell.
            site.detach(Holder::Group);
        }
        let ran = site.try_invoke(&json!({}));
        match (without, &ran) {
            (Without::Fails(call), Err(message)) => {
                assert!(message.contains(call), "{sid}: {message}");
                let told = site
                    .to_machines()
                    .iter()
                    .any(|(kind, _)| kind == "Audit Failed")
                    || !site.to_people().is_empty();
                assert!(told, "{sid}: nobody was told\n{}", site.server.log());
            }
            (Without::Says(call), Ok(answer)) => {
                assert_eq!(answer["completed"], true, "{sid}: {answer}");
                let people = site.to_people();
                assert!(
                    people.iter().any(|(_, text)| text.contains(call)),
                    "{sid}: {people:?}"
                );
                let machines = site.to_machines();
                let told = machines.iter().filter(|(kind, _)| kind == "Audit Failed");
                assert_eq!(told.count(), 1, "{sid}: {machines:?}");
            }
            (Without::GoesOn, Ok(answer)) => {
                assert_eq!(answer["completed"], true, "{sid}: {answer}");
            }
            (Without::Tells(code), Ok(answer)) => {
                assert_eq!(answer["drifted"], 0, "{sid}: {answer}");
                let told = site.to_machines();
                let told = told.iter().any(|(kind, event)| {
                    kind == "Finding Opened" && event["detail"]["finding"]["code"] == code
                });
                assert!(told, "{sid}: no {code} was opened\n{}", site.server.log());
                assert!(!site.to_people().is_empty(), "{sid}: people were not told");
            }
            _ => panic!("{sid}: {ran:?}\n{}", site.server.log()),
        }
        put(whole);
        if tells {
            site.attach(Holder::Group);
        }
        let well = site.invoke(&json!({}));
        assert_eq!(well["compliant"], 2, "{sid}: {well}");
        let _ = (site.to_machines(), site.to_people());
    }
}
