//! The only crate that knows the AWS SDK: it lists accounts, has AWS simulate, keeps baselines, and carries messages.
//!
//! Baselines and messages are the Lambda's alone, and stand behind the feature `lambda`: the SDK crates that they need take
//! longer to build than the rest of the command line.
//!
//! SDK types, pages, retries and credentials end here; what goes out is `iam`'s and `audit`'s. What the calls are, and on
//! what, is data in [`calls`], which the template test and `permdrift print-policy` read.

pub mod calls;
mod environment;
mod failure;
mod iam_client;
#[cfg(feature = "lambda")]
mod lambda;
mod read;
#[cfg(test)]
mod replay;
mod session;
mod signed;
mod simulate;

pub use environment::{AwsEnvironment, Progress};
pub use failure::{Failure, NetworkError, chain};
pub use iam_client::{Counts, Iam, Process, Reads, Tally};
#[cfg(feature = "lambda")]
pub use lambda::{
    Bus, Entry, GetError, ImportError, KeepError, Keeping, Kept, KeptForEvents, Note, Objects,
    PutError, SecurityHub, Started, StoreError, Table, Topic, parameter, send, send_later,
    start_execution,
};
pub use read::{
    Answered, Check, DiscoverError, Examined, ListedAccount, ReadSide, Recording, Sink, Snapshot,
    WholeOrganization, discover, examine, examine_accounts, is_in_organization, listed_accounts,
    organization, recording,
};
pub use session::enter::EnterError;
pub use session::{Access, Caller, IdentifyError, Role, Session};
pub use simulate::{Limits, Window};
