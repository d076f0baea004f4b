//! Nearest: which known word did a mistyped one mean?

/// The word closest to `found`, if any is close enough to be worth saying.
#[must_use]
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = found.to_ascii_lowercase();
    // A third of the letters wrong is still a slip; more is another word.
    let most = (found.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| {
            let distance = strsim::damerau_levenshtein(&folded, &word.to_ascii_lowercase());
            (distance, word)
        })
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, word)| word)
}

/// `: did you mean x?`, or nothing.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!(": did you mean `{word}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &str, expected: Option<&str>) {
        assert_eq!(nearest(found, ["severity", "source", "scope"]), expected);
    }

    #[test]
    fn a_slip_finds_its_word_and_another_word_does_not() {
        check("Severty", Some("severity"));
        check("suorce", Some("source"));
        check("colour", None);
    }
}
