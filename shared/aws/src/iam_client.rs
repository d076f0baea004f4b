//! The IAM client: how are IAM's calls retried, rate-limited and counted?

mod pace;
mod process;
mod tally;
mod watch;

use std::sync::Arc;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

use crate::session::Session;
use watch::{RetryCutOff, Watch};

pub use process::Process;
pub use tally::{Counts, Reads, Tally};

/// A client for IAM of one account.
#[derive(Clone, Debug)]
pub struct Iam {
    pub(crate) client: aws_sdk_iam::Client,
    pub(crate) process: Process,
    /// Whose credentials they are.
    pub(crate) session: Session,
}

impl Iam {
    /// A client with the session's credentials.
    #[must_use]
    pub fn new(session: &Session, process: &Process) -> Self {
        let config = aws_sdk_iam::config::Builder::from(&session.config)
            // The SDK's quota of retries is spent after some 200 refused calls, and then each call fails at its first
            // attempt. What bounds the load here are the pace and the number of calls in flight.
            .retry_partition(
                RetryPartition::custom("iam")
                    .token_bucket(TokenBucket::unlimited())
                    .build(),
            )
            .retry_classifier(RetryCutOff)
            .interceptor(Watch {
                tally: Arc::clone(&process.tally),
                pace: Arc::clone(&process.pace),
            })
            .build();
        Self {
            client: aws_sdk_iam::Client::from_conf(config),
            process: process.clone(),
            session: session.clone(),
        }
    }
}
