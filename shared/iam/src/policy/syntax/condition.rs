//! `Condition`: which operators on which keys, with which values?
//!
//! Operators and keys may each be given once; spellings that differ in case are different to JSON and all count.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text::{Met, Text};
use crate::policy::Condition;

/// Reads the value of `Condition`.
pub(super) struct ConditionsSeed;

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
