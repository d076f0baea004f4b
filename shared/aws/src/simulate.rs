//! AWS's simulator: what does AWS itself decide, SCPs and all?
//!
//! In: inquiries. Out: the groups that the embedded simulator gives too, behind the same port. For each
//! inquiry: few calls of many actions; what is denied is asked again with a layer left out, to name the layer; and each
//! decision is held against the embedded simulator, which explains it. What no answer came for is undetermined, never
//! left out.
//!
//! Where a question is about `*`, AWS is asked again about the concrete resources on which an allowed action rests: an SCP that
//! names resources denies nothing on the text `*`. These calls keep below a ceiling; what is above it is named as not confirmed.
//!
//! For P principals whose questions take B calls each, an audit plans P·B calls, and logs how many. On top come those about concrete
//! resources, at most as many again by default; for each call
//! that brings a denial, one more (SCPs out), or up to three for a principal with a boundary; further pages; and what it takes
//! to learn how a batch falls apart, once in a process.

mod ask;
mod blame;
mod entries;
mod inquiry;
mod limits;
mod probe;
mod reconcile;
mod split;

mod wire;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use audit::ports::Simulate;
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iam::{Group, Inventory};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument, info, info_span};

use crate::iam_client::Iam;
use limits::InTime;
pub use limits::{Limits, Window};
pub(crate) use split::Splits;

/// AWS's simulator with the embedded one beside it.
pub(crate) struct AwsSimulator<E> {
    iam: Iam,
    embedded: E,
    limits: Limits,
    now: Timestamp,
    asked_before: AtomicBool,
    progress: Box<dyn Fn(usize, usize) + Send + Sync>,
}

impl<E: Simulate + Sync> AwsSimulator<E> {
    /// `now` is what `aws:CurrentTime` is set to.
    pub(crate) fn new(iam: Iam, embedded: E, limits: Limits, now: Timestamp) -> Self {
        Self {
            iam,
            embedded,
            limits,
            now,
            asked_before: AtomicBool::new(false),
            progress: Box::new(|_, _| {}),
        }
    }

    /// Calls back with how many inquiries are done, of how many.
    #[must_use]
    pub(crate) fn with_progress(
        mut self,
        progress: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Box::new(progress);
        self
    }
}

impl<E: Simulate + Sync> Simulate for AwsSimulator<E> {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> Vec<Reply> {
        let again = self.asked_before.swap(true, Ordering::Relaxed);
        let window = if again {
            self.limits.again
        } else {
            self.limits.first
        };
        let splits = &self.iam.process.learnt.splits;
        let planned: usize = inquiries
            .iter()
            .flat_map(|inquiry| ask::units(&inquiry.lists))
            .map(|unit| unit.calls(splits))
            .sum();
        info!(subjects = inquiries.len(), calls = planned, "simulating");
        let proposed: Vec<String> = proposed.iter().map(PolicyDocument::to_json).collect();
        let explained = self.embedded.simulate(inventory, inquiries, &[]).await;
        let mut explained = explained.into_iter();
        let mut waiting = inquiries.iter().enumerate();
        // In no order: one that waits for its next attempt must not keep others from being taken.
        let mut working = FuturesUnordered::new();
        let mut done = 0;
        let mut replies = vec![(Reply::NotReached, InTime::No); inquiries.len()];
        (self.progress)(0, inquiries.len());
        loop {
            while working.len() < self.limits.in_flight.max(1) {
                let Some((at, inquiry)) = waiting.next() else {
                    break;
                };
                let explained = explained.next().unwrap_or(Reply::NotReached);
                let explained = explained.into_groups_or_undetermined(&inquiry.lists);
                let reply = self.one(inventory, inquiry, &proposed, explained, window);
                working.push(async move { (at, reply.await) });
            }
            let Some((at, reply)) = working.next().await else {
                break;
            };
            if let Some(slot) = replies.get_mut(at) {
                *slot = reply;
            }
            done += 1;
            (self.progress)(done, inquiries.len());
        }
        if !again {
            hand_on(&mut replies);
        }
        replies.into_iter().map(|(reply, _)| reply).collect()
    }
}

/// The next run takes up where this one stops, and asks all that follows. That is where the time was up before AWS had
/// answered; but not at the first subject, or a single one that is never answered would hold up all others for good.
fn hand_on(replies: &mut [(Reply, InTime)]) {
    let stop = replies
        .iter()
        .enumerate()
        .position(|(at, (reply, in_time))| {
            *reply == Reply::NotReached || (*in_time == InTime::No && at > 0)
        });
    for (reply, _) in replies.iter_mut().skip(stop.unwrap_or(usize::MAX)) {
        *reply = Reply::NotReached;
    }
}

impl<E> AwsSimulator<E> {
    async fn one(
        &self,
        inventory: &Inventory,
        inquiry: &Inquiry,
        proposed: &[String],
        explained: Vec<Vec<Group>>,
        window: Window,
    ) -> (Reply, InTime) {
        if window.until.is_some_and(|until| Instant::now() >= until) {
            return (Reply::NotReached, InTime::No);
        }
        let arn = inventory
            .principals
            .get(inquiry.principal)
            .map_or("", |principal| principal.arn.as_str());
        let span = info_span!("subject", principal = arn);
        inquiry::Inquiring {
            iam: &self.iam,
            now: self.now,
            inventory,
            inquiry,
            proposed,
            ceiling: self.limits.ceiling,
            stop: window.stop,
        }
        .reply(&explained)
        .instrument(span)
        .await
    }
}
