//! Errors: why did a run of the sweep fail?

use audit::ports::PublishError;
use stack::StackError;
use stack::error::TellFailure;

use crate::order::OrderError;
use crate::summary::KeepSummaryError;

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
    #[error(transparent)]
    Summary(#[from] KeepSummaryError),
    #[error("that the audit is complete could not be told")]
    Complete(#[source] PublishError),
}

impl SweepError {
    /// Whether a repetition may succeed without anybody's doing.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Stack(error) => error.is_passing(),
            Self::Summary(error) => error.is_passing(),
            Self::HandOn(_) | Self::Complete(_) => true,
            Self::Order(_) | Self::Endless(_) => false,
        }
    }

    /// How people are told of it.
    pub(crate) fn telling(&self) -> TellFailure {
        match self {
            Self::Stack(error) => error.telling(),
            Self::Complete(_) => TellFailure::EachTime,
            // Whose fault it is, no account's finding would say.
            Self::Summary(error) if error.is_passing() => TellFailure::EachTime,
            Self::Order(_) | Self::Endless(_) | Self::HandOn(_) | Self::Summary(_) => {
                TellFailure::AsFinding
            }
        }
    }
}
