//! JSON as it is written: objects with all their keys, values that keep their place in the text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A key of an object, and its value as it is written.
pub(super) struct Member<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) value: &'t str,
}

impl Member<'_> {
    /// The part of the text to point at: the key, or the value if the key is written with escapes.
    pub(super) fn start(&self) -> &str {
        match &self.key {
            Cow::Borrowed(key) => key,
            Cow::Owned(_) => self.value,
        }
    }
}

/// The value of a key.
pub(super) fn value<'t>(members: &[Member<'t>], name: &str) -> Option<&'t str> {
    let found = members.iter().find(|member| member.key == name);
    found.map(|member| member.value)
}

/// The items of a list; anything else is one item.
pub(super) fn items(raw: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(raw) {
        Ok(list) => list.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![raw],
    }
}

/// What a value is, in words.
pub(super) fn kind_of(raw: &str) -> &'static str {
    match raw.bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') | None => "`null`",
        Some(_) => "a number",
    }
}

/// A text, borrowed where it is written without escapes.
#[derive(Deserialize)]
pub(super) struct Text<'t>(#[serde(borrow)] pub(super) Cow<'t, str>);

/// An object, with keys that are given twice.
pub(super) struct Object<'t>(pub(super) Vec<Member<'t>>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Text(key)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            let value = value.get();
            members.push(Member { key, value });
        }
        Ok(Object(members))
    }
}
