//! What no single call shows: a process killed between telling and writing, two audits at once, a clock that is wrong, a table
//! that a newer release has written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2e::http::{self, Answer, listen};
use e2e::lambda::{Lambda, Outcome};
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::Rig;
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use e2e::tools::Tools;
use serde_json::{Value, json};

use crate::account::{BEFORE, FALLING, STEADY, arn};
use crate::cell::{
    LONG_PAUSE, SETTINGS, SHORT, Spoiled, TIME, before, conduct, do_the_rest, event, function,
    recovers, rig,
};
use crate::published::{Message, messages};

/// So patient with an answer that hangs that the time for taking principals is over then.
const LATE: [(&str, &str); 1] = [("PERMDRIFT_TIMEOUT_SECONDS", "3")];

/// Where an answer hangs, so that the time is up with some of the users done with.
const SOME_REACHED: (&str, usize) = ("iam.SimulatePrincipalPolicy", 3);

#[test]
fn killed_between_telling_and_writing_it_tells_again_under_the_same_ids() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "killed", &before);
    rig.proxy.spoil(Some(Plan {
        operation: "dynamodb.PutItem".to_owned(),
        nth: 0,
        fault: Fault::Hang,
        times: Times::Always,
    }));
    let mut killed = function(&rig, &[]);
    killed.begin(&event(1), TIME);
    rig.proxy.until_struck(TIME);
    killed.kill();
    let spoiled = Spoiled {
        outcome: killed.end(TIME),
        told: rig.told(),
    };
    assert_eq!(spoiled.outcome, Outcome::Ended);
    assert!(
        !spoiled.told.machines.is_empty(),
        "it is told before it is written"
    );
    spoiled.holds("", &killed.log());
    recovers(&rig, &mut function(&rig, &[]), vec![spoiled.told]);
}

#[test]
fn of_two_audits_at_once_both_succeed_and_the_later_listing_is_kept() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    // The same firing delivered twice, and two firings.
    for (name, events) in [
        ("twice", [event(1), event(1)]),
        ("two", [event(1), event(4)]),
    ] {
        let rig = rig(&server, name, &before);
        // Patient, because its first write is held back for as long as the other takes.
        let mut late = function(&rig, &[("PERMDRIFT_TIMEOUT_SECONDS", "60")]);
        let mut first = function(&rig, &[]);
        rig.proxy.spoil(Some(Plan {
            operation: "dynamodb.PutItem".to_owned(),
            nth: 0,
            fault: Fault::Hold,
            times: Times::Once,
        }));
        late.begin(&events[0], TIME);
        rig.proxy.until_struck(TIME);
        let outcome = first.invoke(&events[1], TIME);
        let log = first.log();
        assert!(
            matches!(&outcome, Outcome::Answered(answer) if answer["completed"] == true),
            "{name}: {outcome:?}\n{log}"
        );
        let items = rig.items();
        rig.proxy.spoil(None);
        let spoiled = late.end(TIME);
        assert!(
            matches!(&spoiled, Outcome::Answered(answer) if answer["completed"] == true),
            "{name}: {spoiled:?}\n{}",
            late.log()
        );
        assert_eq!(rig.items(), items, "{name}: something was written over");
        recovers(&rig, &mut late, vec![rig.told()]);
    }
}

#[test]
fn a_clock_that_is_an_hour_off_changes_no_verdict() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let library = Tools::Clock.file("libfaketime.so.1");
    for (name, offset) in [("fast", 3600), ("slow", -3600)] {
        let rig = rig(&server, name, &before);
        let shift = format!("{offset:+}");
        let mut wrong = function(
            &rig,
            &[
                ("LD_PRELOAD", library.as_str()),
                ("FAKETIME", shift.as_str()),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ],
        );
        wrong.shift_clock(offset);
        let spoiled = Spoiled {
            outcome: wrong.invoke(&event(1), TIME),
            told: rig.told(),
        };
        assert_eq!(
            spoiled.word(),
            "right",
            "{name}: {:?}\n{}",
            spoiled.outcome,
            wrong.log()
        );
        spoiled.holds("", &wrong.log());
        // The next audit has a clock that is right again.
        recovers(&rig, &mut function(&rig, &[]), vec![spoiled.told]);
    }
}

#[test]
fn what_a_newer_release_wrote_is_neither_read_nor_written_over() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    for (name, key) in [
        ("newer-account", "account".to_owned()),
        ("newer-principal", format!("principal#{}", arn(STEADY))),
    ] {
        let rig = rig(&server, name, &before);
        let mut newer = rig.items()[&key].clone();
        newer["format"] = json!({ "N": "999" });
        newer["body"] = json!({ "S": "{\"format\":999,\"shape\":\"of tomorrow\"}" });
        rig.put([newer]);
        let items = rig.items();
        let mut function = function(&rig, &[]);
        let spoiled = Spoiled {
            outcome: function.invoke(&event(1), TIME),
            told: rig.told(),
        };
        assert_eq!(
            spoiled.word(),
            "fails",
            "{name}: {:?}\n{}",
            spoiled.outcome,
            function.log()
        );
        assert!(
            outcome_text(&spoiled.outcome).contains("999"),
            "{name}: {:?}",
            spoiled.outcome
        );
        spoiled.holds("", &function.log());
        assert_eq!(rig.items(), items, "{name}: something was written over");
    }
}

#[test]
fn with_no_time_left_the_rest_is_handed_on_and_nothing_is_lost() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    for (name, operation, nth) in [
        ("none-reached", "iam.GetAccountAuthorizationDetails", 0),
        ("some-reached", SOME_REACHED.0, SOME_REACHED.1),
    ] {
        let rig = rig(&server, name, &before);
        let mut function = function(&rig, &LATE);
        let spoiled = runs_late(&rig, &mut function, operation, nth);
        let log = function.log();
        spoiled.holds(operation, &log);
        let Outcome::Answered(answer) = &spoiled.outcome else {
            panic!("{name}: {:?}\n{log}", spoiled.outcome)
        };
        let reached = 4 - answer["remainder"].as_u64().unwrap_or_default();
        assert_eq!(reached > 0, name == "some-reached", "{answer}\n{log}");
        let mut told = vec![spoiled.told];
        do_the_rest(&rig, &mut function, &mut told);
        recovers(&rig, &mut function, told);
    }
}

#[test]
fn an_audit_that_runs_out_of_time_tells_so_before_it_is_ended() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "endless", &before);
    rig.proxy.spoil(Some(Plan {
        operation: "dynamodb.PutItem".to_owned(),
        nth: 0,
        fault: Fault::Hang,
        times: Times::Always,
    }));
    let mut function = function(&rig, &[("PERMDRIFT_TIMEOUT_SECONDS", "300")]);
    let spoiled = Spoiled {
        outcome: function.invoke(&event(1), SHORT),
        told: rig.told(),
    };
    assert!(
        outcome_text(&spoiled.outcome).contains("time"),
        "{:?}\n{}",
        spoiled.outcome,
        function.log()
    );
    spoiled.holds("dynamodb.PutItem", &function.log());
    recovers(&rig, &mut function, vec![spoiled.told]);
}

#[test]
fn a_bus_that_hangs_keeps_no_person_from_being_told() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "silent-bus", &before);
    let silent = listen(|_| Answer::Hang);
    // So many attempts take longer than the invocation, as on a full day with the attempts of the stack.
    let mut patient = function(
        &rig,
        &[
            ("AWS_MAX_ATTEMPTS", "10"),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", &silent.url()),
        ],
    );
    let began = Instant::now();
    let spoiled = Spoiled {
        outcome: patient.invoke(&event(1), SHORT),
        told: rig.told(),
    };
    let took = began.elapsed();
    let log = patient.log();
    assert!(
        outcome_text(&spoiled.outcome).contains("the bus"),
        "{:?}\n{log}",
        spoiled.outcome
    );
    // Lambda ends it then; a second for the way of the answer on a busy machine.
    assert!(took < SHORT + Duration::from_secs(1), "{took:?}\n{log}");
    let fallen = arn(FALLING);
    assert!(
        messages([&spoiled.told])
            .any(|message| message.kind == "opened" && message.text.contains(&fallen)),
        "nobody was told of {fallen}: {:?}\n{log}",
        spoiled.told.people
    );
    spoiled.holds("events.", &log);
    recovers(&rig, &mut function(&rig, &[]), vec![spoiled.told]);
}

#[test]
fn what_security_hub_refuses_fails_no_run_and_is_told_once_at_the_end() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "refused", &before);
    let refuses = Arc::new(AtomicBool::new(true));
    let is_off = Arc::clone(&refuses);
    let hub = listen(move |_| {
        let (status, body) = if is_off.load(Ordering::Relaxed) {
            (
                401,
                r#"{"Code":"InvalidAccessException","Message":"not subscribed"}"#,
            )
        } else {
            (200, r#"{"FailedCount":0,"FailedFindings":[]}"#)
        };
        Answer::Whole(http::Message::answer(status, "application/json", body))
    });
    let mut variables = LATE.to_vec();
    let url = hub.url();
    variables.extend([
        ("PERMDRIFT_SECURITY_HUB", "ENABLED"),
        ("AWS_ENDPOINT_URL_SECURITYHUB", url.as_str()),
    ]);
    let mut function = function(&rig, &variables);
    let (operation, nth) = SOME_REACHED;
    let first = runs_late(&rig, &mut function, operation, nth);
    let log = function.log();
    assert!(log.contains("not subscribed"), "nothing was refused\n{log}");
    refuses.store(false, Ordering::Relaxed);
    let mut told = vec![first.told];
    do_the_rest(&rig, &mut function, &mut told);
    let of_failure: Vec<usize> = told
        .iter()
        .map(|told| {
            let of_failure = messages([told]).filter(Message::is_of_a_failed_audit);
            of_failure
                .filter(|it| it.text.contains("not subscribed"))
                .count()
        })
        .collect();
    assert_eq!(of_failure, [0, 1], "{}", function.log());
    let ends = told.iter().flat_map(|told| &told.machines);
    let ends: Vec<(&str, &Value)> = ends
        .filter(|(kind, _)| kind.starts_with("Audit"))
        .map(|(kind, detail)| (kind.as_str(), &detail["alert"]["action"]))
        .collect();
    // That it is complete ends no failure.
    assert_eq!(
        ends,
        [
            ("Audit Failed", &json!("trigger")),
            ("Audit Completed", &Value::Null)
        ]
    );
    recovers(&rig, &mut function, told);
}

#[test]
fn what_an_earlier_run_did_not_see_is_not_told_as_seen() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let rig = rig(&server, "unseen", &before);
    rig.stand_in.behave(Conduct {
        refused: [("ListAccessKeys", (403, "AccessDenied", "no"))].into(),
        ..conduct()
    });
    let mut function = function(&rig, &LATE);
    let (operation, nth) = SOME_REACHED;
    let mut told = vec![runs_late(&rig, &mut function, operation, nth).told];
    rig.stand_in.behave(conduct());
    do_the_rest(&rig, &mut function, &mut told);
    let last = told.iter().flat_map(|told| &told.machines).last();
    let (_, last) = last.expect("that it is complete is told");
    let outcome = ["undetermined", "complete"].map(|key| &last["outcome"][key]);
    assert_eq!(outcome, [&json!(0), &json!(false)], "{}", function.log());
    recovers(&rig, &mut function, told);
}

/// An audit that hands something on, because an answer hangs until the time for taking principals is over.
#[track_caller]
fn runs_late(rig: &Rig<'_>, function: &mut Lambda, operation: &str, nth: usize) -> Spoiled {
    rig.proxy.spoil(Some(Plan {
        operation: operation.to_owned(),
        nth,
        fault: Fault::Hang,
        times: Times::Once,
    }));
    rig.set(LONG_PAUSE);
    let spoiled = Spoiled {
        outcome: function.invoke(&event(1), SHORT),
        told: rig.told(),
    };
    rig.set(SETTINGS);
    let log = function.log();
    assert_eq!(spoiled.word(), "handed on", "{:?}\n{log}", spoiled.outcome);
    spoiled
}

fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(error) => error["errorMessage"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        Outcome::Answered(_) | Outcome::Ended => String::new(),
    }
}
