//! Errors: why did an audit end before its work was committed?

use crate::compare::baseline::{CommitError, LoadBaselineError};
use crate::look::LookError;
use crate::ports::PublishError;

/// Why an audit ended before its work was committed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There was nothing to judge; nothing was told.
    #[error(transparent)]
    Look(#[from] LookError),
    /// There is no telling what is new; nothing was told.
    #[error("the last audit's baseline cannot be used")]
    Load(#[source] LoadBaselineError),
    /// Something may not have arrived; it was not committed, so the next audit tells it again.
    #[error("not everything could be told")]
    Publish(#[source] PublishError),
    /// Everything was told; of what was not written the next audit tells again, under the same ids.
    #[error("the new baseline was not written")]
    Commit(#[source] CommitError),
}
