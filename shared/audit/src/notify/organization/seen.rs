//! Seen: what do the baselines that were read add to threads?

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use iam::AccountId;

use super::about::About;
use super::piece::{self, Piece};
use crate::compare::baseline::Baseline;

/// Whether an account belongs to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It does.
    Member,
    /// It did once: nobody audits it from here any more.
    Left,
}

/// What some accounts add to threads. An account that is not in it was not looked at: nobody knows.
#[derive(Debug, Default)]
pub struct Seen {
    accounts: BTreeMap<AccountId, Membership>,
    threads: BTreeMap<About, BTreeMap<AccountId, Vec<Piece>>>,
    /// Thousands of findings say the same.
    texts: HashSet<Arc<str>, foldhash::fast::RandomState>,
}

impl Seen {
    /// Adds what an account's baseline holds that people are to know of and that is not over.
    pub fn add(&mut self, baseline: &Baseline) {
        self.accounts.insert(baseline.account, Membership::Member);
        let texts = &mut self.texts;
        let mut text = |text: &str| match texts.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = text.into();
                texts.insert(Arc::clone(&new));
                new
            }
        };
        for tracked in baseline.tracked().filter(|tracked| tracked.is_reported()) {
            for (about, piece) in piece::of(tracked, &mut text) {
                let accounts = self.threads.entry(about).or_default();
                accounts.entry(baseline.account).or_default().push(piece);
            }
        }
    }

    /// Adds an account that left the organisation.
    pub fn add_left(&mut self, account: AccountId) {
        self.accounts.insert(account, Membership::Left);
    }

    /// Whether an account belongs to the organisation; `None` where nobody looked.
    #[must_use]
    pub fn membership(&self, account: AccountId) -> Option<Membership> {
        self.accounts.get(&account).copied()
    }

    /// What each account adds to each thread.
    pub(super) fn threads(&self) -> &BTreeMap<About, BTreeMap<AccountId, Vec<Piece>>> {
        &self.threads
    }
}
