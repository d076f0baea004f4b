//! Sources: does every file say what it is for, under a name that says what it holds, and is it short enough to be read?

use std::collections::BTreeMap;

use crate::tree;

/// The most lines a file may have; more need a reason in its head.
const LINES: usize = 400;

/// How the sentence begins that gives the reason.
const REASON: &str = "This file is long because ";

/// The most source files that may lie in one folder of a crate.
const FILES: usize = 16;

#[test]
fn every_source_file_opens_with_a_head() {
    let offenders: Vec<String> = tree::files(|path| path.ends_with(".rs"))
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    tree::none("a source file that does not open with `//!`", &offenders);
}

#[test]
fn no_module_is_named_util_or_the_like() {
    const REFUSED: [&str; 8] = [
        "util", "utils", "helper", "helpers", "common", "manager", "managers", "misc",
    ];
    let offenders: Vec<String> = tree::files(|path| path.ends_with(".rs"))
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| {
            path.trim_end_matches(".rs")
                .split('/')
                .any(|part| REFUSED.contains(&part))
        })
        .collect();
    tree::none("a module whose name does not say what it holds", &offenders);
}

/// What a file's head says, as one line.
fn head(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_long_file_says_why_it_is() {
    let offenders: Vec<String> = tree::files(|path| path.ends_with(".rs"))
        .into_iter()
        .filter(|(_, text)| text.lines().count() > LINES && !head(text).contains(REASON))
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    tree::none(
        "a file over 400 lines without \"This file is long because ...\" in its head",
        &offenders,
    );
}

#[test]
fn no_folder_holds_more_than_16_source_files() {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for (path, _) in tree::files(|path| path.ends_with(".rs")) {
        if let Some((folder, _)) = path.rsplit_once('/')
            && folder.split('/').any(|part| part == "src")
        {
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
    }
    folders.retain(|_, files| *files > FILES);
    println!("{folders:#?}");
    tree::none(
        "a folder with more than 16 source files",
        &folders.into_keys().collect::<Vec<_>>(),
    );
}

#[test]
fn no_path_of_a_machine_is_committed() {
    // Put together here, so that this file does not name one.
    let homes = ["root", "work", "farm", "Users"].map(|home| format!("/{home}/"));
    let mut offenders = Vec::new();
    for (path, text) in tree::files(|path| path != "Cargo.lock") {
        for (number, line) in text.lines().enumerate() {
            for home in &homes {
                // `arn:…:user/root/x` and URLs have something in front; a machine's path does not.
                let bare = line.match_indices(home.as_str()).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_.*}/".contains(c))
                });
                if bare {
                    offenders.push(format!("{path}:{}: {home}", number + 1));
                }
            }
        }
    }
    tree::none("a path of somebody's machine", &offenders);
}
