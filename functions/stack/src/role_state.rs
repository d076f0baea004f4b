//! Role states: why may AWS not let us assume the role of an account?
//!
//! AWS refuses in the same words whether a role is missing, trusts somebody else, or asks for another external id. What tells these apart
//! is known here: whether the account was ever audited, whether it is in the organisation and since when, and whether it manages it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Until then after an account joined its role may not be rolled out yet.
const ROLL_OUT: Duration = Duration::from_secs(24 * 60 * 60);

/// What the roster says of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RosterFacts {
    /// When it joined the organisation.
    pub joined: Option<Timestamp>,
    /// Whether it manages the organisation.
    pub is_management: bool,
    /// Whether the newest roster does not list it.
    pub is_absent: bool,
}

/// What is known of an account whose role AWS does not let us assume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleState {
    /// The roster does not list it; when it was audited last, if it ever was.
    Left(Option<Timestamp>),
    /// It was audited, last at that time.
    Lost(Timestamp),
    /// It was never audited, and joined the organisation at that time, a day ago at most.
    New(Timestamp),
    /// It was never audited, and manages the organisation.
    Management,
    /// It was never audited.
    Never,
}

impl RoleState {
    /// What is known at that time. `audited`: when the account was audited last.
    #[must_use]
    pub fn of(audited: Option<Timestamp>, facts: RosterFacts, now: Timestamp) -> Self {
        if facts.is_absent {
            return Self::Left(audited);
        }
        let is_new = |joined: &Timestamp| {
            let since = now.duration_since(*joined).unsigned_abs();
            since <= ROLL_OUT
        };
        match (audited, facts.joined.filter(is_new)) {
            (Some(at), _) => Self::Lost(at),
            (None, _) if facts.is_management => Self::Management,
            (None, Some(joined)) => Self::New(joined),
            (None, None) => Self::Never,
        }
    }
}

impl fmt::Display for RoleState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(Some(at)) => write!(
                f,
                "the account was audited before (last at {at}) and left the organisation since: the roster does not list it any more"
            ),
            Self::Left(None) => f.write_str(
                "the roster of the organisation does not list the account: it left the organisation, or never was in it",
            ),
            Self::Lost(at) => write!(
                f,
                "the account was audited before (last at {at}), so its role was deleted since, or does not trust this hub or its external id any more, or the account has just left the organisation"
            ),
            Self::New(joined) => write!(
                f,
                "the account joined the organisation at {joined} and was never audited, so its role may not be rolled out yet"
            ),
            Self::Management => f.write_str(
                "the account manages the organisation, where no StackSet makes the role: its template is deployed there as a stack. If it is, the role does not trust this hub or its external id",
            ),
            Self::Never => f.write_str(
                "the account was never audited: its role is not rolled out, or does not trust this hub or its external id; AWS does not say which",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-30T03:15:00Z";

    #[track_caller]
    fn check(audited: Option<&str>, facts: RosterFacts, expected: &str) {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let state = RoleState::of(audited.map(time), facts, time(NOW));
        assert!(state.to_string().contains(expected), "{state}");
    }

    #[test]
    fn what_is_known_of_an_account_is_said_and_no_more() {
        let yesterday = Some("2026-11-29T12:00:00Z");
        let joined = |text: &str| RosterFacts {
            joined: Some(text.parse().unwrap()),
            ..RosterFacts::default()
        };
        let new = joined("2026-11-29T12:00:00Z");
        let old = joined("2020-01-01T00:00:00Z");
        let manages = |facts| RosterFacts {
            is_management: true,
            ..facts
        };
        let absent = |facts| RosterFacts {
            is_absent: true,
            ..facts
        };
        check(
            yesterday,
            new,
            "(last at 2026-11-29T12:00:00Z), so its role",
        );
        check(yesterday, manages(new), "(last at 2026-11-29T12:00:00Z)");
        check(
            yesterday,
            absent(new),
            "(last at 2026-11-29T12:00:00Z) and left the organisation since",
        );
        check(None, absent(new), "it left the organisation, or never was");
        check(None, new, "may not be rolled out yet");
        check(None, old, "AWS does not say which");
        check(None, RosterFacts::default(), "AWS does not say which");
        check(None, manages(old), "no StackSet");
    }
}
