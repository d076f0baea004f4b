//! Mistakes: what is wrong with a snapshot, where, and what would be right?

use std::fmt;

use iam::inventory::ReadInventoryError;

/// Why a text is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum ReadSnapshotError {
    /// Of a newer form: nothing of it is read.
    #[error("it has schemaVersion {found}, and the newest known is {known}: use a newer permdrift")]
    TooNew {
        /// The version found.
        found: u64,
        /// The newest that is read.
        known: u64,
    },
    /// JSON that ends too early.
    #[error(
        "line {line}, column {column}: the snapshot ends in the middle: it was cut off, so write it again and let that finish"
    )]
    CutOff {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
    /// No JSON.
    #[error(
        "line {line}, column {column}: {what}: expected JSON, so write the snapshot again, with jq or another program that knows JSON"
    )]
    NotJson {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// What was found.
        what: String,
    },
    /// The listing in it is none.
    #[error("`.listing` is no account listing")]
    Listing(#[source] ReadInventoryError),
    /// Something in it is not as it must be.
    #[error("{}", Lines(.0))]
    Mistakes(Vec<SnapshotMistake>),
}

/// One mistake in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotMistake {
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
    /// The way to it as jq writes it, such as `.buckets["backups"]["get-bucket-policy"]`; `.` is the whole file.
    pub path: Box<str>,
    /// What was found and what would be right.
    pub text: Box<str>,
}

/// Mistakes, one a line.
pub(in crate::saved) struct Lines<'m>(pub(in crate::saved) &'m [SnapshotMistake]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            mistake.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for SnapshotMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            path,
            text,
        } = self;
        write!(f, "line {line}, column {column}: `{path}`: {text}")
    }
}
