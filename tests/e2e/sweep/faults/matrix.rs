//! The matrix: every AWS call of an audit, spoiled in every way, once and each time.
//!
//! Which calls there are is learnt from audits that go well; the first, a middle and the last question of each operation are
//! spoiled. What came of it is the table in `docs/reliability.md`; with `UPDATE_DOCS` set, the test writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use e2e::lambda::Lambda;
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::Rig;
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use e2e::tools::root;
use serde_json::Value;

use crate::account::BEFORE;
use crate::cell::{
    Before, LONG_PAUSE, SETTINGS, SHORT, Spoiled, TIME, before, conduct, do_the_rest, event,
    function, hub_event, recovers, rig,
};
use crate::cells::each;

/// In how many ways a call goes wrong.
pub(crate) const FAULTS: [Fault; 7] = [
    Fault::Throttle,
    Fault::Broken,
    Fault::Hang,
    Fault::Deny,
    Fault::Garbage,
    Fault::Cut,
    Fault::Halve,
];

const START: &str =
    "<!-- The tables below are written by the test `every_call_may_go_wrong`. -->\n";

/// An audit whose calls are spoiled.
#[derive(Clone, Copy, PartialEq)]
enum Scene {
    /// The schedule's: every call of it.
    Plain,
    /// One that asks again about what is newly denied before it tells: the asking again.
    Confirming,
    /// One that a hub ordered: the way into the account.
    OfHub,
    /// One whose time is up when the account is listed: the handing on.
    Late,
}

/// One cell.
struct Cell {
    scene: Scene,
    row: String,
    plan: Plan,
}

#[test]
fn every_call_may_go_wrong() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server, &BEFORE);
    let mut cells = cells(&server, &before);
    let only = std::env::var("CELLS").ok();
    if let Some(only) = &only {
        cells.retain(|cell| cell.row.contains(only));
    }
    let words = each(
        &cells,
        |at, cell| spoil(&server, &before, at, cell),
        |cell| format!("{}: {}, {:?}", cell.row, cell.plan.fault, cell.plan.times),
    );
    if only.is_none() {
        is_current(&tables(&cells, &words));
    }
}

impl Scene {
    /// The function's answer where nothing goes wrong.
    fn well(self) -> &'static str {
        match self {
            Self::Plain | Self::Confirming | Self::OfHub => "right",
            Self::Late => "handed on",
        }
    }

    /// Prepares a rig, and invokes.
    fn invoke(self, rig: &Rig<'_>, function: &mut Lambda) -> Spoiled {
        let (event, time): (Value, Duration) = match self {
            Self::Plain => (event(1), TIME),
            Self::Confirming => {
                rig.set("confirm-pause-seconds = 1\n");
                (event(1), TIME)
            }
            Self::OfHub => (hub_event(1), TIME),
            Self::Late => {
                // The listing takes longer than the third of the time that a long pause leaves for taking principals.
                rig.set(LONG_PAUSE);
                let slow = Conduct {
                    listing_page: 1,
                    listing_time: Duration::from_millis(800),
                    ..conduct()
                };
                rig.stand_in.behave(slow);
                (event(1), SHORT)
            }
        };
        let outcome = function.invoke(&event, time);
        rig.stand_in.behave(conduct());
        rig.set(SETTINGS);
        Spoiled {
            outcome,
            told: rig.told(),
        }
    }
}

/// The questions of an audit in which nothing goes wrong: how many of each operation, in the order of the first of each.
fn questions(server: &Server, before: &Before, scene: Scene) -> Vec<(String, usize)> {
    let rig = rig(server, &format!("well-{}", scene as usize), before);
    let mut function = function(&rig, &[]);
    let spoiled = scene.invoke(&rig, &mut function);
    assert_eq!(
        spoiled.word(),
        scene.well(),
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
    // The channels are told side by side, and so is the resource side read; here it is one after the other.
    let beside = |operation: &str| match operation.split('.').next() {
        Some("events" | "sns") => Some("channels"),
        Some("backup" | "ec2" | "kms" | "organizations" | "rds" | "s3") => Some("resources"),
        _ => None,
    };
    for group in questions.chunk_by_mut(|(one, _), (next, _)| {
        beside(one).is_some_and(|kind| beside(next) == Some(kind))
    }) {
        group.sort();
    }
    end(&rig, &mut function, spoiled);
    questions
}

/// Every cell, table by table and row by row.
fn cells(server: &Server, before: &Before) -> Vec<Cell> {
    let plain = questions(server, before, Scene::Plain);
    let mut rows: Vec<(Scene, String, String, usize)> = Vec::new();
    for (operation, count) in &plain {
        let mut places = vec![("first", 0), ("middle", count / 2), ("last", count - 1)];
        places.retain(|(place, nth)| *place != "middle" || (1..count - 1).contains(nth));
        places.dedup_by_key(|(_, nth)| *nth);
        let only = places.len() == 1;
        for (place, nth) in places {
            let row = if only {
                format!("`{operation}`")
            } else {
                format!("`{operation}`, {place}")
            };
            rows.push((Scene::Plain, row, operation.clone(), nth));
        }
    }
    let again = questions(server, before, Scene::Confirming);
    for (operation, count) in again {
        let known = plain.iter().find(|(name, _)| *name == operation);
        let first_time = known.map_or(0, |(_, count)| *count);
        if operation.starts_with("iam.") && count > first_time {
            let row = format!("`{operation}`, before telling");
            rows.push((Scene::Confirming, row, operation, first_time));
        }
    }
    for (scene, operation) in [
        (Scene::OfHub, "sts.AssumeRole"),
        (Scene::Late, "sqs.SendMessage"),
    ] {
        let there = questions(server, before, scene);
        assert!(
            there.iter().any(|(name, _)| name == operation),
            "{operation} is not among {there:?}"
        );
        rows.push((scene, format!("`{operation}`"), operation.to_owned(), 0));
    }
    let mut cells = Vec::new();
    for times in [Times::Once, Times::Always] {
        for (scene, row, operation, nth) in &rows {
            cells.extend(FAULTS.map(|fault| Cell {
                scene: *scene,
                row: row.clone(),
                plan: Plan {
                    operation: operation.clone(),
                    nth: *nth,
                    fault,
                    times,
                },
            }));
        }
    }
    cells
}

fn spoil(server: &Server, before: &Before, at: usize, cell: &Cell) -> &'static str {
    let rig = rig(server, &format!("cell-{at}"), before);
    let mut function = function(&rig, &[]);
    rig.proxy.spoil(Some(cell.plan.clone()));
    let spoiled = cell.scene.invoke(&rig, &mut function);
    let log = format!("{:?}\n{}", cell.plan, function.log());
    assert!(rig.proxy.has_struck(), "it did not strike\n{log}");
    spoiled.holds(&cell.plan.operation, &log);
    let word = spoiled.word();
    end(&rig, &mut function, spoiled);
    word
}

/// What was handed on is done by the next runs; then the next audit follows.
#[track_caller]
fn end(rig: &Rig<'_>, function: &mut Lambda, spoiled: Spoiled) {
    let mut told = vec![spoiled.told];
    do_the_rest(rig, function, &mut told);
    recovers(rig, function, told);
}

fn tables(cells: &[Cell], words: &BTreeMap<usize, &'static str>) -> String {
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
        let of_table = |(_, cell): &(usize, &Cell)| cell.plan.times == times;
        for (at, cell) in cells.iter().enumerate().filter(of_table) {
            if row != cell.row {
                let _ = write!(text, "\n| {} |", cell.row);
                row = &cell.row;
            }
            let _ = write!(text, " {} |", words.get(&at).unwrap_or(&"?"));
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
