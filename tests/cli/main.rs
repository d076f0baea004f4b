//! The command line as people and scripts meet it: the real binary, its output and its exit codes.
//!
//! Every file in `cases` is a session: commands and what they must print, in the folder of the same name with `.in`. After a
//! wanted change, run `TRYCMD=overwrite cargo test -p permdrift` and read the difference as carefully as code; for the
//! pictures in the documents it is `SNAPSHOTS=overwrite`.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops, and nobody uses it from outside"
)]

mod agreement;
mod baseline;
mod binary;
mod checks;
mod configuration;
mod diffs;
mod doctor;
mod events;
mod example;
mod fixes;
mod help;
mod live;
mod live_credentials;
mod live_fix;
mod machines;
mod organization_files;
mod organizations;
mod outputs;
mod pages;
mod picture;
mod same_offline;
mod several;
mod several_kept;
mod several_told;
mod snapshots;
mod streams;
mod version;

#[test]
fn sessions_print_what_they_did() {
    trycmd::TestCases::new().case("../tests/cli/cases/*.trycmd");
}
