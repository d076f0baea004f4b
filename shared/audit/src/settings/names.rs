//! Names in settings: does the catalog know them?

use std::collections::BTreeMap;

use catalog::section::quoted;
use catalog::{Catalog, nearest};

use super::mistake::{Mistake, SettingsError};
use super::values::{Answer, Settings};

impl Settings {
    /// Whether the action sets, scope variables and conditions it names exist.
    ///
    /// A step of its own, because the catalog may hold sets from files that the settings name.
    ///
    /// # Errors
    /// Every name that the catalog does not know, sorted by line.
    pub fn check(&self, catalog: &Catalog) -> Result<(), SettingsError> {
        check(self, catalog)
    }
}

fn check(settings: &Settings, catalog: &Catalog) -> Result<(), SettingsError> {
    let conditions: Vec<&str> = catalog.conditions().map(|(name, _)| name).collect();
    let inputs: Vec<&str> = catalog
        .scope_variables()
        .filter_map(|variable| variable.input.as_deref())
        .collect();
    let mut mistakes = Vec::new();
    answers(&settings.answers, &conditions, &mut mistakes);
    for binding in &settings.bindings {
        let mut say = |text: String| {
            mistakes.push(Mistake {
                line: binding.line,
                text: text.into(),
            });
        };
        for id in &binding.action_sets {
            if let Err(unknown) = catalog.find(id) {
                say(unknown.to_string());
            }
        }
        for input in binding.scope.keys() {
            let plain = input.replace('-', "_");
            if !inputs.contains(&plain.as_str()) {
                say(unknown("scope variable", input, &inputs));
            }
        }
        answers(&binding.answers, &conditions, &mut mistakes);
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    mistakes.sort();
    Err(SettingsError { mistakes })
}

fn answers(answers: &BTreeMap<Box<str>, Answer>, conditions: &[&str], mistakes: &mut Vec<Mistake>) {
    for (name, answer) in answers {
        if !conditions.contains(&&**name) {
            mistakes.push(Mistake {
                line: answer.line,
                text: unknown("condition", name, conditions).into(),
            });
        }
    }
}

fn unknown(what: &str, found: &str, known: &[&str]) -> String {
    match nearest(found, known.iter().copied()) {
        Some(close) => format!("unknown {what} `{found}`: did you mean `{close}`?"),
        None => format!(
            "unknown {what} `{found}`: expected one of {}",
            quoted(known)
        ),
    }
}

/// What stands behind the prefix in a tag key, in small letters and without blanks; `None` where the key does not begin with
/// it even so.
pub(crate) fn without_prefix(key: &str, prefix: &str) -> Option<String> {
    let mut letters = plain(key);
    for expected in plain(prefix) {
        if letters.next()? != expected {
            return None;
        }
    }
    Some(letters.collect())
}

fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase)
}
