//! The process: what do all calls to IAM share?
//!
//! IAM counts the calls of an account, and a warm Lambda serves one audit after another, so the pace, the tally and what was
//! learnt about AWS outlive the audit.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::pace::Pace;
use super::tally::Tally;
use crate::simulate::Splits;

/// Shared by all [`Iam`](crate::Iam) clients of a process.
#[derive(Clone, Debug)]
pub struct Process {
    pub(crate) pace: Arc<Pace>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) learnt: Arc<Learnt>,
}

/// What only a refusal tells.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    pub(crate) splits: Splits,
    /// This partition does not let layers be left out.
    pub(crate) no_exclusion: AtomicBool,
}

impl Process {
    /// Begins with at most so many simulate calls a second.
    #[must_use]
    pub fn new(calls_per_second: f64) -> Self {
        Self {
            pace: Arc::new(Pace::new(calls_per_second)),
            tally: Arc::default(),
            learnt: Arc::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}
