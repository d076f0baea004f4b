//! Snapshot files: what did somebody save of an account?
//!
//! In: the text of a snapshot file, whose parts are as the AWS CLI prints them (`docs/schemas/snapshot-1.json`). Out: the inventory,
//! and what is known of the resource side ([`crate::resources`]), or every mistake in the file with its place.

mod account;
mod bucket;
mod instant;
mod json;
mod key;
mod lifecycle;
mod mistake;
mod organization;
pub(super) mod organization_file;
mod output;
mod policies;
mod read;
mod region;
mod vault;

pub(super) use mistake::Lines;
pub use mistake::{ReadSnapshotError, SnapshotMistake};
pub use read::{
    SCHEMA_VERSION, SavedSnapshot, account_said, is_snapshot, read_resources, read_snapshot,
};
