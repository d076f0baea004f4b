//! A whole offline audit, from the bytes of the listing to the last line of the table, against serde_json alone reading the
//! same bytes into types like ours: 20,000 roles that are bound to the 453-action default role.
//!
//! `cargo bench -p report`; the figures stand in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

#[path = "../../iam/benches/plain/mod.rs"]
mod plain;

use std::collections::BTreeMap;
use std::io;
use std::mem::forget;
use std::sync::LazyLock;

use audit::{Selection, Settings, assess, bind, embedded, observe};
use catalog::Catalog;
use divan::counter::BytesCount;
use generator::{Shape, account};
use iam::simulator::ServiceControl;
use jiff::Timestamp;
use report::{Palette, Pen, terminal};

static LISTING: LazyLock<Vec<u8>> =
    LazyLock::new(|| account(&Shape::default_role(20_000), 7).to_json());

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn audit(bencher: divan::Bencher<'_, '_>) {
    let listing = &*LISTING;
    bencher
        .counter(BytesCount::new(listing.len()))
        .bench(|| whole(listing));
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn plain_serde_json(bencher: divan::Bencher<'_, '_>) {
    let listing = &*LISTING;
    bencher
        .counter(BytesCount::new(listing.len()))
        .bench(|| serde_json::from_slice::<plain::Listing>(listing).unwrap());
}

/// What `permdrift audit --auth-details FILE` does between the file and the terminal.
fn whole(listing: &[u8]) {
    let now = Timestamp::from_second(1_793_000_000).unwrap();
    let catalog = Catalog::embedded();
    let settings = Settings::default();
    let selection = Selection::default();
    let inventory = iam::inventory::read(listing).unwrap();
    let bound = bind(&inventory, &catalog, &settings, &selection, now);
    let answers = embedded::simulate(&inventory, ServiceControl::default(), &bound.subjects);
    let assessment = assess(
        inventory.account.unwrap(),
        &inventory,
        &bound,
        answers,
        &settings,
        &selection,
        now,
    );
    let findings = observe(&assessment, &settings);
    let screen = terminal::Screen {
        assessment: &assessment,
        owners: &settings.owners,
        catalog: &catalog,
        events: None,
        muted: &BTreeMap::new(),
        mutes: &[],
        file: None,
    };
    let mut out = io::BufWriter::new(io::sink());
    terminal::write(&mut Pen::new(&mut out, Palette::empty(), None), &screen).unwrap();
    // As the command line does: the process ends, and nothing is taken apart.
    forget((inventory, bound, assessment, findings));
}
