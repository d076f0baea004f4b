//! The embedded simulator: what does the inventory alone say?
//!
//! In: an inventory, the SCPs above its account, inquiries. Out: a reply to each, at once and for certain. A live audit asks
//! AWS instead, through the same port; there this one says why.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use catalog::PolicyDocument;
use iam::simulator::{Prepared, ServiceControl, Simulator};
use iam::{Cause, Inventory, Question};

use super::shares::share;
use super::{Inquiry, Reply, all_undetermined};
use crate::ports::Simulate;

/// The embedded simulator behind the port.
#[derive(Clone, Debug, Default)]
pub struct Embedded<'a> {
    /// The SCPs above the account.
    pub service_control: ServiceControl<'a>,
}

impl Simulate for Embedded<'_> {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        _: &[PolicyDocument],
    ) -> Vec<Reply> {
        decide(inventory, &self.service_control, inquiries)
    }
}

/// Answers every inquiry, in order, on as many cores as there are.
#[must_use]
pub fn decide(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    inquiries: &[Inquiry],
) -> Vec<Reply> {
    let shares = inquiries.chunks(share(inquiries.len()));
    if shares.len() <= 1 {
        return in_turn(inventory, service_control, inquiries);
    }
    thread::scope(|scope| {
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || in_turn(inventory, service_control, share)))
            .collect();
        let replies = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        replies.flatten().collect()
    })
}

fn in_turn(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    inquiries: &[Inquiry],
) -> Vec<Reply> {
    // Inquiries share their lists, so each list is prepared once.
    let mut lists: HashMap<*const Question, &Arc<[Question]>> = HashMap::new();
    for list in inquiries.iter().flat_map(|inquiry| inquiry.lists.iter()) {
        lists.insert(list.as_ptr(), list);
    }
    let questions = lists.values().flat_map(|list| list.iter());
    let mut simulator = Simulator::new(inventory, service_control.clone(), questions);
    let prepared: HashMap<*const Question, Prepared> = lists
        .iter()
        .map(|(&address, list)| (address, simulator.prepare(list)))
        .collect();
    let unlisted = Cause::NoAnswer {
        reason: "the principal is not in the listing".into(),
    };
    let mut replies = Vec::with_capacity(inquiries.len());
    for inquiry in inquiries {
        let principal = inventory.principals.get(inquiry.principal);
        let groups =
            inquiry
                .lists
                .iter()
                .map(|list| match (principal, prepared.get(&list.as_ptr())) {
                    (Some(principal), Some(prepared)) => simulator.decide(principal, prepared),
                    (None, _) | (_, None) => all_undetermined(list.iter(), &unlisted),
                });
        replies.push(Reply::Decided(groups.collect()));
    }
    replies
}
