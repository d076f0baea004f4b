//! Words: how are causes, codes, findings, coverage and messages said?
//!
//! In: values of `audit` and `iam`. Out: sentences and fragments of sentences, the same in every format, with foreign text made
//! [`plain`](mod@plain). How they are laid out or escaped is the business of each format.

pub mod cause;
pub mod code;
pub mod counted;
pub mod coverage;
pub mod cut;
pub mod drift;
pub mod finding;
pub mod message;
pub mod plain;
