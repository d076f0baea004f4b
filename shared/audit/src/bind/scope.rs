//! Scopes: which resources, regions and answers are the sets of a principal checked against?

use std::collections::{BTreeMap, BTreeSet};

use catalog::ProductVersion;
use iam::AccountId;

/// What tags and bindings say besides the sets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    pub(super) partition: Box<str>,
    pub(super) account: AccountId,
    /// Values by scope input.
    pub(super) inputs: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
    pub(super) regions: BTreeSet<Box<str>>,
    pub(super) version: ProductVersion,
    pub(super) answers: BTreeMap<Box<str>, bool>,
    pub(super) assumed_by: BTreeSet<Box<str>>,
    pub(super) worker_accounts: BTreeSet<AccountId>,
    pub(super) external_ids: BTreeSet<Box<str>>,
    /// What its requests carry besides, by position in the settings.
    pub(super) requests: Vec<usize>,
}
