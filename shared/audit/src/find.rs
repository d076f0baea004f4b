//! Findings: what does one audit show that somebody has to know?

pub mod finding;
mod items;
pub mod observe;
