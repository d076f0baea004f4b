//! House rules: does the checkout follow the rules of the project?
//!
//! In: the files of this checkout and `cargo metadata`. Each test is one rule and names every offender with its place.
//! What rustfmt and clippy can check is left to them; what only a person can judge is in `CONTRIBUTING.md`.

mod booleans;
mod circles;
mod crates;
mod docs;
mod imports;
mod release;
mod sources;
mod syntax;
mod tree;
mod vocabulary;
