//! Needs beside actions: what does each operation need of the keys, buckets, regions and endpoints that its requests meet?

pub mod key;
pub mod setting;
