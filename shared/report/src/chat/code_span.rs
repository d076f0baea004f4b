//! Code spans: how names from the account are shown in chats as plain text.
//!
//! Chats read `*` and `_` as emphasis, `<...>` as links and mentions, `@here` as a mention of everybody, and addresses as links,
//! but not inside a code span. In: any text. Out: the text in a code span; a character that would end the span is replaced by one
//! that looks like it.

use crate::words::plain::plain;

/// A foreign name as a code span.
#[must_use]
pub fn code(text: &str) -> String {
    let plain: String = plain(text)
        .chars()
        .map(|letter| match letter {
            '`' => '\u{2bc}',
            '<' => '\u{2039}',
            '>' => '\u{203a}',
            other => other,
        })
        .collect();
    if plain.trim().is_empty() {
        "` `".to_owned()
    } else {
        format!("`{plain}`")
    }
}

/// A sentence of ours that may hold foreign names: what a chat could read something into stands in code spans, and what ours
/// has in backticks stays in them.
#[must_use]
pub fn quiet(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return code(text);
    }
    let parts = parts.iter().enumerate();
    parts
        .map(|(at, part)| {
            if at % 2 == 1 || is_marked(part) {
                code(part)
            } else {
                (*part).to_owned()
            }
        })
        .collect()
}

fn is_marked(text: &str) -> bool {
    let marks = ["](", "://", "www."];
    text.contains(|letter: char| "*_~<>|\\@#".contains(letter))
        || marks.iter().any(|mark| text.contains(mark))
        || text != plain(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_code_span_from_inside() {
        for (text, expected) in [
            ("Veeam_Backup", "`Veeam_Backup`"),
            ("a`b*c*", "`a\u{2bc}b*c*`"),
            ("<!here> @here", "`\u{2039}!here\u{203a} @here`"),
            ("a\n# b\u{202e}", "`a\\u{a}# b\\u{202e}`"),
            ("", "` `"),
        ] {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn a_sentence_is_left_alone_unless_it_could_be_misread() {
        assert_eq!(
            quiet("Restores fail; backups are safe."),
            "Restores fail; backups are safe."
        );
        assert_eq!(
            quiet("Add it; `permdrift fix a_b` prints it."),
            "Add it; `permdrift fix a_b` prints it."
        );
        assert_eq!(quiet("a ` b"), "`a \u{2bc} b`");
        for text in [
            "see http://a.example",
            "@here",
            "*now*",
            "a_b_c",
            "[x](y)",
            "one\ntwo",
        ] {
            assert!(quiet(text).starts_with('`'), "{text}");
        }
    }
}
