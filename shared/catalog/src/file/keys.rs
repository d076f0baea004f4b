//! Needs of keys: from TOML to [`KeyNeed`]s.
//!
//! In: `keys.toml`, a table for each operation by its name. Out: the needs, and a problem for everything that is missing or is no
//! word of its list. Whether sets, conditions and actions exist is tested where the data is embedded.

use crate::file::form::Text;
use crate::file::read::{Section, SetFile, document, flag, text, texts};
use crate::needs::key::{KeyNeed, KeyRole, KmsCaller};
use crate::problem::{Problem, ProblemKind};
use crate::section::Located;
use crate::set::{Severity, Source};
use crate::version::ProductVersion;

/// Reads `keys.toml`.
pub(crate) fn read_keys(file: SetFile<'_>, problems: &mut Vec<Problem>) -> Vec<KeyNeed> {
    document(file, problems, |root| {
        let tables = root.free_tables().into_iter();
        let needs = tables.filter_map(|(name, table)| {
            let need = need(&name, &table);
            table.finish();
            need
        });
        needs.collect()
    })
}

/// One need; nothing where something is missing.
fn need(name: &Located<&str>, table: &Section<'_, '_>) -> Option<KeyNeed> {
    let required = |key: &'static str, hint: &'static str| {
        let found = text(table, key);
        if found.is_none() {
            table.report(name.line, ProblemKind::Missing { key, hint });
        }
        found
    };
    let list = |key: &'static str, hint: &'static str| {
        let found = texts(table, key);
        if found.is_empty() {
            table.report(name.line, ProblemKind::Missing { key, hint });
        }
        found
    };
    let operation = required("operation", "what Veeam does");
    let sets = list("sets", "the ids of action sets");
    let keys = list("keys", "which keys, such as `source`");
    let state_only = flag(table, "state-only");
    let actions = match state_only {
        true => Vec::new(),
        false => list("actions", "a list of KMS actions"),
    };
    let through = required("through", "who calls KMS");
    let severity = required("severity", "critical, high, medium or low");
    let page = required("page", "the address of the page it was taken from");
    let date = required("date", "the date of the page, or of the day it was read");
    let condition = text(table, "condition");
    let since = text(table, "since");
    let across_accounts = flag(table, "across-accounts");

    let sets = sets.into_iter().filter_map(|text| {
        let id = text.value.parse().ok();
        if id.is_none() {
            table.report(text.line, ProblemKind::Id(text.value));
        }
        id
    });
    let mut actions: Vec<iam::ActionName> = actions
        .into_iter()
        .filter_map(|text| {
            let name = text.value.parse::<iam::ActionName>();
            name.map_err(|error| {
                table.report(text.line, ProblemKind::ActionName(error.to_string()));
            })
            .ok()
        })
        .collect();
    actions.sort();
    let keys = keys
        .iter()
        .filter_map(|text| word(table, "keys", text, KeyRole::ALL, KeyRole::as_str));
    let since = match &since {
        Some(since) => Some(word(
            table,
            "since",
            since,
            &ProductVersion::ALL,
            ProductVersion::as_str,
        )?),
        None => None,
    };
    Some(KeyNeed {
        id: name.value.into(),
        sets: sets.collect(),
        keys: keys.collect(),
        actions,
        operation: operation?.value,
        through: word(
            table,
            "through",
            &through?,
            KmsCaller::ALL,
            KmsCaller::as_str,
        )?,
        across_accounts,
        condition: condition.map(|text| text.value.into()),
        since,
        severity: word(
            table,
            "severity",
            &severity?,
            Severity::ALL,
            Severity::as_str,
        )?,
        source: Source {
            version: None,
            page: page?.value,
            date: Some(date?.value),
            build: None,
        },
    })
}

/// The variant that a word stands for.
pub(super) fn word<T: Copy>(
    table: &Section<'_, '_>,
    key: &'static str,
    text: &Text,
    all: &[T],
    spell: impl Fn(T) -> &'static str,
) -> Option<T> {
    let found = all.iter().copied().find(|one| spell(*one) == text.value);
    if found.is_none() {
        let words: Vec<&str> = all.iter().map(|one| spell(*one)).collect();
        table.report(
            text.line,
            ProblemKind::Word {
                key,
                found: text.value.clone(),
                expected: words.join(", "),
            },
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEED: &str = r#"[copy]
operation = "Copies."
sets = ["acme-copy"]
keys = ["source", "target"]
actions = ["kms:Encrypt", "kms:Decrypt"]
through = "ec2"
severity = "high"
page = "https://example.com"
date = "2026-01-01"
"#;

    /// What is said of a file, and how many needs it holds.
    fn told(text: &str) -> (Vec<String>, usize) {
        let mut problems = Vec::new();
        let file = SetFile {
            file: "keys.toml",
            text,
        };
        let needs = read_keys(file, &mut problems);
        let told = problems.iter().map(ToString::to_string).collect();
        (told, needs.len())
    }

    #[test]
    fn a_need_has_its_actions_sorted() {
        let mut problems = Vec::new();
        let file = SetFile {
            file: "keys.toml",
            text: NEED,
        };
        let needs = read_keys(file, &mut problems);
        assert_eq!(problems, []);
        let actions: Vec<&str> = needs[0]
            .actions
            .iter()
            .map(iam::ActionName::as_str)
            .collect();
        assert_eq!(actions, ["kms:Decrypt", "kms:Encrypt"]);
        assert_eq!(needs[0].keys, [KeyRole::Source, KeyRole::Target]);
        assert!(!needs[0].across_accounts);
    }

    #[test]
    fn a_need_of_a_keys_state_alone_has_no_actions() {
        let (told, needs) = told(&NEED.replace(
            "actions = [\"kms:Encrypt\", \"kms:Decrypt\"]",
            "state-only = true",
        ));
        assert_eq!((told, needs), (Vec::new(), 1));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (from, to, expected) in [
            (
                "\"source\"",
                "\"origin\"",
                "keys.toml:4: `origin` is no keys",
            ),
            ("\"ec2\"", "\"sqs\"", "keys.toml:6: `sqs` is no through"),
            ("\"kms:Encrypt\"", "\"kms:*\"", "keys.toml:5: "),
            (
                "severity = \"high\"\n",
                "",
                "keys.toml:1: `severity` is missing",
            ),
            ("date =", "dated =", "keys.toml:9: unknown key `dated`"),
            ("\"acme-copy\"", "\"Acme\"", "keys.toml:3: `Acme` is no id"),
        ] {
            let (told, _) = told(&NEED.replace(from, to));
            assert!(
                told.iter().any(|one| one.starts_with(expected)),
                "{expected}: {told:?}"
            );
        }
        assert_eq!(told(NEED), (Vec::new(), 1));
    }
}
