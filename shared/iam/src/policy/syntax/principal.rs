//! `Principal`: who is meant, by kind?
//!
//! `*` alone stands for any AWS principal.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::text::{Met, Text, Texts};

/// `Principal` or `NotPrincipal`.
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) list: Vec<(Box<str>, Box<str>)>,
}

impl Principals {
    /// The element in which they stand.
    pub(crate) fn element(&self) -> &'static str {
        if self.negated {
            "NotPrincipal"
        } else {
            "Principal"
        }
    }
}

/// Reads the value of `Principal` or `NotPrincipal` as pairs of kind and value.
pub(super) struct PrincipalsSeed;

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
