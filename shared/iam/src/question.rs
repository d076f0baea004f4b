//! Questions and answers: what a simulator is asked about one principal, and what comes back.
//!
//! The embedded simulator and AWS's take the same [`Question`]s and give the same [`Group`]s, so that `audit` cannot tell
//! them apart. Actions that got the same outcome come back as one group; what is plainly allowed is not mentioned, which
//! keeps the answer about a healthy principal empty.

use std::sync::Arc;

use crate::action::ActionName;
use crate::context::Context;
use crate::decision::Outcome;

/// Several actions on one resource in one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// An ARN, or `*` where no scope was declared.
    pub resource: Arc<str>,
    /// What is known of the request. What follows from the principal (its ARN, tags, name) is added by the simulator.
    pub context: Arc<Context>,
    /// Sorted, without repetition.
    pub actions: Arc<[ActionName]>,
}

/// Actions of one question that share an outcome other than plainly allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The position of the question among those asked.
    pub question: usize,
    /// What was decided, and why.
    pub outcome: Outcome,
    /// Positions in the question's `actions`, ascending.
    pub actions: Vec<u16>,
}
