//! The only crate that knows the AWS SDK: it lists accounts, has AWS simulate, keeps baselines, and carries messages.
//!
//! SDK types, pages, retries and credentials end here; what goes out is `iam`'s and `audit`'s. What the calls are, and on
//! what, is data in [`calls`], which the template test and `permdrift print-policy` read.

mod bus;
pub mod calls;
mod discover;
mod doctor;
mod environment;
mod failure;
mod iam_client;
mod listing;
mod pace;
mod parameter;
mod process;
mod queue;
#[cfg(test)]
mod replay;
mod security_hub;
mod session;
mod simulate;
mod snapshot;
mod table;
mod tally;
mod topic;
mod watch;

pub use bus::{Bus, Entry, PutError, SOURCE};
pub use discover::{DiscoverError, Sink, discover};
pub use doctor::{Check, examine};
pub use environment::{AwsEnvironment, Progress};
pub use failure::Failure;
pub use iam_client::Iam;
pub use parameter::parameter;
pub use process::Process;
pub use queue::send;
pub use security_hub::{ImportError, SecurityHub};
pub use session::{Access, Caller, IdentifyError, Role, Session};
pub use simulate::{Limits, Window};
pub use snapshot::Snapshot;
pub use table::{ACCOUNT_ITEM, PARTITION_KEY, PRINCIPAL_ITEM, SORT_KEY, TTL, Table};
pub use tally::{Counts, Tally};
pub use topic::{Note, Topic};
