//! Sections: what stands under which key, on which line?
//!
//! A derived reader cannot say which key was meant or on which line a list's entry stands, so the tree is walked by
//! hand. Every getter notes the key as known; what is left at [`Section::finish`] is a mistake.

use std::cell::RefCell;
use std::ops::Range;

use catalog::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;

/// Collects mistakes, and turns places into lines.
pub(super) struct Reader<'t> {
    text: &'t str,
    mistakes: RefCell<Vec<Mistake>>,
}

/// One table of the document.
pub(super) struct Section<'a, 't> {
    reader: &'a Reader<'t>,
    /// Such as `[owners]`; empty for the document itself.
    name: &'static str,
    /// Where it begins.
    pub(super) line: u32,
    table: &'a DeTable<'t>,
    known: RefCell<Vec<&'static str>>,
}

/// A value with its line.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) line: u32,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            mistakes: RefCell::default(),
        }
    }

    pub(super) fn line(&self, span: &Range<usize>) -> u32 {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let lines = before.iter().filter(|&&byte| byte == b'\n').count();
        u32::try_from(lines + 1).unwrap_or(u32::MAX)
    }

    pub(super) fn say(&self, line: u32, text: impl Into<Box<str>>) {
        self.mistakes.borrow_mut().push(Mistake {
            line,
            text: text.into(),
        });
    }

    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort();
        mistakes
    }
}

impl<'a, 't> Section<'a, 't> {
    pub(super) fn document(reader: &'a Reader<'t>, table: &'a DeTable<'t>) -> Self {
        Self {
            reader,
            name: "",
            line: 1,
            table,
            known: RefCell::default(),
        }
    }

    /// Complains of every key that nobody asked for.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        for (key, _) in self.table {
            let found: &str = key.get_ref();
            if known.contains(&found) {
                continue;
            }
            let place = match self.name {
                "" => String::new(),
                name => format!(" in {name}"),
            };
            let advice = match nearest(found, known.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("expected one of {}", list(&known)),
            };
            let line = self.reader.line(&key.span());
            self.reader
                .say(line, format!("unknown key `{found}`{place}: {advice}"));
        }
    }

    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    pub(super) fn text(&self, key: &'static str) -> Option<At<String>> {
        self.take(key, "a text in quotes", text)
    }

    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let value = self.value(key)?;
        self.reader
            .texts(key, value, "a list of texts, such as [\"one\", \"two\"]")
    }

    pub(super) fn integer(&self, key: &'static str, least: i64) -> Option<At<i64>> {
        let found = self.take(key, "a whole number", integer)?;
        if found.value < least {
            self.reader.say(
                found.line,
                format!("`{key}` is {}: expected {least} or more", found.value),
            );
            return None;
        }
        Some(found)
    }

    pub(super) fn integers(&self, key: &'static str) -> Option<At<Vec<i64>>> {
        const EXPECTED: &str = "a list of days that rise, such as [1, 3, 7]";
        self.take(key, EXPECTED, |value| {
            let days: Option<Vec<i64>> = value
                .as_array()?
                .iter()
                .map(|day| integer(day.get_ref()))
                .collect();
            days.filter(|days| days.first().is_some_and(|&first| first > 0) && days.is_sorted())
        })
    }

    pub(super) fn date(&self, key: &'static str) -> Option<At<String>> {
        self.take(key, "a date, such as \"2027-03-31\"", |value| {
            text(value).or_else(|| value.as_datetime().map(ToString::to_string))
        })
    }

    pub(super) fn table(&self, key: &'static str, name: &'static str) -> Option<Section<'a, 't>> {
        let value = self.value(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(self.below(name, value, table)),
            None => {
                self.reader.wrong(key, value, "a table");
                None
            }
        }
    }

    pub(super) fn tables(&self, key: &'static str, name: &'static str) -> Vec<Section<'a, 't>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.reader
                .wrong(key, value, &format!("a list of tables, each under {name}"));
            return Vec::new();
        };
        array
            .iter()
            .filter_map(|entry| match entry.get_ref().as_table() {
                Some(table) => Some(self.below(name, entry, table)),
                None => {
                    self.reader.wrong(key, entry, "a table");
                    None
                }
            })
            .collect()
    }

    /// A table with free keys, each with one text or several.
    pub(super) fn free_texts(&self) -> Vec<(At<&'a str>, Vec<At<String>>)> {
        self.free(|key, value| self.reader.texts(key, value, "a text or a list of texts"))
    }

    /// A table with free keys, each true or false.
    pub(super) fn free_flags(&self) -> Vec<(At<&'a str>, bool)> {
        self.free(|key, value| {
            let found = value.get_ref().as_bool();
            if found.is_none() {
                self.reader.wrong(key, value, "true or false");
            }
            found
        })
    }

    fn free<T>(&self, read: impl Fn(&'a str, &'a Value<'t>) -> Option<T>) -> Vec<(At<&'a str>, T)> {
        self.table
            .iter()
            .filter_map(|(key, value)| {
                let line = self.reader.line(&key.span());
                let name: &str = key.get_ref();
                Some((At { value: name, line }, read(name, value)?))
            })
            .collect()
    }

    /// Complains that a key is not there.
    pub(super) fn lacks(&self, key: &str, hint: &str) {
        self.reader
            .say(self.line, format!("{} has no `{key}`: {hint}", self.name));
    }

    fn value(&self, key: &'static str) -> Option<&'a Value<'t>> {
        self.known.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(name, _)| {
                let name: &str = name.get_ref();
                name == key
            })
            .map(|(_, value)| value)
    }

    fn take<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        let line = self.reader.line(&value.span());
        match read(value.get_ref()) {
            Some(value) => Some(At { value, line }),
            None => {
                self.reader.wrong(key, value, expected);
                None
            }
        }
    }

    fn below(
        &self,
        name: &'static str,
        value: &Value<'t>,
        table: &'a DeTable<'t>,
    ) -> Section<'a, 't> {
        Section {
            reader: self.reader,
            name,
            line: self.reader.line(&value.span()),
            table,
            known: RefCell::default(),
        }
    }
}

impl<'t> Reader<'t> {
    fn wrong(&self, key: &str, value: &Value<'t>, expected: &str) {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("\"{text}\""),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(date) => date.to_string(),
        };
        self.say(
            self.line(&value.span()),
            format!("`{key}` is {found}: expected {expected}"),
        );
    }

    fn texts(&self, key: &str, value: &Value<'t>, expected: &str) -> Option<Vec<At<String>>> {
        let one = |value: &Value<'t>| {
            let line = self.line(&value.span());
            text(value.get_ref()).map(|value| At { value, line })
        };
        let found = match value.get_ref().as_array() {
            Some(array) => array.iter().map(one).collect(),
            None => one(value).map(|one| vec![one]),
        };
        if found.is_none() {
            self.wrong(key, value, expected);
        }
        found
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
