//! The schedule: does it start an audit by itself?

use std::time::{Duration, Instant};

use e2e::server::ACCOUNT;

use crate::site::Site;

#[test]
fn the_schedule_starts_an_audit_by_itself() {
    let site = Site::new(&[("ScheduleExpression", "cron(* * * * ? *)")]);
    // Each minute; much time for a busy machine.
    let until = Instant::now() + Duration::from_secs(120);
    let events = loop {
        let events = site.to_machines();
        if !events.is_empty() || Instant::now() > until {
            break events;
        }
    };
    let [(kind, event), ..] = events.as_slice() else {
        panic!("no audit began:\n{}", site.server.log())
    };
    assert_eq!(kind, "Audit Completed", "{}", site.server.log());
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
}
