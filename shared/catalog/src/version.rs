//! Product versions: for which release of the appliance does a list hold?

use std::fmt;
use std::str::FromStr;

/// A release of the AWS backup appliance, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProductVersion {
    /// Appliance 10 (10.0.0.232).
    V10,
    /// Appliance 11 (Veeam Backup & Replication 13.1).
    V11,
}

/// Not a version that the catalog knows lists for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown product version `{0}`: expected v10 or v11, the version of the AWS backup appliance"
)]
pub struct ParseProductVersionError(String);

impl ProductVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 2] = [Self::V10, Self::V11];

    /// The version that is assumed where nobody said another.
    pub const LATEST: Self = Self::V11;

    /// `v10`, `v11`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V10 => "v10",
            Self::V11 => "v11",
        }
    }
}

impl FromStr for ProductVersion {
    type Err = ParseProductVersionError;

    /// Takes `v11`, `11` and whole builds such as `11.0.0.411`; also `13.1.0.411`, the build of Veeam Backup &
    /// Replication that appliance 11 is a part of.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.trim();
        let plain = plain.strip_prefix(['v', 'V']).unwrap_or(plain);
        let digits_and_dots = plain
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        let mut parts = plain.split('.');
        match (parts.next(), parts.next()) {
            (Some("10"), _) if digits_and_dots => Ok(Self::V10),
            (Some("11"), _) | (Some("13"), Some("1")) if digits_and_dots => Ok(Self::V11),
            _ => Err(ParseProductVersionError(text.to_owned())),
        }
    }
}

impl fmt::Display for ProductVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<ProductVersion>) {
        assert_eq!(text.parse().ok(), expected, "{text}");
    }

    #[test]
    fn names_numbers_and_builds_are_versions() {
        for text in ["v10", "V10", "10", "10.0.0.232"] {
            check(text, Some(ProductVersion::V10));
        }
        for text in ["v11", "11", "11.0.0.411", "13.1.0.411"] {
            check(text, Some(ProductVersion::V11));
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in ["", "v", "v9", "12", "13.0.1.1071", "11beta", "11.", "1 1"] {
            check(text, None);
        }
        assert_eq!(
            "12".parse::<ProductVersion>().unwrap_err().to_string(),
            "unknown product version `12`: expected v10 or v11, the version of the AWS backup appliance"
        );
    }
}
