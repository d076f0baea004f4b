//! Patterns in settings: does a name or ARN match?
//!
//! `*` stands for any run of characters, `?` for one; all else is itself.

use iam::{PrincipalArn, glob};

/// A pattern of the settings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// Every text is a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// A pattern of the ARNs of users and roles.
    ///
    /// # Errors
    /// [`PatternError`] for one that can match none of them.
    pub fn of_principals(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError(text.to_owned());
        let is_known =
            |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-/:*?".contains(letter);
        let mut parts = text.split(WILD);
        let start = parts.next().unwrap_or_default();
        if parts.next().is_none() {
            return match text.parse::<PrincipalArn>() {
                Ok(_) => Ok(Self::new(text)),
                Err(_) => Err(wrong()),
            };
        }
        // Field by field, as far as no star may stand for several.
        let fields: Vec<&str> = text.split(':').collect();
        let fits = |field: &str, one: &dyn Fn(&str) -> bool| field.contains(WILD) || one(field);
        let is_fine = match fields.as_slice() {
            [_, _, service, region, account, resource] => {
                let kind = resource.split(WILD).next().unwrap_or_default();
                fits(service, &|service| service == "iam")
                    && fits(region, &str::is_empty)
                    && fits(account, &|account| {
                        account.parse::<iam::AccountId>().is_ok()
                    })
                    && ["user/", "role/"]
                        .iter()
                        .any(|known| begins_alike(kind, known))
            }
            fields => fields.len() < 6,
        };
        if text.chars().all(is_known) && begins_alike(start, "arn:") && is_fine {
            Ok(Self::new(text))
        } else {
            Err(wrong())
        }
    }

    /// The account that it names, if it names one.
    #[must_use]
    pub fn account(&self) -> Option<iam::AccountId> {
        self.0.split(':').find_map(|part| part.parse().ok())
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

const WILD: [char; 2] = ['*', '?'];

/// Whether two texts are the same as far as both go.
fn begins_alike(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// A text that is no pattern of the ARNs of users and roles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` matches no user and no role: expected ARNs such as \"arn:aws:iam::*:role/legacy-*\", with `*` for any run of characters and `?` for one"
)]
pub struct PatternError(String);

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
    fn a_pattern_of_principals_can_match_one() {
        for fine in [
            "*",
            "*role/a",
            "arn:aws:iam::*:role/legacy-*",
            "arn:*:iam::111122223333:user/x?",
            "arn:aws:iam::111122223333:role/path/name",
            "arn:aws:*role/a",
        ] {
            assert!(Pattern::of_principals(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "legacy",
            "role/legacy-*",
            "legacy-*",
            "arn:aws:s3:::bucket*",
            "arn:aws:iam::11112222333:role/*",
            "arn:aws:iam::*:group/*",
            "arn:aws:iam:*:role/*:x:y:z",
            "^arn:aws:iam::.*:role/legacy$",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::*:role/legacy *",
        ] {
            assert!(Pattern::of_principals(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn case_counts_unless_told_otherwise() {
        check("*veeam*", "VEEAM", false);
        assert!(Pattern::new("*veeam*").matches_any_case("my-VEEAM-role"));
    }
}
