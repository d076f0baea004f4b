//! Policy documents: what is written in one?
//!
//! In: JSON as IAM accepts it. Out: a [`Document`], every list a list, every scalar a text, in the order written; or a
//! fault with the place. Whether a statement applies to a request is `evaluate`'s business.
//!
//! What IAM would refuse to store and what would change the meaning if passed over is a fault: a key given twice, an
//! element in the wrong case, a `Principal`. What does no harm is a note.

mod document;
pub mod grant;
mod principals;
pub(crate) mod syntax;
#[cfg(test)]
mod tests;
pub mod validate;

use std::borrow::Cow;

use crate::fault::Fault;
pub use document::{Condition, Document, Doubt, Effect, Matches, Statement, Version};
pub use principals::{NamedPrincipal, Principals};
use syntax::RawStatement;
pub use syntax::STATEMENT_ELEMENTS;

/// No kind of policy may be longer, white space not counted.
const LONGEST_POLICY: usize = 10_240;
/// No resource has a longer policy; many have shorter ones.
const LONGEST_RESOURCE_POLICY: usize = 32_768;
/// Services whose resource policies have no `Resource`: a policy is about the role or repository that has it.
const WITHOUT_RESOURCE: [&str; 2] = ["sts:", "ecr:"];

impl Document {
    /// Reads the JSON text of an identity policy, boundary, session policy or SCP.
    ///
    /// # Errors
    /// What is wrong with it, and where in `text`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::read(text, LONGEST_POLICY, Statement::finish)
    }

    /// Reads the JSON text of a resource's own policy (a bucket policy, a key policy, the access policy of a backup vault, the
    /// trust policy of a role) or of an endpoint policy.
    ///
    /// # Errors
    /// What is wrong with it, and where in `text`.
    pub fn parse_resource_policy(text: &str) -> Result<Self, Fault> {
        Self::read(
            text,
            LONGEST_RESOURCE_POLICY,
            Statement::finish_with_principals,
        )
    }

    /// Reads the JSON text of a resource control policy.
    ///
    /// # Errors
    /// What is wrong with it, and where in `text`.
    pub fn parse_resource_control_policy(text: &str) -> Result<Self, Fault> {
        Self::read(text, LONGEST_POLICY, Statement::finish_for_everybody)
    }

    fn read(
        text: &str,
        longest: usize,
        finish: impl Fn(RawStatement) -> Result<Statement, String>,
    ) -> Result<Self, Fault> {
        let raw = syntax::read(text, finish)?;
        let mut notes = raw.notes;
        let characters = characters(text);
        if characters > longest {
            notes.push(
                format!("the document has {characters} characters; no IAM policy may have more than {longest}")
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
            return Err(format!(
                "has `{}`, which only resource policies and trust policies may have",
                principals.element()
            ));
        }
        let missing = missing(&raw);
        let action = raw.action.ok_or_else(|| missing("Action"))?;
        let resource = raw.resource.ok_or_else(|| missing("Resource"))?;
        Ok(Self {
            sid: raw.sid,
            effect: raw.effect,
            action,
            resource,
            principals: None,
            conditions: raw.conditions,
            doubt: None,
        })
    }

    fn finish_with_principals(raw: RawStatement) -> Result<Self, String> {
        let missing = missing(&raw);
        let principals = raw.principals.as_ref();
        let principals = Principals::read(principals.ok_or_else(|| missing("Principal"))?)?;
        let action = raw.action.ok_or_else(|| missing("Action"))?;
        let needs_none = |pattern: &str| {
            let pattern = pattern.to_ascii_lowercase();
            WITHOUT_RESOURCE
                .iter()
                .any(|service| pattern.starts_with(service))
        };
        let resource = match raw.resource {
            Some(resource) => resource,
            None if !action.negated && action.patterns.iter().all(|one| needs_none(one)) => {
                Matches {
                    negated: false,
                    patterns: vec!["*".into()],
                }
            }
            None => return Err(missing("Resource")),
        };
        Ok(Self {
            sid: raw.sid,
            effect: raw.effect,
            action,
            resource,
            principals: Some(Box::new(principals)),
            conditions: raw.conditions,
            doubt: None,
        })
    }

    /// A statement of a resource control policy, which must be about everybody.
    fn finish_for_everybody(raw: RawStatement) -> Result<Self, String> {
        let read = Self::finish_with_principals(raw)?;
        match read.principals.as_deref() {
            Some(Principals {
                negated: false,
                list,
            }) if list.iter().all(|one| *one == NamedPrincipal::Everybody) => Ok(read),
            Some(_) | None => Err(
                "names principals, which a resource control policy cannot: expected `\"Principal\": \"*\"` and a condition"
                    .to_owned(),
            ),
        }
    }
}

/// Says that an element and its negation are both missing.
fn missing(raw: &RawStatement) -> impl Fn(&str) -> String + use<> {
    let unknown = raw.unknown.join("`, `");
    move |name| {
        let mut what = format!("has neither `{name}` nor `Not{name}`");
        if !unknown.is_empty() {
            what.push_str(&format!(", but unknown keys: `{unknown}`"));
        }
        what
    }
}
