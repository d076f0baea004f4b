//! Policy documents: what is written in one?
//!
//! In: JSON as IAM accepts it. Out: a [`Document`], every list a list, every scalar a text, in the order written; or a
//! fault with the place. Whether a statement applies to a request is `evaluate`'s business.

/// A policy document of an identity, a boundary, a session or an SCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which language: only the newer one knows variables.
    pub version: Version,
    /// In the order written.
    pub statements: Vec<Statement>,
    /// What is odd but does no harm: unknown keys, an empty `NotAction`. One sentence fragment each.
    pub notes: Vec<Box<str>>,
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
    /// Every entry must hold.
    pub conditions: Vec<Condition>,
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
