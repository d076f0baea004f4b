//! House rules: does the project still look as its own documents say?
//!
//! In: the files of this checkout and `cargo metadata`. Each test is one rule and names every offender with its place.
//! What formatters and clippy can hold is theirs; what only a person can judge is in `docs/architecture.md`.

mod circles;
mod crates;
mod docs;
mod imports;
mod sources;
mod syntax;
mod tree;
mod vocabulary;
