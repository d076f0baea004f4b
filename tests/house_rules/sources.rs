//! Sources: does every file say what it is for, under a name that says what it holds?

use crate::tree;

#[test]
fn every_source_file_opens_with_what_it_answers() {
    let offenders: Vec<String> = tree::files(|path| path.ends_with(".rs"))
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    tree::none("a source file that does not open with `//!`", &offenders);
}

#[test]
fn no_module_is_named_for_what_it_is_good_for() {
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
    tree::none("a module without a subject", &offenders);
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
