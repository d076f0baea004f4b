//! Findings: what does one audit show that somebody has to know?

mod account;
mod described;
pub mod finding;
mod items;
pub mod observe;
pub(crate) mod resources;
