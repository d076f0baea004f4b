//! Trust policies: who may assume a role?
//!
//! In: the JSON of `AssumeRolePolicyDocument`. Out: a [`TrustPolicy`]. It takes no part in what the role may do.

use crate::policy::{Condition, Effect, Matches};

/// Who may assume a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustPolicy {
    /// In the order written.
    pub statements: Vec<TrustStatement>,
}

/// One statement of a trust policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustStatement {
    /// Its name.
    pub sid: Option<Box<str>>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub action: Matches,
    /// `Service`, `AWS`, `Federated`, ... with a value each; `*` alone stands as `AWS` with `*`.
    pub principals: Vec<(Box<str>, Box<str>)>,
    /// True for `NotPrincipal`.
    pub negated: bool,
    /// Every entry must hold.
    pub conditions: Vec<Condition>,
}
