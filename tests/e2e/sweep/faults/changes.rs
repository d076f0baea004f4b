//! Audits on change, in which something goes wrong: no event is lost but what the schedule catches, and nothing is told twice under
//! different ids.

use std::collections::BTreeSet;

use e2e::lambda::{Lambda, Outcome};
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::{Rig, Told};
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

use crate::account::{BEFORE, FALLING, HEALING, account, arn};
use crate::cell::{Before, SETTINGS, TIME, before, conduct, function, recovers, rig};
use crate::cells::each;
use crate::published::steps;

/// What an audit on change is spoiled with; what is asked again is the matter of the matrix of scheduled audits.
const FAULTS: [Fault; 4] = [Fault::Broken, Fault::Hang, Fault::Deny, Fault::Cut];

/// The settings of an audit on change that waits for nothing.
const AT_ONCE: &str = "confirm-pause-seconds = 0\nchange-confirm-pause-seconds = 0\n";

/// An event about a user: a policy that it has not was detached from it, or one was attached that it has not.
pub(crate) fn detail(id: u32, call: &str, user: &str) -> Value {
    json!({
        "eventSource": "iam.amazonaws.com", "eventName": call, "eventTime": "2026-11-30T06:00:00Z",
        "eventID": format!("00000000-0000-4000-8000-{id:012}"), "recipientAccountId": "123456789012", "awsRegion": "us-east-1",
        "requestParameters": { "userName": user, "policyArn": "arn:aws:iam::123456789012:policy/changed" },
    })
}

/// What Lambda hands over.
pub(crate) fn records(details: &[Value]) -> Value {
    let records = details.iter().enumerate();
    let records: Vec<Value> = records
        .map(|(at, detail)| {
            let body = json!({ "detail-type": "AWS API Call via CloudTrail", "detail": detail });
            json!({ "messageId": format!("record-{at}"), "body": body.to_string() })
        })
        .collect();
    json!({ "Records": records })
}

/// That somebody fell ill and somebody got well.
fn both() -> Value {
    records(&[
        detail(1, "DetachUserPolicy", FALLING),
        detail(2, "DetachUserPolicy", HEALING),
    ])
}

/// The function that audits on change in a rig, with dead letters.
pub(crate) fn on_change(rig: &Rig<'_>) -> (Lambda, String) {
    let dead = rig.one_more_queue("dead");
    let variables = [
        ("PERMDRIFT_EVENTS", rig.queue()),
        ("PERMDRIFT_DEAD_EVENTS", &dead),
        ("PERMDRIFT_SEND_BACK_SECONDS", "0"),
    ];
    (function(rig, &variables), dead)
}

/// The records that Lambda keeps in the queue after a run.
fn kept(outcome: &Outcome, all: &Value) -> Value {
    let all = all["Records"].as_array().cloned().unwrap_or_default();
    let failed: Option<BTreeSet<&str>> = match outcome {
        Outcome::Answered(answer) => {
            let failed = answer["batchItemFailures"].as_array().into_iter().flatten();
            Some(
                failed
                    .filter_map(|it| it["itemIdentifier"].as_str())
                    .collect(),
            )
        }
        Outcome::Failed(_) | Outcome::Ended => None,
    };
    let is_kept = |record: &&Value| {
        let id = record["messageId"].as_str().unwrap_or_default();
        failed.as_ref().is_none_or(|failed| failed.contains(id))
    };
    let kept: Vec<Value> = all.iter().filter(is_kept).cloned().collect();
    json!({ "Records": kept })
}

fn is_empty(records: &Value) -> bool {
    records["Records"].as_array().is_none_or(Vec::is_empty)
}

/// Whose missing actions were told of.
fn drift(told: &Told) -> BTreeSet<String> {
    let steps = steps([told]).filter(|step| step.code == "missing-actions");
    steps.map(|step| step.principal).collect()
}

/// The operations of an audit on change in which nothing goes wrong, in the order of asking.
fn operations(server: &Server, before: &Before) -> Vec<String> {
    let rig = rig(server, "change", before);
    rig.set(AT_ONCE);
    let (mut function, _) = on_change(&rig);
    let outcome = function.invoke(&both(), TIME);
    let log = function.log();
    assert_eq!(
        outcome,
        Outcome::Answered(json!({ "batchItemFailures": [] })),
        "{log}"
    );
    let told = rig.told();
    assert_eq!(drift(&told), [FALLING, HEALING].map(arn).into(), "{log}");
    let mut kinds = told.machines.iter().map(|(kind, _)| kind);
    assert!(
        !kinds.any(|kind| kind == "Audit Completed"),
        "a part is not the audit\n{log}"
    );
    let calls = told.calls.into_iter();
    calls.map(|call| call.operation).collect()
}

#[test]
fn an_audit_on_change_may_go_wrong_and_no_event_is_lost() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let operations = operations(&server, &before);
    let names: BTreeSet<&String> = operations.iter().collect();
    let mut cells = Vec::new();
    for operation in names {
        let count = operations.iter().filter(|it| *it == operation).count();
        let mut places = vec![0, count - 1];
        places.dedup();
        for nth in places {
            cells.extend(FAULTS.map(|fault| Plan {
                operation: operation.to_owned(),
                nth,
                fault,
                times: Times::Always,
            }));
        }
    }
    assert!(cells.len() >= 40, "{operations:?}");
    each(
        &cells,
        |at, plan| spoil(&server, &before, at, plan),
        |plan| format!("{}, {}: {}", plan.operation, plan.nth, plan.fault),
    );
}

fn spoil(server: &Server, before: &Before, at: usize, plan: &Plan) -> &'static str {
    let rig = rig(server, &format!("change-{at}"), before);
    rig.set(AT_ONCE);
    let (mut function, _) = on_change(&rig);
    rig.proxy.spoil(Some(plan.clone()));
    let outcome = function.invoke(&both(), TIME);
    let log = format!("{plan:?}\n{}", function.log());
    assert!(rig.proxy.has_struck(), "it did not strike\n{log}");
    rig.proxy.spoil(None);
    let mut told = vec![rig.told()];
    // Lambda hands over again what stays in the queue.
    let again = kept(&outcome, &both());
    if is_empty(&again) {
        // Whose end could not be seen is still open, and the schedule sees it.
        let unseen = steps(&told).any(|step| step.code == "undetermined");
        let drift = drift(&told[0]);
        assert!(
            unseen || drift.contains(&arn(FALLING)),
            "no event is left, and yet not all was told: {drift:?}\n{log}"
        );
    } else {
        let outcome = function.invoke(&again, TIME);
        assert_eq!(
            outcome,
            Outcome::Answered(json!({ "batchItemFailures": [] })),
            "{log}"
        );
        told.push(rig.told());
    }
    rig.set(SETTINGS);
    recovers(&rig, &mut self::sweep(&rig), told);
    "right"
}

/// The scheduled audit of the same stack.
fn sweep(rig: &Rig<'_>) -> Lambda {
    function(rig, &[])
}

#[test]
fn an_event_that_never_comes_is_caught_by_the_schedule() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "lost", &before);
    rig.set(AT_ONCE);
    let (mut function, _) = on_change(&rig);
    let one = records(&[detail(1, "DetachUserPolicy", FALLING)]);
    let outcome = function.invoke(&one, TIME);
    assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    let told = rig.told();
    assert_eq!(drift(&told), [arn(FALLING)].into());
    rig.set(SETTINGS);
    recovers(&rig, &mut sweep(&rig), vec![told]);
}

#[test]
fn killed_between_telling_and_writing_the_events_come_again() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "killed-change", &before);
    rig.set(AT_ONCE);
    rig.proxy.spoil(Some(Plan {
        operation: "dynamodb.PutItem".to_owned(),
        nth: 0,
        fault: Fault::Hang,
        times: Times::Always,
    }));
    let (mut killed, _) = on_change(&rig);
    killed.begin(&both(), TIME);
    rig.proxy.until_struck(TIME);
    killed.kill();
    assert_eq!(killed.end(TIME), Outcome::Ended);
    let mut told = vec![rig.told()];
    assert!(
        !told[0].machines.is_empty(),
        "it is told before it is written"
    );
    rig.proxy.spoil(None);
    let (mut again, _) = on_change(&rig);
    let outcome = again.invoke(&both(), TIME);
    assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    told.push(rig.told());
    rig.set(SETTINGS);
    recovers(&rig, &mut sweep(&rig), told);
}

/// A change that is taken back while the function waits is told to nobody.
#[test]
fn what_is_well_again_after_the_pause_is_told_to_nobody() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let one = records(&[detail(1, "DetachUserPolicy", FALLING)]);
    let rig = rig(&server, "pause", &before);
    rig.set("confirm-pause-seconds = 900\nchange-confirm-pause-seconds = 0\n");
    let (mut function, _) = on_change(&rig);
    let outcome = function.invoke(&one, TIME);
    let told = rig.told();
    assert_eq!(drift(&told), [arn(FALLING)].into(), "{outcome:?}");
    let simulated = |told: &Told| {
        let calls = told.calls.iter();
        calls
            .filter(|call| call.operation == "iam.SimulatePrincipalPolicy")
            .count()
    };
    let first = simulated(&told);
    let rig = crate::cell::rig(&server, "taken-back", &before);
    rig.set("confirm-pause-seconds = 900\nchange-confirm-pause-seconds = 1\n");
    // The tags of the listing go along with each question, and the SCPs deny by one of them.
    rig.stand_in.behave(Conduct {
        service_control: Vec::new(),
        ..conduct()
    });
    let (mut function, _) = on_change(&rig);
    // The first question after the pause waits until all is well again.
    rig.proxy.spoil(Some(Plan {
        operation: "iam.SimulatePrincipalPolicy".to_owned(),
        nth: first,
        fault: Fault::Hold,
        times: Times::Once,
    }));
    function.begin(&one, TIME);
    rig.proxy.until_struck(TIME);
    rig.stand_in.play(&account(&BEFORE));
    rig.proxy.spoil(None);
    let outcome = function.end(TIME);
    assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    let told = rig.told();
    assert_eq!(
        (told.machines, told.people),
        (vec![], vec![]),
        "{}",
        function.log()
    );
}

/// An event of which the listing does not show the effect goes back, three times at most; if it cannot be sent, its record stays.
#[test]
fn an_event_goes_back_three_times_and_is_lost_never() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "back", &before);
    rig.set(AT_ONCE);
    let (mut function, _) = on_change(&rig);
    let events = records(&[detail(1, "AttachUserPolicy", FALLING)]);
    rig.proxy.spoil(Some(Plan {
        operation: "sqs.SendMessage".to_owned(),
        nth: 0,
        fault: Fault::Deny,
        times: Times::Always,
    }));
    let outcome = function.invoke(&events, TIME);
    assert_eq!(kept(&outcome, &events), events, "{outcome:?}");
    rig.proxy.spoil(None);
    let mut next = events;
    for attempt in 1..=3 {
        let outcome = function.invoke(&next, TIME);
        assert!(is_empty(&kept(&outcome, &next)), "{outcome:?}");
        assert_eq!(drift(&rig.told()), BTreeSet::new(), "attempt {attempt}");
        next = rig.remainder().expect("it went back");
        let body = next["Records"][0]["body"].as_str().unwrap_or_default();
        let body: Value = serde_json::from_str(body).expect("a message of ours is JSON");
        assert_eq!(body["again"]["attempt"], attempt);
    }
    let outcome = function.invoke(&next, TIME);
    assert!(is_empty(&kept(&outcome, &next)), "{outcome:?}");
    assert!(rig.remainder().is_none(), "it went back once more");
    // What the listing shows holds then: the user lacks something in any case.
    assert_eq!(drift(&rig.told()), [arn(FALLING)].into());
}

#[test]
fn a_burst_of_changes_is_one_audit() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "burst", &before);
    rig.set(AT_ONCE);
    let (mut function, _) = on_change(&rig);
    let details: Vec<Value> = (0..300)
        .map(|at| detail(at, "DetachUserPolicy", [FALLING, HEALING][at as usize % 2]))
        .collect();
    let outcome = function.invoke(&records(&details), TIME);
    assert!(is_empty(&kept(&outcome, &both())), "{outcome:?}");
    let told = rig.told();
    let listings = told.calls.iter().filter(|call| {
        call.operation == "iam.GetAccountAuthorizationDetails"
            && !call.form().contains_key("Marker")
    });
    assert_eq!(listings.count(), 1, "{}", function.log());
    assert_eq!(drift(&told), [FALLING, HEALING].map(arn).into());
}
