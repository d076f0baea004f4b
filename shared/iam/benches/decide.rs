//! How many decisions a second does the embedded simulator make, and how does its cost grow?
//!
//! Every sample begins with the parsed inventory: compiling policies counts, as does explaining what is not allowed. Run
//! with `cargo bench -p iam --bench decide`; `docs/performance.md` holds what came out.

#![expect(clippy::expect_used, reason = "a bench that cannot go on stops")]

use divan::Bencher;
use divan::counter::ItemsCount;
use generator::{Shape, account};
use iam::inventory;
use iam::simulator::{layers, request_context};
use iam::{
    ActionName, Context, Decision, Inventory, Question, Request, ServiceControl, Simulator,
    evaluate,
};

fn main() {
    divan::main();
}

/// 1,200 principals, each asked for all actions of the nine seed sets.
#[divan::bench(args = ["region known", "region unknown"])]
fn seed_sets(bencher: Bencher<'_, '_>, context: &str) {
    decide_all(bencher, &Shape::seed_sets(1200), context == "region known");
}

/// Roles, each asked for the 453 actions of the default role; documents are mostly shared.
#[divan::bench(args = [1_250, 5_000, 20_000], sample_count = 20)]
fn by_principals(bencher: Bencher<'_, '_>, principals: usize) {
    decide_all(bencher, &Shape::default_role(principals), false);
}

/// A mixed account, with about as many distinct documents as principals.
#[divan::bench(args = [1_250, 5_000, 20_000], sample_count = 20)]
fn by_documents(bencher: Bencher<'_, '_>, principals: usize) {
    let mut shape = Shape::mixed(principals);
    shape.tagged_percent = 0;
    decide_all(bencher, &shape, false);
}

/// The same decisions as `seed_sets`, for 12 of the principals, one request at a time.
#[divan::bench(sample_count = 10)]
fn one_at_a_time(bencher: Bencher<'_, '_>) {
    let shape = Shape::seed_sets(1200);
    let inventory = read(&shape);
    let question = question(shape.actions(), false);
    let some = || inventory.principals.iter().step_by(100);
    bencher
        .counter(ItemsCount::new(some().count() * question.actions.len()))
        .bench(|| {
            let decide = |principal| {
                let layers = layers(&inventory, principal, &ServiceControl::default());
                let context = request_context(principal, &question.context);
                let actions = question.actions.iter();
                let outcomes = actions.map(|action| {
                    let request = Request {
                        principal: Some(&principal.arn),
                        action,
                        resource: &question.resource,
                        context: &context,
                    };
                    evaluate(&layers, &request)
                });
                let allowed = |outcome: &iam::Outcome| outcome.decision == Decision::Allowed;
                outcomes.filter(allowed).count()
            };
            some().map(decide).sum::<usize>()
        });
}

fn decide_all(bencher: Bencher<'_, '_>, shape: &Shape, region: bool) {
    let inventory = read(shape);
    let actions = shape.actions();
    let question = [question(actions.clone(), region)];
    let decisions = inventory.principals.len() * actions.len();
    bencher
        .counter(ItemsCount::new(decisions))
        .bench(|| groups(&inventory, &actions, &question));
}

/// Decides everything, and counts the groups that come back.
fn groups(inventory: &Inventory, actions: &[ActionName], question: &[Question]) -> usize {
    let actions = actions.iter().cloned();
    let mut simulator = Simulator::new(inventory, ServiceControl::default(), actions);
    let prepared = simulator.prepare(question);
    let principals = inventory.principals.iter();
    principals
        .map(|principal| simulator.decide(principal, &prepared).len())
        .sum()
}

fn read(shape: &Shape) -> Inventory {
    inventory::read(&account(shape, 1).to_json()).expect("the generator prints listings")
}

/// All actions on `*`, with the context that an audit knows without any settings.
fn question(actions: Vec<ActionName>, region: bool) -> Question {
    let mut context = Context::partial();
    context.set_one("aws:SecureTransport", "true");
    context.set_one("aws:ViaAWSService", "false");
    context.set_one("aws:CurrentTime", "2026-01-01T00:00:00Z");
    if region {
        context.set_one("aws:RequestedRegion", "eu-central-1");
    }
    Question {
        resource: "*".into(),
        context,
        actions: actions.into(),
    }
}
