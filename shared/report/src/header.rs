//! The header of a message: which audit, of which account, begun when?

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
