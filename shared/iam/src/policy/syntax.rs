//! The JSON of policy documents: which elements, of which type, each once?
//!
//! In: text. Out: statements with every list a list and every scalar a text, or a fault with line and column. Identity
//! policies and trust policies share this grammar; which elements each demands is checked by [`super`] and `trust`.
//!
//! Values are read straight off the text: no tree of JSON values is built, and `serde_json` bounds the nesting.

mod condition;
mod principal;
mod text;

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::document::{Condition, Effect, Matches, Version};
use crate::fault::Fault;
use condition::ConditionsSeed;
pub(crate) use condition::scalars;
pub(crate) use principal::Principals;
use principal::PrincipalsSeed;
use text::{Met, Text, Texts};

/// What a document may hold.
pub(super) const DOCUMENT_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
/// What a statement may hold.
pub const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// A document as written.
pub(crate) struct RawDocument<S> {
    pub(crate) version: Version,
    pub(crate) statements: Vec<S>,
    pub(crate) notes: Vec<Box<str>>,
}

/// A statement as written; nothing is demanded yet but an effect.
pub(crate) struct RawStatement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) action: Option<Matches>,
    pub(crate) resource: Option<Matches>,
    pub(crate) principals: Option<Principals>,
    pub(crate) conditions: Vec<Condition>,
    /// Keys that the grammar does not know.
    pub(crate) unknown: Vec<Box<str>>,
}

/// Reads a document; `finish` makes a statement of what was written, or says what is wrong with it.
pub(crate) fn read<S>(
    text: &str,
    finish: impl Fn(RawStatement) -> Result<S, String>,
) -> Result<RawDocument<S>, Fault> {
    let state = ReadState::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = DocumentSeed {
        state: &state,
        finish: &finish,
    };
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|document| deserializer.end().map(|()| document));
    match read {
        Ok((version, statements)) => Ok(RawDocument {
            version,
            statements,
            notes: state.notes.into_inner(),
        }),
        Err(error) => Err(fault(text, &error, state.statement.get())),
    }
}

/// What reading collects besides the statements.
#[derive(Default)]
struct ReadState {
    notes: RefCell<Vec<Box<str>>>,
    /// The number of the statement that is being read, from 1; 0 outside.
    statement: Cell<usize>,
}

pub(super) fn fault(text: &str, error: &serde_json::Error, statement: usize) -> Fault {
    let (line, column) = (error.line(), error.column());
    if text.trim().is_empty() {
        return Fault {
            reason: "the policy document is empty: expected a JSON object".into(),
            line,
            column,
        };
    }
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let reason = if error.is_eof() {
        format!("the policy document is cut off: {message}")
    } else if error.is_syntax() {
        format!("the policy document is not valid JSON: {message}")
    } else if statement > 0 && !message.starts_with("statement ") {
        format!("statement {statement}: {message}")
    } else {
        message.to_owned()
    };
    Fault {
        reason: reason.into(),
        line,
        column,
    }
}

struct DocumentSeed<'n, F> {
    state: &'n ReadState,
    finish: &'n F,
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> DeserializeSeed<'de>
    for DocumentSeed<'_, F>
{
    type Value = (Version, Vec<S>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> Visitor<'de> for DocumentSeed<'_, F> {
    type Value = (Version, Vec<S>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a policy document, which is a JSON object with `Statement`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut met = Met::default();
        let mut version = Version::V2008;
        let mut statements = None;
        while let Some(key) = map.next_key_seed(Text)? {
            met.again(&key)?;
            match key.as_ref() {
                "Version" => {
                    let text = map.next_value_seed(Text)?;
                    version = match text.as_ref() {
                        "2012-10-17" => Version::V2012,
                        "2008-10-17" => Version::V2008,
                        other => {
                            return Err(A::Error::custom(format_args!(
                                "`Version` is `{other}`: expected `2012-10-17` or `2008-10-17`"
                            )));
                        }
                    };
                }
                "Id" => {
                    map.next_value::<IgnoredAny>()?;
                }
                "Statement" => {
                    statements = Some(map.next_value_seed(StatementsSeed {
                        state: self.state,
                        finish: self.finish,
                    })?);
                }
                other => {
                    refuse_near_miss(other, &DOCUMENT_ELEMENTS)?;
                    map.next_value::<IgnoredAny>()?;
                    note(
                        self.state,
                        format!("the document has an unknown key `{other}`"),
                    );
                }
            }
        }
        match statements {
            Some(statements) => Ok((version, statements)),
            None => Err(A::Error::custom("the policy document has no `Statement`")),
        }
    }
}

/// IAM stores no such document. A `Conditions` or `effect` passed over would change what the statement says.
fn refuse_near_miss<E: serde::de::Error>(key: &str, known: &[&str]) -> Result<(), E> {
    let near = |name: &&&str| {
        name.eq_ignore_ascii_case(key)
            || key
                .strip_suffix(['s', 'S'])
                .is_some_and(|singular| name.eq_ignore_ascii_case(singular))
    };
    match known.iter().find(near) {
        Some(name) => Err(E::custom(format_args!(
            "`{key}` is no element of a policy (case counts): did you mean `{name}`?"
        ))),
        None => Ok(()),
    }
}

fn note(state: &ReadState, text: String) {
    // A hostile document must not grow the notes without end.
    const MOST: usize = 100;
    let mut notes = state.notes.borrow_mut();
    if notes.len() < MOST {
        notes.push(text.into());
    }
}

struct StatementsSeed<'n, F> {
    state: &'n ReadState,
    finish: &'n F,
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> DeserializeSeed<'de>
    for StatementsSeed<'_, F>
{
    type Value = Vec<S>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> Visitor<'de> for StatementsSeed<'_, F> {
    type Value = Vec<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`Statement` to be an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let seed = StatementSeed {
            index: 0,
            state: self.state,
            finish: self.finish,
        };
        Ok(vec![seed.visit_map(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut statements = Vec::new();
        while let Some(statement) = seq.next_element_seed(StatementSeed {
            index: statements.len(),
            state: self.state,
            finish: self.finish,
        })? {
            statements.push(statement);
        }
        if statements.is_empty() {
            note(self.state, "the document has no statement".to_owned());
        }
        Ok(statements)
    }
}

struct StatementSeed<'n, F> {
    index: usize,
    state: &'n ReadState,
    finish: &'n F,
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> DeserializeSeed<'de>
    for StatementSeed<'_, F>
{
    type Value = S;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S, F: Fn(RawStatement) -> Result<S, String>> Visitor<'de> for StatementSeed<'_, F> {
    type Value = S;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {} to be an object", self.index + 1)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let number = self.index + 1;
        self.state.statement.set(number);
        let mut met = Met::default();
        let mut effect = None;
        let mut raw = RawStatement {
            sid: None,
            effect: Effect::Deny,
            action: None,
            resource: None,
            principals: None,
            conditions: Vec::new(),
            unknown: Vec::new(),
        };
        while let Some(key) = map.next_key_seed(Text)? {
            met.again(&key)?;
            match key.as_ref() {
                "Sid" => raw.sid = Some(map.next_value_seed(Text)?.into()),
                "Effect" => effect = Some(read_effect(map.next_value_seed(Text)?.as_ref())?),
                "Action" => {
                    let patterns = map.next_value_seed(Texts("Action"))?;
                    let negated = false;
                    let matches = Matches { negated, patterns };
                    put(&mut raw.action, matches, number, "Action")?;
                }
                "NotAction" => {
                    let patterns = map.next_value_seed(Texts("NotAction"))?;
                    let negated = true;
                    let matches = Matches { negated, patterns };
                    put(&mut raw.action, matches, number, "Action")?;
                }
                "Resource" => {
                    let patterns = map.next_value_seed(Texts("Resource"))?;
                    let negated = false;
                    let matches = Matches { negated, patterns };
                    put(&mut raw.resource, matches, number, "Resource")?;
                }
                "NotResource" => {
                    let patterns = map.next_value_seed(Texts("NotResource"))?;
                    let negated = true;
                    let matches = Matches { negated, patterns };
                    put(&mut raw.resource, matches, number, "Resource")?;
                }
                name @ ("Principal" | "NotPrincipal") => {
                    let list = map.next_value_seed(PrincipalsSeed)?;
                    if raw.principals.is_some() {
                        return Err(A::Error::custom(format_args!(
                            "statement {number} has both `Principal` and `NotPrincipal`: only one may stand"
                        )));
                    }
                    raw.principals = Some(Principals {
                        negated: name == "NotPrincipal",
                        list,
                    });
                }
                "Condition" => raw.conditions = map.next_value_seed(ConditionsSeed)?,
                other => {
                    refuse_near_miss(other, &STATEMENT_ELEMENTS)?;
                    map.next_value::<IgnoredAny>()?;
                    note(
                        self.state,
                        format!("statement {number} has an unknown key `{other}`"),
                    );
                    raw.unknown.push(other.into());
                }
            }
        }
        for (matches, name) in [(&raw.action, "Action"), (&raw.resource, "Resource")] {
            if let Some(matches) = matches
                && matches.patterns.is_empty()
            {
                let not = if matches.negated { "Not" } else { "" };
                note(
                    self.state,
                    format!(
                        "statement {number} has an empty `{not}{name}`, so it applies to nothing"
                    ),
                );
            }
        }
        raw.effect = effect.ok_or_else(|| {
            A::Error::custom(format_args!(
                "statement {number} has no `Effect`: expected `Allow` or `Deny`"
            ))
        })?;
        let read = (self.finish)(raw)
            .map_err(|what| A::Error::custom(format_args!("statement {number} {what}")))?;
        self.state.statement.set(0);
        Ok(read)
    }
}

fn read_effect<E: serde::de::Error>(text: &str) -> Result<Effect, E> {
    match text {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(E::custom(format_args!(
            "`Effect` is `{other}`: expected exactly `Allow` or `Deny`"
        ))),
    }
}

fn put<E: serde::de::Error>(
    slot: &mut Option<Matches>,
    matches: Matches,
    number: usize,
    name: &str,
) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::custom(format_args!(
            "statement {number} has both `{name}` and `Not{name}`: only one may stand"
        )));
    }
    *slot = Some(matches);
    Ok(())
}
