//! Findings: what does one audit show that somebody has to know?

mod account;
mod described;
pub mod finding;
pub(crate) mod items;
pub mod level;
pub mod observe;
pub(crate) mod read_side;
pub(crate) mod resources;
