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
    ActionName, Context, Decision, Document, Inventory, Policy, Question, Request, ServiceControl,
    Simulator, evaluate,
};

const NONE: ServiceControl<'_> = ServiceControl {
    levels: Vec::new(),
    management_account: false,
};

fn main() {
    divan::main();
}

/// 1,200 principals, each asked for all actions of the nine seed sets.
#[divan::bench(args = ["region known", "region unknown"])]
fn seed_sets(bencher: Bencher<'_, '_>, context: &str) {
    let region = (context == "region known").then_some("eu-central-1");
    decide_all(bencher, &Shape::seed_sets(1200), &NONE, region);
}

/// Roles, each asked for the 453 actions of the default role; documents are mostly shared.
#[divan::bench(args = [1_250, 5_000, 20_000], sample_count = 20)]
fn by_principals(bencher: Bencher<'_, '_>, principals: usize) {
    decide_all(bencher, &Shape::default_role(principals), &NONE, None);
}

/// A mixed account, with about as many distinct documents as principals.
#[divan::bench(args = [1_250, 5_000, 20_000], sample_count = 20)]
fn by_documents(bencher: Bencher<'_, '_>, principals: usize) {
    let mut shape = Shape::mixed(principals);
    shape.tagged_percent = 0;
    decide_all(bencher, &shape, &NONE, None);
}

/// The same roles under service control policies as they are usual: a region deny that depends on what is not known, and a
/// deny that spares one role by its ARN.
#[divan::bench(args = [5_000])]
fn under_service_control(bencher: Bencher<'_, '_>, principals: usize) {
    let open = Document::parse(FULL_ACCESS).expect("a document");
    let guarded = Document::parse(GUARD).expect("a document");
    let policy = |name: &str, document| Policy {
        name: name.into(),
        document: Ok(document),
    };
    let service_control = ServiceControl {
        levels: vec![
            vec![policy("FullAWSAccess", &open)],
            vec![policy("FullAWSAccess", &open), policy("guard", &guarded)],
        ],
        management_account: false,
    };
    let shape = Shape::default_role(principals);
    decide_all(bencher, &shape, &service_control, None);
}

const FULL_ACCESS: &str = r#"{
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}
}"#;

const GUARD: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OurRegions",
            "Effect": "Deny",
            "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}
        },
        {
            "Sid": "Guarded",
            "Effect": "Deny",
            "Action": ["iam:CreateRole", "iam:PutRolePolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Administrator"}}
        }
    ]
}"#;

/// The same decisions as `seed_sets`, for 12 of the principals, one request at a time.
#[divan::bench(sample_count = 10)]
fn one_at_a_time(bencher: Bencher<'_, '_>) {
    let shape = Shape::seed_sets(1200);
    let inventory = read(&shape);
    let question = question(shape.actions(), None);
    let some = || inventory.principals.iter().step_by(100);
    bencher
        .counter(ItemsCount::new(some().count() * question.actions.len()))
        .bench(|| {
            let decide = |principal| {
                let layers = layers(&inventory, principal, &NONE);
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

fn decide_all(
    bencher: Bencher<'_, '_>,
    shape: &Shape,
    service_control: &ServiceControl<'_>,
    region: Option<&str>,
) {
    let inventory = read(shape);
    let actions = shape.actions();
    let decisions = inventory.principals.len() * actions.len();
    let question = [question(actions, region)];
    bencher
        .counter(ItemsCount::new(decisions))
        .bench(|| groups(&inventory, service_control, &question));
}

/// Decides everything, and counts the groups that come back.
fn groups(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    question: &[Question],
) -> usize {
    let mut simulator = Simulator::new(inventory, service_control.clone(), question);
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
fn question(actions: Vec<ActionName>, region: Option<&str>) -> Question {
    let mut context = Context::partial();
    context.set_one("aws:SecureTransport", "true");
    context.set_one("aws:ViaAWSService", "false");
    context.set_one("aws:CurrentTime", "2026-01-01T00:00:00Z");
    if let Some(region) = region {
        context.set_one("aws:RequestedRegion", region);
    }
    Question {
        resource: "*".into(),
        context: context.into(),
        actions: actions.into(),
    }
}
