//! The header of a message: the audit's id, its account, and when it began.

use iam::AccountId;
use jiff::Timestamp;

/// What all messages of one audit have in common.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The audit's id.
    pub audit: &'a str,
    /// The audited account.
    pub account: AccountId,
    /// When the audit began.
    pub at: Timestamp,
}
