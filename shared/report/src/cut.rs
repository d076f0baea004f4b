//! Cutting: how does a text fit where only so many characters go?

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

#[cfg(test)]
mod tests {
    use super::cut;

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
