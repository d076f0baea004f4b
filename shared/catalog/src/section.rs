//! Sections: what stands under which key of a TOML document, and on which line?
//!
//! In: the text of a document. Out: a [`Section`] a table, whose getters give values with their lines and report every
//! value of the wrong type; [`Section::finish`] reports every key that no getter asked for. All mistakes of a document
//! are collected, each with its line.
//!
//! `serde` with `deny_unknown_fields` stops at the first mistake, and `toml-span`, which does not, has no dates. What
//! the values mean is for the caller to say, in a mistake type of its own.

mod error;

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use error::{ShapeError, SyntaxError, quoted};

use crate::nearest;

/// A document that is TOML, and the mistakes that were reported so far.
#[derive(Debug)]
pub struct Document<'t, M> {
    root: Spanned<DeTable<'t>>,
    /// Where each line begins.
    lines: Vec<usize>,
    mistakes: RefCell<Vec<Located<M>>>,
}

/// A table of a document.
#[derive(Debug)]
pub struct Section<'d, 't, M> {
    document: &'d Document<'t, M>,
    table: &'d DeTable<'t>,
    /// Such as `[owners]`; empty where messages should not name it.
    name: &'static str,
    /// Where it begins, from 1.
    pub line: u32,
    /// The keys that were asked for.
    asked: RefCell<Vec<&'static str>>,
}

/// A value, or a mistake, with its line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Located<T> {
    /// The line, from 1.
    pub line: u32,
    /// The value.
    pub value: T,
}

/// An item of a list that may hold texts and tables.
#[derive(Debug)]
pub enum Item<'d, 't, M> {
    /// A text.
    Text(Located<String>),
    /// A table.
    Section(Section<'d, 't, M>),
}

impl<'t, M> Document<'t, M> {
    /// Reads a document.
    ///
    /// # Errors
    /// The first place where it is no TOML.
    pub fn parse(text: &'t str) -> Result<Self, SyntaxError> {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let root = DeTable::parse(text).map_err(|error| SyntaxError {
            line: error.span().map_or(1, |span| line(&lines, &span)),
            message: error.message().to_owned(),
        })?;
        Ok(Self {
            root,
            lines,
            mistakes: RefCell::default(),
        })
    }

    /// The document itself as a section.
    pub fn root(&self) -> Section<'_, 't, M> {
        Section {
            document: self,
            table: self.root.get_ref(),
            name: "",
            line: 1,
            asked: RefCell::default(),
        }
    }

    /// Adds a mistake.
    pub fn report(&self, line: u32, mistake: impl Into<M>) {
        self.mistakes.borrow_mut().push(Located {
            line,
            value: mistake.into(),
        });
    }

    /// The mistakes, in the order in which they were reported.
    #[must_use]
    pub fn into_mistakes(self) -> Vec<Located<M>> {
        self.mistakes.into_inner()
    }

    fn line(&self, span: &Range<usize>) -> u32 {
        line(&self.lines, span)
    }

    fn located<T>(&self, span: &Range<usize>, value: T) -> Located<T> {
        Located {
            line: self.line(span),
            value,
        }
    }
}

fn line(lines: &[usize], span: &Range<usize>) -> u32 {
    let line = lines.partition_point(|begin| *begin <= span.start);
    u32::try_from(line).unwrap_or(u32::MAX)
}

impl<'d, 't, M: From<ShapeError>> Section<'d, 't, M> {
    /// Reports every key that nobody asked for.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let found: &str = key.get_ref();
            if !asked.contains(&found) {
                let mistake = ShapeError::UnknownKey {
                    found: found.to_owned(),
                    section: self.name,
                    nearest: nearest(found, asked.iter().copied()).map(str::to_owned),
                    known: asked.clone(),
                };
                let line = self.document.line(&key.span());
                self.document.report(line, mistake);
            }
        }
    }

    /// Whether the key is there.
    pub fn has(&self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// A value of a type that `read` takes.
    pub fn value<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&DeValue<'t>) -> Option<T>,
    ) -> Option<Located<T>> {
        let value = self.find(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            self.wrong_type(key, value, expected);
        }
        Some(self.document.located(&value.span(), found?))
    }

    /// A text.
    pub fn text(&self, key: &'static str) -> Option<Located<String>> {
        self.value(key, "a text in quotes", |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &'static str) -> Option<Located<bool>> {
        self.value(key, "`true` or `false`", DeValue::as_bool)
    }

    /// A list of texts, or one text that stands for a list of one.
    pub fn texts(&self, key: &'static str) -> Option<Vec<Located<String>>> {
        self.texts_of(
            key,
            self.find(key)?,
            "a list of texts, such as [\"one\", \"two\"]",
        )
    }

    /// The items of a list of texts and tables.
    pub fn items(
        &self,
        key: &'static str,
        name: &'static str,
        expected: &str,
    ) -> Vec<Item<'d, 't, M>> {
        let items = self.find(key).and_then(|value| {
            let items = value.get_ref().as_array();
            if items.is_none() {
                self.wrong_type(key, value, "a list");
            }
            items
        });
        let items = items.into_iter().flat_map(|items| items.iter());
        let items = items.filter_map(|item| match item.get_ref() {
            DeValue::String(text) => {
                let text = self.document.located(&item.span(), text.to_string());
                Some(Item::Text(text))
            }
            DeValue::Table(table) => Some(Item::Section(self.below(name, item, table))),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                self.wrong_type(key, item, expected);
                None
            }
        });
        items.collect()
    }

    /// A table.
    pub fn table(&self, key: &'static str, name: &'static str) -> Option<Section<'d, 't, M>> {
        let value = self.find(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, value, "a table");
        }
        Some(self.below(name, value, table?))
    }

    /// A list of tables.
    pub fn tables(&self, key: &'static str, name: &'static str) -> Vec<Section<'d, 't, M>> {
        let Some(value) = self.find(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, &format!("a list of tables, each under {name}"));
            return Vec::new();
        };
        let tables = array.iter().filter_map(|item| {
            let table = item.get_ref().as_table();
            if table.is_none() {
                self.wrong_type(key, item, "a table");
            }
            Some(self.below(name, item, table?))
        });
        tables.collect()
    }

    /// Every key, whatever it is called, with one text or several.
    pub fn free_texts(&self) -> Vec<(Located<&'d str>, Vec<Located<String>>)> {
        self.free(|key, value| self.texts_of(key, value, "a text or a list of texts"))
    }

    /// Every key, whatever it is called, with true or false.
    pub fn free_flags(&self) -> Vec<(Located<&'d str>, bool)> {
        self.free(|key, value| {
            let found = value.get_ref().as_bool();
            if found.is_none() {
                self.wrong_type(key, value, "true or false");
            }
            found
        })
    }

    /// Every key, whatever it is called, with its table.
    pub fn free_tables(&self) -> Vec<(Located<&'d str>, Section<'d, 't, M>)> {
        self.free(|key, value| {
            let table = value.get_ref().as_table();
            if table.is_none() {
                self.wrong_type(key, value, "a table");
            }
            Some(self.below("", value, table?))
        })
    }

    fn free<T>(
        &self,
        read: impl Fn(&'d str, &'d Spanned<DeValue<'t>>) -> Option<T>,
    ) -> Vec<(Located<&'d str>, T)> {
        let members = self.table.iter().filter_map(|(key, value)| {
            let name: &str = key.get_ref();
            let value = read(name, value)?;
            Some((self.document.located(&key.span(), name), value))
        });
        members.collect()
    }

    fn texts_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'t>>,
        expected: &str,
    ) -> Option<Vec<Located<String>>> {
        let one = |value: &Spanned<DeValue<'t>>| {
            let text = value.get_ref().as_str()?.to_owned();
            Some(self.document.located(&value.span(), text))
        };
        let found = match value.get_ref().as_array() {
            Some(array) => array.iter().map(one).collect(),
            None => one(value).map(|one| vec![one]),
        };
        if found.is_none() {
            self.wrong_type(key, value, expected);
        }
        found
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'t>>, expected: &str) {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("\"{text}\""),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(date) => date.to_string(),
        };
        let mistake = ShapeError::WrongType {
            key: key.to_owned(),
            value: found,
            type_name: value.get_ref().type_str(),
            expected: expected.to_owned(),
        };
        self.document
            .report(self.document.line(&value.span()), mistake);
    }

    fn below(
        &self,
        name: &'static str,
        value: &Spanned<DeValue<'t>>,
        table: &'d DeTable<'t>,
    ) -> Section<'d, 't, M> {
        Section {
            document: self.document,
            table,
            name,
            line: self.document.line(&value.span()),
            asked: RefCell::default(),
        }
    }

    fn find(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'t>>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        self.table.get(key)
    }
}

impl<'d, 't, M> Section<'d, 't, M> {
    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a mistake.
    pub fn report(&self, line: u32, mistake: impl Into<M>) {
        self.document.report(line, mistake);
    }

    /// Every key with its value as TOML has it, for keys that only the caller knows.
    pub fn members(&self) -> impl Iterator<Item = (Located<&'d str>, &'d DeValue<'t>)> {
        self.table.iter().map(|(key, value)| {
            let name: &str = key.get_ref();
            (self.document.located(&key.span(), name), value.get_ref())
        })
    }
}
