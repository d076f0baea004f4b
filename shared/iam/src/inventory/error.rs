//! Refusals: why is a file no listing of an account?
//!
//! Each message says where, what was found, and what would be right. A fault inside the listing (one odd item, one
//! malformed document) is no refusal: it is a [`Gap`](super::Gap) or a [`Fault`](super::Fault) in the inventory.

use crate::arn::AccountId;

/// Why no inventory could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadInventoryError {
    /// No bytes, or blanks only.
    #[error(
        "the listing is empty: expected what `aws iam get-account-authorization-details` prints"
    )]
    Empty,
    /// Larger than [`LIMIT`](super::LIMIT), unpacked.
    #[error("the listing is larger than {} MiB unpacked, which is the most that is read: list fewer kinds at once with `--filter`", .limit >> 20)]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// Begins like gzip and cannot be unpacked.
    #[error(
        "the gzip data is broken after {unpacked} unpacked bytes: compress the listing again, or pass it plain"
    )]
    Gzip {
        /// How much could be unpacked.
        unpacked: usize,
        /// What the unpacking said.
        #[source]
        source: std::io::Error,
    },
    /// Not UTF-8, but something known.
    #[error("the listing is {found}: {advice}")]
    Encoding {
        /// Such as `UTF-16 (little-endian)`.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Not UTF-8, and nothing known.
    #[error(
        "line {line}, column {column}: byte {byte:#04x} is not UTF-8: save the listing as UTF-8"
    )]
    NotUtf8 {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// The byte found there.
        byte: u8,
    },
    /// Not JSON.
    #[error("line {line}, column {column}: {what}: {advice}")]
    NotJson {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// What was found.
        what: String,
        /// What would be right.
        advice: &'static str,
    },
    /// JSON that ends too early.
    #[error(
        "line {line}, column {column}: the listing ends in the middle: it was cut off, so run the command again and let it finish"
    )]
    CutOff {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
    /// JSON, but no listing of an account.
    #[error("line {line}, column {column}: this is {found}: {advice}")]
    Shape {
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
        /// Such as ``the output of `aws iam list-roles` ``.
        found: String,
        /// What would be right.
        advice: &'static str,
    },
    /// Pages of two accounts.
    #[error(
        "the listing holds principals of account {first} and of account {second}: pass one account at a time"
    )]
    Accounts {
        /// The account met first.
        first: AccountId,
        /// Another.
        second: AccountId,
    },
}
