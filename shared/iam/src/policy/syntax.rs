//! The JSON of policy documents: which elements, of which type, each once?
//!
//! In: text. Out: statements with every list a list and every scalar a text, or a fault with line and column. Identity
//! policies and trust policies share this grammar; which elements each demands is checked by [`super`] and `trust`.
//!
//! Values are read straight off the text: no tree of JSON values is built, and `serde_json` bounds the nesting.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{Condition, Effect, Matches, Version};
use crate::inventory::Fault;

const DOCUMENT_ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 9] = [
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

/// `Principal` or `NotPrincipal`.
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) list: Vec<(Box<str>, Box<str>)>,
}

/// Reads a document; `finish` makes a statement of what was written, or says what is wrong with it.
pub(crate) fn read<S>(
    text: &str,
    finish: impl Fn(RawStatement) -> Result<S, String>,
) -> Result<RawDocument<S>, Fault> {
    let notes = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = DocumentSeed {
        notes: &notes,
        finish: &finish,
    };
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|document| deserializer.end().map(|()| document));
    match read {
        Ok((version, statements)) => Ok(RawDocument {
            version,
            statements,
            notes: notes.into_inner(),
        }),
        Err(error) => Err(fault(text, &error)),
    }
}

fn fault(text: &str, error: &serde_json::Error) -> Fault {
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
    } else {
        message.to_owned()
    };
    Fault {
        reason: reason.into(),
        line,
        column,
    }
}

/// Keys that were met in one object. A repeated key would silently replace the first.
#[derive(Default)]
struct Met {
    few: Vec<Box<str>>,
    many: HashSet<Box<str>>,
}

impl Met {
    const FEW: usize = 16;

    fn again<E: serde::de::Error>(&mut self, key: &str) -> Result<(), E> {
        let mut new = !self.few.iter().any(|met| **met == *key);
        if new && self.few.len() < Self::FEW {
            self.few.push(key.into());
        } else if new {
            new = self.many.insert(key.into());
        }
        if new {
            return Ok(());
        }
        Err(E::custom(format_args!(
            "`{key}` stands twice in one object: each key may be given once"
        )))
    }
}

/// A text, borrowed where it holds no escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// One text or a list of texts.
struct Texts(&'static str);

impl<'de> DeserializeSeed<'de> for Texts {
    type Value = Vec<Box<str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` to be a text or a list of texts", self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![text.into()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element_seed(Text)? {
            texts.push(text.into());
        }
        Ok(texts)
    }
}

struct DocumentSeed<'n, F> {
    notes: &'n RefCell<Vec<Box<str>>>,
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
                        notes: self.notes,
                        finish: self.finish,
                    })?);
                }
                other => {
                    refuse_near_miss(other, &DOCUMENT_ELEMENTS)?;
                    map.next_value::<IgnoredAny>()?;
                    note(
                        self.notes,
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

fn note(notes: &RefCell<Vec<Box<str>>>, text: String) {
    // A hostile document must not grow the notes without end.
    const MOST: usize = 100;
    let mut notes = notes.borrow_mut();
    if notes.len() < MOST {
        notes.push(text.into());
    }
}

struct StatementsSeed<'n, F> {
    notes: &'n RefCell<Vec<Box<str>>>,
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
            notes: self.notes,
            finish: self.finish,
        };
        Ok(vec![seed.visit_map(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut statements = Vec::new();
        while let Some(statement) = seq.next_element_seed(StatementSeed {
            index: statements.len(),
            notes: self.notes,
            finish: self.finish,
        })? {
            statements.push(statement);
        }
        if statements.is_empty() {
            note(self.notes, "the document has no statement".to_owned());
        }
        Ok(statements)
    }
}

struct StatementSeed<'n, F> {
    index: usize,
    notes: &'n RefCell<Vec<Box<str>>>,
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
                    put(&mut raw.action, false, patterns, number, "Action")?;
                }
                "NotAction" => {
                    let patterns = map.next_value_seed(Texts("NotAction"))?;
                    put(&mut raw.action, true, patterns, number, "Action")?;
                }
                "Resource" => {
                    let patterns = map.next_value_seed(Texts("Resource"))?;
                    put(&mut raw.resource, false, patterns, number, "Resource")?;
                }
                "NotResource" => {
                    let patterns = map.next_value_seed(Texts("NotResource"))?;
                    put(&mut raw.resource, true, patterns, number, "Resource")?;
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
                        self.notes,
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
                    self.notes,
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
        (self.finish)(raw)
            .map_err(|what| A::Error::custom(format_args!("statement {number} {what}")))
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
    negated: bool,
    patterns: Vec<Box<str>>,
    number: usize,
    name: &str,
) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::custom(format_args!(
            "statement {number} has both `{name}` and `Not{name}`: only one may stand"
        )));
    }
    *slot = Some(Matches { negated, patterns });
    Ok(())
}

struct PrincipalsSeed;

impl<'de> DeserializeSeed<'de> for PrincipalsSeed {
    type Value = Vec<(Box<str>, Box<str>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PrincipalsSeed {
    type Value = Vec<(Box<str>, Box<str>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a principal to be `*` or an object such as `{\"AWS\": \"…\"}`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text == "*" {
            return Ok(vec![("AWS".into(), "*".into())]);
        }
        Err(E::custom(format_args!(
            "the principal is the text `{text}`: only `*` may stand without a kind such as `AWS`"
        )))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut met = Met::default();
        let mut list = Vec::new();
        while let Some(kind) = map.next_key_seed(Text)? {
            met.again(&kind)?;
            for value in map.next_value_seed(Texts("Principal"))? {
                list.push((Box::from(kind.as_ref()), value));
            }
        }
        Ok(list)
    }
}

struct ConditionsSeed;

impl<'de> DeserializeSeed<'de> for ConditionsSeed {
    type Value = Vec<Condition>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ConditionsSeed {
    type Value = Vec<Condition>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`Condition` to be an object of operators")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut met = Met::default();
        let mut conditions = Vec::new();
        while let Some(operator) = map.next_key_seed(Text)? {
            met.again(&operator)?;
            map.next_value_seed(OperatorSeed {
                operator: &operator,
                conditions: &mut conditions,
            })?;
        }
        Ok(conditions)
    }
}

struct OperatorSeed<'o> {
    operator: &'o str,
    conditions: &'o mut Vec<Condition>,
}

impl<'de> DeserializeSeed<'de> for OperatorSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OperatorSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` to be an object of condition keys", self.operator)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut met = Met::default();
        while let Some(key) = map.next_key_seed(Text)? {
            met.again(&key)?;
            // Raw, because a number keeps its text: `1.10` is not `1.1` to a string operator.
            let raw: &RawValue = map.next_value()?;
            let values = scalars(raw.get()).map_err(|what| {
                A::Error::custom(format_args!(
                    "condition `{}` on `{key}`: {what}",
                    self.operator
                ))
            })?;
            self.conditions.push(Condition {
                operator: self.operator.into(),
                key: key.into(),
                values,
            });
        }
        Ok(())
    }
}

/// The texts of one JSON scalar or of a list of them.
pub(crate) fn scalars(raw: &str) -> Result<Vec<Box<str>>, String> {
    if raw.starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(raw).map_err(|error| error.to_string())?;
        return list.iter().map(|item| scalar(item.get())).collect();
    }
    Ok(vec![scalar(raw)?])
}

/// The text of one JSON scalar: a string's content, a number or boolean as written.
fn scalar(raw: &str) -> Result<Box<str>, String> {
    let raw = raw.trim();
    match raw.bytes().next() {
        Some(b'"') => serde_json::from_str(raw).map_err(|error| error.to_string()),
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => Ok(raw.into()),
        Some(b'[') => Err("a value is a list in a list: expected a text, number or boolean".into()),
        Some(b'{') => Err("a value is an object: expected a text, number or boolean".into()),
        _ => Err("a value is `null`: expected a text, number or boolean".into()),
    }
}
