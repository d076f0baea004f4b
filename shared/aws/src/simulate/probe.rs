//! Probing: what does AWS decide for one unit, and which layer denies?
//!
//! Actions are simulated in batches; a batch that AWS refuses as mixed is split, and the split is remembered. What is denied is
//! simulated again without SCPs, without the boundary, and without both, as far as that layer can be the cause. Once AWS has
//! refused to leave a layer out, this process does not ask for it again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use iam::ActionName;
use tracing::warn;

use super::ask::{ACTIONS, Unit};
use super::blame::Evidence;
use super::split::{self, Part};
use super::wire::{self, AwsDecision, Evaluation, Query, Unanswered, Without};
use crate::failure::chain;
use crate::iam_client::Iam;

/// A batch is given up after this many refusals without any accepted part: finding one refused action among a hundred takes seven,
/// finding several takes a few more.
const REFUSALS: usize = 16;

/// Whether the principal has a permissions boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    None,
    Attached,
}

/// AWS's decision for one action on one resource, and its decisions with layers left out, as far as they were asked for.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    evaluation: Evaluation,
    without_scp: Option<AwsDecision>,
    without_boundary: Option<AwsDecision>,
    without_both: Option<AwsDecision>,
}

/// By position of action and resource. What is not in here was not decided.
pub(super) type Probes = HashMap<(usize, usize), Probed>;

/// Asks about all actions of a unit on its resources, which are the query's. What came before a failure is kept; the failure says why the rest
/// is not there.
pub(super) async fn probe(
    iam: &Iam,
    query: Query<'_>,
    unit: &Unit,
    boundary: Boundary,
) -> (Probes, Option<Unanswered>) {
    let actions = &unit.actions;
    let mut probes = Probes::new();
    let mut failure = None;
    for (batch, start) in actions.chunks(ACTIONS).zip((0..).step_by(ACTIONS)) {
        let mut parts: Vec<Part> = match iam.process.learnt.splits.known(batch) {
            Some(known) => known.iter().rev().cloned().collect::<Vec<Part>>(),
            None => vec![(0..batch.len()).collect()],
        };
        let mut asked: Vec<Part> = Vec::new();
        let mut refusals = 0;
        let mut accepted = false;
        while let Some(part) = parts.pop() {
            let names = pick(batch, &part);
            let (evaluations, refusal) = wire::ask(iam, query, &names).await;
            match refusal {
                // The cause is not one of the actions.
                Some(error @ Unanswered::Invalid { .. }) if !accepted && refusals >= REFUSALS => {
                    failure = Some(error);
                    break;
                }
                Some(Unanswered::Invalid { message, .. }) if names.len() > 1 => {
                    let smaller = split::parts(&names, &message).unwrap_or_default();
                    let within = smaller.iter().rev().map(|part_of| pick(&part, part_of));
                    parts.extend(within);
                    refusals += 1;
                    continue;
                }
                // A refusal of one action says nothing about the others.
                Some(error @ Unanswered::Invalid { .. }) => {
                    failure = Some(error);
                    refusals += 1;
                }
                Some(error) => {
                    keep(&mut probes, evaluations, unit, &part, start);
                    return (probes, Some(error));
                }
                None => accepted = true,
            }
            let mut found: Probes = HashMap::new();
            keep(&mut found, evaluations, unit, &part, start);
            leave_layers_out(iam, query, actions, boundary, &mut found).await;
            probes.extend(found);
            asked.push(part);
        }
        if refusals > 0 && accepted {
            iam.process.learnt.splits.learn(batch, asked);
        }
    }
    (probes, failure)
}

fn pick<T: Clone>(from: &[T], at: &[usize]) -> Vec<T> {
    at.iter().filter_map(|&at| from.get(at)).cloned().collect()
}

fn keep(
    probes: &mut Probes,
    evaluations: wire::Evaluations,
    unit: &Unit,
    part: &[usize],
    start: usize,
) {
    for ((action, resource), evaluation) in evaluations {
        if let Some(&at) = part.get(action)
            && unit.wants(start + at, resource)
        {
            let probed = Probed {
                evaluation,
                without_scp: None,
                without_boundary: None,
                without_both: None,
            };
            probes.insert((start + at, resource), probed);
        }
    }
}

/// Simulates again what is denied, with layers left out.
async fn leave_layers_out(
    iam: &Iam,
    query: Query<'_>,
    actions: &[ActionName],
    boundary: Boundary,
    probes: &mut Probes,
) {
    let rounds = [Without::ServiceControl, Without::Boundary, Without::Both];
    for without in rounds {
        if iam.process.learnt.no_exclusion.load(Ordering::Relaxed) {
            return;
        }
        let mut about: Vec<usize> = probes
            .iter()
            .filter(|(_, probed)| probed.may_be_denied_by(without, boundary))
            .map(|(&(action, _), _)| action)
            .collect();
        about.sort_unstable();
        about.dedup();
        if about.is_empty() {
            continue;
        }
        let names = pick(actions, &about);
        let asked = Query { without, ..query };
        let (evaluations, failure) = wire::ask(iam, asked, &names).await;
        for ((action, resource), evaluation) in evaluations {
            let at = about.get(action).map(|&action| (action, resource));
            if let Some(probed) = at.and_then(|at| probes.get_mut(&at)) {
                *probed.slot(without) = Some(evaluation.decision);
            }
        }
        match failure {
            Some(Unanswered::Invalid { code, .. }) => {
                iam.process
                    .learnt
                    .no_exclusion
                    .store(true, Ordering::Relaxed);
                warn!(
                    code,
                    "AWS leaves no layer out here; denials are attributed by its flags"
                );
            }
            Some(error) => warn!(%error, "a layer could not be left out"),
            None => {}
        }
    }
}

impl Probed {
    pub(super) fn evidence(&self) -> Evidence<'_> {
        Evidence {
            evaluation: &self.evaluation,
            without_scp: self.without_scp,
            without_boundary: self.without_boundary,
            without_both: self.without_both,
        }
    }

    /// Whether leaving out the layer can change the decision.
    fn may_be_denied_by(&self, without: Without, boundary: Boundary) -> bool {
        if self.evaluation.decision == AwsDecision::Allowed {
            return false;
        }
        let scp = self.evaluation.scp != Some(true);
        let boundary = boundary == Boundary::Attached && self.evaluation.boundary != Some(true);
        let denied_without = |decision: Option<AwsDecision>| {
            decision.is_some_and(|decision| decision != AwsDecision::Allowed)
        };
        match without {
            Without::Nothing => false,
            Without::ServiceControl => scp,
            Without::Boundary => boundary && self.without_scp != Some(AwsDecision::Allowed),
            Without::Both => {
                scp && boundary
                    && denied_without(self.without_scp)
                    && denied_without(self.without_boundary)
            }
        }
    }

    fn slot(&mut self, without: Without) -> &mut Option<AwsDecision> {
        match without {
            Without::Nothing | Without::ServiceControl => &mut self.without_scp,
            Without::Boundary => &mut self.without_boundary,
            Without::Both => &mut self.without_both,
        }
    }
}

/// The reason that reports give where AWS sent no decision.
pub(super) fn reason(failure: Option<&Unanswered>) -> Arc<str> {
    match failure {
        Some(failure) => chain(failure).into(),
        None => "AWS answered, and not about this action on this resource".into(),
    }
}
