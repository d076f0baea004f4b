//! Patterns in settings: does a name or ARN match?
//!
//! `*` stands for any run of characters, `?` for one; all else is itself. Policies have a pattern language of their
//! own, in `iam`.

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
        glob(self.0.as_bytes(), text.as_bytes(), |a, b| a == b)
    }

    /// Without regard to the case of the letters A to Z.
    #[must_use]
    pub fn matches_any_case(&self, text: &str) -> bool {
        glob(self.0.as_bytes(), text.as_bytes(), |a, b| {
            a.eq_ignore_ascii_case(&b)
        })
    }
}

/// Greedy, with one place to come back to: linear for one star, never worse than pattern times text.
fn glob(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                back = Some((at + 1, read));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || same(wanted, byte) => {
                at += 1;
                read += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    at = star;
                    read = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|&rest| rest == b'*')
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
        check("*veeam*", "prod-veeam", true);
        check("*veeam*", "prod-vee-am", false);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("*a*b*c", "xxaxxbxxbc", true);
        check("*a*b*c", "xxaxxbxxb", false);
        check("", "", true);
        check("", "x", false);
        check("**", "", true);
    }

    #[test]
    fn case_counts_unless_told_otherwise() {
        check("*veeam*", "VEEAM", false);
        assert!(Pattern::new("*veeam*").matches_any_case("my-VEEAM-role"));
    }
}
