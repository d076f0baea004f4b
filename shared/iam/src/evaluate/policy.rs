//! One policy of a layer, with the name that people know it by.

use std::sync::Arc;

use crate::fault::Fault;
use crate::policy::Document;

/// One policy of a layer.
#[derive(Clone, Debug)]
pub struct Policy<'a> {
    /// What it is called in a cause, as in [`StatementRef::policy`](crate::StatementRef::policy).
    pub name: Arc<str>,
    /// Its document, or why it cannot be read.
    pub document: Result<&'a Document, &'a Fault>,
}
