//! Circles: does no file of a crate depend on itself by way of others?
//!
//! In: every `src` folder. A file that can only be understood after another, which can only be understood after the first,
//! is one file in two places. What both need goes to a file of its own. Which file depends on which is `imports`' business.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{self, Edge};
use crate::tree;

/// Files by the `src` folder that they lie in, as path from it and text. Programs beside a library are left out.
fn crates() -> BTreeMap<String, Vec<(String, String)>> {
    let mut crates: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (path, text) in tree::files(|path| path.ends_with(".rs") && !path.contains("/src/bin/")) {
        if let Some((folder, file)) = path.split_once("/src/") {
            crates
                .entry(format!("{folder}/src"))
                .or_default()
                .push((file.to_owned(), text));
        }
    }
    for files in crates.values_mut() {
        if files.iter().any(|(file, _)| file == "lib.rs") {
            files.retain(|(file, _)| file != "main.rs");
        }
    }
    crates
}

/// The sets of files that all lead to each other.
fn circles(edges: &[Edge]) -> BTreeSet<BTreeSet<&str>> {
    let mut after: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        after.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reached = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(file) = open.pop() {
            for &next in after.get(file).into_iter().flatten() {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        after.keys().map(|&file| (file, reached(file))).collect();
    reached
        .iter()
        .filter(|(file, leads_to)| leads_to.contains(*file))
        .map(|(&file, leads_to)| {
            leads_to
                .iter()
                .copied()
                .filter(|other| reached.get(other).is_some_and(|back| back.contains(file)))
                .collect()
        })
        .collect()
}

#[test]
fn no_files_of_a_crate_depend_on_each_other_in_a_circle() {
    let mut offenders = Vec::new();
    let mut reasons = Vec::new();
    for (folder, files) in crates() {
        let edges = imports::edges(&files);
        for circle in circles(&edges) {
            let named: Vec<String> = circle
                .iter()
                .map(|file| format!("{folder}/{file}"))
                .collect();
            offenders.push(named.join(" "));
            for edge in &edges {
                if circle.contains(edge.from.as_str()) && circle.contains(edge.to.as_str()) {
                    reasons.push(format!(
                        "{folder}/{}:{} names `{}` of {}",
                        edge.from, edge.line, edge.path, edge.to
                    ));
                }
            }
        }
    }
    println!(
        "What ties the files of circles:\n  {}",
        reasons.join("\n  ")
    );
    tree::none("files that depend on each other in a circle", &offenders);
}

/// The circles of made-up files.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&[&str]]) {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|&(file, text)| (file.to_owned(), text.to_owned()))
        .collect();
    let edges = imports::edges(&files);
    let found: Vec<Vec<&str>> = circles(&edges)
        .into_iter()
        .map(|circle| circle.into_iter().collect())
        .collect();
    assert_eq!(found, expected, "{edges:#?}");
}

#[test]
fn two_files_that_import_each_other_are_a_circle() {
    check(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B(super::a::A);"),
        ],
        &[&["a.rs", "b.rs"]],
    );
}

#[test]
fn a_ring_is_one_circle_and_what_only_leads_to_it_is_outside() {
    check(
        &[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "pub fn a() { crate::b::b() }"),
            ("b.rs", "use crate::c; pub fn b() { c::c() }"),
            (
                "c.rs",
                "use {crate::{a as first}, std::fmt}; pub fn c() { first::a() }",
            ),
            ("d.rs", "pub fn d() { crate::a::a() }"),
        ],
        &[&["a.rs", "b.rs", "c.rs"]],
    );
}

#[test]
fn a_parent_may_use_its_children() {
    check(
        &[
            ("lib.rs", "mod a;"),
            ("a.rs", "mod child; pub fn a() { child::run() }"),
            ("a/child.rs", "pub fn run() {}"),
        ],
        &[],
    );
}

#[test]
fn a_child_that_names_an_item_of_the_parent_that_calls_it_is_a_circle() {
    check(
        &[
            ("lib.rs", "mod a;"),
            (
                "a.rs",
                "mod child; pub struct A; pub fn a() { child::run() }",
            ),
            ("a/child.rs", "use super::A; pub fn run() {}"),
        ],
        &[&["a.rs", "a/child.rs"]],
    );
}

#[test]
fn a_parent_that_only_lists_its_children_depends_on_none() {
    check(
        &[
            ("lib.rs", "pub mod a; pub use a::A;"),
            ("a.rs", "mod child; pub use child::Child; pub struct A;"),
            ("a/child.rs", "pub struct Child(super::A, crate::A);"),
        ],
        &[],
    );
}

#[test]
fn a_parent_that_names_what_it_re_exports_depends_on_it() {
    check(
        &[
            ("lib.rs", "pub mod a;"),
            (
                "a.rs",
                "mod child; pub use child::Child; pub struct A(Option<Child>);",
            ),
            ("a/child.rs", "pub struct Child(Box<super::A>);"),
        ],
        &[&["a.rs", "a/child.rs"]],
    );
}

#[test]
fn a_path_through_a_re_export_leads_to_where_the_name_is_defined() {
    check(
        &[
            ("lib.rs", "pub mod a; pub mod b;"),
            (
                "a.rs",
                "mod child; pub use child::*; pub fn a() { crate::b::b() }",
            ),
            ("a/child.rs", "pub struct Child;"),
            ("b.rs", "use crate::a::Child; pub fn b() -> Child { Child }"),
        ],
        &[],
    );
}

#[test]
fn a_lifetime_that_is_captured_is_no_import() {
    check(
        &[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "pub fn a() -> impl Sized + use<'static> { let b = 1; b }",
            ),
            ("b.rs", "pub fn b() { crate::a::a(); }"),
        ],
        &[],
    );
}

#[test]
fn tests_comments_and_visibility_are_no_dependencies() {
    check(
        &[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "/// [`crate::b::B`]\npub(in crate::b) struct A; #[cfg(test)] mod tests { use crate::b::B; }",
            ),
            ("b.rs", "pub struct B(crate::a::A);"),
        ],
        &[],
    );
}
