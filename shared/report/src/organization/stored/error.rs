//! Why a stored summary is not read.

use std::error::Error;
use std::str::FromStr;

use iam::AccountId;
use serde_json::error::Category;

/// The version of this form: the one that is written, and the newest that is read.
pub const SCHEMA_VERSION: u32 = 1;

/// Why bytes are no summary of an account.
#[derive(Debug, thiserror::Error)]
pub enum ReadSummaryError {
    /// Of a newer form: nothing of it is read.
    #[error(
        "the account's summary has schemaVersion {found}, newest known is {SCHEMA_VERSION}: use a newer permdrift"
    )]
    TooNew {
        /// The version found.
        found: u32,
    },
    /// It ends in the middle.
    #[error("the account's summary ends in the middle: it was cut off")]
    CutOff(#[source] serde_json::Error),
    /// No JSON, or not of this form.
    #[error("the account's summary is not as docs/schemas/account-1.json says")]
    Form(#[source] serde_json::Error),
    /// A text in it is not what it should be.
    #[error("the account's summary has `{text}`, which is not what should stand there")]
    Value {
        /// What stands there.
        text: Box<str>,
        /// What would be right.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Of another account, or about a principal or finding of another one.
    #[error("the account's summary is of account {expected}, and `{found}` in it is not")]
    OtherAccount {
        /// What belongs to another account.
        found: Box<str>,
        /// The account that was to be read.
        expected: AccountId,
    },
    /// What it counts is not what it holds.
    #[error(
        "the account's summary counts {counted} {what}, and holds {held}: it was changed or damaged"
    )]
    Counts {
        /// What was counted.
        what: &'static str,
        /// So many by its `summary`.
        counted: usize,
        /// So many are in it.
        held: usize,
    },
}

pub(super) fn not_read(error: serde_json::Error) -> ReadSummaryError {
    match error.classify() {
        Category::Eof => ReadSummaryError::CutOff(error),
        Category::Io | Category::Syntax | Category::Data => ReadSummaryError::Form(error),
    }
}

pub(super) fn other_account(found: &str, expected: AccountId) -> ReadSummaryError {
    ReadSummaryError::OtherAccount {
        found: found.into(),
        expected,
    }
}

pub(super) fn parse<T: FromStr<Err: Error + Send + Sync + 'static>>(
    text: &str,
) -> Result<T, ReadSummaryError> {
    text.parse().map_err(|error| ReadSummaryError::Value {
        text: text.into(),
        source: Box::new(error),
    })
}
