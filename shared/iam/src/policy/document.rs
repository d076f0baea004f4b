//! The types of a policy document: statements, what they match, and their conditions.
//!
//! `policy` reads them from JSON, `deployment` from templates, where some of a statement may be in doubt.

use std::sync::Arc;

use super::principals::Principals;
use crate::action::ActionName;
use crate::glob;

/// A policy document: of an identity, a boundary, a session, an SCP, or of the resource side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which language: only the newer one knows variables.
    pub version: Version,
    /// In the order written.
    pub statements: Vec<Statement>,
    /// What is odd but does no harm: unknown keys, an empty `NotAction`. One sentence fragment each.
    pub notes: Vec<Box<str>>,
    /// How long its text was, as IAM counts for its quotas: every character but white space.
    pub characters: usize,
}

/// The `Version` of a document. A document without one is of the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, and none at all.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a statement does where it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Lets through.
    Allow,
    /// Turns away.
    Deny,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its name.
    pub sid: Option<Box<str>>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub action: Matches,
    /// `Resource` or `NotResource`.
    pub resource: Matches,
    /// Whom it is about, in a document of the resource side; `None` in all others.
    pub principals: Option<Box<Principals>>,
    /// Every entry must hold.
    pub conditions: Vec<Condition>,
    /// What is not known of it; `None` for all that IAM holds, for there nothing is left open.
    pub doubt: Option<Box<Doubt>>,
}

/// What is not known of a statement that is still to be deployed. Whether the statement applies hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Why, with the place.
    pub reason: Arc<str>,
    /// Where only the resources are in doubt, their patterns as people wrote them: it surely applies to something, and to
    /// nothing beyond the statement's own patterns. Empty where more is in doubt.
    pub resources: Vec<Box<str>>,
}

/// Patterns, meant or excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// True for `NotAction` and `NotResource`: applies where no pattern matches.
    pub negated: bool,
    /// As written.
    pub patterns: Vec<Box<str>>,
}

/// One operator on one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written, such as `ForAnyValue:StringLikeIfExists`.
    pub operator: Box<str>,
    /// As written, such as `aws:RequestedRegion`.
    pub key: Box<str>,
    /// Numbers and booleans as their text.
    pub values: Vec<Box<str>>,
}

impl Statement {
    /// Whether the action is one of the statement's. An empty list names nothing, in both forms: IAM does not store it.
    #[must_use]
    pub fn is_about(&self, action: &ActionName) -> bool {
        let patterns = &self.action.patterns;
        let mut matching = patterns.iter();
        let named = matching.any(|pattern| glob::matches_folded(pattern, action.as_str()));
        !patterns.is_empty() && named != self.action.negated
    }
}
