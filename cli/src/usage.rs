//! Usage: what is wrong with a command line that is well formed?

/// A command line that is well formed and asks for what there is not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);
