//! The binary under test, and the files it is given.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A file of the checkout.
pub fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}

/// The binary, in the root of the checkout, with nothing in the environment that changes its looks or its options.
pub fn permdrift(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_permdrift"));
    command.args(arguments).current_dir(file("."));
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PERMDRIFT_") {
            command.env_remove(name);
        }
    }
    command
}

/// The audit of the example, with all that belongs to it.
pub const EXAMPLE: [&str; 11] = [
    "audit",
    "--auth-details",
    "examples/account.json",
    "--settings",
    "examples/settings.toml",
    "--scp",
    "examples/scp-root.json",
    "--scp",
    "examples/scp-account.json",
    "--credential-report",
    "examples/credential-report.csv",
];

/// The audit of one small account of the cases.
pub fn small(account: &str) -> Command {
    let account = format!("tests/cli/cases/audit.in/{account}");
    permdrift(&[
        "audit",
        "--auth-details",
        &account,
        "--action-sets",
        "tests/cli/cases/audit.in/sets.toml",
    ])
}

/// What it printed on standard output.
pub fn printed(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("output is UTF-8")
}
