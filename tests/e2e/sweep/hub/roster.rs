//! The roster, as AWS Organizations says it; and what it leaves as it was where it cannot be read whole.

use std::time::Duration;

use audit::roster::{Roster, Skipped};
use e2e::http::{Answer, Message, listen};
use e2e::lambda::Lambda;
use e2e::organizations::{MANAGEMENT, Organizations};
use e2e::rig::Rig;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use e2e::tools::root;
use serde_json::{Value, json};

use crate::site::{Bucket, MEMBER, SETTINGS, TIME, account, answer, failure};

const SUSPENDED: &str = "333333333333";

#[track_caller]
fn keeps_to_its_schema(roster: &str) {
    let path = root().join("docs/schemas/roster-1.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let roster: Value = serde_json::from_str(roster).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&roster)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn the_roster_is_what_organizations_says_or_what_it_was() {
    let server = Server::start(Enforcement::Off);
    let organizations = Organizations::with_members(&[MEMBER, SUSPENDED]);
    let aws = organizations.aws();
    aws.must(
        "organizations",
        "close_account",
        json!({ "AccountId": SUSPENDED }),
    );
    let rig = Rig::new(&server, "roster", &account(ACCOUNT, 1), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-the-roster");
    let of = |endpoint: &str| {
        let variables = [
            ("PERMDRIFT_FUNCTION", "roster"),
            ("PERMDRIFT_EXTERNAL_ID", "of-ours"),
            ("PERMDRIFT_TABLE", ""),
            ("PERMDRIFT_BUS", ""),
            ("PERMDRIFT_TOPIC", ""),
            ("AWS_ENDPOINT_URL_ORGANIZATIONS", endpoint),
        ];
        bucket.function(&rig, &variables)
    };
    let mut function = of(organizations.endpoint());
    let run = "2026-11-30T03:15:00Z";
    let told = answer(&mut function, &json!({ "run": run, "below": null }), TIME);
    let items = format!("runs/{run}/accounts.json");
    let expected = json!({
        "run": run, "below": null, "bucket": bucket.name, "items": items, "accounts": 3, "skipped": 1,
        "completed": true, "answered": told["answered"],
    });
    assert_eq!(told, expected);

    let written = bucket.get("roster.json").unwrap();
    keeps_to_its_schema(&written);
    let roster = Roster::read(written.as_bytes()).unwrap();
    assert_eq!(&*roster.run, run);
    assert_eq!(roster.management, MANAGEMENT.parse().ok());
    assert_eq!(roster.accounts.len(), 4);
    let suspended = &roster.accounts[&SUSPENDED.parse().unwrap()];
    assert_eq!(suspended.skipped, Some(Skipped::Suspended));
    let own = &roster.accounts[&ACCOUNT.parse().unwrap()];
    assert_eq!(&*own.path[1], organizations.unit());
    assert_eq!(&*own.name, format!("member {ACCOUNT}"));
    let organization = bucket.get("organization.json").unwrap();
    let above = audit::organization::read(&organization, ACCOUNT.parse().unwrap()).unwrap();
    assert_eq!(above.service_control.read().map(Vec::len), Some(3));
    let handed: Value = serde_json::from_str(&bucket.get(&items).unwrap()).unwrap();
    let handed = handed.as_array().unwrap();
    let of_account = |account: &str| handed.iter().find(|item| item["account"] == account);
    assert!(
        of_account(ACCOUNT).unwrap().get("role").is_none(),
        "{handed:?}"
    );
    let member = of_account(MEMBER).unwrap();
    let role = format!("arn:aws:iam::{MEMBER}:role/permdrift-audit");
    assert_eq!(
        [&member["role"], &member["externalId"]],
        [&json!(role), &json!("of-ours")]
    );
    assert_eq!(of_account(MANAGEMENT).unwrap()["management"], true);
    assert_eq!(of_account(SUSPENDED), None);

    // Only those below an OU are handed over, and the roster is whole all the same.
    let below = json!({ "run": "change-1", "below": organizations.unit() });
    let told = answer(&mut function, &below, TIME);
    assert_eq!([&told["accounts"], &told["skipped"]], [1, 0]);
    let handed: Value =
        serde_json::from_str(&bucket.get("runs/change-1/accounts.json").unwrap()).unwrap();
    assert_eq!(handed[0]["account"], ACCOUNT);
    let roster = Roster::read(bucket.get("roster.json").unwrap().as_bytes()).unwrap();
    assert_eq!((&*roster.run, roster.accounts.len()), ("change-1", 4));
    // The same again, as a repetition by the state machine: the same answer and the same objects, but for the time.
    assert_eq!(answer(&mut function, &below, TIME), told);

    is_read_in_parts(&organizations, &mut function, &bucket);
    let before = bucket.everything();
    let unchanged = |why: &str| assert_eq!(bucket.everything(), before, "{why}");
    for (below, expected) in [
        (
            "ou-ab12-cd345678",
            "`ou-ab12-cd345678` is no root, OU or account of this organisation",
        ),
        (
            "444444444444",
            "`444444444444` is no root, OU or account of this organisation",
        ),
        (
            "r-zzzz",
            "`r-zzzz` is no root, OU or account of this organisation",
        ),
        (
            "backup",
            "the event's `below` is not the id of a root, an OU or an account",
        ),
    ] {
        let event = json!({ "run": "run-2", "below": below });
        assert_eq!(failure(&mut function, &event), expected);
        unchanged(expected);
    }
    // A part of the organisation is not told.
    let endpoint = organizations
        .endpoint()
        .trim_start_matches("http://")
        .to_owned();
    let throttling = listen(move |request: Message| {
        let target = request.header("x-amz-target").unwrap_or_default();
        if target.ends_with("ListPolicies") {
            let body = r#"{"__type":"TooManyRequestsException","Message":"slower"}"#;
            return Answer::Whole(Message::answer(400, "application/x-amz-json-1.1", body));
        }
        match e2e::http::ask(&endpoint, &request) {
            Ok(answer) => Answer::Whole(answer),
            Err(_) => Answer::Cut,
        }
    });
    let mut half = of(&throttling.url());
    let why = failure(&mut half, &json!({ "run": "run-2" }));
    assert_eq!(
        why,
        "the organisation cannot be read whole, so the roster stays as it is: AWS refused as too many calls, in every attempt"
    );
    unchanged(&why);
    // What a newer release wrote is not overwritten.
    for key in ["roster.json", "organization.json"] {
        let kept = bucket.get(key).unwrap();
        bucket.put(key, r#"{"schemaVersion":2,"other":[]}"#);
        let why = failure(&mut function, &json!({ "run": "run-2" }));
        assert!(
            why.contains("is not overwritten: ") && why.contains("version 2"),
            "{why}"
        );
        bucket.put(key, &kept);
        unchanged(&why);
    }
    rig.set("nonsense = 5\n");
    let why = failure(&mut function, &json!({ "run": "run-2" }));
    assert!(why.contains("is wrong"), "{why}");
    unchanged(&why);
}

/// The time of an invocation suffices for a part of the policies: the next one reads on, and nothing is written before all are read.
fn is_read_in_parts(organizations: &Organizations, function: &mut Lambda, bucket: &Bucket<'_>) {
    let aws = organizations.aws();
    let made: Vec<Value> = (0..6)
        .map(|at| {
            let content = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
            let policy = json!({
                "Name": format!("many-{at}"), "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content });
            let made = aws.must("organizations", "create_policy", policy);
            made["Policy"]["PolicySummary"]["Id"].clone()
        })
        .collect();
    let attach = |operation: &str| {
        for policy in &made {
            let target = json!({ "PolicyId": policy, "TargetId": organizations.unit() });
            aws.must("organizations", operation, target);
        }
    };
    attach("attach_policy");
    let before = bucket.get("organization.json");
    let mut order = json!({ "run": "long", "below": null });
    let mut parts = Vec::new();
    let whole = loop {
        let told = answer(function, &order, Duration::from_secs(4));
        if told["completed"] == true {
            break told;
        }
        assert_eq!(bucket.get("organization.json"), before, "{told}");
        let answered = told["answered"].as_u64().unwrap();
        assert!(parts.iter().all(|earlier| *earlier < answered), "{told}");
        parts.push(answered);
        order["answered"] = answered.into();
    };
    assert!(!parts.is_empty(), "{whole}");
    assert_eq!(whole["accounts"], 3);
    let organization = bucket.get("organization.json").unwrap();
    let above = audit::organization::read(&organization, ACCOUNT.parse().unwrap()).unwrap();
    let levels = above.service_control.read().unwrap();
    assert_eq!(levels.iter().map(Vec::len).max(), Some(7));
    attach("detach_policy");
    let told = answer(function, &json!({ "run": "long", "below": null }), TIME);
    assert_eq!(
        told["completed"], true,
        "what was answered before is asked again: {told}"
    );
    let organization = bucket.get("organization.json").unwrap();
    let above = audit::organization::read(&organization, ACCOUNT.parse().unwrap()).unwrap();
    let levels = above.service_control.read().unwrap();
    assert_eq!(levels.iter().map(Vec::len).max(), Some(1));
}
