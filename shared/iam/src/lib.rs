//! IAM's language: ARNs, actions, policy documents, the inventory, and the simulator that decides from them.
//!
//! Nothing here knows requirements, verdicts or findings (that is `audit`), nor a clock, a file or a network.

pub mod action;
pub mod arn;
pub mod condition;
pub mod context;
pub mod decision;
pub mod evaluate;
mod fault;
pub mod glob;
pub mod inventory;
pub mod policy;
pub mod question;
pub mod simulator;
pub mod trust;
pub mod truth;
pub mod variable;

pub use action::{ActionName, ParseActionNameError};
pub use arn::{
    AccountId, Arn, PARTITIONS, ParseArnError, PrincipalArn, PrincipalKind, partition_of,
};
pub use context::{Context, Known, Limit};
pub use decision::{Cause, Decision, Layer, Outcome, StatementRef};
pub use evaluate::{Layers, Policy, Request, evaluate};
pub use inventory::{Inventory, Principal};
pub use policy::Document;
pub use question::{Group, Question};
pub use simulator::{ServiceControl, Simulator};
