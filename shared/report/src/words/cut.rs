//! Cutting: shortens a text to a maximum number of characters.

use serde::Serialize;

/// A text of at most so many characters; one that was cut ends in an ellipsis.
#[must_use]
pub fn cut(text: &str, characters: usize) -> String {
    if text.len() <= characters || text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(characters.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A text of at most `MAX` characters: what a channel takes, as a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Within<const MAX: usize>(
    // INVARIANT: at most MAX characters.
    String,
);

impl<const MAX: usize> Within<MAX> {
    /// The text, cut where it is too long.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(cut(text, MAX))
    }

    /// The same for a text with code spans: one that was cut open is closed, or what follows would be read as markup.
    #[must_use]
    pub fn of_spans(text: &str) -> Self {
        let mut text = cut(text, MAX);
        if text.matches('`').count() % 2 == 1 {
            let is_full = text.chars().count() >= MAX;
            if !(is_full && text.pop() == Some('`')) {
                text.push('`');
            }
        }
        Self(text)
    }

    /// As many of the parts, each with what stands between, as fit together with "and N more" for the rest.
    #[must_use]
    pub fn of_parts(head: &str, parts: &[String], between: &str, tail: &str) -> Self {
        let length = |text: &str| text.chars().count();
        let around = length(head) + length(tail);
        let lengths = parts.iter().map(|part| length(part) + length(between));
        if around + lengths.sum::<usize>() <= MAX {
            let all = parts.iter().map(|part| format!("{between}{part}"));
            return Self(format!("{head}{}{tail}", all.collect::<String>()));
        }
        let mut text = head.to_owned();
        let mut used = around;
        let mut shown = 0;
        for part in parts {
            let more = format!("{between}and {} more", parts.len() - shown);
            let longer = used + length(between) + length(part);
            if longer + length(&more) > MAX {
                break;
            }
            text.push_str(between);
            text.push_str(part);
            used = longer;
            shown += 1;
        }
        let rest = format!("{between}and {} more", parts.len() - shown);
        Self::of_spans(&format!("{text}{rest}{tail}"))
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Within, cut};

    #[test]
    fn a_code_span_that_is_cut_is_closed() {
        for (text, expected) in [
            ("a `b`", "a `b`"),
            ("a `bcd`", "a `b`"),
            ("abcd`e`", "abcd…"),
            ("abc`", "abc``"),
            ("abcd`", "abcd"),
            ("`abcdefgh`", "`abc`"),
        ] {
            assert_eq!(Within::<5>::of_spans(text).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_counted() {
        let parts = ["aaaa", "bbbb", "cccc"].map(str::to_owned);
        let check = |found: &str, expected: &str| {
            assert_eq!(found, expected);
        };
        check(
            Within::<17>::of_parts("", &parts, "\n", "..").as_str(),
            "\naaaa\nbbbb\ncccc..",
        );
        check(
            Within::<16>::of_parts("", &parts, "\n", "..").as_str(),
            "\nand 3 more..",
        );
        check(
            Within::<18>::of_parts("x", &parts, "\n", "..").as_str(),
            "x\naaaa\nbbbb\ncccc..",
        );
        check(
            Within::<17>::of_parts("x", &parts, "\n", "..").as_str(),
            "x\nand 3 more..",
        );
        check(
            Within::<15>::of_parts("", &parts, "\n", "").as_str(),
            "\naaaa\nbbbb\ncccc",
        );
        let long = ["aaaaaaaaaaaaaaa", "b", "c"].map(str::to_owned);
        check(
            Within::<30>::of_parts("", &long, "\n", "").as_str(),
            "\naaaaaaaaaaaaaaa\nb\nc",
        );
        check(
            Within::<27>::of_parts(
                "h",
                &std::iter::repeat_n(parts.clone(), 9)
                    .flatten()
                    .collect::<Vec<_>>(),
                "\n",
                "",
            )
            .as_str(),
            "h\naaaa\nbbbb\nand 25 more",
        );
        check(
            Within::<6>::of_parts("head", &parts, "\n", "tail").as_str(),
            "head\n…",
        );
    }

    #[test]
    fn one_character_more_is_cut_and_never_refused() {
        for (text, characters, expected) in [
            ("abcd", 4, "abcd"),
            ("abcde", 4, "abc…"),
            ("äöüß", 4, "äöüß"),
            ("äöüßa", 4, "äöü…"),
            ("", 0, ""),
        ] {
            assert_eq!(cut(text, characters), expected);
        }
    }
}
