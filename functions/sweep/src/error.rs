//! Errors: why did a run fail?

use audit::LookError;
use audit::ports::PublishError;
use audit::run::RunError;

use crate::order::OrderError;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SweepError {
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("cannot read the settings parameter `{name}`")]
    Settings {
        name: String,
        #[source]
        failure: aws::Failure,
    },
    #[error("the settings parameter `{name}` is wrong: {mistakes}")]
    Mistakes { name: String, mistakes: String },
    #[error("the bus for machines does not exist, and EventBridge drops what is sent to it")]
    NoBus,
    #[error(transparent)]
    Look(LookError),
    #[error(transparent)]
    Run(RunError),
    #[error("the audit was not done after {0} runs")]
    Endless(u32),
    #[error("the rest of the audit could not be handed on")]
    HandOn(#[source] aws::Failure),
    #[error("that the audit is complete could not be told")]
    Complete(#[source] PublishError),
    #[error("the time was up before the audit was told and committed")]
    OutOfTime,
}
