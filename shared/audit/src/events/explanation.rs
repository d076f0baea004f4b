//! Explanations: which calls can have led to a finding?
//!
//! A call is named as the cause only if no other can have led to the finding, and nothing was left unseen. Several are candidates.
//! Nothing is guessed: what could not be seen is part of the explanation.

mod above;
mod stored;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::event::TrailEvent;
pub use above::{CallsAbove, ReadCallsError};
pub(crate) use stored::StoredExplanation;

/// Which calls can have led to a finding that opened or got worse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The newest of the calls that can have, the newest first; at most [`Explanation::MOST`].
    pub candidates: Vec<Arc<TrailEvent>>,
    /// How many calls can have, in all.
    pub count: usize,
    /// Since when calls were looked for: since the last audit that did not find this. `None`: no earlier audit is known.
    pub since: Option<Timestamp>,
    /// Why there may be other calls, or why there are none.
    pub unseen: BTreeSet<Unseen>,
}

/// Why calls may be missing from an explanation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// What denies lies in another account, and so do the trail events about it.
    OtherAccount,
    /// Nobody asked CloudTrail.
    NotAsked,
    /// There was more to look up than one audit does, or the time was over.
    CutOff,
    /// CloudTrail did not answer: why, such as an error code.
    Unanswered(Box<str>),
    /// CloudTrail has trail events that could not be read or followed: how many.
    NotFollowed(usize),
}

impl Explanation {
    /// How many candidates are named.
    pub const MOST: usize = 5;

    /// An explanation by these calls.
    pub(crate) fn new(
        mut calls: Vec<Arc<TrailEvent>>,
        since: Option<Timestamp>,
        unseen: BTreeSet<Unseen>,
    ) -> Self {
        calls.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        calls.dedup_by(|one, other| one.id == other.id);
        let count = calls.len();
        calls.truncate(Self::MOST);
        Self {
            candidates: calls,
            count,
            since,
            unseen,
        }
    }

    /// The same without the calls that are not about a cause; `None` where none is left.
    #[must_use]
    pub(crate) fn only_of(&self, is_of: impl Fn(&TrailEvent) -> bool) -> Option<Self> {
        let candidates = self.candidates.iter().filter(|call| is_of(call));
        let candidates: Vec<Arc<TrailEvent>> = candidates.cloned().collect();
        let others = self.candidates.len() - candidates.len();
        (!candidates.is_empty()).then(|| Self {
            count: self.count.saturating_sub(others),
            candidates,
            since: self.since,
            unseen: self.unseen.clone(),
        })
    }

    /// The call that led to it, where only one can have and nothing was left unseen.
    #[must_use]
    pub fn only(&self) -> Option<&TrailEvent> {
        match self.candidates.as_slice() {
            [one] if self.count == 1 && self.unseen.is_empty() && self.since.is_some() => Some(one),
            _ => None,
        }
    }
}
