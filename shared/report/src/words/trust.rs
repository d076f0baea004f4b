//! Trust policies in words: who is not let in, and why?

use audit::settings::Owners;
use audit::verdict::Trust;
use iam::{Layer, StatementRef};

use crate::words::cause::list;
use crate::words::plain::plain;

/// Whom a trust policy does not let in, with what is wrong besides a statement that is not there.
#[must_use]
pub fn not_let_in(trust: &Trust) -> String {
    let missing = list(trust.missing.iter().map(AsRef::as_ref));
    let why = why_missing(trust).map_or_else(String::new, |why| format!(": {why}"));
    format!("The trust policy does not allow sts:AssumeRole to {missing}{why}")
}

/// Whether an SCP or RCP denies it to some.
#[must_use]
pub fn is_denied_above(trust: &Trust) -> bool {
    let reason = trust.reason.as_ref();
    reason.is_some_and(|reason| !reason.denied_by.is_empty())
}

fn is_scp<'s>(mut by: impl Iterator<Item = &'s StatementRef>) -> bool {
    by.any(|one| matches!(one.layer, Layer::ServiceControl { .. }))
}

/// What to do for those who are not let in.
#[must_use]
pub fn advice_missing(trust: &Trust) -> &'static str {
    match is_denied_above(trust) {
        true if is_scp(trust.reason.iter().flat_map(|reason| &reason.denied_by)) => {
            "Ask whoever owns the SCP to let them assume the role. Whom the trust policy does not name either, allow sts:AssumeRole there."
        }
        true => {
            "Ask whoever owns the RCP to let them assume the role. Whom the trust policy does not name either, allow sts:AssumeRole there."
        }
        false => {
            "Add the services, accounts or roles named above to the trust policy of the role, with sts:AssumeRole."
        }
    }
}

/// The same in full.
#[must_use]
pub fn how_to_let_in(trust: &Trust) -> &'static str {
    match is_denied_above(trust) {
        true => advice_missing(trust),
        false => {
            "Allow them sts:AssumeRole in the role's trust policy: services under \"Service\", accounts and roles under \"AWS\". No policy of the role can do that."
        }
    }
}

/// What to do for those of whom it is not known.
#[must_use]
pub fn advice_unknown(trust: &Trust) -> &'static str {
    let reason = trust.reason.as_ref();
    let mut keys = reason.iter().flat_map(|reason| &reason.keys);
    if keys.any(|key| key.eq_ignore_ascii_case("sts:ExternalId")) {
        return "Declare the external id that the appliance sends: tag `veeam:external-id`, or `external-id` in a binding.";
    }
    match reason.is_some_and(|reason| !reason.perhaps_denied_by.is_empty()) {
        true if is_scp(reason.iter().flat_map(|reason| &reason.perhaps_denied_by)) => {
            "Ask whoever owns the SCP whether it denies them, or give the value that the request carries under [context] in the settings."
        }
        true => {
            "Ask whoever owns the RCP whether it denies them, or give the value that the request carries under [context] in the settings."
        }
        false => {
            "Give the value that the request carries under [context] in the settings, or check the condition yourself."
        }
    }
}

/// Who can help those who are not let in: whoever owns the trust policies, and, where an RCP denies, whoever owns that.
#[must_use]
pub fn owners_missing<'o>(trust: &Trust, owners: &'o Owners) -> Vec<&'o str> {
    let mut all: Vec<&str> = owners.trust.as_deref().into_iter().collect();
    all.extend(owners.scp.as_deref().filter(|_| is_denied_above(trust)));
    all.dedup();
    all
}

/// Why those are not let in, if it is known; where there is somebody of whom it is not known, the reason is about him.
#[must_use]
pub fn why_missing(trust: &Trust) -> Option<String> {
    let reason = trust.why()?;
    (!trust.missing.is_empty() && trust.unknown.is_empty()).then(|| plain(reason).into_owned())
}
