//! A whole offline audit, from the bytes of the listing to the last line of the table, against serde_json alone reading the
//! same bytes into types like ours: 20,000 roles that are bound to the 453-action default role. Then the same account beside
//! one in which all 20,000 principals lack something: the table, and the JSON form, whose speed is told.
//!
//! `cargo bench -p report`; the figures stand in `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot go on stops, and tells what it found"
)]

#[path = "../../iam/benches/plain/mod.rs"]
mod plain;

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::mem::forget;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use audit::{Asked, Saved, Settings, look, observe};
use catalog::Catalog;
use futures_util::FutureExt as _;
use generator::{Shape, account};
use iam::simulator::ServiceControl;
use jiff::Timestamp;
use report::machine::json;
use report::{AuditReport, Palette, Pen, screen};

static LISTING: LazyLock<Vec<u8>> =
    LazyLock::new(|| account(&Shape::default_role(20_000), 7).to_json());

/// The two take turns, because the clock of a shared machine may change within a second.
fn main() {
    // Without it, as `cargo test --benches` runs this, once is enough to see that it works.
    let rounds = if env::args().any(|one| one == "--bench") {
        9
    } else {
        1
    };
    let listing = &*LISTING;
    let mut audits = Vec::new();
    let mut plains = Vec::new();
    for _ in 0..rounds {
        plains.push(timed(|| {
            forget(serde_json::from_slice::<plain::Listing>(listing).unwrap());
        }));
        audits.push(timed(|| whole(listing)));
    }
    let mut ratios: Vec<f64> = audits
        .iter()
        .zip(&plains)
        .map(|(one, two)| one / two)
        .collect();
    for (what, times) in [("audit", &mut audits), ("serde_json alone", &mut plains)] {
        println!("{what}: median {:.0} ms", median(times) * 1e3);
    }
    println!("ratio: median {:.2}", median(&mut ratios));
    println!("ratios: {ratios:.2?}");
    let drifted = account(&Shape::all_drifted(20_000), 7).to_json();
    let (mut healthy, mut tables, mut jsons, mut speeds) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rounds.min(5) {
        healthy.push(timed(|| whole(listing)));
        tables.push(timed(|| whole(&drifted)));
        let mut written = 0;
        let mut writing = 0.0;
        jsons.push(timed(|| (written, writing) = as_json(&drifted)));
        speeds.push(written as f64 / 1e6 / writing);
    }
    println!("all drifted, {} MB", drifted.len() / 1_000_000);
    for (what, times) in [("table", &mut tables), ("JSON", &mut jsons)] {
        let ratio = median(times) / median(&mut healthy);
        println!(
            "{what}: median {:.0} ms, {ratio:.2} times the healthy table",
            median(times) * 1e3
        );
    }
    println!("JSON written: median {:.0} MB/s", median(&mut speeds));
}

/// The bytes that the JSON form takes, and the seconds that writing it took.
fn as_json(listing: &[u8]) -> (usize, f64) {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let now = Timestamp::from_second(1_793_000_000).unwrap();
    let catalog = Catalog::embedded();
    let settings = Settings::default();
    let saved = Saved {
        inventory: Arc::new(iam::inventory::read(listing).unwrap()),
        service_control: ServiceControl::default(),
        resources: Arc::default(),
    };
    let asked = Asked::new(&catalog, &settings, now);
    let look = look(&asked, &saved).now_or_never().unwrap().unwrap();
    let assessment = look.assessment;
    let findings = observe(&assessment, &settings);
    let told = AuditReport {
        assessment: &assessment,
        findings: &findings,
        events: None,
        explained: &[],
        settings: &settings,
        catalog: &catalog,
        source: None,
        provenance: None,
        region: "us-east-1",
        planned: None,
    };
    let mut count = Count(0);
    let seconds = timed(|| {
        let mut out = io::BufWriter::with_capacity(1 << 16, &mut count);
        json::assessment::write(&mut out, &told).unwrap();
    });
    (count.0, seconds)
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// What `permdrift audit --auth-details FILE` does between the file and the terminal.
fn whole(listing: &[u8]) {
    let now = Timestamp::from_second(1_793_000_000).unwrap();
    let catalog = Catalog::embedded();
    let settings = Settings::default();
    let asked = Asked::new(&catalog, &settings, now);
    let saved = Saved {
        inventory: Arc::new(iam::inventory::read(listing).unwrap()),
        service_control: ServiceControl::default(),
        resources: Arc::default(),
    };
    let look = look(&asked, &saved).now_or_never().unwrap().unwrap();
    let assessment = look.assessment;
    std::hint::black_box(observe(&assessment, &settings));
    let content = screen::audit::Screen {
        assessment: &assessment,
        owners: &settings.owners,
        catalog: &catalog,
        events: None,
        explained: &[],
        muted: &BTreeMap::new(),
        mutes: &[],
        filter: screen::audit::Filter::default(),
        detail: screen::audit::Detail::Whole,
        subject: screen::audit::Subject::Account(None),
    };
    let mut out = io::BufWriter::new(io::sink());
    screen::audit::write(&mut Pen::new(&mut out, Palette::empty(), None), &content).unwrap();
}
