//! Sentences for causes, codes, findings, coverage and messages.
//!
//! In: values of `audit` and `iam`. Out: sentences and parts of sentences, the same in every format, with text from the account
//! made [`plain`](mod@plain). Layout and escaping are done by each format.

pub mod cause;
pub mod changed;
pub mod code;
pub mod command;
pub mod counted;
pub mod coverage;
pub mod cut;
pub mod drift;
pub mod fault;
pub mod finding;
pub mod layers;
pub mod masked;
pub mod message;
pub mod plain;
pub mod provenance;
pub mod trust;
