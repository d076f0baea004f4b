//! The accounts: users that may restore, in an organisation.

use e2e::hub::listing;
use e2e::server::ACCOUNT;
use e2e::standin::Member;

/// The hub's own account is the server's.
pub(crate) const HUB: &str = ACCOUNT;
pub(crate) use e2e::hub::MANAGEMENT;
/// An OU whose accounts an SCP hits.
pub(crate) const DENIED: &str = "ou-ab12-backup01";
/// An OU in whose accounts something goes wrong later.
pub(crate) const FAULTS: &str = "ou-ab12-faults01";

/// The account with this number.
pub(crate) fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

/// An account in these OUs, with one user.
pub(crate) fn member(account: &str, units: &[&str]) -> Member {
    Member::new(account, units, listing(account, 1))
}
