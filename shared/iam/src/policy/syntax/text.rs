//! Texts and keys of a policy document: one or many, and no key twice?

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// Keys that were met in one object. A repeated key would silently replace the first.
#[derive(Default)]
pub(super) struct Met {
    few: Vec<Box<str>>,
    many: HashSet<Box<str>>,
}

impl Met {
    const FEW: usize = 16;

    /// Takes note of a key; refuses it if it was met before.
    pub(super) fn again<E: serde::de::Error>(&mut self, key: &str) -> Result<(), E> {
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
pub(super) struct Text;

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
pub(super) struct Texts(pub(super) &'static str);

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
