//! Vocabulary: does each word of the project's language name one type?
//!
//! In: every source file of the product. A word that names two types makes every sentence about it a question. The table
//! in `docs/architecture.md` says what the words mean.

use std::collections::BTreeMap;

use crate::{syntax, tree};

/// The words, each of which is the name of at most one `struct`, `enum`, `trait` or `type` of the workspace.
const WORDS: [&str; 29] = [
    "ActionSet",
    "Answer",
    "Assessment",
    "Baseline",
    "Cause",
    "Change",
    "Coverage",
    "Decision",
    "Fault",
    "Finding",
    "Footprint",
    "Inquiry",
    "Inventory",
    "Layer",
    "Listing",
    "Mute",
    "Organization",
    "Place",
    "Principal",
    "Request",
    "Requirement",
    "Roster",
    "RulesVersion",
    "Scope",
    "Simulator",
    "Snapshot",
    "Thread",
    "TrailEvent",
    "Verdict",
];

/// Words that still name several types. An entry that names one again has to be taken out.
const KNOWN: &[&str] = &[];

/// Where each word is the name of a type.
fn definitions(files: &[(String, String)]) -> BTreeMap<String, Vec<&str>> {
    let mut definitions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, text) in files {
        for item in syntax::read(text)
            .into_iter()
            .flat_map(|module| module.items)
        {
            let is_type = ["struct", "enum", "trait", "type"].contains(&item.kind.as_str());
            if is_type && WORDS.contains(&item.name.as_str()) {
                definitions.entry(item.name).or_default().push(path);
            }
        }
    }
    definitions
}

#[test]
fn each_word_names_one_type() {
    let files = tree::files(tree::is_product);
    let (offenders, reasons): (Vec<String>, Vec<String>) = definitions(&files)
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(word, places)| {
            let reason = format!("{word}: {}", places.join(", "));
            (word, reason)
        })
        .unzip();
    println!("Where words are defined:\n  {}", reasons.join("\n  "));
    let known: Vec<String> = KNOWN.iter().map(ToString::to_string).collect();
    tree::exactly("a word that names several types", &offenders, &known);
}

#[test]
fn a_word_is_found_wherever_it_names_a_type() {
    let files = [
        (
            "a.rs",
            "pub enum Verdict { Change } mod inner { struct Verdict; }",
        ),
        (
            "b.rs",
            "trait Verdict {} impl Verdict for () { type Change = (); }",
        ),
        (
            "c.rs",
            "use a::Verdict; #[cfg(test)] mod tests { struct Verdict; } struct VerdictJson;",
        ),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()));
    let expected = BTreeMap::from([("Verdict".to_owned(), vec!["a.rs", "a.rs", "b.rs"])]);
    assert_eq!(definitions(&files), expected);
}
