//! IAM's language: ARNs, actions, policy documents, the inventory, and the simulator that decides from them.
//!
//! Nothing here knows requirements, verdicts or findings (that is `audit`), nor a clock, a file or a network.

pub mod action;
pub mod arn;

pub use action::{ActionName, ParseActionNameError};
pub use arn::{AccountId, Arn, ParseArnError, PrincipalArn, PrincipalKind};
