//! Errors: why did a run of the sweep fail?

use audit::ports::PublishError;
use stack::StackError;
use stack::error::TellFailure;

use crate::order::OrderError;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SweepError {
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error("the audit was not done after {0} runs")]
    Endless(u32),
    #[error("the rest of the audit could not be handed on")]
    HandOn(#[source] aws::Failure),
    #[error("that the audit is complete could not be told")]
    Complete(#[source] PublishError),
}

impl SweepError {
    /// How people are told of it.
    pub(crate) fn telling(&self) -> TellFailure {
        match self {
            Self::Stack(error) => error.telling(),
            Self::Complete(_) => TellFailure::EachTime,
            Self::Order(_) | Self::Endless(_) | Self::HandOn(_) => TellFailure::AsFinding,
        }
    }
}
