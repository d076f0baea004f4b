//! Policy documents: what is written in one?
//!
//! In: JSON as IAM accepts it. Out: a [`Document`], every list a list, every scalar a text, in the order written; or a
//! fault with the place. Whether a statement applies to a request is `evaluate`'s business.
//!
//! What IAM would refuse to store and what would change the meaning if passed over is a fault: a key given twice, an
//! element in the wrong case, a `Principal`. What does no harm is a note.

pub(crate) mod syntax;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use crate::action::ActionName;
use crate::glob;
use crate::inventory::Fault;
use syntax::RawStatement;
pub use syntax::STATEMENT_ELEMENTS;

/// A policy document of an identity, a boundary, a session or an SCP.
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

/// No kind of policy may be longer, white space not counted.
const LONGEST_POLICY: usize = 10_240;

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

impl Document {
    /// Reads the JSON text of an identity policy, boundary, session policy or SCP.
    ///
    /// # Errors
    /// What is wrong with it, and where in `text`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let raw = syntax::read(text, Statement::finish)?;
        let mut notes = raw.notes;
        let characters = characters(text);
        if characters > LONGEST_POLICY {
            notes.push(
                format!("the document has {characters} characters; no IAM policy may have more than {LONGEST_POLICY}")
                    .into(),
            );
        }
        for (index, statement) in raw.statements.iter().enumerate() {
            let odd = statement
                .resource
                .patterns
                .iter()
                .filter_map(|one| oddity(one));
            notes.extend(odd.map(|what| format!("statement {}: {what}", index + 1).into()));
        }
        Ok(Self {
            version: raw.version,
            statements: raw.statements,
            notes,
            characters,
        })
    }
}

/// Characters without white space, by their first bytes: a listing holds many documents.
fn characters(text: &str) -> usize {
    let is_first = |byte: &u8| (byte & 0b1100_0000) != 0b1000_0000;
    text.bytes()
        .filter(|byte| is_first(byte) && !byte.is_ascii_whitespace())
        .count()
}

/// What is odd about a resource pattern: [U] AWS does not say what these match. Here they match as they stand.
fn oddity(pattern: &str) -> Option<String> {
    let mut parts = pattern.splitn(6, ':');
    let head = [(); 5].map(|()| parts.next());
    let [_, _, service, region, _] = head;
    if parts.next().is_none() {
        return (!pattern.ends_with('*'))
            .then(|| format!("the resource `{pattern}` is no whole ARN, so it matches none"));
    }
    let upper = |part: Option<&str>| part.is_some_and(|part| part.contains(char::is_uppercase));
    // A variable is no part of an ARN yet.
    let odd = (upper(service) || upper(region)) && !pattern.contains("${");
    odd.then(|| {
        format!("the resource `{pattern}` has a service or region in upper case, which no ARN has")
    })
}

/// The JSON of a document that came percent-encoded, as the raw API gives it. Text that is not encoded stays as it is:
/// an encoded document never begins with a brace.
///
/// # Errors
/// Where the decoded bytes are no UTF-8.
pub fn decode(text: &str) -> Result<Cow<'_, str>, Fault> {
    if text.trim_start().starts_with('{') {
        return Ok(Cow::Borrowed(text));
    }
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|error| Fault {
            reason: format!(
                "the percent-encoded policy document is not UTF-8 after {} bytes",
                error.valid_up_to()
            )
            .into(),
            line: 0,
            column: 0,
        })
}

/// The values of a condition or of a context key from their JSON: one scalar or a list of them. Numbers and booleans keep
/// their text.
///
/// # Errors
/// What stands there instead.
pub fn values(json: &str) -> Result<Vec<Box<str>>, String> {
    syntax::scalars(json)
}

impl Statement {
    fn finish(raw: RawStatement) -> Result<Self, String> {
        if let Some(principals) = raw.principals {
            let name = if principals.negated {
                "NotPrincipal"
            } else {
                "Principal"
            };
            return Err(format!(
                "has `{name}`, which only resource policies and trust policies may have"
            ));
        }
        let missing = |name: &str| {
            let mut what = format!("has neither `{name}` nor `Not{name}`");
            if !raw.unknown.is_empty() {
                what.push_str(&format!(
                    ", but unknown keys: `{}`",
                    raw.unknown.join("`, `")
                ));
            }
            what
        };
        let action = raw.action.ok_or_else(|| missing("Action"))?;
        let resource = raw.resource.ok_or_else(|| missing("Resource"))?;
        Ok(Self {
            sid: raw.sid,
            effect: raw.effect,
            action,
            resource,
            conditions: raw.conditions,
            doubt: None,
        })
    }
}
