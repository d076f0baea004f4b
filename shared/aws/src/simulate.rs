//! AWS's simulator: what does AWS itself decide, SCPs and all?
//!
//! In: subjects with their questions. Out: the groups that the embedded simulator gives too, behind the same port. For each
//! subject: few calls of many actions; what is denied is asked again with a layer left out, to name the layer; and each
//! decision is held against the embedded simulator, which explains it. What no answer came for is undetermined, never
//! left out.
//!
//! For P subjects whose questions take B calls each, an audit plans P·B calls, and logs how many. On top come, for each call
//! that brings a denial, one more (SCPs out), or up to three for a principal with a boundary; further pages; and what it takes
//! to learn how a batch falls apart, once in a process.

mod ask;
mod blame;
mod entries;
mod probe;
mod reconcile;
mod split;
mod subject;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use audit::Subject;
use audit::ports::{Answer, Simulator};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iam::{Group, Inventory};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument, info, info_span};

use crate::iam_client::Iam;
pub(crate) use split::Splits;

/// AWS's simulator with the embedded one beside it.
pub struct AwsSimulator<E> {
    iam: Iam,
    embedded: E,
    limits: Limits,
    now: Timestamp,
    asked_before: AtomicBool,
    added: Vec<String>,
    progress: Option<Box<dyn Fn(usize) + Send + Sync>>,
}

/// What the calls of one audit keep to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls in flight.
    pub in_flight: usize,
    /// The time for the audit itself.
    pub first: Window,
    /// The time for asking again about what is newly denied, after the pause.
    pub again: Window,
}

/// The time for simulating; none: as long as it takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// From then on no new subject is taken.
    pub until: Option<Instant>,
    /// Then the subjects in work are given up: handed on, or undetermined where there is no next run for them.
    pub stop: Option<Instant>,
}

impl<E: Simulator + Sync> AwsSimulator<E> {
    /// `now` is what `aws:CurrentTime` is set to.
    pub fn new(iam: Iam, embedded: E, limits: Limits, now: Timestamp) -> Self {
        Self {
            iam,
            embedded,
            limits,
            now,
            asked_before: AtomicBool::new(false),
            added: Vec::new(),
            progress: None,
        }
    }

    /// Simulates as if each principal held these policy documents as well.
    #[must_use]
    pub fn with_added(mut self, documents: Vec<String>) -> Self {
        self.added = documents;
        self
    }

    /// Calls back after each subject, with how many are done.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(usize) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl<E: Simulator + Sync> Simulator for AwsSimulator<E> {
    async fn simulate(&self, inventory: &Inventory, subjects: &[Subject]) -> Vec<Answer> {
        let again = self.asked_before.swap(true, Ordering::Relaxed);
        let window = if again {
            self.limits.again
        } else {
            self.limits.first
        };
        let splits = &self.iam.process.learnt.splits;
        let planned: usize = subjects
            .iter()
            .flat_map(|subject| ask::units(&subject.plans))
            .map(|unit| unit.calls(splits))
            .sum();
        info!(subjects = subjects.len(), calls = planned, "simulating");
        let explained = self.embedded.simulate(inventory, subjects).await;
        let explained = explained.into_iter().map(|answer| match answer {
            Answer::Decided(plans) => plans,
            Answer::NotReached => Vec::new(),
        });
        let mut explained = explained.chain(std::iter::repeat_with(Vec::new));
        let mut waiting = subjects.iter().enumerate();
        // In no order: one that waits for its next attempt must not keep others from being taken.
        let mut working = FuturesUnordered::new();
        let mut done = 0;
        let mut answers = vec![(Answer::NotReached, InTime::No); subjects.len()];
        loop {
            while working.len() < self.limits.in_flight.max(1) {
                let Some((at, subject)) = waiting.next() else {
                    break;
                };
                let explained = explained.next().unwrap_or_default();
                let answer = self.one(inventory, subject, explained, window);
                working.push(async move { (at, answer.await) });
            }
            let Some((at, answer)) = working.next().await else {
                break;
            };
            if let Some(place) = answers.get_mut(at) {
                *place = answer;
            }
            done += 1;
            if let Some(progress) = &self.progress {
                progress(done);
            }
        }
        if !again {
            hand_on(&mut answers);
        }
        answers.into_iter().map(|(answer, _)| answer).collect()
    }
}

/// The next run takes up where this one stops, and asks all that follows. That is where the time was up before AWS had
/// answered; but not at the first subject, or a single one that is never answered would hold up all others for good.
fn hand_on(answers: &mut [(Answer, InTime)]) {
    let stop = answers.iter().enumerate().position(|(at, answer)| {
        answer.0 == Answer::NotReached || (answer.1 == InTime::No && at > 0)
    });
    for (answer, _) in answers.iter_mut().skip(stop.unwrap_or(usize::MAX)) {
        *answer = Answer::NotReached;
    }
}

/// Whether AWS was waited for to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InTime {
    Yes,
    No,
}

impl<E> AwsSimulator<E> {
    async fn one(
        &self,
        inventory: &Inventory,
        subject: &Subject,
        explained: Vec<Vec<Group>>,
        window: Window,
    ) -> (Answer, InTime) {
        if window.until.is_some_and(|until| Instant::now() >= until) {
            return (Answer::NotReached, InTime::No);
        }
        let arn = inventory
            .principals
            .get(subject.principal)
            .map_or("", |principal| principal.arn.as_str());
        let span = info_span!("subject", principal = arn);
        subject::simulate(self, inventory, subject, &explained, window)
            .instrument(span)
            .await
    }
}
