//! Simulation: what would IAM decide about the requests that requirements name?

pub mod embedded;
pub mod narrow;
