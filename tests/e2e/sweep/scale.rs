//! A large account on a bad day: two thousand bound principals, half of all simulate calls refused. Does every principal get the
//! verdict that it gets on a good day, in the time and the memory that a Lambda has?

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use e2e::lambda::Outcome;
use e2e::rig::Rig;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use generator::{Shape, account};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const PRINCIPALS: usize = 2_000;
const MEMORY: u64 = 128 << 20;

/// As long as Lambda lets a run be; what it does not reach is handed on.
const TIME: Duration = Duration::from_secs(900);

const VARIABLES: [(&str, &str); 5] = [
    ("AWS_MAX_ATTEMPTS", "10"),
    ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
    ("PERMDRIFT_CONCURRENCY", "128"),
    ("PERMDRIFT_RESERVE_SECONDS", "30"),
    ("PERMDRIFT_MAX_HOPS", "100"),
];

struct Audited {
    /// By principal, without times.
    records: BTreeMap<String, String>,
    /// What the bus was told in the end.
    outcome: Value,
    simulations: usize,
    refused: usize,
    /// Principals of whom not everything was answered.
    unanswered: usize,
    memory: u64,
}

fn audit(server: &Server, name: &str, listing: &Value, conduct: Conduct) -> Audited {
    let rig = Rig::new(server, name, listing, conduct);
    rig.set("confirm-pause-seconds = 0\n");
    let mut function = rig.function(Path::new(BINARY), &VARIABLES);
    let mut event = json!({ "scheduled_time": "2026-11-22T01:15:00Z" });
    let outcome = loop {
        let ended = function.invoke(&event, TIME);
        assert!(
            matches!(ended, Outcome::Answered(_)),
            "{name}: {ended:?}\n{}",
            function.log()
        );
        let mut machines = rig.told().machines.into_iter();
        let completed = machines.find(|(kind, _)| kind == "Audit Completed");
        match (rig.remainder(), completed) {
            (Some(rest), None) => event = rest,
            (None, Some((_, detail))) => break detail["outcome"].clone(),
            other => panic!("{name}: neither handed on nor complete, or both: {other:?}"),
        }
    };
    let calls = rig.stand_in.calls();
    let simulations = calls
        .iter()
        .filter(|call| call.operation == "SimulatePrincipalPolicy");
    Audited {
        records: rig
            .items()
            .into_iter()
            .filter(|(key, _)| key.starts_with("principal#"))
            .map(|(key, item)| {
                (
                    key,
                    without_times(item["body"]["S"].as_str().expect("short enough to be text")),
                )
            })
            .collect(),
        outcome,
        simulations: simulations.clone().count(),
        unanswered: function
            .log()
            .matches("not everything could be simulated")
            .count(),
        refused: simulations.filter(|call| call.refused.is_some()).count(),
        memory: function.peak_memory(),
    }
}

/// Every `2026-11-22T01:15:00Z` and its like as `T`: two audits are not at the same time.
fn without_times(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = rest.find("\"20") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from
            .match_indices('"')
            .nth(1)
            .map_or(from.len(), |(end, _)| end + 1);
        let (word, after) = from.split_at(end);
        let is_time = word.as_bytes().get(11) == Some(&b'T') && word.ends_with("Z\"");
        out.push_str(if is_time { "\"T\"" } else { word });
        rest = after;
    }
    out + rest
}

#[test]
fn half_of_all_calls_refused_changes_no_verdict() {
    let generated = String::from_utf8(account(&Shape::seed_sets(PRINCIPALS), 7).to_json())
        .expect("a listing is text")
        .replace("111122223333", ACCOUNT);
    let listing: Value = serde_json::from_str(&generated).expect("a listing is JSON");
    let server = Server::start(Enforcement::Off);

    let good = audit(&server, "good-day", &listing, Conduct::default());
    assert_eq!(good.records.len(), PRINCIPALS);
    assert_eq!(
        (&good.outcome["principals"], good.unanswered),
        (&json!(PRINCIPALS), 0),
        "{}",
        good.outcome
    );

    let began = Instant::now();
    let bad = audit(
        &server,
        "bad-day",
        &listing,
        Conduct {
            throttled_percent: 50,
            ..Conduct::default()
        },
    );
    println!(
        "{PRINCIPALS} principals: {} runs, {} simulations of which {} refused, {:.0} s, {:.1} MiB at most; \
         on a good day {} runs, {} simulations, {:.1} MiB",
        bad.outcome["runs"],
        bad.simulations,
        bad.refused,
        began.elapsed().as_secs_f64(),
        bad.memory as f64 / 1_048_576.0,
        good.outcome["runs"],
        good.simulations,
        good.memory as f64 / 1_048_576.0,
    );
    assert_eq!(bad.unanswered, 0, "each call is answered in the end");
    for key in [
        "principals",
        "requirements",
        "compliant",
        "drifted",
        "undetermined",
        "complete",
    ] {
        assert_eq!(bad.outcome[key], good.outcome[key], "{key}");
    }
    let differing: Vec<&String> = good
        .records
        .iter()
        .filter(|(key, record)| bad.records.get(*key) != Some(record))
        .map(|(key, _)| key)
        .collect();
    assert!(
        differing.is_empty(),
        "{} differ, such as {:?}",
        differing.len(),
        differing.first()
    );
    assert!(
        bad.refused * 10 > bad.simulations * 4,
        "half of the calls were to be refused"
    );
    assert!(
        bad.memory < MEMORY && good.memory < MEMORY,
        "{} and {} bytes",
        bad.memory,
        good.memory
    );
}
