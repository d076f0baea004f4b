//! Which events are of which account, and whom nobody can speak for.

use audit::roster::{Member, Skipped};
use serde_json::json;

use super::*;

const ONE: &str = "111111111111";
const OTHER: &str = "222222222222";
const MANAGEMENT: &str = "999988887777";

fn roster() -> Roster {
    let member = |skipped| Member {
        name: "".into(),
        path: Vec::new(),
        state: "ACTIVE".into(),
        joined: None,
        skipped,
    };
    let accounts = [
        (ONE, None),
        (OTHER, None),
        (MANAGEMENT, None),
        ("333333333333", Some(Skipped::Suspended)),
    ];
    Roster {
        accounts: accounts
            .map(|(account, skipped)| (account.parse().unwrap(), member(skipped)))
            .into(),
        ..Roster::default()
    }
}

fn event(account: &str, source: &str, detail: &Value) -> String {
    json!({ "version": "0", "account": account, "source": source, "detail-type": "AWS API Call via CloudTrail",
            "detail": detail })
    .to_string()
}

fn detached(account: &str, id: &str) -> String {
    let detail = json!({
        "eventSource": "iam.amazonaws.com", "eventName": "DetachRolePolicy", "eventID": id, "eventTime": "2026-11-30T06:00:00Z",
        "recipientAccountId": OTHER, "userIdentity": { "type": "IAMUser", "accountId": OTHER },
        "requestParameters": { "roleName": "veeam", "policyArn": format!("arn:aws:iam::{OTHER}:policy/p") } });
    event(account, "aws.iam", &detail)
}

fn attached(id: &str, call: &str, target: Option<&str>) -> String {
    let detail = json!({
        "eventSource": "organizations.amazonaws.com", "eventName": call, "eventID": id, "eventTime": "2026-11-30T06:00:00Z",
        "userIdentity": { "type": "IAMUser", "accountId": MANAGEMENT },
        "requestParameters": { "policyId": "p-1", "targetId": target } });
    event(MANAGEMENT, "aws.organizations", &detail)
}

fn read(bodies: &[String]) -> ByAccount {
    let records = bodies.iter().enumerate();
    let records: Vec<Value> = records
        .map(|(at, body)| json!({ "messageId": format!("r{at}"), "body": body }))
        .collect();
    ByAccount::read(&json!({ "Records": records }), &roster()).unwrap()
}

fn ids(found: &ByAccount) -> Vec<(String, Vec<&str>)> {
    let batches = found.batches.iter();
    batches
        .map(|(account, batch)| {
            let events = batch.events.events.iter();
            (
                account.to_string(),
                events.map(|event| &*event.id).collect(),
            )
        })
        .collect()
}

#[test]
fn the_account_is_the_envelopes_and_never_the_details() {
    let found = read(&[detached(ONE, "a"), detached(OTHER, "b"), detached(ONE, "c")]);
    let expected = [
        (ONE.to_owned(), vec!["a", "c"]),
        (OTHER.to_owned(), vec!["b"]),
    ];
    assert_eq!(ids(&found), expected);
    let records: Vec<Box<str>> = found.batches[&ONE.parse().unwrap()].records().collect();
    assert_eq!(records, ["r0", "r2"].map(Box::from));
}

#[test]
fn events_of_accounts_that_are_not_audited_are_counted_and_nothing_else() {
    let found = read(&[
        detached("444444444444", "a"),
        detached("333333333333", "b"),
        detached(ONE, "c"),
    ]);
    assert_eq!(found.foreign, 2);
    assert_eq!(ids(&found), [(ONE.to_owned(), vec!["c"])]);
    assert!(found.unusable.is_empty());
}

#[test]
fn nobody_else_speaks_for_an_account() {
    let detail = json!({});
    for body in [
        // Customers cannot put events with this source, and others are not let through by the rule.
        event(ONE, "my.iam", &detail),
        event("", "aws.iam", &detail),
        json!({ "source": "aws.iam", "detail": { "account": ONE } }).to_string(),
        json!({ "account": ONE, "detail": {} }).to_string(),
        json!([detached(ONE, "a")]).to_string(),
    ] {
        let found = read(&[body]);
        assert!(found.batches.is_empty(), "{found:?}");
        assert_eq!(found.unusable[0].reason, Reason::NoAccount);
    }
}

#[test]
fn what_changed_above_accounts_is_one_run_for_each_target() {
    let unit = Some("ou-ab12-cd345678");
    let found = read(&[
        attached("c", "AttachPolicy", unit),
        attached("b", "DetachPolicy", unit),
        attached("d", "AttachPolicy", Some(ONE)),
        detached(MANAGEMENT, "e"),
    ]);
    assert_eq!(ids(&found), [(MANAGEMENT.to_owned(), vec!["e"])]);
    let above = |event: &str, records: &[&str]| Above {
        event: event.into(),
        records: records.iter().map(|record| (*record).into()).collect(),
    };
    let expected = BTreeMap::from([
        (Some(ONE.into()), above("d", &["r2"])),
        (unit.map(Box::from), above("b", &["r0", "r1"])),
    ]);
    assert_eq!(found.above, expected);
    // Where a policy was updated nobody says what it is attached to.
    let found = read(&[
        attached("c", "AttachPolicy", unit),
        attached("b", "UpdatePolicy", None),
    ]);
    assert_eq!(
        found.above,
        BTreeMap::from([(None, above("b", &["r1", "r0"]))])
    );
}

#[test]
fn what_came_back_is_still_of_its_account() {
    let body = json!({ "again": { "version": 1, "attempt": 2, "events": [
        serde_json::from_str::<Value>(&detached(ONE, "a")).unwrap(),
    ] } });
    let found = read(&[body.to_string()]);
    assert_eq!(ids(&found), [(ONE.to_owned(), vec!["a"])]);
    let origin = &found.batches[&ONE.parse().unwrap()].origins["a"];
    assert_eq!(origin.attempt, 2);
}

#[test]
fn an_account_that_joins_or_leaves_is_left_to_the_schedule() {
    for call in ["AcceptHandshake", "LeaveOrganization"] {
        let found = read(&[attached("a", call, None)]);
        assert!(
            found.above.is_empty() && found.batches.is_empty(),
            "{found:?}"
        );
        assert!(found.unusable.is_empty());
    }
}

#[test]
fn who_changed_something_above_is_of_the_account_of_the_envelope() {
    let mut claims: Value =
        serde_json::from_str(&attached("b", "AttachPolicy", Some("r-ab12"))).unwrap();
    claims["account"] = ONE.into();
    claims["detail"]["recipientAccountId"] = MANAGEMENT.into();
    let found = read(&[
        attached("a", "UpdatePolicy", None),
        claims.to_string(),
        attached("c", "LeaveOrganization", None),
        detached(ONE, "d"),
    ]);
    let calls: Vec<(&str, Option<String>)> = found
        .calls_above
        .iter()
        .map(|call| (&*call.id, call.account.map(|account| account.to_string())))
        .collect();
    // By account.
    let expected = [("b", ONE), ("a", MANAGEMENT)];
    assert_eq!(
        calls,
        expected.map(|(id, account)| (id, Some(account.to_owned())))
    );
}

#[test]
fn what_cannot_be_followed_is_of_the_account_of_the_envelope() {
    let lacking = |account: &str| {
        let mut event: Value = serde_json::from_str(&detached(account, "a")).unwrap();
        event["detail"]["requestParameters"] = json!({});
        event.to_string()
    };
    let found = read(&[lacking(ONE), lacking("444444444444"), "{".to_owned()]);
    let unusable: Vec<(&str, Option<AccountId>)> = found
        .unusable
        .iter()
        .map(|one| (&*one.record, one.account))
        .collect();
    assert_eq!(unusable, [("r0", ONE.parse().ok()), ("r2", None)]);
    assert_eq!(found.foreign, 1);
}

#[test]
fn what_changes_nothing_arrived_all_the_same() {
    let mut idle: Value = serde_json::from_str(&detached(ONE, "a")).unwrap();
    idle["detail"]["eventName"] = "CreatePolicyVersion".into();
    idle["detail"]["awsRegion"] = "us-east-1".into();
    let found = read(&[idle.to_string()]);
    let batch = &found.batches[&ONE.parse().unwrap()];
    assert_eq!(
        (batch.events.events.len(), batch.events.newest.len()),
        (0, 1)
    );
}
