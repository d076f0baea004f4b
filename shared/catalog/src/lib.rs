//! The catalog: which actions does each Veeam operation need?
//!
//! Action sets are data, one TOML file each under `data/`, built into the binary as text; users add their own in
//! the same form. The linter ([`lint`]) refuses what cannot be relied on. [`key_needs`] says what operations need of KMS keys,
//! [`setting_needs`] what of buckets, regions and endpoints. From the sets come lists,
//! differences between product versions ([`diff`]) and the smallest IAM policy that grants them ([`policy`]).
//!
//! Who holds an action, and what follows if not, is `audit`'s business. Of `iam` only actions and ARNs are used.

mod catalog;
mod diff;
mod embedded;
mod file;
mod known;
mod lint;
mod meant;
mod nearest;
mod needs;
mod policy;
mod problem;
mod scope;
pub mod section;
mod set;
mod version;

pub use catalog::{Catalog, UnknownSetError, merge};
pub use diff::{SetDiff, diff};
pub use embedded::{embedded_digest, key_needs, setting_needs};
pub use file::read::SetFile;
pub use known::{AccessLevel, KnownAction, ResourceType, known_action, known_actions};
pub use lint::{OwnSetsError, lint};
pub use meant::{MeantResource, id_prefix, meant_resources, recovery_point, usual_folder};
pub use nearest::nearest;
pub use needs::key::{KeyNeed, KeyRole, KmsCaller};
pub use needs::setting::{
    BackupNeed, BucketNeed, Immutability, OptInNeed, RepositoryKeeper, SettingNeed,
};
pub use policy::{
    MANAGED_POLICY_CHARACTERS, PolicyDocument, PolicyError, PolicyStatement, pack, policy,
};
pub use problem::{Problem, ProblemKind};
pub use scope::{FillError, ScopeValues, ScopeVariable};
pub use set::{
    ActionSet, ConditionName, Grant, Holder, Lifetime, Need, ParseSetIdError, SetAction, SetId,
    Severity, Source, Trust, TrustedService, VariableName, Versions,
};
pub use version::{ParseProductVersionError, ProductVersion};

/// The date of the newest of Veeam's pages that the embedded sets are from, as `YYYY-MM-DD`.
pub const NEWEST_PAGE: &str = "2026-07-21";

/// The date of AWS's service authorization reference that the known actions are from, as `YYYY-MM-DD`.
pub const AWS_REFERENCE: &str = "2026-09-26";
