//! Action names: what one permission is called, `service:Name`.
//!
//! In: text from a catalog, a command line or an AWS answer. Out: an [`ActionName`] that is known to be one
//! concrete action. IAM compares actions without regard to case, and so do `Eq`, `Ord` and `Hash` here; the
//! spelling that came in is kept for people.
//!
//! Patterns (`s3:Get*`) are no action names: they are the policy document's, in `policy`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// One concrete action, such as `ec2:CreateSnapshot`.
#[derive(Clone)]
pub struct ActionName {
    // INVARIANT: `service:Name`, one colon, both sides non-empty and made of letters, digits and `-`.
    text: Arc<str>,
    // INVARIANT: the offset of the colon in `text`.
    colon: usize,
}

/// Why a text is no action name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseActionNameError {
    /// No `service:` in front, or nothing behind it.
    #[error("`{0}` is no action name: expected `service:Name`, such as `s3:GetObject`")]
    Shape(String),
    /// There is a wildcard where one concrete action is expected.
    #[error("`{0}` is a pattern: name each action, without `*` and `?`")]
    Pattern(String),
}

impl ActionName {
    /// The spelling that came in, such as `ec2:CreateSnapshot`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The spelling that came in, for whoever keeps many of them: a clone copies no text.
    #[must_use]
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The service prefix as spelled, such as `ec2`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// The name without the service, such as `CreateSnapshot`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.text.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl FromStr for ActionName {
    type Err = ParseActionNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(['*', '?']) {
            return Err(ParseActionNameError::Pattern(text.to_owned()));
        }
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        match text.split_once(':') {
            Some((service, name)) if plain(service) && plain(name) => Ok(Self {
                colon: service.len(),
                text: text.into(),
            }),
            _ => Err(ParseActionNameError::Shape(text.to_owned())),
        }
    }
}

impl PartialEq for ActionName {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for ActionName {}

impl PartialOrd for ActionName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ActionName {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.text, &other.text) {
            return Ordering::Equal;
        }
        // Sorting compares neighbours, which begin alike: only what follows is folded.
        let (one, other) = (self.text.as_bytes(), other.text.as_bytes());
        let alike = one.iter().zip(other).take_while(|(a, b)| a == b).count();
        let one = one.iter().skip(alike).map(u8::to_ascii_lowercase);
        one.cmp(other.iter().skip(alike).map(u8::to_ascii_lowercase))
    }
}

impl Hash for ActionName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for ActionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActionName({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), ParseActionNameError>) {
        let found = text.parse::<ActionName>();
        let found = found.as_ref().map(|name| (name.service(), name.name()));
        assert_eq!(found.map_err(Clone::clone), expected);
    }

    #[test]
    fn one_concrete_action_is_a_name() {
        check("s3:GetObject", Ok(("s3", "GetObject")));
        check(
            "ec2-instance-connect:OpenTunnel",
            Ok(("ec2-instance-connect", "OpenTunnel")),
        );
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "",
            "s3",
            "s3:",
            ":GetObject",
            "s3:Get Object",
            "a:b:c",
            "s3: GetObject",
        ] {
            check(text, Err(ParseActionNameError::Shape(text.into())));
        }
        check(
            "s3:Get*",
            Err(ParseActionNameError::Pattern("s3:Get*".into())),
        );
    }

    #[test]
    fn case_does_not_tell_names_apart() {
        let printed: ActionName = "rds:CreateDbInstance".parse().unwrap();
        let canonical: ActionName = "rds:CreateDBInstance".parse().unwrap();
        assert_eq!(printed, canonical);
        assert_eq!(printed.cmp(&canonical), Ordering::Equal);
        assert_eq!(printed.to_string(), "rds:CreateDbInstance");
    }
}
