//! What is known around an account that is one of an organisation's.

/// What is known around an account of an organisation.
#[derive(Clone, Copy, Debug)]
pub struct Above<'a> {
    /// Its number with its name and what is above it.
    pub account: &'a str,
    /// Where the report of the whole organisation is.
    pub report: Option<&'a str>,
}
