//! Ports: what does an audit need from outside?
//!
//! Four small traits. `aws` and `cli` implement them; `run` calls them in the order of the design. They return futures,
//! so that a caller without a network may answer at once, and know no runtime.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::time::Duration;

use iam::{AccountId, Group, Inventory, PrincipalArn};

use crate::bind::requirement::Subject;
use crate::compare::baseline::{Baseline, CommitError, LoadBaselineError};
use crate::find::finding::{Event, Message};
use crate::judge::assessment::Assessment;

/// Decides: AWS's simulator or the embedded one.
pub trait Simulator {
    /// Answers for every subject, in the order given, as many as were asked.
    ///
    /// Whoever has a deadline stops taking new subjects in time and answers [`Answer::NotReached`] for the rest. What
    /// could not be decided is an undetermined outcome with its cause, never left out: what is left out is allowed.
    fn simulate(
        &self,
        inventory: &Inventory,
        subjects: &[Subject],
    ) -> impl Future<Output = Vec<Answer>> + Send;
}

/// The answer for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For each of its plans, in order: the groups of actions that are not plainly allowed.
    Decided(Vec<Vec<Group>>),
    /// The time was up; nothing was asked.
    NotReached,
}

/// Keeps the baseline.
pub trait BaselineStore {
    /// The baseline of an account; an empty one (generation 0) where there is none yet.
    fn load(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Baseline, LoadBaselineError>> + Send;

    /// Writes, on condition that the stored generation is still `commit.expected`.
    fn commit(&self, commit: &Commit<'_>) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The generation that must still stand there.
    pub expected: u64,
    /// The whole baseline, with its new generation.
    pub baseline: &'a Baseline,
    /// The principals whose record differs from what was loaded; one that is no longer in `baseline` is to be deleted.
    pub touched: &'a BTreeSet<PrincipalArn>,
}

/// Tells people and machines.
pub trait Publisher {
    /// Publishes everything; an error means that something may not have arrived, and nothing is committed then.
    fn publish(&self, news: &News<'_>) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// What is to be told.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// The audit.
    pub assessment: &'a Assessment,
    /// For machines: every step of every finding, the muted included.
    pub events: &'a [Event],
    /// For people: grouped by cause, without the muted.
    pub messages: &'a [Message],
    /// What will be committed: every finding with its life.
    pub baseline: &'a Baseline,
    /// Mutes that end soon, have ended, or never matched.
    pub mutes: &'a [crate::notify::mute::MuteNote],
}

/// Why something could not be published: whatever the publisher's own error is.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PublishError(pub Box<dyn Error + Send + Sync>);

/// Waits before newly drifted requirements are simulated again.
pub trait Pause {
    /// Returns after that time.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
