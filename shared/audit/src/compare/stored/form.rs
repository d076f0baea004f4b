//! Formats: in which forms is a baseline stored?

/// The newest format that this release reads and writes.
pub const FORMAT: u32 = 2;

/// How an entry is written. Each is read back alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Format 1: what is lacking stands there one by one, for people to read.
    Plain,
    /// Format 2: what is lacking in the same places stands together.
    Compact,
}

impl Form {
    /// The number of its format.
    #[must_use]
    pub const fn format(self) -> u32 {
        match self {
            Self::Plain => 1,
            Self::Compact => FORMAT,
        }
    }
}
