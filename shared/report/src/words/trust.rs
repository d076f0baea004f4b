//! Trust policies in words: who is not let in, and why?

use audit::verdict::Trust;

use crate::words::cause::list;
use crate::words::plain::plain;

/// Whom a trust policy does not let in, with what is wrong besides a statement that is not there.
#[must_use]
pub fn not_let_in(trust: &Trust) -> String {
    let missing = list(trust.missing.iter().map(AsRef::as_ref));
    let why = why_missing(trust).map_or_else(String::new, |why| format!(": {why}"));
    format!("The trust policy does not let in {missing}{why}")
}

/// Why those are not let in, if it is known; where there is somebody of whom it is not known, the reason is about him.
#[must_use]
pub fn why_missing(trust: &Trust) -> Option<String> {
    let reason = trust.reason.as_deref()?;
    (!trust.missing.is_empty() && trust.unknown.is_empty()).then(|| plain(reason).into_owned())
}
