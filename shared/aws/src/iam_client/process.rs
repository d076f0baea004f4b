//! The process: which state do all IAM clients of a process share?
//!
//! IAM limits the calls of an account, and a warm Lambda runs one audit after another, so the rate limit, the counters and what was
//! learnt about AWS outlive one audit.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::pace::Pace;
use super::tally::Tally;
use crate::read::resources::Answers;
use crate::simulate::Splits;

/// Shared by all [`Iam`](crate::Iam) clients of a process.
#[derive(Clone, Debug)]
pub struct Process {
    pub(crate) pace: Arc<Pace>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) learnt: Arc<Learnt>,
    pub(crate) answers: Arc<Answers>,
}

/// What is learnt only from refusals.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    pub(crate) splits: Splits,
    /// Whether this partition refuses to leave layers out of a simulation.
    pub(crate) no_exclusion: AtomicBool,
}

impl Process {
    /// Starts with at most this many simulate calls a second.
    #[must_use]
    pub fn new(calls_per_second: f64) -> Self {
        Self {
            pace: Arc::new(Pace::new(calls_per_second)),
            tally: Arc::default(),
            learnt: Arc::default(),
            answers: Arc::default(),
        }
    }

    /// An audit begins: keys, buckets, vaults and regions are read anew.
    pub fn begin(&self, audit: &str) {
        self.answers.begin(audit);
    }

    /// An audit goes on with what another run left: what this process knows of it is not read again.
    pub fn resume(&self, audit: &str) {
        self.answers.resume(audit);
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}
