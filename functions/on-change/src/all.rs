//! All: what did an invocation do, over all its accounts?

use std::collections::BTreeSet;

use crate::change::Done;

/// What an invocation came to.
#[derive(Debug, Default)]
pub(crate) struct All {
    /// Events that it was given.
    pub(crate) events: usize,
    /// Events that concern an account.
    pub(crate) ours: usize,
    /// Events of accounts that are not audited.
    pub(crate) foreign: usize,
    /// Runs of the state machine that were started.
    pub(crate) started: usize,
    /// Events that went back to the queue.
    pub(crate) back: usize,
    /// Records that cannot be used.
    pub(crate) unusable: usize,
    /// Accounts of which somebody was audited.
    pub(crate) accounts: u64,
    /// Principals that were audited; `None` where nothing was.
    pub(crate) principals: Option<usize>,
    /// The records that must stay in the queue.
    pub(crate) failed: BTreeSet<Box<str>>,
}

impl All {
    /// Adds what the batch of an account came to.
    pub(crate) fn add(&mut self, done: Done) {
        self.ours += done.ours;
        self.back += done.back;
        self.failed.extend(done.failed);
        if let Some(principals) = done.principals {
            *self.principals.get_or_insert_default() += principals;
            self.accounts += 1;
        }
    }
}
