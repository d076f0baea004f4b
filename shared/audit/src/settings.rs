//! Settings: what did the people who run this decide for themselves?
//!
//! In: one TOML document. Out: [`Settings`], or every mistake in it with its line and what would be right. Where there
//! is no document at all the defaults hold; a document with a mistake never becomes half a settings. Files that it
//! names are read by the caller.

pub mod accounts;
mod fields;
mod load;
mod mistake;
pub(crate) mod names;
pub mod pattern;
mod read;
pub mod required;
mod values;

pub use fields::{EXTERNAL_ID, is_assumer, is_external_id, is_region};
pub use load::{FileMistake, FileMistakes, LoadSettingsError, NamedFile, load};
pub use mistake::{Mistake, SettingsError};
pub use values::{
    Answer, Binding, Canary, Expiry, Flapping, Mute, Muted, Owners, Reminders, RequestContext,
    Settings,
};
