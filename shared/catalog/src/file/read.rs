//! Reading: from TOML to written forms, with the line of everything.
//!
//! In: the text of a file. Out: its forms and every problem of shape (no TOML, unknown keys, wrong types). The
//! tree is walked by hand, since a derived reader can say neither on which line an entry of a list stands nor
//! which key was meant. Whether the words make sense is `convert`'s and `lint`'s business.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::file::form::{ActionForm, SetForm, SourceForm, Text, TrustForm};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};

type Key<'i> = Spanned<DeString<'i>>;
type Value<'i> = Spanned<DeValue<'i>>;

/// The key under which a settings document holds sets of its own.
pub(crate) const INLINE_KEY: &str = "action-set";

/// A text that may hold sets: a file of one set, or a settings document with `[[action-set]]` in it.
#[derive(Clone, Copy, Debug)]
pub struct SetFile<'a> {
    /// What to call it in messages.
    pub file: &'a str,
    /// Its TOML.
    pub text: &'a str,
}

/// Walks the tree of one file and collects what is wrong with it.
pub(crate) struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    problems: &'t mut Vec<Problem>,
}

/// Reads a file of one set, or a document that holds sets as `[[action-set]]` among other things.
pub(crate) fn read_sets(file: SetFile<'_>, problems: &mut Vec<Problem>) -> Vec<SetForm> {
    let mut reader = Reader::new(file, problems);
    let Some(table) = reader.document() else {
        return Vec::new();
    };
    let inline = table
        .get_ref()
        .iter()
        .find(|(key, _)| key.get_ref() == INLINE_KEY);
    match inline {
        None => vec![reader.set(table.get_ref(), 1)],
        Some((key, value)) => {
            let tables = reader.tables(key, value);
            tables
                .into_iter()
                .map(|(table, line)| reader.set(table, line))
                .collect()
        }
    }
}

const SET_KEYS: &[&str] = &[
    "id",
    "title",
    "operation",
    "impact",
    "severity",
    "principal",
    "lifetime",
    "grant",
    "when",
    "extends",
    "alternatives",
    "needs-one-of",
    "trust-services",
    "assumed-by-appliance",
    "instance-profile",
    "notes",
    "actions",
    "source",
];

const ACTION_KEYS: &[&str] = &[
    "name",
    "scope",
    "optional",
    "condition",
    "since",
    "until",
    "printed",
    "api-operations",
    "unlisted",
    "unverified",
    "context",
];

impl<'t> Reader<'t> {
    pub(crate) fn new(file: SetFile<'t>, problems: &'t mut Vec<Problem>) -> Self {
        let SetFile { file, text } = file;
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file,
            text,
            lines: std::iter::once(0).chain(ends).collect(),
            problems,
        }
    }

    pub(crate) fn document(&mut self) -> Option<Spanned<DeTable<'t>>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line(&span));
                self.say(line, ProblemKind::Syntax(error.message().to_owned()));
                None
            }
        }
    }

    fn set(&mut self, table: &DeTable<'_>, line: u32) -> SetForm {
        let mut form = SetForm {
            line,
            ..SetForm::default()
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "id" => form.id = self.text(key, value),
                "title" => form.title = self.text(key, value),
                "operation" => form.operation = self.text(key, value),
                "impact" => form.impact = self.text(key, value),
                "severity" => form.severity = self.text(key, value),
                "principal" => form.principal = self.text(key, value),
                "lifetime" => form.lifetime = self.text(key, value),
                "grant" => form.grant = self.text(key, value),
                "when" => form.when = self.text(key, value),
                "extends" => form.extends = self.texts(key, value),
                "alternatives" => form.alternatives = self.texts(key, value),
                "needs-one-of" => form.needs_one_of = self.texts(key, value),
                "trust-services" => form.trust_services = self.trust_services(key, value),
                "assumed-by-appliance" => form.assumed_by_appliance = self.flag(key, value),
                "instance-profile" => form.instance_profile = self.flag(key, value),
                "notes" => form.notes = self.texts(key, value),
                "actions" => form.actions = self.actions(key, value),
                "source" => form.source = self.sources(key, value),
                _ => self.unknown(key, SET_KEYS),
            }
        }
        form
    }

    fn actions(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<ActionForm> {
        let mut actions = Vec::new();
        for item in self.items(key, value) {
            match item.get_ref() {
                DeValue::String(name) => actions.push(ActionForm {
                    name: self.at(&item.span(), name),
                    ..ActionForm::default()
                }),
                DeValue::Table(table) => actions.push(self.action(table, &item.span())),
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => {
                    self.wrong_type(
                        key,
                        item,
                        "a list of action names and `{ name = … }` tables",
                    );
                }
            }
        }
        actions
    }

    fn action(&mut self, table: &DeTable<'_>, span: &Range<usize>) -> ActionForm {
        let mut form = ActionForm {
            name: self.at(span, ""),
            ..ActionForm::default()
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => form.name = self.text(key, value).unwrap_or_default(),
                "scope" => form.scope = self.text(key, value),
                "optional" => form.optional = self.text(key, value),
                "condition" => form.condition = self.text(key, value),
                "since" => form.since = self.text(key, value),
                "until" => form.until = self.text(key, value),
                "printed" => form.printed = self.text(key, value),
                "api-operations" => form.api_operations = self.texts(key, value),
                "unlisted" => form.unlisted = self.flag(key, value),
                "unverified" => form.unverified = self.flag(key, value),
                "context" => form.context = self.context(key, value),
                _ => self.unknown(key, ACTION_KEYS),
            }
        }
        form
    }

    fn context(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<(Text, Vec<Text>)> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a table from context keys to lists of texts");
            return Vec::new();
        };
        table
            .iter()
            .map(|(name, values)| {
                (
                    self.at(&name.span(), name.get_ref()),
                    self.texts(name, values),
                )
            })
            .collect()
    }

    fn trust_services(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<TrustForm> {
        let mut services = Vec::new();
        for item in self.items(key, value) {
            if let Some(name) = item.get_ref().as_str() {
                services.push(TrustForm {
                    name: self.at(&item.span(), name),
                    ..TrustForm::default()
                });
            } else if let Some(table) = item.get_ref().as_table() {
                let mut form = TrustForm {
                    name: self.at(&item.span(), ""),
                    ..TrustForm::default()
                };
                for (key, value) in table {
                    match key.get_ref().as_ref() {
                        "name" => form.name = self.text(key, value).unwrap_or_default(),
                        "since" => form.since = self.text(key, value),
                        "until" => form.until = self.text(key, value),
                        _ => self.unknown(key, &["name", "since", "until"]),
                    }
                }
                services.push(form);
            } else {
                self.wrong_type(key, item, "a list of services and `{ name = … }` tables");
            }
        }
        services
    }

    fn sources(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<SourceForm> {
        let tables = self.tables(key, value);
        let mut sources = Vec::new();
        for (table, line) in tables {
            let mut form = SourceForm {
                line,
                ..SourceForm::default()
            };
            for (key, value) in table {
                match key.get_ref().as_ref() {
                    "version" => form.version = self.text(key, value),
                    "page" => form.page = self.text(key, value),
                    "date" => form.date = self.text(key, value),
                    "build" => form.build = self.text(key, value),
                    _ => self.unknown(key, &["version", "page", "date", "build"]),
                }
            }
            sources.push(form);
        }
        sources
    }

    fn tables<'v, 'i>(
        &mut self,
        key: &Key<'_>,
        value: &'v Value<'i>,
    ) -> Vec<(&'v DeTable<'i>, u32)> {
        let mut tables = Vec::new();
        for item in self.items(key, value) {
            match item.get_ref().as_table() {
                Some(table) => tables.push((table, self.line(&item.span()))),
                None => self.wrong_type(key, item, "a list of tables"),
            }
        }
        tables
    }

    fn items<'v, 'i>(&mut self, key: &Key<'_>, value: &'v Value<'i>) -> &'v [Value<'i>] {
        if let Some(array) = value.get_ref().as_array() {
            array
        } else {
            self.wrong_type(key, value, "a list");
            &[]
        }
    }

    pub(crate) fn texts(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<Text> {
        let items = self.items(key, value);
        items
            .iter()
            .filter_map(|item| self.text(key, item))
            .collect()
    }

    pub(crate) fn text(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Text> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        if text.trim().is_empty() {
            let line = self.line(&value.span());
            self.say(line, ProblemKind::Empty(key.get_ref().to_string()));
            return None;
        }
        Some(self.at(&value.span(), text))
    }

    fn flag(&mut self, key: &Key<'_>, value: &Value<'_>) -> bool {
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "`true` or `false`");
            false
        })
    }

    pub(crate) fn unknown(&mut self, key: &Key<'_>, known: &[&str]) {
        let found = key.get_ref().to_string();
        let nearest = nearest(&found, known.iter().copied()).map(str::to_owned);
        let line = self.line(&key.span());
        self.say(line, ProblemKind::UnknownKey { found, nearest });
    }

    pub(crate) fn wrong_type(&mut self, key: &Key<'_>, value: &Value<'_>, expected: &'static str) {
        let line = self.line(&value.span());
        let kind = ProblemKind::WrongType {
            key: key.get_ref().to_string(),
            found: value.get_ref().type_str(),
            expected,
        };
        self.say(line, kind);
    }

    pub(crate) fn say(&mut self, line: u32, kind: ProblemKind) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line,
            kind,
        });
    }

    pub(crate) fn at(&self, span: &Range<usize>, text: &str) -> Text {
        Text {
            value: text.to_owned(),
            line: self.line(span),
        }
    }

    fn line(&self, span: &Range<usize>) -> u32 {
        let line = self.lines.partition_point(|start| *start <= span.start);
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}
