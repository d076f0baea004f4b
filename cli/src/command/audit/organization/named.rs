//! Named accounts: how does a note name several of them?

use std::collections::BTreeSet;

use iam::AccountId;

/// So many are named in a note.
pub(super) const NAMED: usize = 3;

/// Some accounts by number.
pub(super) fn named(accounts: &BTreeSet<AccountId>) -> String {
    let numbers = accounts.iter().take(NAMED).map(AccountId::as_str);
    let numbers: Vec<&str> = numbers.collect();
    format!("{}{}", numbers.join(", "), more(accounts.len()))
}

/// How many more there are than are named.
pub(super) fn more(all: usize) -> String {
    match all.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}
