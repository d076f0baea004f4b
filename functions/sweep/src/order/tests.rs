//! Tests of orders: every form of event, read and refused, and the remainder read back.

use audit::assessment::{LevelsRead, ListRead};
use serde_json::json;

use super::*;

const ROLE: &str = "arn:aws:iam::222222222222:role/permdrift-audit";
const OWN: &str = "111111111111";

#[track_caller]
fn check(event: &Value, expected: Result<(&str, Option<&str>), &str>) {
    let found = Order::read(event, "request-1", OWN.parse().unwrap());
    let found = found.as_ref().map_err(ToString::to_string).map(|order| {
        let account = order.target.as_ref().map(|target| target.account.as_str());
        (order.key.as_str(), account)
    });
    assert_eq!(
        found.as_ref().map_err(String::as_str),
        expected.as_ref().map_err(|text| *text)
    );
}

#[test]
fn an_event_names_its_audit() {
    check(&json!({}), Ok(("request-1", None)));
    let time = "2026-11-22T03:15:00Z";
    check(&json!({ "scheduled_time": time }), Ok((time, None)));
    let scheduler = json!({
        "version": "0", "id": "1", "source": "aws.scheduler", "detail-type": "Scheduled Event",
        "account": "111111111111", "time": time, "region": "eu-west-1", "resources": [], "detail": "{}",
    });
    check(&scheduler, Ok((time, None)));
    let hub = json!({ "account": "222222222222", "role": ROLE, "external_id": "x", "scheduled_time": time });
    check(&hub, Ok((time, Some("222222222222"))));
}

#[test]
fn an_item_of_the_roster_names_its_run() {
    let run = "2026-11-30T03:15:00Z";
    let item = json!({ "account": "222222222222", "role": ROLE, "externalId": "x", "run": run,
                       "joined": "2026-11-01T00:00:00Z", "management": true });
    check(&item, Ok((run, Some("222222222222"))));
    let order = Order::read(&item, "request-1", OWN.parse().unwrap()).unwrap();
    let role = order.target.as_ref().unwrap().role.clone();
    assert_eq!(role.external_id.as_deref(), Some("x"));
    assert!(order.facts.is_management && order.facts.joined.is_some());
    // The function's own account takes no role.
    check(&json!({ "account": OWN, "run": run }), Ok((run, None)));
    check(
        &json!({ "account": "222222222222", "run": run }),
        Err(
            "the event names account 222222222222 and no `role`, and the function is in another account",
        ),
    );
    check(
        &json!({ "account": "333333333333", "role": ROLE, "run": run }),
        Err("the event's role belongs to another account than the one it names"),
    );
    check(
        &json!({ "run": run }),
        Err("the event's `account` is not there"),
    );
    for (key, value, expected) in [
        (
            "run",
            json!("a/b"),
            "the event's `run` is not the name of a run",
        ),
        (
            "joined",
            json!("long ago"),
            "the event's `joined` is not a time such as 2026-11-22T03:15:00Z",
        ),
        (
            "management",
            json!("yes"),
            "the event's `management` is not true or false",
        ),
        (
            "account",
            json!("2222"),
            "the event's `account` is not an account id of twelve digits",
        ),
        (
            "next",
            json!({}),
            "an event of unknown form, with the keys account, externalId, joined, management, next, role, run: \
                             expected `{}`, a scheduled time, or an account with a role",
        ),
    ] {
        let mut item = item.clone();
        item[key] = value;
        check(&item, Err(expected));
    }
}

#[test]
fn an_unknown_form_is_refused_by_its_keys_alone() {
    check(
        &json!({ "secret": "hunter2", "other": 1 }),
        Err(
            "an event of unknown form, with the keys other, secret: expected `{}`, a scheduled time, or an account \
             with a role",
        ),
    );
    check(
        &json!([1, 2]),
        Err(
            "an event of unknown form, with no keys: expected `{}`, a scheduled time, or an account with a role",
        ),
    );
    check(
        &json!({ "scheduled_time": "yesterday" }),
        Err("the event's `scheduled_time` is not a time such as 2026-11-22T03:15:00Z"),
    );
    check(
        &json!({ "scheduled_time": 5 }),
        Err("the event's `scheduled_time` is not a text"),
    );
    check(
        &json!({ "account": "222222222222" }),
        Err("the event names `account` and no `role`: another account takes both"),
    );
    check(
        &json!({ "account": "333333333333", "role": ROLE }),
        Err("the event's role belongs to another account than the one it names"),
    );
    check(
        &json!({ "Records": [] }),
        Err("0 records in one event: the queue must hand over one at a time"),
    );
    check(
        &json!({ "Records": [{ "body": "hunter2" }] }),
        Err("the event's `remainder` is not a remainder that permdrift wrote"),
    );
    check(
        &json!({ "remainder": { "version": 2 } }),
        Err("a remainder of version 2, newest known is 1: a newer release wrote it"),
    );
}

#[test]
fn a_remainder_goes_on_with_the_same_audit() {
    let hub = json!({ "account": "222222222222", "role": ROLE, "external_id": "x" });
    let order = Order::read(&hub, "request-1", OWN.parse().unwrap()).unwrap();
    let position = Position {
        hop: 3,
        from: "arn:aws:iam::222222222222:role/Veeam".parse().unwrap(),
        totals: Totals {
            counts: audit::VerdictCounts {
                requirements: 5,
                compliant: 4,
                compliant_not_checked: 2,
                ..Default::default()
            },
            calls: 0,
            layers: audit::assessment::LayerCoverage {
                keys: audit::assessment::Readings {
                    read: 20,
                    refused: 30,
                    not_read: 40,
                },
                service_control: LevelsRead::Partly {
                    read: 3,
                    refused: 1,
                },
                own_buckets: ListRead::Refused,
                ..Default::default()
            },
        },
        complete: true,
        refused: Some("Security Hub: ".repeat(14)),
    };
    let message = order.remainder(&position).to_string();
    assert!(message.len() < 2048);
    let event = json!({ "Records": [{ "messageId": "m", "body": message }] });
    let found = Order::read(&event, "request-2", OWN.parse().unwrap()).unwrap();
    assert_eq!(
        found,
        Order {
            position: Some(position),
            ..order
        }
    );
}

#[test]
fn a_remainder_of_an_older_release_is_read_and_does_not_count_as_complete() {
    let message = json!({ "remainder": {
        "version": 1, "audit": "2026-11-22T03:15:00Z", "hop": 2,
        "from": "arn:aws:iam::222222222222:role/Veeam", "totals": { "principals": 7 },
    } });
    let order = Order::read(&message, "request-1", OWN.parse().unwrap()).unwrap();
    let expected = Position {
        hop: 2,
        from: "arn:aws:iam::222222222222:role/Veeam".parse().unwrap(),
        totals: Totals {
            counts: audit::VerdictCounts {
                principals: 7,
                ..Default::default()
            },
            ..Totals::default()
        },
        complete: false,
        refused: None,
    };
    assert_eq!(order.position, Some(expected));
}
