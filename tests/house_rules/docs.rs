//! Documents: does what they name exist?
//!
//! In: every Markdown file of ours. A relative link must lead to a file; a name in backticks that begins with one of our
//! top-level folders must be a file or folder. Placeholders (`functions/<crate>`, `shared/*`) are left alone.

use crate::tree;

/// The top-level folders that make a name in backticks a path of ours.
const FOLDERS: [&str; 10] = [
    ".ci/",
    ".github/",
    "cli/",
    "docs/",
    "examples/",
    "functions/",
    "infra/",
    "packaging/",
    "shared/",
    "tests/",
];

/// Every `[text](target)` of a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// Every name between single backticks of a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn documents_name_only_files_that_exist() {
    let root = tree::root();
    let mut offenders = Vec::new();
    for (path, text) in tree::files(|path| path.ends_with(".md")) {
        let folder = root
            .join(&path)
            .parent()
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        let mut in_code = false;
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
                continue;
            }
            if in_code {
                continue;
            }
            for target in links(line) {
                let target = target.split(['#', ' ']).next().unwrap_or_default();
                let elsewhere =
                    target.is_empty() || target.contains("://") || target.starts_with("mailto:");
                if !elsewhere && !folder.join(target).exists() {
                    offenders.push(format!("{path}:{}: link to {target}", number + 1));
                }
            }
            for name in quoted(line) {
                let is_path = FOLDERS.iter().any(|folder| name.starts_with(folder));
                let is_pattern = name.contains(['<', '*', '{', '…', ' ', '$']);
                if is_path && !is_pattern && !root.join(name.trim_end_matches(['.', ','])).exists()
                {
                    offenders.push(format!("{path}:{}: {name}", number + 1));
                }
            }
        }
    }
    tree::none("a document names a file that does not exist", &offenders);
}
