//! Reading: what does an audit read from an account, and has this caller the permissions to read it?

mod discover;
mod doctor;
mod listing;
mod organization;
mod recording;
pub(crate) mod resources;
mod snapshot;
pub(crate) mod trail;

pub(crate) use discover::access_keys;
pub use discover::{DiscoverError, Sink, discover};
pub use doctor::{Check, Examined, examine, examine_accounts};
pub use organization::{Answered, is_in_organization, listed_accounts, organization};
pub use recording::{Recording, recording};
pub use resources::{ListedAccount, ReadSide, WholeOrganization};
pub use snapshot::Snapshot;
