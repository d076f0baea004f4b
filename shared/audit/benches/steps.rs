//! What each step of an audit costs, beside reading the listing: 20,000 roles that are bound to the 453-action default
//! role. Run with `cargo bench -p audit`; the figures stand in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use std::sync::LazyLock;

use audit::{
    Assessment, Baseline, Bound, Selection, Settings, advance, assess, bind, compare, embedded,
    observe,
};
use catalog::Catalog;
use divan::Bencher;
use iam::Inventory;
use iam::simulator::ServiceControl;
use jiff::Timestamp;

const ROLES: usize = 20_000;

static LISTING: LazyLock<Vec<u8>> =
    LazyLock::new(|| generator::account(&generator::Shape::default_role(ROLES), 7).to_json());
static INVENTORY: LazyLock<Inventory> = LazyLock::new(read);
static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
static BOUND: LazyLock<Bound> = LazyLock::new(bound);
static ASSESSMENT: LazyLock<Assessment> = LazyLock::new(|| judged(answers()));

fn main() {
    divan::main();
}

fn now() -> Timestamp {
    Timestamp::from_second(1_793_000_000).unwrap()
}

fn read() -> Inventory {
    iam::inventory::read(&LISTING).unwrap()
}

fn bound() -> Bound {
    bind(
        &INVENTORY,
        &CATALOG,
        &SETTINGS,
        &Selection::default(),
        now(),
    )
}

fn answers() -> Vec<audit::ports::Answer> {
    embedded::simulate(&INVENTORY, ServiceControl::default(), &BOUND.subjects)
}

fn judged(answers: Vec<audit::ports::Answer>) -> Assessment {
    let account = INVENTORY.account.unwrap();
    assess(
        account,
        &INVENTORY,
        &BOUND,
        answers,
        &SETTINGS,
        &Selection::default(),
        now(),
    )
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_read() -> Inventory {
    read()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn b_bind() -> Bound {
    bound()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn c_simulate() -> Vec<audit::ports::Answer> {
    answers()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn d_judge(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(answers).bench_values(judged);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn e_observe() -> audit::Findings {
    observe(&ASSESSMENT, &SETTINGS)
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn f_compare_and_lead_on() -> audit::Step {
    let baseline = Baseline::empty(ASSESSMENT.account);
    let changes = compare(&ASSESSMENT, &baseline, &SETTINGS);
    advance(baseline, &ASSESSMENT, changes, &SETTINGS)
}
