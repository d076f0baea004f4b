//! What starts by itself: an audit by its schedule, and the rest of one by its queue.

use std::time::{Duration, Instant};

use e2e::server::ACCOUNT;
use serde_json::{Value, json};

use crate::site::{ROLE, Site};

/// The first event that is as wanted; much time for a busy machine.
#[track_caller]
fn wait_for(site: &Site, wanted: impl Fn(&str, &Value) -> bool) -> Value {
    let until = Instant::now() + Duration::from_secs(120);
    while Instant::now() < until {
        for (kind, event) in site.to_machines() {
            if wanted(&kind, &event) {
                return event;
            }
        }
    }
    panic!("no such event came:\n{}", site.server.log())
}

#[test]
fn the_schedule_starts_an_audit_and_the_queue_its_rest() {
    let site = Site::new(&[("ScheduleExpression", "cron(* * * * ? *)")]);
    let event = wait_for(&site, |kind, _| kind.starts_with("Audit"));
    assert_eq!(
        event["detail-type"],
        "Audit Completed",
        "{}",
        site.server.log()
    );
    assert_eq!(event["detail"]["outcome"]["compliant"], 2, "{event}");
    // Named by the scheduled time, so that a repeated delivery is the same audit.
    let audit = event["detail"]["metadata"]["audit"]
        .as_str()
        .unwrap_or_default();
    let time = audit
        .strip_prefix(ACCOUNT)
        .and_then(|rest| rest.strip_prefix('/'));
    let is_time =
        time.is_some_and(|time| time.starts_with("20") && time.ends_with('Z') && time.len() == 20);
    assert!(is_time, "{event}");
    assert_eq!(site.to_people(), []);

    // What an earlier run would have left: the role, and the user after it.
    let rest = json!({ "remainder": { "version": 1, "audit": "2026-01-01T00:00:00Z", "hop": 1, "from": ROLE,
        "totals": { "principals": 5, "requirements": 7, "compliant": 7 } } });
    site.server.aws().must(
        "sqs",
        "send_message",
        json!({
        "QueueUrl": site.stack.output("RemainderQueueUrl"), "MessageBody": rest.to_string() }),
    );
    let event = wait_for(&site, |_, event| {
        event["detail"]["metadata"]["audit"] == format!("{ACCOUNT}/2026-01-01T00:00:00Z")
    });
    assert_eq!(event["detail-type"], "Audit Completed", "{event}");
    let outcome = &event["detail"]["outcome"];
    assert_eq!(
        [
            &outcome["runs"],
            &outcome["requirements"],
            &outcome["compliant"]
        ],
        [2, 9, 9],
        "{event}"
    );
}
