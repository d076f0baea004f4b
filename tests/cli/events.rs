//! Audits of trail events: what do programs get?

use serde_json::{Value, json};

use crate::binary::{file, permdrift};
use crate::machines::keeps_to;

#[test]
fn programs_get_whom_events_touched_and_which_could_not_be_followed() {
    let mut command = permdrift(&["audit", "--output", "json", "--events", "mixed.jsonl"]);
    command.args(["--auth-details", "account.json"]);
    command.current_dir(file("tests/cli/cases/events.in"));
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    keeps_to("assessment-1", &text);
    let document: Value = serde_json::from_str(&text).unwrap();
    let member = "arn:aws:iam::111122223333:user/member";
    // The caller is known to Identity Center only, so the event has no ARN of it.
    let call = json!({
        "event": "00000000-0000-4000-8000-000000000010",
        "call": "PutGroupPolicy",
        "who": null,
        "at": "2026-11-28T10:00:10Z",
    });
    assert_eq!(
        document["touched"],
        json!([{ "principal": member, "by": [call] }])
    );
    let faults = document["coverage"]["eventFaults"].as_array().unwrap();
    let places: Vec<&Value> = faults.iter().map(|fault| &fault["place"]).collect();
    assert_eq!(places, ["line 2", "line 3"]);
    assert_eq!(document["complete"], false);
    for verdict in document["verdicts"].as_array().unwrap() {
        assert_eq!(verdict["principal"], member);
    }
    // Without --events nothing was touched, and the field is not there.
    let mut whole = permdrift(&[
        "audit",
        "--output",
        "json",
        "--auth-details",
        "account.json",
    ]);
    whole.current_dir(file("tests/cli/cases/events.in"));
    let whole: Value = serde_json::from_slice(&whole.output().unwrap().stdout).unwrap();
    assert!(whole.get("touched").is_none());
}

#[test]
fn markdown_says_who_may_have_changed_it() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    let mut command = permdrift(&["audit", "--events", "mixed.jsonl", "--export"]);
    command
        .arg(&page)
        .args(["--auth-details", "account.json"])
        .current_dir(file("tests/cli/cases/events.in"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    let page = std::fs::read_to_string(&page).unwrap();
    let who = "\n**Possibly changed by:** the IAM Identity Center user 544894e8-80c1-707f-60e3-3ba6510dfac1 with PutGroupPolicy";
    assert!(page.contains(who), "{page}");
}
