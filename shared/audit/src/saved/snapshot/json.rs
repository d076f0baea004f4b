//! JSON with places: what stands in a snapshot, on which line, and under which path?
//!
//! In: the text of the file. Out: a [`Value`] for each thing in it, which borrows the text and knows the way to it. Mistakes
//! are collected in the [`Sheet`], so that all of them can be told at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use iam::AccountId;
use iam::inventory::{Cursor, Fault, powershell};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::mistake::SnapshotMistake;

/// A text that is read, and the mistakes that were found in it so far.
pub(super) struct Sheet<'t> {
    cursor: RefCell<Cursor<'t>>,
    mistakes: RefCell<Vec<SnapshotMistake>>,
}

/// A value of the text.
#[derive(Clone)]
pub(super) struct Value<'s, 't> {
    sheet: &'s Sheet<'t>,
    /// Its JSON, a part of the text.
    pub(super) json: &'t str,
    /// The way to it as jq writes it, without the first dot.
    path: Box<str>,
}

/// An object whose keys are known, with those that it has.
pub(super) struct Section<'s, 't> {
    /// All of it.
    pub(super) whole: Value<'s, 't>,
    members: Vec<(Box<str>, Value<'s, 't>)>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            cursor: RefCell::new(Cursor::new(text)),
            mistakes: RefCell::default(),
        }
    }

    /// All mistakes, by their place, each once.
    pub(super) fn into_mistakes(self) -> Vec<SnapshotMistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }
}

impl<'s, 't> Value<'s, 't> {
    /// The whole text.
    pub(super) fn root(sheet: &'s Sheet<'t>, json: &'t str) -> Self {
        Self {
            sheet,
            json: json.trim_ascii(),
            path: Box::default(),
        }
    }

    /// Notes a mistake here.
    pub(super) fn mistake(&self, text: impl Into<Box<str>>) {
        let mut cursor = self.sheet.cursor.borrow_mut();
        let offset = cursor.offset_of(self.json).unwrap_or_default();
        let (line, column) = cursor.first_after(offset);
        self.note(line, column, text.into());
    }

    fn note(&self, line: usize, column: usize, text: Box<str>) {
        let path = match &*self.path {
            "" => ".".into(),
            path if path.starts_with('.') => path.into(),
            path => format!(".{path}").into(),
        };
        self.sheet.mistakes.borrow_mut().push(SnapshotMistake {
            line,
            column,
            path,
            text,
        });
    }

    /// A fault of a part of the text with its place in the whole. A part that is no slice of the text counts as this value.
    pub(super) fn lift(&self, fault: Fault, part: &str) -> Fault {
        let mut cursor = self.sheet.cursor.borrow_mut();
        match cursor.offset_of(part) {
            Some(_) => cursor.lift(fault, part),
            None => cursor.lift(Fault { line: 0, ..fault }, self.json),
        }
    }

    /// Whether nothing was printed: no text, no object with something in it.
    pub(super) fn is_nothing(&self) -> bool {
        match self.json {
            "null" | "\"\"" => true,
            json => json
                .strip_prefix('{')
                .and_then(|json| json.strip_suffix('}'))
                .is_some_and(|inner| inner.trim_ascii().is_empty()),
        }
    }

    /// The value as a type; where it is none, a mistake that says what was expected.
    pub(super) fn read<T: Deserialize<'t>>(&self, expected: &str) -> Option<T> {
        match serde_json::from_str(self.json) {
            Ok(value) => Some(value),
            Err(error) => {
                self.not_as_expected(&error, expected);
                None
            }
        }
    }

    /// Notes that the value is not what was expected.
    pub(super) fn not_as_expected(&self, error: &serde_json::Error, expected: &str) {
        if powershell::cut_off(&format!("[{}]", self.json)).is_some() {
            return self.mistake(powershell::ADVICE);
        }
        let whole = error.to_string();
        let what = whole
            .rsplit_once(" at line ")
            .map_or(whole.as_str(), |(what, _)| what);
        let fault = Fault {
            reason: format!("{what}: expected {expected}").into(),
            line: error.line(),
            column: error.column(),
        };
        let fault = self.lift(fault, self.json);
        self.note(fault.line, fault.column, fault.reason);
    }

    /// The text that it is.
    pub(super) fn text(&self, expected: &str) -> Option<Box<str>> {
        self.read(expected)
    }

    /// The account that it names.
    pub(super) fn read_account(&self) -> Option<AccountId> {
        const EXPECTED: &str = "an account's twelve digits, in quotes";
        let text = self.text(EXPECTED)?;
        let account = text.parse().ok();
        if account.is_none() {
            self.mistake(format!("`{text}` is no account: expected {EXPECTED}"));
        }
        account
    }

    /// What stands in an object, whatever its keys.
    pub(super) fn members(&self, expected: &str) -> Option<Vec<(Box<str>, Self)>> {
        match self.try_members() {
            Ok(members) => Some(members),
            Err(error) => {
                self.not_as_expected(&error, expected);
                None
            }
        }
    }

    /// As [`members`](Self::members), for whoever says what is wrong.
    pub(super) fn try_members(&self) -> Result<Vec<(Box<str>, Self)>, serde_json::Error> {
        let Members(raw) = serde_json::from_str(self.json)?;
        let mut members: Vec<(Box<str>, Self)> = Vec::with_capacity(raw.len());
        let mut known = BTreeSet::new();
        for (key, json) in raw {
            let value = Self {
                sheet: self.sheet,
                json: json.get(),
                path: self.step(&key),
            };
            if known.insert(key.clone()) {
                members.push((key, value));
            } else {
                value.mistake("this key is there twice: take one out");
            }
        }
        Ok(members)
    }

    /// What stands at the end of a way through objects, if there is such a thing.
    pub(super) fn at(&self, way: &[&str]) -> Option<Self> {
        let Some((key, rest)) = way.split_first() else {
            return Some(self.clone());
        };
        let mut members = self.try_members().ok()?.into_iter();
        let (_, value) = members.find(|(name, _)| &**name == *key)?;
        value.at(rest)
    }

    /// What stands in an object of this program's form; an unknown key is a mistake.
    pub(super) fn section(&self, known: &[&str], expected: &str) -> Option<Section<'s, 't>> {
        let section = Section::of(self, self.members(expected)?);
        section.note_unknown(known);
        Some(section)
    }

    /// What stands in an object that AWS printed. AWS adds keys, so only one that is nearly one of those that are read, and is none
    /// of the `other` that AWS is known to print, is a mistake.
    pub(super) fn printed(
        &self,
        read: &[&str],
        other: &[&str],
        expected: &str,
    ) -> Option<Section<'s, 't>> {
        if self.is_nothing() {
            self.mistake(format!(
                "nothing stands here: expected {expected}; where the command failed, write `{{\"error\": {{\"code\": \"...\"}}}}`, and where nobody ran it, leave it out"
            ));
            return None;
        }
        let members = self.members(expected)?;
        let is_there = |name: &str| members.iter().any(|(key, _)| &**key == name);
        for (key, value) in &members {
            if read.contains(&&**key) || other.contains(&&**key) {
                continue;
            }
            let absent = read.iter().copied().filter(|name| !is_there(name));
            if let Some(close) = catalog::nearest(key, absent) {
                value.mistake(format!("unknown key `{key}`: did you mean `{close}`?"));
            }
        }
        Some(Section::of(self, members))
    }

    /// What stands in a list.
    pub(super) fn items(&self, expected: &str) -> Option<Vec<Self>> {
        let raw: Vec<&'t RawValue> = self.read(expected)?;
        let items = raw.into_iter().enumerate();
        Some(
            items
                .map(|(at, json)| Self {
                    sheet: self.sheet,
                    json: json.get(),
                    path: format!("{}[{at}]", self.path).into(),
                })
                .collect(),
        )
    }

    fn step(&self, key: &str) -> Box<str> {
        let is_plain = key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && key.starts_with(|first: char| first.is_ascii_alphabetic());
        match is_plain {
            true => format!("{}.{key}", self.path).into(),
            false => format!("{}[\"{}\"]", self.path, key.escape_debug()).into(),
        }
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    match catalog::nearest(key, known.iter().copied()) {
        Some(close) => format!("unknown key `{key}`: did you mean `{close}`?"),
        None => format!("unknown key `{key}`: expected one of {}", known.join(", ")),
    }
}

impl<'s, 't> Section<'s, 't> {
    /// An object with these members.
    pub(super) fn of(whole: &Value<'s, 't>, members: Vec<(Box<str>, Value<'s, 't>)>) -> Self {
        Self {
            whole: whole.clone(),
            members,
        }
    }

    /// Notes each key that is none of these.
    pub(super) fn note_unknown(&self, known: &[&str]) {
        for (key, value) in &self.members {
            if !known.contains(&&**key) {
                value.mistake(unknown(key, known));
            }
        }
    }

    /// What stands under a key.
    pub(super) fn get(&self, key: &str) -> Option<&Value<'s, 't>> {
        let mut members = self.members.iter();
        members
            .find(|(name, _)| &**name == key)
            .map(|(_, value)| value)
    }

    /// As [`get`](Self::get), of a key that must be there.
    pub(super) fn required(&self, key: &str, expected: &str) -> Option<&Value<'s, 't>> {
        let value = self.get(key);
        if value.is_none() {
            self.whole
                .mistake(format!("there is no `{key}`: expected {expected}"));
        }
        value
    }

    /// The text under a key that must be there.
    pub(super) fn text(&self, key: &str, expected: &str) -> Option<Box<str>> {
        self.required(key, expected)?.text(expected)
    }

    /// Its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| &**name)
    }
}

/// The members of an object in their order, repeated ones too.
struct Members<'t>(Vec<(Box<str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}
