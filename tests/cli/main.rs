//! The command line as people meet it: the real binary, its output and its exit codes.
//!
//! Every file in `cases` is a session: commands and what they must print. After a wanted change, run
//! `TRYCMD=overwrite cargo test -p permdrift` and read the difference as carefully as code.

#[test]
fn sessions_print_what_they_did() {
    trycmd::TestCases::new().case("../tests/cli/cases/*.trycmd");
}
