//! The table of reasons why a job fails although its role holds every action, in `docs/failure-modes.md`: which does an audit see?
//!
//! A row is seen where a test shows it; a test is a row's by its name, such as `k7_...`. With `UPDATE_DOCS` set this writes the table.

mod reasons;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use reasons::Seen::{self, Declared, NotLookedAt, OutOfReach, Yes};
use reasons::{REASONS, ROWS};

/// So many of them at least have to be seen.
const LEAST: usize = 36;

/// What is to be seen and no test shows yet: it counts as not looked at. A row that gets its test has to be taken out.
const AWAITED: &[&str] = &[];

/// The names of all test functions by the row that they are named for, each once, in the order of their names.
fn tests() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                add(&path, &mut found);
            }
        }
    }
    for names in found.values_mut() {
        names.sort();
    }
    found
}

fn add(path: &Path, found: &mut BTreeMap<String, Vec<String>>) {
    let text = fs::read_to_string(path).unwrap();
    let mut is_test = false;
    for line in text.lines() {
        let function = line.trim().strip_prefix("fn ");
        let name = function
            .and_then(|rest| rest.split_once('('))
            .map(|(name, _)| name);
        if let Some(name) = name.filter(|_| is_test)
            && let Some((row, _)) = name.split_once('_')
        {
            found
                .entry(row.to_uppercase())
                .or_default()
                .push(name.to_owned());
        }
        is_test = line.trim() == "#[test]" || (is_test && function.is_none());
    }
}

/// The rows as they are.
fn rows() -> Vec<(&'static str, &'static str, Seen, String)> {
    let tests = tests();
    let rows = REASONS.into_iter().map(|(row, reason, meant)| {
        let names = tests.get(row).map_or(&[][..], Vec::as_slice);
        let seen = if AWAITED.contains(&row) {
            NotLookedAt
        } else {
            meant
        };
        let test = match seen {
            Yes | Declared => {
                let names = names.iter().map(|name| format!("`{name}`"));
                names.collect::<Vec<_>>().join(", ")
            }
            NotLookedAt | OutOfReach => String::new(),
        };
        (row, reason, seen, test)
    });
    rows.collect()
}

fn table() -> String {
    let mut table = "| | reason | | test |\n|---|---|---|---|\n".to_owned();
    for (row, reason, seen, test) in rows() {
        table.push_str(&format!(
            "| {row} | {reason} | {} | {test} |\n",
            seen.words()
        ));
    }
    table
}

fn count() -> String {
    let rows = rows();
    let count = |wanted| {
        rows.iter()
            .filter(|(_, _, seen, _)| *seen == wanted)
            .count()
    };
    format!(
        "Of {ROWS} reasons an audit sees {}, and {} more where they are declared. {} are told as not looked at, {} are out of reach.\n",
        count(Yes),
        count(Declared),
        count(NotLookedAt),
        count(OutOfReach)
    )
}

#[test]
fn the_document_names_every_reason_and_its_test() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/failure-modes.md");
    let text = fs::read_to_string(path).unwrap();
    const START: &str = "## The reasons\n\n";
    let (head, _) = text.split_once(START).unwrap();
    let expected = format!("{head}{START}{}\n{}", count(), table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, expected).unwrap();
    } else {
        assert_eq!(
            text, expected,
            "docs/failure-modes.md tells of other tests; run with UPDATE_DOCS=1 and review the difference"
        );
    }
}

#[test]
fn what_is_seen_has_a_test_that_shows_it() {
    let tests = tests();
    let wanted = REASONS
        .into_iter()
        .filter(|(_, _, seen)| matches!(seen, Yes | Declared));
    let wanted: Vec<&str> = wanted.map(|(row, _, _)| row).collect();
    assert!(wanted.len() >= LEAST);
    for row in &wanted {
        let is_awaited = AWAITED.contains(row);
        assert_ne!(
            is_awaited,
            tests.contains_key(*row),
            "{row}: has a test, or is awaited"
        );
    }
    assert!(AWAITED.iter().all(|row| wanted.contains(row)));
    let fallen: Vec<&str> = REASONS
        .iter()
        .filter(|(row, _, seen)| !matches!(seen, Yes | Declared) && tests.contains_key(*row))
        .map(|(row, _, _)| *row)
        .collect();
    assert_eq!(
        fallen, [""; 0],
        "a test shows what the table says is not seen"
    );
}

#[test]
fn every_reason_is_there_once() {
    let mut ids: Vec<&str> = REASONS.iter().map(|(row, _, _)| *row).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ROWS);
    for (group, rows) in [("K", 15), ("S", 14), ("B", 8), ("T", 7), ("N", 14)] {
        let of_group = ids.iter().filter(|row| row.starts_with(group)).count();
        assert_eq!(of_group, rows, "{group}");
    }
}
