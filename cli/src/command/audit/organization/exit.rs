//! The exit code of several accounts.
//!
//! Each account has the exit code that it would have alone. Drift in one is certain, so it comes first; then what is not known of any: an
//! account that was not audited, a file that cannot be read, an audit that is incomplete. An account in which nobody is bound is no
//! mistake, because most organisations have some, unless all are.

use std::collections::{BTreeMap, BTreeSet};

use iam::AccountId;

use super::accounts::Accounts;
use super::named::named;
use crate::command::bindings::NOBODY_BOUND;
use crate::exit::Exit;

/// Why nothing was checked, where there is more than one account that it can be so of.
const NOBODY: &str = "nobody is bound to an action set that was looked at";

/// What the shell gets to know, and why where the table does not say it plainly.
pub(super) fn of(accounts: &Accounts) -> (Exit, Option<String>) {
    let mut unknown = Vec::new();
    match accounts.not_audited.len() {
        0 => {}
        1 => unknown.push("1 account was not audited".to_owned()),
        number => unknown.push(format!("{number} accounts were not audited")),
    }
    match accounts.unread.len() {
        0 => {}
        1 => unknown.push("1 file could not be read".to_owned()),
        number => unknown.push(format!("{number} files could not be read")),
    }
    let ends = || accounts.ends.iter();
    let mut failed: BTreeMap<&str, BTreeSet<AccountId>> = BTreeMap::new();
    for (account, (_, because)) in ends().filter(|(_, (exit, _))| *exit == Exit::Failed) {
        let because = match because.as_deref().unwrap_or_default() {
            because if because.ends_with(NOBODY_BOUND) => NOBODY,
            because => because.strip_prefix("exit code 2: ").unwrap_or(because),
        };
        failed.entry(because).or_default().insert(*account);
    }
    unknown.extend(
        failed
            .iter()
            .map(|(because, accounts)| format!("{because} ({})", named(accounts))),
    );
    let is_drifted = ends().any(|(_, (exit, _))| *exit == Exit::Drift);
    let unknown = unknown.join("; ");
    match (is_drifted, unknown.is_empty()) {
        (true, true) => (Exit::Drift, None),
        (true, false) => (
            Exit::Drift,
            Some(format!("exit code 1: there is drift; besides, {unknown}")),
        ),
        (false, false) => (Exit::Failed, Some(format!("exit code 2: {unknown}"))),
        (false, true) if accounts.ends.is_empty() => {
            (Exit::Failed, Some(format!("exit code 2: {NOBODY_BOUND}")))
        }
        (false, true) => {
            let mild = ends().find_map(|(_, (_, because))| because.clone());
            (Exit::Fine, mild)
        }
    }
}
