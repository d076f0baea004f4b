//! Arrivals: when did trail events last come from each service?
//!
//! The function that audits on change notes here what reached it. A scheduled audit that finds by look-up what never came can so tell
//! that changes do not arrive.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::read::TrailEvents;

/// The newest trail event that arrived from each service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// When the newest call was made of which an event arrived, by event source such as `iam.amazonaws.com`.
    pub last: BTreeMap<Box<str>, Timestamp>,
}

impl Arrivals {
    /// The newest of the events that arrived together.
    #[must_use]
    pub fn of(events: &TrailEvents) -> Self {
        let mut arrivals = Self::default();
        for event in &events.events {
            arrivals.note(&event.source, event.at);
        }
        arrivals
    }

    /// Takes over what arrived besides, in whatever order.
    pub fn merge(&mut self, other: &Self) {
        for (source, at) in &other.last {
            self.note(source, *at);
        }
    }

    fn note(&mut self, source: &str, at: Timestamp) {
        match self.last.get_mut(source) {
            Some(last) => *last = at.max(*last),
            None => {
                self.last.insert(source.into(), at);
            }
        }
    }
}
