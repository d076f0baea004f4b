//! Reading: from TOML to written forms, with the line of everything.
//!
//! In: the text of a file. Out: its forms and every problem of shape (no TOML, unknown keys, wrong types). Whether the
//! words make sense is `convert`'s and `lint`'s business.

use crate::file::form::{ActionForm, SetForm, SourceForm, Text, TrustForm};
use crate::problem::{Problem, ProblemKind};
use crate::section::{self, Item, Located};

pub(crate) type Section<'d, 't> = section::Section<'d, 't, ProblemKind>;

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

/// What `read` makes of a document; its problems are added to the others.
pub(crate) fn document<T: Default>(
    file: SetFile<'_>,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&Section<'_, '_>) -> T,
) -> T {
    let problem = |line: u32, kind: ProblemKind| Problem {
        file: file.file.to_owned(),
        line,
        kind,
    };
    let document = match section::Document::parse(file.text) {
        Ok(document) => document,
        Err(error) => {
            problems.push(problem(error.line, ProblemKind::Syntax(error.message)));
            return T::default();
        }
    };
    let found = read(&document.root());
    let mistakes = document.into_mistakes().into_iter();
    problems.extend(mistakes.map(|Located { line, value }| problem(line, value)));
    found
}

/// Reads a file of one set, or a document that holds sets as `[[action-set]]` among other things.
pub(crate) fn read_sets(file: SetFile<'_>, problems: &mut Vec<Problem>) -> Vec<SetForm> {
    document(file, problems, |root| {
        if root.has(INLINE_KEY) {
            let sets = root.tables(INLINE_KEY, "[[action-set]]");
            sets.iter().map(set).collect()
        } else {
            vec![set(root)]
        }
    })
}

fn set(section: &Section<'_, '_>) -> SetForm {
    let form = SetForm {
        line: section.line,
        id: text(section, "id"),
        title: text(section, "title"),
        operation: text(section, "operation"),
        impact: text(section, "impact"),
        severity: text(section, "severity"),
        principal: text(section, "principal"),
        lifetime: text(section, "lifetime"),
        grant: text(section, "grant"),
        when: text(section, "when"),
        extends: texts(section, "extends"),
        alternatives: texts(section, "alternatives"),
        needs_one_of: texts(section, "needs-one-of"),
        trust_services: trust_services(section),
        assumed_by_appliance: flag(section, "assumed-by-appliance"),
        instance_profile: flag(section, "instance-profile"),
        notes: texts(section, "notes"),
        actions: actions(section),
        source: sources(section),
    };
    section.finish();
    form
}

fn actions(section: &Section<'_, '_>) -> Vec<ActionForm> {
    const EXPECTED: &str = "a list of action names and `{ name = … }` tables";
    let items = section.items("actions", "", EXPECTED).into_iter();
    let forms = items.map(|item| match item {
        Item::Text(name) => ActionForm {
            name: located(name),
            ..ActionForm::default()
        },
        Item::Section(action) => {
            let form = ActionForm {
                name: name(&action),
                scope: text(&action, "scope"),
                optional: text(&action, "optional"),
                condition: text(&action, "condition"),
                since: text(&action, "since"),
                until: text(&action, "until"),
                printed: text(&action, "printed"),
                api_operations: texts(&action, "api-operations"),
                unlisted: flag(&action, "unlisted"),
                unverified: flag(&action, "unverified"),
                context: context(&action),
            };
            action.finish();
            form
        }
    });
    forms.collect()
}

fn context(action: &Section<'_, '_>) -> Vec<(Text, Vec<Text>)> {
    let context = action.table("context", "");
    let members = context.map_or_else(Vec::new, |context| context.free_texts());
    let members = members.into_iter().map(|(key, values)| {
        let key = Text {
            value: key.value.to_owned(),
            line: key.line,
        };
        (key, values.into_iter().map(located).collect())
    });
    members.collect()
}

fn trust_services(section: &Section<'_, '_>) -> Vec<TrustForm> {
    const EXPECTED: &str = "a list of services and `{ name = … }` tables";
    let items = section.items("trust-services", "", EXPECTED).into_iter();
    let forms = items.map(|item| match item {
        Item::Text(name) => TrustForm {
            name: located(name),
            ..TrustForm::default()
        },
        Item::Section(service) => {
            let form = TrustForm {
                name: name(&service),
                since: text(&service, "since"),
                until: text(&service, "until"),
            };
            service.finish();
            form
        }
    });
    forms.collect()
}

fn sources(section: &Section<'_, '_>) -> Vec<SourceForm> {
    let sources = section.tables("source", "[[source]]").into_iter();
    let forms = sources.map(|source| {
        let form = SourceForm {
            line: source.line,
            version: text(&source, "version"),
            page: text(&source, "page"),
            date: text(&source, "date"),
            build: text(&source, "build"),
        };
        source.finish();
        form
    });
    forms.collect()
}

/// The name of an entry; empty where it has none, for `convert` to refuse.
fn name(section: &Section<'_, '_>) -> Text {
    match section.has("name") {
        true => text(section, "name").unwrap_or_default(),
        false => Text {
            value: String::new(),
            line: section.line,
        },
    }
}

/// A text that is not empty.
pub(crate) fn text(section: &Section<'_, '_>, key: &'static str) -> Option<Text> {
    filled(section, key, section.text(key)?)
}

/// A list of texts that are not empty.
pub(crate) fn texts(section: &Section<'_, '_>, key: &'static str) -> Vec<Text> {
    let found = section.texts(key).unwrap_or_default().into_iter();
    found
        .filter_map(|text| filled(section, key, text))
        .collect()
}

fn filled(section: &Section<'_, '_>, key: &str, text: Located<String>) -> Option<Text> {
    if text.value.trim().is_empty() {
        section.report(text.line, ProblemKind::Empty(key.to_owned()));
        return None;
    }
    Some(located(text))
}

/// Whether a flag is set.
pub(crate) fn flag(section: &Section<'_, '_>, key: &'static str) -> bool {
    section.flag(key).is_some_and(|flag| flag.value)
}

fn located(text: Located<String>) -> Text {
    Text {
        value: text.value,
        line: text.line,
    }
}
