//! Help: the terminal alone decides where a line of it ends.

use crate::binary::{permdrift, printed};

const COLUMNS: usize = 80;

const COMMANDS: [&[&str]; 16] = [
    &["audit"],
    &["check"],
    &["explain"],
    &["fix"],
    &["tag"],
    &["catalog", "list"],
    &["catalog", "diff"],
    &["catalog", "policy"],
    &["diff"],
    &["snapshot"],
    &["doctor"],
    &["print-policy"],
    &["simulate"],
    &["example"],
    &["config", "show"],
    &["man"],
];

/// A paragraph that is wrapped by hand has short lines where the terminal is narrower or wider than somebody thought.
#[test]
fn no_paragraph_of_help_is_wrapped_by_hand() {
    for command in COMMANDS {
        let output = permdrift(command)
            .arg("--help")
            .env("COLUMNS", COLUMNS.to_string())
            .output()
            .unwrap();
        let lines: Vec<&str> = printed(&output).lines().collect();
        assert!(lines.len() > 5, "{command:?}");
        for pair in lines.windows(2) {
            let (line, next) = (pair[0], pair[1]);
            assert!(line.chars().count() <= COLUMNS, "{command:?}: {line}");
            let is_text = |line: &str| !line.is_empty() && !line.starts_with(' ');
            if is_text(line) && is_text(next) {
                let word = next.split(' ').next().unwrap_or_default();
                let room = COLUMNS - line.chars().count();
                assert!(room <= word.chars().count(), "{command:?}: {line}\n{next}");
            }
        }
    }
}
