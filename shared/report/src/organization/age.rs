//! Ages: how old is what an audit looked at?
//!
//! A snapshot says how an account was when it was taken. A verdict from it holds for that time, so every report says how long ago that
//! is.

use std::fmt;

use jiff::Timestamp;

use crate::words::counted::counted;
use crate::words::provenance::{Provenance, ReadFrom};

/// When what an audit looked at was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadTime {
    /// During the audit, from AWS.
    #[default]
    DuringAudit,
    /// At this time, by whoever saved it.
    At(Timestamp),
    /// A file holds it that does not say when.
    Unknown,
}

impl ReadTime {
    /// What an audit's source says of it; `None`: AWS was asked.
    #[must_use]
    pub(crate) fn of(from: Option<&Provenance>) -> Self {
        match from.map(|from| &from.read_from) {
            None | Some(ReadFrom::Aws) => Self::DuringAudit,
            Some(ReadFrom::ListingFile(_) | ReadFrom::SnapshotFile { taken: None, .. }) => {
                Self::Unknown
            }
            Some(ReadFrom::SnapshotFile {
                taken: Some(taken), ..
            }) => Self::At(*taken),
        }
    }

    /// How old that is in a report; `audit`: when the audit began.
    #[must_use]
    pub(crate) fn age(self, audit: Timestamp, report: Timestamp) -> Age {
        let read = match self {
            Self::DuringAudit => audit,
            Self::At(read) => read,
            Self::Unknown => return Age::Unknown,
        };
        // Whoever dates a file after its report does not know the time.
        match report < read {
            true => Age::Unknown,
            false => Age::Hours(report.duration_since(read).as_hours()),
        }
    }
}

/// How old something is, in whole hours; the unknown is the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// So many hours, rounded down.
    Hours(i64),
    /// Nobody said when it was read.
    Unknown,
}

/// From this many hours on, days are counted.
const TWO_DAYS: i64 = 48;

impl Age {
    /// In a few letters, such as `31 d`.
    #[must_use]
    pub fn brief(self) -> String {
        match self {
            Self::Hours(0) => "<1 h".to_owned(),
            Self::Hours(hours) if hours < TWO_DAYS => format!("{hours} h"),
            Self::Hours(hours) => format!("{} d", hours / 24),
            Self::Unknown => "?".to_owned(),
        }
    }

    /// Whether a reader is to be told of it where little room is: it is older than a day, or nobody knows.
    #[must_use]
    pub fn is_old(self) -> bool {
        match self {
            Self::Hours(hours) => hours >= 24,
            Self::Unknown => true,
        }
    }
}

impl fmt::Display for Age {
    /// Such as `31 days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |hours: i64| usize::try_from(hours).unwrap_or_default();
        match *self {
            Self::Hours(0) => f.write_str("less than an hour"),
            Self::Hours(hours) if hours < TWO_DAYS => f.write_str(&counted(number(hours), "hour")),
            Self::Hours(hours) => f.write_str(&counted(number(hours / 24), "day")),
            Self::Unknown => f.write_str("an unknown time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: ReadTime, brief: &str, long: &str) {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let age = read.age(at("2026-11-30T03:00:00Z"), at("2026-11-30T04:00:00Z"));
        assert_eq!((&*age.brief(), &*age.to_string()), (brief, long));
    }

    #[test]
    fn an_age_is_in_hours_and_then_in_days_and_a_date_to_come_is_none() {
        let at = |text: &str| ReadTime::At(text.parse().unwrap());
        check(ReadTime::DuringAudit, "1 h", "1 hour");
        check(at("2026-11-30T03:30:00Z"), "<1 h", "less than an hour");
        check(at("2026-11-28T05:00:00Z"), "47 h", "47 hours");
        check(at("2026-11-28T04:00:00Z"), "2 d", "2 days");
        check(at("2026-10-30T04:00:00Z"), "31 d", "31 days");
        check(at("2026-11-30T05:00:00Z"), "?", "an unknown time");
        check(ReadTime::Unknown, "?", "an unknown time");
    }
}
