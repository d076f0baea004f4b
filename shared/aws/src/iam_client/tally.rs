//! The tally: how many calls to IAM did an audit make, and how many were retried or throttled?
//!
//! One for the process, shared by all clients; a run takes the difference of two [`Counts`].

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that only grow.
#[derive(Debug, Default)]
pub struct Tally {
    calls: AtomicU64,
    attempts: AtomicU64,
    throttles: AtomicU64,
    disagreements: AtomicU64,
    reads: AtomicU64,
    reads_refused: AtomicU64,
    reads_failed: AtomicU64,
}

/// The tally at one moment, or between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls to IAM, each page one.
    pub calls: u64,
    /// Attempts beyond the first of each call.
    pub retries: u64,
    /// Attempts that were refused as too many.
    pub throttles: u64,
    /// Decisions where the embedded simulator and AWS's differ.
    pub disagreements: u64,
    /// Calls for the resource side.
    pub reads: Reads,
}

/// Calls for the resource side: keys, buckets, vaults, regions, the organisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// All of them, each page one.
    pub calls: u64,
    /// Those that AWS refused for want of a permission.
    pub refused: u64,
    /// Those that brought no answer: throttled, too late, not reached.
    pub failed: u64,
}

impl Tally {
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn disagreement(&self) {
        self.disagreements.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn reads(&self, reads: Reads) {
        self.reads.fetch_add(reads.calls, Ordering::Relaxed);
        self.reads_refused
            .fetch_add(reads.refused, Ordering::Relaxed);
        self.reads_failed.fetch_add(reads.failed, Ordering::Relaxed);
    }

    /// What was counted since the process began.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let calls = self.calls.load(Ordering::Relaxed);
        Counts {
            calls,
            retries: self.attempts.load(Ordering::Relaxed).saturating_sub(calls),
            throttles: self.throttles.load(Ordering::Relaxed),
            disagreements: self.disagreements.load(Ordering::Relaxed),
            reads: Reads {
                calls: self.reads.load(Ordering::Relaxed),
                refused: self.reads_refused.load(Ordering::Relaxed),
                failed: self.reads_failed.load(Ordering::Relaxed),
            },
        }
    }
}

impl Counts {
    /// What was counted since an earlier moment.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(earlier.calls),
            retries: self.retries.saturating_sub(earlier.retries),
            throttles: self.throttles.saturating_sub(earlier.throttles),
            disagreements: self.disagreements.saturating_sub(earlier.disagreements),
            reads: Reads {
                calls: self.reads.calls.saturating_sub(earlier.reads.calls),
                refused: self.reads.refused.saturating_sub(earlier.reads.refused),
                failed: self.reads.failed.saturating_sub(earlier.reads.failed),
            },
        }
    }
}
