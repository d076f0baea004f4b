//! Plain text: makes text from the account safe to print on a terminal, and as wide as it looks.
//!
//! Names, tags, policy ids and error messages come from outside. An escape sequence in one could overwrite the screen, a change
//! of writing direction could reverse the meaning of a line, and a line break could forge a line of output. In: any text. Out:
//! the same text with such characters spelled out, as `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

/// The text with everything spelled out that would not stand as a visible character of its own.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_harmful(character) {
            // Writing to a `String` cannot fail.
            let _ = write!(spelled, "{}", character.escape_unicode());
        } else {
            spelled.push(character);
        }
    }
    Cow::Owned(spelled)
}

/// Columns that a plain text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len();
    }
    text.width()
}

/// A plain text cut in its middle to at most so many columns: the ends of ARNs and names tell them apart.
#[must_use]
pub fn shorten(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(1);
    let mut head = String::new();
    for character in text.chars() {
        head.push(character);
        if width(&head) > room.div_ceil(2) {
            head.pop();
            break;
        }
    }
    let left = room.saturating_sub(width(&head));
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if text.get(at..).map_or(0, width) > left {
            break;
        }
        start = at;
    }
    Cow::Owned(format!("{head}…{}", text.get(start..).unwrap_or_default()))
}

/// Control characters, and what turns, hides or breaks the text around it.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text), expected);
    }

    #[test]
    fn what_can_be_seen_stays() {
        check("Größe 漢字 {a=b}", "Größe 漢字 {a=b}");
    }

    #[test]
    fn escape_sequences_and_line_breaks_are_spelled_out() {
        check("\u{1b}[31mred", "\\u{1b}[31mred");
        check("\u{9b}2J", "\\u{9b}2J");
        check("one\r\ntwo\tthree", "one\\u{d}\\u{a}two\\u{9}three");
    }

    #[test]
    fn what_turns_or_hides_text_is_spelled_out() {
        check("role\u{202e}detfird", "role\\u{202e}detfird");
        check("ve\u{200b}eam", "ve\\u{200b}eam");
    }

    #[test]
    fn a_cut_text_keeps_both_ends_and_its_width() {
        assert_eq!(shorten("abcdefghij", 10), "abcdefghij");
        assert_eq!(shorten("abcdefghij", 7), "abc…hij");
        assert_eq!(shorten("abcdefghij", 6), "abc…ij");
        assert_eq!(shorten("漢字漢字漢字", 7), "漢…漢字");
        assert_eq!(shorten("abc", 1), "…");
    }
}
