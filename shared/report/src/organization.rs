//! The organisation: what did the audits of many accounts find, as one report?
//!
//! In: one [`AccountSummary`] an account, which is what its last whole audit found, and the accounts that were not audited, with the reason.
//! Out: bytes. A summary is written by whoever audited the account, at another time and place than the report is made, so it has a form
//! of its own ([`stored`]). Nothing here reads a file, a clock or the network.
//!
//! An account that was not audited counts in every total, and never as compliant.

pub mod account;
pub mod age;
pub mod csv;
pub mod html;
pub mod json;
pub mod markdown;
mod merge;
pub mod part;
pub mod reasons;
pub mod screen;
pub mod standing;
pub mod statement;
pub mod stored;
pub mod view;
pub mod words;

pub use account::{AccountSummary, Audited, FindingSummary, PrincipalSummary, VerdictSummary};
pub use age::{Age, ReadTime};
pub use merge::MergeError;
pub use standing::{AccountStanding, Standing};
pub use statement::{OuterPolicy, OuterStatement};
pub use view::{AccountPlace, OrganizationReport, OrganizationView, UnreadFile};
