//! Threads: what is kept of what people were told?
//!
//! For each account only how much there is, how bad it is, and a digest, so that the thread of a cause that a thousand accounts share
//! stays small.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{AccountId, PrincipalArn};
use jiff::{SignedDuration, Timestamp};

use super::about::About;
use super::piece::Piece;
use crate::find::finding::{Code, FindingId};
use crate::level::Level;

/// How long a thread is kept after it is over: far longer than a run takes, so that no run that loaded it before writes it as a new one.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);

/// All threads, by id.
pub type Threads = BTreeMap<FindingId, Thread>;

/// What people were told in one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// What it is about.
    pub about: About,
    /// Counts the writes; 0 where it is not stored yet.
    pub generation: u64,
    /// When people were first told, in its present life.
    pub opened: Timestamp,
    /// When people were last told.
    pub told: Timestamp,
    /// Reminders sent since it was opened, or got worse.
    pub reminders: u32,
    /// One of the worst that is, or was, in it.
    pub example: Example,
    /// What each account adds to it; empty: it is over.
    pub shares: BTreeMap<AccountId, Share>,
    /// Whether it is about to be told for the first time: nobody knows whether people heard of it.
    pub is_announced: bool,
}

/// One finding of a thread, for the words that it is told in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What is wrong.
    pub code: Code,
    /// How bad.
    pub level: Level,
    /// Whose.
    pub principal: Option<PrincipalArn>,
    /// What the set is called.
    pub title: Arc<str>,
    /// What breaks.
    pub impact: Arc<str>,
}

/// What one account adds to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Findings.
    pub findings: u64,
    /// Principals.
    pub principals: u64,
    /// The worst level.
    pub level: Level,
    /// How many things are wrong.
    pub(super) size: u64,
    /// What stands for all of it.
    pub(super) digest: u64,
}

impl Share {
    pub(super) fn of(pieces: &[Piece]) -> Option<Self> {
        let level = pieces.iter().map(|piece| piece.level).max()?;
        let principals: BTreeSet<_> = pieces
            .iter()
            .filter_map(|piece| piece.principal.as_ref())
            .collect();
        let digests = pieces.iter().map(|piece| piece.digest);
        Some(Self {
            findings: count(pieces.len()),
            principals: count(principals.len()),
            level,
            size: pieces.iter().map(|piece| piece.size).sum(),
            digest: digests.fold(0, u64::wrapping_add),
        })
    }
}

impl Example {
    /// The worst of some pieces, and of these the first.
    pub(super) fn of<'p>(pieces: impl IntoIterator<Item = &'p Piece>) -> Option<Self> {
        let mut worst: Option<&Piece> = None;
        for piece in pieces {
            if worst.is_none_or(|worst| piece.level > worst.level) {
                worst = Some(piece);
            }
        }
        worst.map(|piece| Self {
            code: piece.code,
            level: piece.level,
            principal: piece.principal.clone(),
            title: Arc::clone(&piece.title),
            impact: Arc::clone(&piece.impact),
        })
    }
}

impl Thread {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> FindingId {
        self.about.id()
    }

    /// Whether nothing in it is open.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shares.is_empty()
    }

    /// What is wrong.
    #[must_use]
    pub fn code(&self) -> Code {
        match &self.about {
            About::Statement { code, .. } => *code,
            About::Failed { .. } => Code::AuditFailed,
            About::NowChecked | About::Notices | About::Account { .. } => self.example.code,
        }
    }

    /// From when on it need not be kept; `None` while something in it is open.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        let end = self.is_over().then(|| self.told.checked_add(KEEP).ok());
        end.flatten()
    }
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
