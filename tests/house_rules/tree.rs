//! The checkout: which files are ours, and what do they say?
//!
//! Ours is what git tracks or would track: what `.gitignore` names is left out.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests package is a folder of the checkout")
        .to_owned()
}

/// Whether a path is of the product's code: not of tests, benches and fuzzers, which may name what they make up as they like.
pub fn is_product(path: &str) -> bool {
    path.ends_with(".rs")
        && path.contains("/src/")
        && !path.starts_with("tests/")
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
}

/// Our files whose path from the root `wanted` accepts, sorted, as path and text. Files that are no text are left out.
pub fn files(wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the checkout");
    assert!(listed.status.success(), "git ls-files failed: {listed:?}");
    let mut paths: Vec<String> = String::from_utf8(listed.stdout)
        .expect("our paths are text")
        .lines()
        .filter(|path| wanted(path))
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .filter_map(|path| {
            let bytes = std::fs::read(root().join(&path)).ok()?;
            Some((path, String::from_utf8(bytes).ok()?))
        })
        .collect()
}

/// Fails with one line an offender.
#[track_caller]
pub fn none(rule: &str, offenders: &[String]) {
    assert!(
        offenders.is_empty(),
        "{rule}:\n  {}",
        offenders.join("\n  ")
    );
}

/// Fails with one line for each offender that is not known, and for each known one that offends no longer.
#[track_caller]
pub fn exactly(rule: &str, offenders: &[String], known: &[String]) {
    let new = offenders.iter().filter(|found| !known.contains(found));
    let mended = known.iter().filter(|known| !offenders.contains(known));
    let lines: Vec<String> = new
        .cloned()
        .chain(mended.map(|known| format!("{known}: offends no longer, take it out of the list")))
        .collect();
    none(rule, &lines);
}
