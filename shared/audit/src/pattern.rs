//! Patterns in settings: does a name or ARN match?
//!
//! `*` stands for any run of characters, `?` for one; all else is itself.

use iam::glob;

/// A pattern of the settings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Every text is a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With regard to case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        glob::matches(&self.0, text)
    }

    /// Without regard to the case of the letters A to Z.
    #[must_use]
    pub fn matches_any_case(&self, text: &str) -> bool {
        glob::matches_folded(&self.0, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(Pattern::new(pattern).matches(text), expected);
    }

    #[test]
    fn a_star_is_any_run_and_a_question_mark_is_one() {
        check(
            "arn:aws:iam::*:role/veeam-*",
            "arn:aws:iam::1:role/veeam-x/y",
            true,
        );
        check("*veeam*", "prod-vee-am", false);
        check("a?c", "ac", false);
    }

    #[test]
    fn case_counts_unless_told_otherwise() {
        check("*veeam*", "VEEAM", false);
        assert!(Pattern::new("*veeam*").matches_any_case("my-VEEAM-role"));
    }
}
