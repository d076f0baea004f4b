//! Ports: what does an audit need from outside?
//!
//! Small traits, called by [`look`](crate::look::look) and [`run`](crate::run::run) in the order of the work. `aws` implements
//! them for an account in AWS, [`Saved`](crate::saved::Saved) for a listing that was read before, `cli` for files and the
//! screen. They return futures, so that a caller without a network may answer at once, and know no runtime.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{AccountId, Inventory, PrincipalArn};
use jiff::Timestamp;

use crate::compare::baseline::{Baseline, CommitError, LoadBaselineError};
use crate::events::{LookUp, LookedUp, Unseen};
use crate::find::finding::{Event, Message};
use crate::find::observe::Findings;
use crate::judge::assessment::Assessment;
use crate::notify::organization::{Dispatch, ReadThreadError, Seen, Thread, Threads};
use crate::resources::{Resources, Wanted};
use crate::simulate::{Inquiry, Reply};

/// Decides: AWS's simulator or the embedded one. Either can stand in the place of the other.
pub trait Simulate {
    /// Replies to every inquiry, in the order given, as many as were asked.
    ///
    /// Questions are answered as they stand, about the text `*` too. Whoever has a deadline stops taking new inquiries in time
    /// and answers [`Reply::NotReached`] for the rest. What could not be decided is an undetermined outcome with its cause,
    /// never left out: what is left out is allowed.
    ///
    /// `proposed` are policies that the principals of the inventory hold and those of the account do not yet: whoever asks AWS
    /// sends them along.
    fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> impl Future<Output = Vec<Reply>> + Send;
}

/// What an audit reads from outside: a saved listing, an account in AWS, or what a test made up.
pub trait Environment: Simulate {
    /// Lists users, roles and policies of the account.
    ///
    /// # Errors
    /// Whatever kept the listing from being read.
    fn listing(
        &self,
    ) -> impl Future<Output = Result<Arc<Inventory>, Box<dyn Error + Send + Sync>>> + Send;

    /// Adds the access keys of these users to the inventory, unless it has them; a gap for each that could not be read.
    fn add_access_keys(
        &self,
        inventory: &mut Arc<Inventory>,
        users: &[PrincipalArn],
    ) -> impl Future<Output = ()> + Send;

    /// What is known of the resource side; at least of what is wanted, as far as it can be read here.
    fn resources(&self, wanted: &Wanted) -> impl Future<Output = Arc<Resources>> + Send;

    /// The SCPs above the account as far as they are known here. AWS's simulator knows them without telling: then none.
    fn service_control(&self) -> ServiceControl<'_>;

    /// Whether the simulator applies the SCPs in force by itself, as AWS's does.
    fn applies_service_control(&self) -> bool {
        false
    }

    /// What CloudTrail recorded of calls since a time, the most telling look-ups first. Whoever reads no AWS makes none. What was not
    /// answered is part of the answer; it never fails.
    fn look_up(
        &self,
        wanted: &[LookUp],
        since: Timestamp,
    ) -> impl Future<Output = LookedUp> + Send {
        let _ = since;
        std::future::ready(LookedUp::none(wanted, &Unseen::NotAsked))
    }
}

/// Keeps the baseline.
pub trait BaselineStore {
    /// The baseline of an account; an empty one (generation 0) where there is none yet.
    fn load(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Baseline, LoadBaselineError>> + Send;

    /// Writes each part on condition that its stored generation is still the one that was loaded.
    ///
    /// # Errors
    /// [`CommitError::Moved`] if a part's is not: then that part is left as it is, and others may have been written.
    fn commit(&self, commit: &Commit<'_>) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// What is to be written. Each part has a generation of its own, so that two audits at once both succeed where they looked at others.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The whole baseline; what is written has its new generation in it.
    pub baseline: &'a Baseline,
    /// The generation of the account's own part that must still stand there, 0 if none must; `None` where that part is not written.
    pub account: Option<u64>,
    /// The principals whose record is written, each with the generation that must still stand there, 0 if none must. One that is
    /// no longer in `baseline` is to be deleted.
    pub principals: &'a BTreeMap<PrincipalArn, u64>,
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
    /// What it shows, taken by itself.
    pub findings: &'a Findings,
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

/// Keeps the threads of an organisation.
pub trait ThreadStore {
    /// All threads, those that are over included as long as they are kept.
    ///
    /// # Errors
    /// [`LoadThreadsError`] where one of them cannot be read: then nobody knows what was told.
    fn threads(&self) -> impl Future<Output = Result<Threads, LoadThreadsError>> + Send;

    /// Writes each thread on condition that the one before its generation still stands there, 0 for none; each result in the order given.
    fn keep_threads(
        &self,
        threads: &[&Thread],
    ) -> impl Future<Output = Vec<Result<(), KeepThreadError>>> + Send;
}

/// Reads the baselines of many accounts.
pub trait Accounts {
    /// What stands in the baselines of these accounts now. One that cannot be read is left out: it was not looked at.
    fn see(&self, accounts: &BTreeSet<AccountId>) -> impl Future<Output = Seen> + Send;
}

/// Tells people of threads.
pub trait ThreadPublisher {
    /// Publishes everything; an error means that something may not have arrived, and no thread of it is written then.
    fn publish(
        &self,
        dispatch: Dispatch<'_>,
    ) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Why threads cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadThreadsError {
    /// One of them is not what it should be.
    #[error(transparent)]
    Read(#[from] ReadThreadError),
    /// The store could not be reached, or refused.
    #[error("the store of threads")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// Why a thread was not written.
#[derive(Debug, thiserror::Error)]
pub enum KeepThreadError {
    /// Another run wrote it in between; what that wrote stands.
    #[error("another run wrote the same thread")]
    Moved,
    /// What stands there was written by a newer release.
    #[error("a thread was written by a newer release; nothing was overwritten")]
    TooNew,
    /// The store could not be reached, or refused.
    #[error("the store of threads")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// Waits before newly drifted requirements are simulated again.
pub trait Pause {
    /// Returns after that time.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
