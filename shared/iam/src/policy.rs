//! Policy documents: what is written in one?
//!
//! In: JSON as IAM accepts it. Out: a [`Document`], every list a list, every scalar a text, in the order written; or a
//! fault with the place. Whether a statement applies to a request is `evaluate`'s business.
//!
//! What IAM would refuse to store and what would change the meaning if passed over is a fault: a key given twice, an
//! element in the wrong case, a `Principal`. What does no harm is a note.

mod document;
pub(crate) mod syntax;
#[cfg(test)]
mod tests;
pub mod validate;

use std::borrow::Cow;

use crate::fault::Fault;
pub use document::{Condition, Document, Doubt, Effect, Matches, Statement, Version};
use syntax::RawStatement;
pub use syntax::STATEMENT_ELEMENTS;

/// No kind of policy may be longer, white space not counted.
const LONGEST_POLICY: usize = 10_240;

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
