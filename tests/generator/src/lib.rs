//! The generator: accounts of any size and shape, for tests, benches and the example.
//!
//! In: a [`Shape`] and a seed. Out: an [`Account`] that prints as `aws iam get-account-authorization-details` does. The
//! same shape and seed give the same bytes on every machine. [`example`] is one fixed account with readable names, in which
//! every verdict, cause and finding code is found. An [`Organization`] is many accounts with the SCPs above them.
//!
//! Nothing here decides what is compliant: that is what the accounts are made to find out.

mod account;
mod document;
mod draw;
mod example;
mod grants;
mod listing;
mod organization;
mod parts;
mod set;
mod shape;
mod stock;

pub use account::account;
pub use document::{Document, Pairs, Statement, Texts};
pub use draw::Draw;
pub use example::{Example, example};
pub use listing::{
    Account, AttachedPolicy, Boundary, Group, InlinePolicy, InstanceProfile, LastUsed,
    ManagedPolicy, PolicyVersion, ProfileRole, Role, Tag, User,
};
pub use organization::Organization;
pub use shape::Shape;
