//! Refusals: which role could not be assumed?

use aws::Failure;

/// The role that was to be assumed cannot be.
#[derive(Debug, thiserror::Error)]
#[error("cannot assume the role `{role}`")]
pub(crate) struct RoleRefused {
    pub(crate) role: String,
    #[source]
    pub(crate) failure: Failure,
}
