//! What each step of an audit costs, beside reading the listing: 20,000 roles that are bound to the 453-action default
//! role. Run with `cargo bench -p audit`; the figures stand in `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use std::sync::{Arc, LazyLock};

use audit::judge::assess;
use audit::simulate::narrow::{Accounts, narrow};
use audit::simulate::{Inquiry, Reply, embedded, inquiries};
use audit::{
    Asked, Assessment, Baseline, Bound, Findings, Listed, Selection, Settings, advance, bind,
    compare, observe,
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
static ASKED: LazyLock<Asked<'static>> = LazyLock::new(|| {
    Asked::new(
        &CATALOG,
        &SETTINGS,
        Timestamp::from_second(1_793_000_000).unwrap(),
    )
});
static LISTED: LazyLock<Listed> = LazyLock::new(|| Listed {
    account: INVENTORY.account.unwrap(),
    inventory: Arc::new(read()),
    selection: Selection::default(),
    bound: bound(),
    resources: Arc::default(),
    touched: None,
});
static INQUIRIES: LazyLock<Vec<Inquiry>> = LazyLock::new(|| inquiries(&LISTED.bound));
static ASSESSMENT: LazyLock<Assessment> = LazyLock::new(|| judged(replies()));
static FINDINGS: LazyLock<Findings> = LazyLock::new(|| observe(&ASSESSMENT, &SETTINGS));

fn main() {
    divan::main();
}

fn read() -> Inventory {
    iam::inventory::read(&LISTING).unwrap()
}

fn bound() -> Bound {
    bind(&ASKED, &INVENTORY, &Selection::default())
}

fn replies() -> Vec<Reply> {
    embedded::decide(&LISTED.inventory, &ServiceControl::default(), &INQUIRIES)
}

fn narrowed(mut replies: Vec<Reply>) -> Vec<Reply> {
    let above = ServiceControl::default();
    narrow(
        Accounts::Own,
        &LISTED.inventory,
        &above,
        &INQUIRIES,
        &mut replies,
    );
    replies
}

fn judged(replies: Vec<Reply>) -> Assessment {
    assess(
        &ASKED,
        &LISTED,
        &ServiceControl::default(),
        &INQUIRIES,
        narrowed(replies),
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
fn c_simulate() -> Vec<Reply> {
    replies()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn d_narrow(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(replies).bench_values(narrowed);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn e_judge(bencher: Bencher<'_, '_>) {
    let narrowed = || narrowed(replies());
    bencher.with_inputs(narrowed).bench_values(|replies| {
        assess(
            &ASKED,
            &LISTED,
            &ServiceControl::default(),
            &INQUIRIES,
            replies,
        )
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn f_observe() -> Findings {
    observe(&ASSESSMENT, &SETTINGS)
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn g_compare_and_lead_on() -> audit::Step {
    let baseline = Baseline::empty(ASSESSMENT.account);
    let changes = compare(&ASSESSMENT, &FINDINGS, &baseline, &SETTINGS);
    advance(baseline, &ASSESSMENT, changes, &SETTINGS)
}
