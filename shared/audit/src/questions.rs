//! Questions beside the audit: what closes a gap, what is left after a retirement, what changes with an upgrade or between two
//! audits?

pub mod difference;
pub mod fix;
pub mod retirement;
pub mod upgrade;
