//! Needs of settings: from TOML to [`SettingNeed`]s.
//!
//! In: `settings.toml`, a table for each operation by its name. Out: the needs, and a problem for everything that is missing or is no
//! word of its list. Whether the sets exist is tested where the data is embedded.

use crate::file::form::Text;
use crate::file::keys::word;
use crate::file::read::{Section, SetFile, document, flag, text, texts};
use crate::needs::setting::{
    BackupNeed, BucketNeed, Immutability, OptInNeed, RepositoryKeeper, SettingNeed,
};
use crate::problem::{Problem, ProblemKind};
use crate::section::Located;
use crate::set::Source;

/// Reads `settings.toml`.
pub(crate) fn read_settings(file: SetFile<'_>, problems: &mut Vec<Problem>) -> Vec<SettingNeed> {
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
fn need(name: &Located<&str>, table: &Section<'_, '_>) -> Option<SettingNeed> {
    let missing = |key: &'static str, hint: &'static str| {
        table.report(name.line, ProblemKind::Missing { key, hint });
    };
    let required = |key: &'static str, hint: &'static str| {
        let found = text(table, key);
        if found.is_none() {
            missing(key, hint);
        }
        found
    };
    let operation = required("operation", "what Veeam does");
    let page = required("page", "the address of the page it was taken from");
    let date = required("date", "the date of the page, or of the day it was read");
    let sets = texts(table, "sets");
    if sets.is_empty() {
        missing("sets", "the ids of action sets");
    }
    let sets = sets.into_iter().filter_map(|text| {
        let id = text.value.parse().ok();
        if id.is_none() {
            table.report(text.line, ProblemKind::Id(text.value));
        }
        id
    });
    let sets = sets.collect();
    let bucket = text(table, "bucket");
    let immutability = text(table, "immutability");
    if bucket.is_some() && immutability.is_none() {
        missing("immutability", "on, off or either");
    }
    let bucket = bucket.zip(immutability).and_then(|(keeper, immutability)| {
        Some(BucketNeed {
            keeper: word(
                table,
                "bucket",
                &keeper,
                RepositoryKeeper::ALL,
                RepositoryKeeper::as_str,
            )?,
            immutability: word(
                table,
                "immutability",
                &immutability,
                Immutability::ALL,
                Immutability::as_str,
            )?,
        })
    });
    let kind = text(table, "backup-type");
    let opt_in = text(table, "opt-in");
    let full_management = flag(table, "full-management");
    if kind.is_some() && opt_in.is_none() {
        missing("opt-in", "needed or perhaps");
    }
    let backup = kind.zip(opt_in).and_then(|(kind, opt_in)| {
        Some(BackupNeed {
            kind: kind.value.into(),
            opt_in: word(table, "opt-in", &opt_in, OptInNeed::ALL, OptInNeed::as_str)?,
            full_management,
        })
    });
    let plain_volumes = flag(table, "plain-volumes");
    let mut endpoints: Vec<Box<str>> = texts(table, "endpoints")
        .into_iter()
        .map(|Text { value, .. }| value.into())
        .collect();
    endpoints.sort();
    Some(SettingNeed {
        id: name.value.into(),
        operation: operation?.value,
        sets,
        bucket,
        backup,
        plain_volumes,
        endpoints,
        source: Source {
            version: None,
            page: page?.value,
            date: Some(date?.value),
            build: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEED: &str = r#"[copy]
operation = "Copies."
sets = ["acme-copy"]
bucket = "appliance"
immutability = "either"
backup-type = "EFS"
opt-in = "perhaps"
endpoints = ["ssm", "s3"]
page = "https://example.com/copy"
date = "2026-01-01"
"#;

    fn read(text: &str) -> (Vec<SettingNeed>, Vec<String>) {
        let mut problems = Vec::new();
        let file = "settings.toml";
        let needs = read_settings(SetFile { file, text }, &mut problems);
        (needs, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_need_has_a_bucket_a_type_and_endpoints() {
        let (needs, problems) = read(NEED);
        assert_eq!(problems, [""; 0]);
        let [need] = needs.as_slice() else {
            panic!("{needs:?}")
        };
        let bucket = need.bucket.unwrap();
        assert_eq!(bucket.keeper, RepositoryKeeper::Appliance);
        assert_eq!(bucket.immutability, Immutability::Either);
        let backup = need.backup.as_ref().unwrap();
        assert_eq!((&*backup.kind, backup.opt_in), ("EFS", OptInNeed::Perhaps));
        assert_eq!(need.endpoints, ["s3".into(), "ssm".into()]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (found, instead, told) in [
            (
                "\"appliance\"",
                "\"server\"",
                "settings.toml:4: `server` is no bucket",
            ),
            (
                "\"perhaps\"",
                "\"maybe\"",
                "settings.toml:7: `maybe` is no opt-in",
            ),
            (
                "immutability = \"either\"\n",
                "",
                "settings.toml:1: `immutability` is missing",
            ),
            ("date =", "dated =", "settings.toml:10: unknown key `dated`"),
            ("acme-copy", "Acme", "settings.toml:3: `Acme` is no id"),
        ] {
            let (_, problems) = read(&NEED.replace(found, instead));
            assert!(
                problems.iter().any(|problem| problem.starts_with(told)),
                "{problems:?}"
            );
        }
    }
}
