//! Files of action sets: from TOML to the types of the catalog.
//!
//! `read` finds what stands in a file and on which line (`form`), `convert` turns that into an action set, `declared` reads what
//! sets may refer to, `keys` what operations need of KMS keys, `settings` what of
//! buckets, regions and endpoints. Each collects all problems of a file.

pub(crate) mod convert;
pub(crate) mod declared;
pub(crate) mod form;
pub(crate) mod keys;
pub(crate) mod read;
pub(crate) mod settings;
