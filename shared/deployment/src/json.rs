//! JSON: its values with their lines.
//!
//! `serde_json` tells no places, so each value is taken as the text it is, borrowed from the file, and its line follows from
//! where it stands there.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::node::{Member, Node, Value};
use crate::{Position, ReadError};

/// Deeper than anything that people or programs write.
const DEEPEST: usize = 100;

/// Reads one JSON text.
///
/// # Errors
/// [`ReadError::NotJson`] with the place.
pub(crate) fn read(text: &str) -> Result<Node, ReadError> {
    let refuse = |error: serde_json::Error| {
        let whole = error.to_string();
        let what = whole
            .rsplit_once(" at line ")
            .map_or(whole.as_str(), |(what, _)| what);
        ReadError::NotJson {
            place: Position {
                line: error.line(),
                column: error.column(),
            },
            what: what.to_owned(),
        }
    };
    let raw: &RawValue = serde_json::from_str(text).map_err(refuse)?;
    let breaks = text.match_indices('\n').map(|(at, _)| at).collect();
    let reading = Reading { text, breaks };
    reading.node(raw.get(), DEEPEST)
}

struct Reading<'t> {
    text: &'t str,
    /// Where the lines end.
    breaks: Vec<usize>,
}

/// The members of an object in the order written.
struct Members<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'t> Reading<'t> {
    fn line(&self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.breaks.partition_point(|&at| at < offset) + 1
    }

    fn node(&self, raw: &'t str, depth: usize) -> Result<Node, ReadError> {
        let line = self.line(raw);
        let Some(depth) = depth.checked_sub(1) else {
            return Err(ReadError::TooDeep { line });
        };
        // It was found to be JSON; what can still go wrong is a text with half a surrogate pair in it.
        let refuse = |error: serde_json::Error| ReadError::NotJson {
            place: Position { line, column: 0 },
            what: error.to_string(),
        };
        let value = match raw.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(raw).map_err(refuse)?;
                let mut seen = HashSet::new();
                let members = members.into_iter().map(|(key, raw)| {
                    if !seen.insert(key.clone()) {
                        let line = self.line(raw.get());
                        let key = key.into_owned();
                        return Err(ReadError::DuplicateKey { line, key });
                    }
                    Ok(Member {
                        key: key.into_owned(),
                        node: self.node(raw.get(), depth)?,
                    })
                });
                Value::Map(members.collect::<Result<_, ReadError>>()?)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(refuse)?;
                let items = items.into_iter().map(|raw| self.node(raw.get(), depth));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(raw).map_err(refuse)?;
                Value::Scalar(text.into())
            }
            Some(b'n') => Value::Null,
            _ => Value::Scalar(raw.into()),
        };
        Ok(Node::new(line, value))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

/// A text, borrowed where it holds no escape.
#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Key(key), value)) = map.next_entry()? {
            members.push((key, value));
        }
        Ok(Members(members))
    }
}
