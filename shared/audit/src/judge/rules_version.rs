//! Rules versions: by which rules and which catalog did an audit judge?
//!
//! A release that checks more finds things that were there all along. So a baseline keeps the version it was judged by, and what an
//! audit finds for the first time with another version is reported as "now checked", not as a change of the account.

use catalog::embedded_digest;

/// Raised with every change of the code after which an account that did not change can be judged otherwise. The catalog has its
/// digest.
const RULES: u32 = 2;

/// The version of the rules and of the catalog that comes with permdrift. The user's own action sets are not part of it: whoever
/// changes them wants to know what that leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesVersion {
    /// Counts up. The first edition kept none.
    pub rules: u32,
    /// A digest of the catalog's data, 16 hexadecimal digits.
    pub catalog: Box<str>,
}

impl RulesVersion {
    /// That of this release.
    #[must_use]
    pub fn current() -> Self {
        Self {
            rules: RULES,
            catalog: format!("{:016x}", embedded_digest()).into(),
        }
    }
}
