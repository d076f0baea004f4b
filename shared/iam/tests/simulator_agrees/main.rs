//! The bulk simulator decides many actions of many principals at once. Does it say of every single one what `evaluate`
//! says?
//!
//! Accounts, policies and questions are drawn from small pools, so that patterns, keys and values meet often.

#![expect(clippy::expect_used, reason = "a test that cannot go on stops")]

mod drawn;
mod pools;

use iam::inventory::PolicyText;
use iam::simulator::{ServiceControl, Simulator, layers, request_context};
use iam::{Decision, Inventory, Policy, Question, Request, evaluate};
use proptest::prelude::*;

use crate::drawn::{inventory, question, service_control};

fn policies(level: &[PolicyText]) -> Vec<Policy<'_>> {
    let numbered = level.iter().enumerate();
    numbered
        .map(|(at, text)| Policy {
            name: format!("scp-{at}.json").into(),
            document: text.as_ref().as_ref(),
        })
        .collect()
}

#[track_caller]
fn check(
    inventory: &Inventory,
    levels: &[Vec<PolicyText>],
    management_account: bool,
    questions: &[Question],
) {
    let service_control = ServiceControl {
        levels: levels.iter().map(|level| policies(level)).collect(),
        management_account,
    };
    // The last question comes unannounced.
    let announced = questions.iter().take(questions.len().max(2) - 1);
    let mut simulator = Simulator::new(inventory, service_control.clone(), announced);
    let prepared = simulator.prepare(questions);
    for principal in &inventory.principals {
        let groups = simulator.decide(principal, &prepared);
        let layers = layers(inventory, principal, &service_control);
        for (asked, question) in questions.iter().enumerate() {
            let mine: Vec<_> = groups
                .iter()
                .filter(|group| group.question == asked)
                .collect();
            let first = |group: &&iam::Group| group.actions.first().copied();
            assert!(mine.iter().is_sorted_by_key(first), "{mine:#?}");
            let context = request_context(principal, &question.context);
            for (at, action) in question.actions.iter().enumerate() {
                let request = Request {
                    principal: Some(&principal.arn),
                    action,
                    resource: &question.resource,
                    context: &context,
                };
                let expected = evaluate(&layers, &request);
                let mut found = mine
                    .iter()
                    .filter(|group| group.actions.iter().any(|one| usize::from(*one) == at))
                    .map(|group| &group.outcome);
                let expected = Some(&expected).filter(|one| one.decision != Decision::Allowed);
                assert_eq!(found.next(), expected, "{}: {action}", principal.arn);
                assert_eq!(
                    found.next(),
                    None,
                    "{}: {action} is in two groups",
                    principal.arn
                );
            }
            for (at, group) in mine.iter().enumerate() {
                let later = mine.iter().skip(at + 1);
                assert!(
                    later.clone().all(|other| other.outcome != group.outcome),
                    "{mine:#?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn bulk_and_single_decisions_agree(
        inventory in inventory(),
        (levels, management_account) in service_control(),
        questions in prop::collection::vec(question(), 1..=3),
    ) {
        check(&inventory, &levels, management_account, &questions);
    }
}
