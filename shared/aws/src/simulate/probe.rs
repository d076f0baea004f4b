//! Probing: asking about one unit until it is known what AWS decides, and which layer denies.
//!
//! Batches of actions; a batch that AWS refuses as mixed is split, and the split kept. What is denied is asked again without
//! SCPs, without the boundary, without both, as far as the layer can be to blame at all. Where AWS refuses to leave a layer
//! out, it is not asked to again in this process.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use iam::ActionName;
use tracing::warn;

use super::ask::ACTIONS;
use super::blame::Evidence;
use super::split::{self, Part};
use super::wire::{self, Answer, Request, Said, Unanswered, Without};
use crate::iam_client::Iam;

/// So many refusals before any part of a batch is taken, and the batch is given up: to find one action among a hundred takes
/// seven, some actions side by side a few more.
const REFUSALS: usize = 16;

/// What AWS says of one action on one resource, with layers left out as far as that was asked.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    answer: Answer,
    without_scp: Option<Said>,
    without_boundary: Option<Said>,
    without_both: Option<Said>,
}

/// By position of action and resource. What is not in here was not decided.
pub(super) type Probes = HashMap<(usize, usize), Probed>;

/// Asks about all actions on the request's resources. What came before a failure is kept; the failure says why the rest
/// is not there.
pub(super) async fn probe(
    iam: &Iam,
    request: Request<'_>,
    actions: &[ActionName],
    bounded: bool,
) -> (Probes, Option<Unanswered>) {
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
            let (answers, refusal) = wire::ask(iam, request, &names).await;
            match refusal {
                // Whatever is wrong, it is not the actions.
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
                // One action that AWS does not take says nothing of the others.
                Some(error @ Unanswered::Invalid { .. }) => {
                    failure = Some(error);
                    refusals += 1;
                }
                Some(error) => {
                    keep(&mut probes, answers, &part, start);
                    return (probes, Some(error));
                }
                None => accepted = true,
            }
            let mut found: Probes = HashMap::new();
            keep(&mut found, answers, &part, start);
            blame_layers(iam, request, actions, bounded, &mut found).await;
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

fn keep(probes: &mut Probes, answers: wire::Answers, part: &[usize], start: usize) {
    for ((action, resource), answer) in answers {
        if let Some(&at) = part.get(action) {
            let probed = Probed {
                answer,
                without_scp: None,
                without_boundary: None,
                without_both: None,
            };
            probes.insert((start + at, resource), probed);
        }
    }
}

/// Asks again about what is denied, with layers left out.
async fn blame_layers(
    iam: &Iam,
    request: Request<'_>,
    actions: &[ActionName],
    bounded: bool,
    probes: &mut Probes,
) {
    let rounds = [Without::ServiceControl, Without::Boundary, Without::Both];
    for without in rounds {
        if iam.process.learnt.no_exclusion.load(Ordering::Relaxed) {
            return;
        }
        let mut about: Vec<usize> = probes
            .iter()
            .filter(|(_, probed)| probed.is_suspect(without, bounded))
            .map(|(&(action, _), _)| action)
            .collect();
        about.sort_unstable();
        about.dedup();
        if about.is_empty() {
            continue;
        }
        let names = pick(actions, &about);
        let asked = Request { without, ..request };
        let (answers, failure) = wire::ask(iam, asked, &names).await;
        for ((action, resource), answer) in answers {
            let at = about.get(action).map(|&action| (action, resource));
            if let Some(probed) = at.and_then(|at| probes.get_mut(&at)) {
                *probed.slot(without) = Some(answer.said);
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
            answer: &self.answer,
            without_scp: self.without_scp,
            without_boundary: self.without_boundary,
            without_both: self.without_both,
        }
    }

    /// Whether it is worth asking what would be without the layer.
    fn is_suspect(&self, without: Without, bounded: bool) -> bool {
        if self.answer.said == Said::Allowed {
            return false;
        }
        let scp = self.answer.scp != Some(true);
        let boundary = bounded && self.answer.boundary != Some(true);
        let denied_without = |said: Option<Said>| said.is_some_and(|said| said != Said::Allowed);
        match without {
            Without::Nothing => false,
            Without::ServiceControl => scp,
            Without::Boundary => boundary && self.without_scp != Some(Said::Allowed),
            Without::Both => {
                scp && boundary
                    && denied_without(self.without_scp)
                    && denied_without(self.without_boundary)
            }
        }
    }

    fn slot(&mut self, without: Without) -> &mut Option<Said> {
        match without {
            Without::Nothing | Without::ServiceControl => &mut self.without_scp,
            Without::Boundary => &mut self.without_boundary,
            Without::Both => &mut self.without_both,
        }
    }
}

/// The reason that people read where no answer came.
pub(super) fn reason(failure: Option<&Unanswered>) -> Arc<str> {
    match failure {
        Some(failure) => failure.to_string().into(),
        None => "AWS answered, and not about this action on this resource".into(),
    }
}
