//! What is missing: which of the calls that were tried are refused for lack of a permission?

use aws::calls::{CALLS, On};
use aws::{Check, Failure};

pub(super) fn is_missing(check: &Check) -> bool {
    is_denied(check) && !is_of_organization(check)
}

pub(super) fn is_unknown(check: &Check) -> bool {
    check.permitted.is_err() && !is_denied(check)
}

fn is_denied(check: &Check) -> bool {
    matches!(check.permitted, Err(Failure::Denied { .. }))
}

/// Whether AWS answers only some accounts, so that no permission would help.
pub(super) fn is_of_organization(check: &Check) -> bool {
    let mut calls = CALLS.iter();
    calls.any(|call| call.action == check.action && call.on == On::Organization)
}

pub(super) fn count(checks: &[Check], which: fn(&Check) -> bool) -> usize {
    checks.iter().filter(|check| which(check)).count()
}
