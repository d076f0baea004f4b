//! `gather`: the Lambda that tells people what the audits of an organisation found, and makes the report.
//!
//! It is the last state of the hub's state machine, which reaches it even where audits of single accounts failed. These audits have told
//! machines and committed the baselines of their accounts; what they left undone becomes a finding here: an account that was not audited
//! in this run, one that is skipped, one that left the organisation. Then it tells people of [threads](audit::threads), which are stored
//! in the hub's table, and of mutes, and writes the report into the hub's bucket. `docs/lambda.md` is the contract; it is the same
//! program as `sweep`.
//!
//! A repeated run finds that all of it is done, and tells nobody anything twice.

mod absent;
mod handle;
mod memory;
mod order;
mod people;
mod reports;
mod roster;
mod tell;

pub use handle::handle;
pub use tell::{TellAccountsError, tell};
