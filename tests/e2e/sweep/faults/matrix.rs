//! The matrix: every AWS call of an audit, spoiled in every way, once and each time.
//!
//! Which calls there are is learnt from an audit that goes well; the first, a middle and the last question of each operation
//! are spoiled. What came of it is the table in `docs/reliability.md`; with `UPDATE_DOCS` set, the test writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2e::proxy::{Fault, Plan, Times};
use e2e::server::{Enforcement, Server};
use e2e::tools::root;

use crate::account::BEFORE;
use crate::cell::{Before, Spoiled, TIME, before, event, function, recovers, rig};

const FAULTS: [Fault; 7] = [
    Fault::Throttle,
    Fault::Broken,
    Fault::Hang,
    Fault::Deny,
    Fault::Garbage,
    Fault::Cut,
    Fault::Halve,
];

/// Cells at the same time; most of them wait.
const HANDS: usize = 6;

const START: &str =
    "<!-- The tables below are written by the test `every_call_may_go_wrong`. -->\n";

#[test]
fn every_call_may_go_wrong() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let plans = plans(&questions(&server, &before));
    let words: Mutex<BTreeMap<usize, &'static str>> = Mutex::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((_, plan)) = plans.get(at) else {
                        return;
                    };
                    let word = cell(&server, &before, at, plan);
                    words.lock().expect("no cell holds it").insert(at, word);
                }
            });
        }
    });
    let words = words.into_inner().expect("no cell holds it");
    is_current(&tables(&plans, &words));
}

/// The questions of an audit in which nothing goes wrong: how many of each operation, in the order of the first of each.
fn questions(server: &Server, before: &Before) -> Vec<(String, usize)> {
    let rig = rig(server, "well", before);
    let mut function = function(&rig, &[]);
    let outcome = function.invoke(&event(1), TIME);
    let spoiled = Spoiled {
        outcome,
        told: rig.told(),
    };
    assert_eq!(
        spoiled.word(),
        "right",
        "{:?}\n{}",
        spoiled.outcome,
        function.log()
    );
    let mut questions: Vec<(String, usize)> = Vec::new();
    for call in &spoiled.told.calls {
        match questions
            .iter_mut()
            .find(|(operation, _)| *operation == call.operation)
        {
            Some((_, count)) => *count += 1,
            None => questions.push((call.operation.clone(), 1)),
        }
    }
    recovers(&rig, &mut function, vec![spoiled.told]);
    questions
}

/// Every cell, with the label of its row.
fn plans(questions: &[(String, usize)]) -> Vec<(String, Plan)> {
    let mut plans = Vec::new();
    for times in [Times::Once, Times::Always] {
        for (operation, count) in questions {
            let mut places = vec![("first", 0), ("middle", count / 2), ("last", count - 1)];
            places.dedup_by_key(|(_, nth)| *nth);
            let only = places.len() == 1;
            for (place, nth) in places {
                let label = if only {
                    format!("`{operation}`")
                } else {
                    format!("`{operation}`, {place}")
                };
                for fault in FAULTS {
                    let plan = Plan {
                        operation: operation.clone(),
                        nth,
                        fault,
                        times,
                    };
                    plans.push((label.clone(), plan));
                }
            }
        }
    }
    plans
}

fn cell(server: &Server, before: &Before, at: usize, plan: &Plan) -> &'static str {
    let rig = rig(server, &format!("cell-{at}"), before);
    let mut function = function(&rig, &[]);
    rig.proxy.spoil(Some(plan.clone()));
    let outcome = function.invoke(&event(1), TIME);
    assert!(
        rig.proxy.has_struck(),
        "{plan:?} did not strike\n{}",
        function.log()
    );
    let spoiled = Spoiled {
        outcome,
        told: rig.told(),
    };
    spoiled.holds(&format!("{plan:?}\n{}", function.log()));
    let word = spoiled.word();
    recovers(&rig, &mut function, vec![spoiled.told]);
    word
}

fn tables(plans: &[(String, Plan)], words: &BTreeMap<usize, &'static str>) -> String {
    let mut text = START.to_owned();
    for (times, title) in [
        (Times::Once, "The call goes wrong once"),
        (Times::Always, "It goes wrong each time it is asked"),
    ] {
        let _ = write!(text, "\n### {title}\n\n| call |");
        FAULTS.iter().for_each(|fault| {
            let _ = write!(text, " {fault} |");
        });
        text.push_str("\n|---|");
        FAULTS.iter().for_each(|_| text.push_str("---|"));
        let mut row = "";
        for (at, (label, plan)) in plans
            .iter()
            .enumerate()
            .filter(|(_, (_, plan))| plan.times == times)
        {
            if row != label {
                let _ = write!(text, "\n| {label} |");
                row = label;
            }
            let _ = write!(text, " {} |", words.get(&at).unwrap_or(&"?"));
            let _ = plan;
        }
        text.push('\n');
    }
    text
}

fn is_current(tables: &str) {
    let path = root().join("docs/reliability.md");
    let text = std::fs::read_to_string(&path).expect("docs/reliability.md is there");
    let (prose, written) = text
        .split_once(START)
        .expect("docs/reliability.md has a place for the tables");
    let written = format!("{START}{written}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{prose}{tables}"))
            .expect("docs/reliability.md can be written");
    } else {
        assert_eq!(
            written, tables,
            "docs/reliability.md tells of another matrix; run this test with UPDATE_DOCS=1 and review the difference"
        );
    }
}
