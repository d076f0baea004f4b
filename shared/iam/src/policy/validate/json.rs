//! JSON as it is written: objects with all their keys, values that keep their place in the text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Keys and values of an object, in the order written.
pub(super) type Members<'t> = Vec<(Cow<'t, str>, Value<'t>)>;

/// A value as it is written.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    pub(super) raw: &'t str,
}

impl<'t> Value<'t> {
    /// Where its key is, or where it is itself if the key is written with escapes.
    pub(super) fn at<'k>(self, key: &'k Cow<'t, str>) -> &'k str
    where
        't: 'k,
    {
        match key {
            Cow::Borrowed(key) => key,
            Cow::Owned(_) => self.raw,
        }
    }
}

/// The value of a key.
pub(super) fn value<'t>(members: &Members<'t>, name: &str) -> Option<&'t str> {
    let found = members.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.raw)
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
pub(super) struct Object<'t>(pub(super) Members<'t>);

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
            let raw: &RawValue = map.next_value()?;
            members.push((key, Value { raw: raw.get() }));
        }
        Ok(Object(members))
    }
}
