//! The embedded simulator for subjects: what does the inventory alone say?
//!
//! In: an inventory, the SCPs above its account, what was bound. Out: an answer for every subject, at once and for certain.
//! A live audit asks AWS instead, through the port; there this one says why.

use std::collections::HashMap;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use iam::simulator::{Prepared, ServiceControl, Simulator};
use iam::{Group, Inventory, Principal, Question};

use crate::bind::requirement::{Plan, Subject};
use crate::ports::{self, Answer};
use crate::simulate::narrow::{Accounts, confirm};

/// The embedded simulator behind the port: what it makes of the questions as they stand, to be held against AWS's answers.
#[derive(Clone, Debug, Default)]
pub struct Embedded<'a> {
    /// The SCPs above the account.
    pub service_control: ServiceControl<'a>,
}

impl ports::Simulator for Embedded<'_> {
    async fn simulate(&self, inventory: &Inventory, subjects: &[Subject]) -> Vec<Answer> {
        let as_asked = |_: &Principal, _: &[Question], groups| groups;
        decide(inventory, &self.service_control, subjects, as_asked)
    }
}

/// A thread for fewer subjects would cost more than it saves: each compiles the policies for itself.
const SHARE: usize = 1_000;

/// Decides every plan of every subject, in order, on as many cores as there are. Where no scope was declared, each action is
/// judged on its own kinds of resource in the principal's account.
#[must_use]
pub fn simulate(
    inventory: &Inventory,
    service_control: ServiceControl<'_>,
    subjects: &[Subject],
) -> Vec<Answer> {
    simulate_in(Accounts::Own, inventory, &service_control, subjects)
}

/// As [`simulate`], for resources in these accounts.
pub(crate) fn simulate_in(
    accounts: Accounts,
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    subjects: &[Subject],
) -> Vec<Answer> {
    let confirmed = |principal: &Principal, questions: &[Question], groups| {
        confirm(
            accounts,
            inventory,
            service_control,
            principal,
            questions,
            groups,
        )
    };
    decide(inventory, service_control, subjects, confirmed)
}

/// `then` makes of the groups of one plan what is answered.
fn decide(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    subjects: &[Subject],
    then: impl Fn(&Principal, &[Question], Vec<Group>) -> Vec<Group> + Sync,
) -> Vec<Answer> {
    if subjects.len() <= SHARE {
        return in_turn(inventory, service_control, subjects, &then);
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let shares = subjects.chunks(subjects.len().div_ceil(cores).max(SHARE));
    let then = &then;
    thread::scope(|scope| {
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || in_turn(inventory, service_control, share, then)))
            .collect();
        let answers = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        answers.flatten().collect()
    })
}

fn in_turn(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    subjects: &[Subject],
    then: &impl Fn(&Principal, &[Question], Vec<Group>) -> Vec<Group>,
) -> Vec<Answer> {
    let plans = distinct(subjects);
    let questions = plans.values().flat_map(|plan| plan.questions.iter());
    let mut simulator = Simulator::new(inventory, service_control.clone(), questions);
    let prepared: HashMap<*const Plan, Prepared> = plans
        .iter()
        .map(|(&address, plan)| (address, simulator.prepare(&plan.questions)))
        .collect();
    let answer = |subject: &Subject| {
        let Some(principal) = inventory.principals.get(subject.principal) else {
            return Answer::NotReached;
        };
        let plans = subject.plans.iter();
        Answer::Decided(
            plans
                .filter_map(|plan| Some((plan, prepared.get(&Arc::as_ptr(plan))?)))
                .map(|(plan, prepared)| {
                    let groups = simulator.decide(principal, prepared);
                    then(principal, &plan.questions, groups)
                })
                .collect(),
        )
    };
    subjects.iter().map(answer).collect()
}

/// The plans by their address: subjects share them.
fn distinct(subjects: &[Subject]) -> HashMap<*const Plan, &Plan> {
    let plans = subjects.iter().flat_map(|subject| subject.plans.iter());
    plans.map(|plan| (Arc::as_ptr(plan), &**plan)).collect()
}
