//! The catalog: which actions does each Veeam operation need?
//!
//! Action sets are data, one TOML file each under `data/`, packed into the binary by the build script; users add
//! their own in the same form. The linter ([`lint`]) refuses what cannot be relied on. From the sets come lists,
//! differences between product versions ([`diff`]) and the smallest IAM policy that grants them ([`policy`]).
//!
//! Who holds an action, and what follows if not, is `audit`'s business. Of `iam` only actions and ARNs are used.

mod catalog;
mod convert;
mod diff;
mod form;
mod known;
mod lint;
mod nearest;
mod policy;
mod problem;
mod read;
mod scope;
pub mod section;
mod set;
mod version;

pub use catalog::{Catalog, OwnSetsError, SetFile, UnknownSetError, merge};
pub use diff::{SetDiff, diff};
pub use known::{AccessLevel, KnownAction, ResourceType, known_action, known_actions};
pub use lint::lint;
pub use policy::{
    MANAGED_POLICY_CHARACTERS, PolicyDocument, PolicyError, PolicyStatement, pack, policy,
};
pub use problem::{Fault, Problem};
pub use scope::{FillError, Scope, ScopeVariable};
pub use set::{
    ActionSet, ConditionName, Grant, Holder, Lifetime, Need, ParseSetIdError, SetAction, SetId,
    Severity, Source, Trust, TrustedService, VariableName, Versions,
};
pub use version::{ParseProductVersionError, ProductVersion};

/// The word closest to a mistyped one, if any is close enough to be worth saying.
#[must_use]
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest::nearest(found, known)
}
