//! Limits: how many calls at once, and until when?

use tokio::time::Instant;

/// What the calls of one audit keep to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls in flight.
    pub in_flight: usize,
    /// How many calls at most for each that asks about `*`, together with those about the concrete resources that an answer rests on:
    /// 1 for none of these.
    pub ceiling: usize,
    /// The time for the audit itself.
    pub first: Window,
    /// The time for asking again about what is newly denied, after the pause.
    pub again: Window,
}

/// The time for simulating; none: as long as it takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// From then on no new subject is taken.
    pub until: Option<Instant>,
    /// Then the subjects in work are given up: handed on, or undetermined where there is no next run for them.
    pub stop: Option<Instant>,
}

/// Whether AWS was waited for to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum InTime {
    #[default]
    Yes,
    No,
}
