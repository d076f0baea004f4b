//! Audits of trail events: what do programs get?

use serde_json::{Value, json};

use crate::binary::{file, permdrift, printed};
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

/// A call to IAM that changed something of the example's account.
fn call(name: &str, parameters: &Value) -> Value {
    json!({
        "eventTime": "2026-11-28T10:00:00Z", "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
        "requestParameters": parameters, "eventID": name, "recipientAccountId": "111122223333",
        "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/Admin/alice" },
    })
}

/// Audits whom events touched: the exit code, and what must stand on the screen and what must not.
#[track_caller]
fn check(events: &Value, more: &[&str], code: i32, shown: &[&str], hidden: &[&str]) {
    let written = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(written.path(), events.to_string()).unwrap();
    let mut command = permdrift(&["audit", "--auth-details", "account.json", "--events"]);
    command.arg(written.path()).args(more);
    command.current_dir(file("tests/cli/cases/events.in"));
    let output = command.output().unwrap();
    let text = printed(&output).to_owned() + &String::from_utf8_lossy(&output.stderr);
    // Where lines end depends on the screen.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in shown {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in hidden {
        assert!(!text.contains(part), "{part}: {text}");
    }
}

const NOBODY: &str = "no principal that is bound to action sets was touched";

#[test]
fn a_list_that_goes_on_is_not_taken_for_all_of_it() {
    let harmless = call("TagUser", &json!({ "userName": "nobody" }));
    let looked_up = json!({ "CloudTrailEvent": harmless.to_string() });
    let goes_on = "the list: it goes on (`NextToken`)";
    for (events, number) in [
        (
            json!({ "Events": [], "NextToken": "abc" }),
            "0 trail events",
        ),
        (
            json!({ "Events": [looked_up], "NextToken": "abc" }),
            "1 trail event:",
        ),
        (
            json!([{ "Events": [looked_up] }, { "Events": [], "NextToken": "abc" }]),
            "1 trail event:",
        ),
    ] {
        check(&events, &[], 2, &["Not seen", goes_on, number], &[]);
    }
    for end in [json!(null), json!("")] {
        let events = json!({ "Events": [looked_up], "NextToken": end });
        check(&events, &[], 0, &[NOBODY], &["Not seen"]);
    }
}

#[test]
fn both_lists_of_a_file_are_read() {
    let event = call("TagUser", &json!({ "userName": "member" }));
    let events = json!({ "Events": [event], "Records": [] });
    check(&events, &[], 1, &["1 trail event touched 1 principal"], &[]);
    let events = json!({ "Events": [4], "Records": [event] });
    check(
        &events,
        &[],
        1,
        &["Not seen", "event 2: no trail event"],
        &[],
    );
}

#[test]
fn who_was_touched_and_not_asked_for_is_told() {
    let touched = |name: &str| call("TagUser", &json!({ "userName": name }));
    let one = json!([touched("member")]);
    let asked: &[&str] = &["--principal", "holder"];
    check(
        &one,
        asked,
        0,
        &["1 trail event touched 1 principal bound to action sets, which was not asked for."],
        &[NOBODY],
    );
    let mut second = touched("holder");
    second["eventID"] = json!("second");
    let two = json!([touched("member"), second]);
    check(
        &two,
        asked,
        1,
        &[
            "2 trail events touched 1 principal bound to action sets, and 1 more that was not asked for:",
        ],
        &[],
    );
    check(
        &one,
        &["--principal", "appliance"],
        0,
        &["not asked for"],
        &[NOBODY],
    );
    check(
        &two,
        &["--action-set", "vbaws-role-rds-backup"],
        2,
        &[
            "touched 2 principals",
            "nothing was checked, because whom the trail events touched",
        ],
        &[],
    );
}

#[test]
fn what_was_deleted_before_the_listing_is_named() {
    let not_listed = "is not in the listing";
    for (event, what) in [
        (
            call("DeleteRole", &json!({ "roleName": "VeeamGone" })),
            "`DeleteRole` names the role `VeeamGone`",
        ),
        (
            call("DeleteUser", &json!({ "userName": "old-veeam" })),
            "`DeleteUser` names the user `old-veeam`",
        ),
        (
            call("PutGroupPolicy", &json!({ "groupName": "VeeamOperators" })),
            "`PutGroupPolicy` names the group `VeeamOperators`",
        ),
        (
            call(
                "SetDefaultPolicyVersion",
                &json!({ "policyArn": "arn:aws:iam::111122223333:policy/team/VeeamEc2Backup" }),
            ),
            "names the policy `arn:aws:iam::111122223333:policy/team/VeeamEc2Backup`",
        ),
    ] {
        check(
            &json!([event]),
            &[],
            2,
            &["Not seen", what, not_listed],
            &[],
        );
    }
    let named = "not in the listing, so that nobody knows whether they were bound: ";
    for (event, what) in [
        (
            call("DeleteRole", &json!({ "roleName": "order-import" })),
            "role order-import.",
        ),
        (
            call(
                "SetDefaultPolicyVersion",
                &json!({ "policyArn": "arn:aws:iam::111122223333:policy/veeam/orders" }),
            ),
            "policy arn:aws:iam::111122223333:policy/veeam/orders.",
        ),
    ] {
        check(&json!([event]), &[], 0, &[named, what], &["Not seen"]);
    }
    let renamed = json!({ "userName": "old-veeam", "newUserName": "nobody" });
    // Somebody who is bound trusts the appliance, and lacks much.
    let appliance = call("TagRole", &json!({ "roleName": "APPLIANCE" }));
    for (there, code) in [(call("UpdateUser", &renamed), 0), (appliance, 1)] {
        check(&json!([there]), &[], code, &[], &["not in the listing"]);
    }
}
