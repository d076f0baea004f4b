//! Changes that never arrive: it is told once, whatever goes wrong while it is looked up, and it is over when one arrives.

use std::collections::BTreeMap;

use e2e::lambda::{Lambda, Outcome};
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::{Rig, Told};
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

use crate::account::{BEFORE, STEADY};
use crate::cell::{TIME, before, conduct, event, function, rig};
use crate::cells::each;
use crate::changes::{detail, on_change, records};
use crate::published::{messages, steps};

/// How CloudTrail may refuse: status and code.
const REFUSALS: [(u16, &str); 3] = [
    (400, "AccessDeniedException"),
    (400, "ThrottlingException"),
    (500, "InternalFailure"),
];

/// What CloudTrail has, or how it refuses.
fn cloudtrail(rig: &Rig<'_>, answer: Result<Vec<Value>, (u16, &'static str)>) {
    let (recorded, refused) = match answer {
        Ok(recorded) => (recorded, BTreeMap::new()),
        Err((status, code)) => (
            Vec::new(),
            BTreeMap::from([("LookupEvents", (status, code, "not now"))]),
        ),
    };
    rig.stand_in.behave(Conduct {
        recorded,
        refused,
        ..conduct()
    });
}

/// An event about a user that was made so many hours ago.
fn made(hours: i64) -> Value {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
    let mut event = detail(9, "TagUser", STEADY);
    event["eventTime"] = json!(at.to_string());
    event
}

/// That trail events are expected for long, and none came.
fn expected_for_long() -> Value {
    let body = json!({ "format": 1, "since": "2026-01-01T00:00:00Z", "last": [] });
    json!({ "account": { "S": format!("{ACCOUNT}#events") }, "item": { "S": "arrivals" },
        "format": { "N": "1" }, "generation": { "N": "1" }, "body": { "S": body.to_string() } })
}

fn sweep(rig: &Rig<'_>) -> Lambda {
    function(rig, &[("PERMDRIFT_CHANGES", "ENABLED")])
}

/// What a run tells of changes that do not arrive: to machines, and how many people were told.
#[track_caller]
fn run(rig: &Rig<'_>, function: &mut Lambda, event: &Value) -> (Vec<String>, usize) {
    let outcome = function.invoke(event, TIME);
    assert!(
        matches!(outcome, Outcome::Answered(_)),
        "{outcome:?}\n{}",
        function.log()
    );
    of_arrivals(&rig.told())
}

fn of_arrivals(told: &Told) -> (Vec<String>, usize) {
    const CODE: &str = "changes-not-arriving";
    let steps = steps([told]).filter(|step| step.code == CODE);
    let people = messages([told]).filter(|message| message.code == CODE);
    (steps.map(|step| step.kind).collect(), people.count())
}

fn nothing() -> (Vec<String>, usize) {
    (Vec::new(), 0)
}

#[test]
fn changes_that_never_come_are_told_once_and_no_failure_tells_or_ends_it() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    each(
        &REFUSALS,
        |at, refusal| {
            let rig = rig(&server, &format!("arrivals-{at}"), &before);
            rig.set("confirm-pause-seconds = 0\nnotice-days = 0\n");
            rig.put([expected_for_long()]);
            let mut sweep = sweep(&rig);
            // What is not answered opens nothing.
            cloudtrail(&rig, Err(*refusal));
            assert_eq!(run(&rig, &mut sweep, &event(1)), nothing());
            cloudtrail(&rig, Ok(vec![made(2)]));
            let opened = (vec!["Finding Opened".to_owned()], 1);
            assert_eq!(run(&rig, &mut sweep, &event(2)), opened, "{}", sweep.log());
            assert_eq!(run(&rig, &mut sweep, &event(3)), nothing());
            // Nor does it end anything.
            cloudtrail(&rig, Err(*refusal));
            assert_eq!(run(&rig, &mut sweep, &event(4)), nothing());
            cloudtrail(&rig, Ok(vec![made(2)]));
            // One arrives, though nobody can look whom it touched.
            let (mut on_change, _) = on_change(&rig);
            rig.proxy.spoil(Some(Plan {
                operation: "iam.GetAccountAuthorizationDetails".to_owned(),
                nth: 0,
                fault: Fault::Deny,
                times: Times::Always,
            }));
            let outcome = on_change.invoke(&records(&[made(0)]), TIME);
            assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
            rig.proxy.spoil(None);
            let _ = rig.told();
            let resolved = (vec!["Finding Resolved".to_owned()], 1);
            assert_eq!(run(&rig, &mut sweep, &event(5)), resolved);
            assert_eq!(run(&rig, &mut sweep, &event(6)), nothing());
            "right"
        },
        |(_, code)| (*code).to_owned(),
    );
}

#[test]
fn from_the_first_audit_on_events_are_expected_and_with_the_switch_off_no_more() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "switched", &before);
    cloudtrail(&rig, Ok(vec![made(2)]));
    let since = || {
        let items = rig.items();
        let body = items.get("arrivals").map(|item| item["body"]["S"].clone());
        let body: Value = serde_json::from_str(body?.as_str()?).expect("arrivals are JSON");
        body["since"].as_str().map(str::to_owned)
    };
    let mut off = function(&rig, &[]);
    assert_eq!(run(&rig, &mut off, &event(1)), nothing());
    assert_eq!(since(), None);
    let mut on = sweep(&rig);
    assert_eq!(run(&rig, &mut on, &event(2)), nothing(), "it was before");
    assert!(since().is_some());
    assert_eq!(run(&rig, &mut on, &event(3)), nothing());
    assert_eq!(run(&rig, &mut off, &event(4)), nothing());
    assert_eq!(since(), None);
}
