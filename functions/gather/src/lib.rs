//! `gather`: the Lambda that tells people what the audits of an organisation found, one cause once, and makes the report.
//!
//! It is the last state of the hub's state machine, which gets there whatever became of single accounts. The audits before it told machines
//! and committed their accounts; what they left undone becomes a finding here: an account that was not audited in this run, one that is
//! skipped, one that left the organisation. Then it tells of [threads](audit::threads), which lie in the hub's table, and of mutes, and writes the
//! report into the hub's bucket. `docs/lambda.md` is the contract; it is the same program as `sweep`.
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
