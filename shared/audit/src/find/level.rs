//! Levels: how bad is a finding for the backups?
//!
//! The level comes from the operation that breaks, never from the name of an action.

use std::fmt;
use std::str::FromStr;

/// How bad it is, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; nothing breaks.
    Notice,
    /// A convenience is lost.
    Low,
    /// Something beside backup and restore fails: deployment, upgrades, search.
    Medium,
    /// Restores fail, or some backups.
    High,
    /// Backups fail.
    Critical,
}

/// A text that is no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level: expected notice, low, medium, high or critical")]
pub struct ParseLevelError(String);

impl Level {
    /// Of what could not be known, however bad it would be.
    pub const UNKNOWN: Self = Self::Low;

    /// All of them, mildest first.
    pub const ALL: [Self; 5] = [
        Self::Notice,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The level of an operation in the catalog.
    #[must_use]
    pub fn of(severity: catalog::Severity) -> Self {
        match severity {
            catalog::Severity::Low => Self::Low,
            catalog::Severity::Medium => Self::Medium,
            catalog::Severity::High => Self::High,
            catalog::Severity::Critical => Self::Critical,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Level {
    type Err = ParseLevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| ParseLevelError(text.to_owned()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
