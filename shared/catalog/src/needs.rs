//! Needs beside actions: what does each operation need of the keys, buckets, regions and endpoints that its requests meet?

pub(crate) mod key;
pub(crate) mod setting;
