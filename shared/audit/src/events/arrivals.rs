//! Arrivals: of which services and regions do trail events arrive, and which was the last?
//!
//! In: the trail events of a batch, whomever they are about. Out: for each source the time of the newest one, and when it was received,
//! in a stored form. An event that is only a little newer than the noted one is not noted, so that not every batch writes to the table.
//! So an event counts as arrived unless it is clearly newer than the last arrival.

mod stored;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

pub use stored::ReadArrivalsError;

/// An event must be so much newer than the last to be written down.
const STEP: SignedDuration = SignedDuration::from_mins(5);

/// Where trail events come from: the events of a service in a region take one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventSource {
    /// The service that was called, such as `iam.amazonaws.com`.
    pub service: Box<str>,
    /// The region in which the call was recorded.
    pub region: Box<str>,
}

/// Which trail events arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Since when they are expected; `None`: they are not.
    since: Option<Timestamp>,
    last: BTreeMap<EventSource, Arrival>,
}

/// What an audit knows of changes that are to be looked at when they are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangesSeen {
    /// Why trail events could not be read or followed, without any value of them.
    pub not_followed: BTreeSet<Box<str>>,
    /// What arrived; `None` where nobody knows.
    pub arrivals: Option<Arrivals>,
    /// Of which sources an event never came.
    pub missing: BTreeSet<EventSource>,
}

/// The newest trail event of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Arrival {
    /// When the call was made.
    at: Timestamp,
    /// When its event was received.
    received: Timestamp,
}

impl Arrivals {
    /// Adds the newest events of a batch; whether that makes a difference worth writing down.
    pub fn note(&mut self, newest: &BTreeMap<EventSource, Timestamp>, received: Timestamp) -> bool {
        let mut is_new = false;
        for (source, at) in newest {
            // A clock that is ahead must not hide what never comes.
            let at = (*at).min(received);
            let known = self.last.get(source);
            if known.is_none_or(|known| later(known.at, STEP) < at) {
                let arrival = Arrival { at, received };
                self.last.insert(source.clone(), arrival);
                is_new = true;
            }
        }
        is_new
    }

    /// Events are expected from now on, unless they were before; whether that is new.
    pub fn expect(&mut self, now: Timestamp) -> bool {
        let is_new = self.since.is_none();
        self.since.get_or_insert(now);
        is_new
    }

    /// No events are expected any more; whether that is new.
    pub fn expect_none(&mut self) -> bool {
        self.since.take().is_some()
    }

    /// Whether events are expected.
    #[must_use]
    pub fn are_expected(&self) -> bool {
        self.since.is_some()
    }

    /// Since when no event of a source came, and some were expected; `None` where none are.
    pub(super) fn silent_since(&self, source: &EventSource) -> Option<Timestamp> {
        let last = self.last.get(source).map(|last| later(last.at, STEP));
        self.since
            .map(|since| last.map_or(since, |last| last.max(since)))
    }

    /// Whether an event of a source was received after a time.
    pub(crate) fn came_after(&self, source: &EventSource, time: Timestamp) -> bool {
        let last = self.last.get(source);
        last.is_some_and(|last| last.received > time)
    }
}

/// So much after a time.
pub(super) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
