//! Questions beside the audit: what closes a gap, what is left after a retirement, what somebody untagged is likely for, what changes
//! with an upgrade or between two audits?

pub mod difference;
pub mod fix;
pub mod retirement;
pub mod suggestion;
pub mod upgrade;
