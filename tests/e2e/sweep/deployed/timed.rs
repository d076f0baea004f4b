//! How long does it take from the event on the bus to the message, and how much of that is work?
//!
//! With `REAL_PAUSES` set the pauses are those of the stack, and it takes two minutes: `tests/e2e/change_time.sh`. The server may not wait for
//! a batch to fill, as Lambda does; how long it waited is measured too, and what Lambda waits at most is added.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::changed::{event, set_send_back, wait_for};
use crate::site::{Holder, Site};

/// For how long Lambda collects a batch; `template.yaml` says it.
const WINDOW: Duration = Duration::from_secs(15);
/// How long it takes with all pauses of the stack, at most.
const MOST: Duration = Duration::from_secs(95);
/// How much of that is work, at most.
const MOST_WORK: Duration = Duration::from_secs(5);

/// The pauses of the function, in seconds.
struct Pauses {
    back: u64,
    confirm: u64,
}

/// Times since the event was put.
struct Times {
    /// Until the function was first started with it.
    started: Duration,
    /// Until people were told.
    told: Duration,
    /// What of it were pauses of ours.
    paused: Duration,
}

impl Times {
    fn work(&self) -> Duration {
        self.told.saturating_sub(self.started + self.paused)
    }
}

#[test]
fn from_the_event_to_the_message_there_are_the_pauses_and_little_work() {
    let is_real = std::env::var_os("REAL_PAUSES").is_some();
    let pauses = match is_real {
        true => Pauses {
            back: 30,
            confirm: 30,
        },
        false => Pauses {
            back: 2,
            confirm: 1,
        },
    };
    let site = Site::new(&[("ScheduleState", "DISABLED")]);
    site.set(&format!(
        "change-confirm-pause-seconds = {}\n",
        pauses.confirm
    ));
    set_send_back(&site, pauses.back);
    site.invoke(&json!({}));
    site.detach(Holder::Role);
    let shown = time(
        &site,
        &pauses,
        &event(1, "DetachRolePolicy", "VeeamRepository"),
        false,
    );
    site.attach(Holder::Role);
    site.invoke(&json!({}));
    let _ = site.to_people();
    let hidden = time(
        &site,
        &pauses,
        &event(2, "DetachRolePolicy", "VeeamRepository"),
        true,
    );
    println!(
        "| IAM shows the change | started after | pauses | told after | work | with batches of Lambda, at most |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, times, windows) in [("at once", &shown, 1), ("at the second try", &hidden, 2)] {
        let lambda = WINDOW * windows + times.paused + times.work();
        println!(
            "| {name} | {:.1} s | {:.0} s | {:.1} s | {:.1} s | {:.1} s |",
            times.started.as_secs_f64(),
            times.paused.as_secs_f64(),
            times.told.as_secs_f64(),
            times.work().as_secs_f64(),
            lambda.as_secs_f64(),
        );
        assert!(times.told >= times.paused, "the pauses are kept");
        if is_real {
            assert!(
                lambda <= MOST && times.work() <= MOST_WORK,
                "it takes too long"
            );
        }
    }
    println!(
        "peak memory of the function: {} MiB",
        peak_memory(&site) >> 20
    );
}

/// Puts an event and waits for what people are told. `hides`: IAM shows the change only after the event went back once.
fn time(site: &Site, pauses: &Pauses, event: &Value, hides: bool) -> Times {
    let place = site.server.log().len();
    let put = Timestamp::now();
    site.put_event(event);
    let mut paused = Duration::from_secs(pauses.confirm);
    if hides {
        wait_for(site, place, "\"back\":1");
        site.detach(Holder::Role);
        paused += Duration::from_secs(pauses.back);
    }
    let until = Instant::now() + Duration::from_secs(240);
    let told = loop {
        if let Some(at) = site.told_at().into_iter().next() {
            break at;
        }
        assert!(
            Instant::now() < until,
            "nobody was told:\n{}",
            site.server.log()
        );
    };
    let log = site.server.log();
    let started = log
        .get(place..)
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["timestamp"].as_str()?.parse::<Timestamp>().ok()
        });
    let since = |at: Timestamp| at.duration_since(put).unsigned_abs();
    Times {
        started: started.map(since).unwrap_or_default(),
        told: since(told),
        paused,
    }
}

/// The most memory that the function's process had: the one with the queue for trail events in its environment.
fn peak_memory(site: &Site) -> u64 {
    let queue = format!("PERMDRIFT_EVENTS={}", site.stack.output("TrailEventsUrl"));
    let processes = std::fs::read_dir("/proc").expect("processes are listed");
    let peaks = processes.flatten().filter_map(|process| {
        let environment = std::fs::read(process.path().join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        variables.find(|variable| *variable == queue.as_bytes())?;
        let status = std::fs::read_to_string(process.path().join("status")).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    peaks.max().unwrap_or_default() << 10
}
