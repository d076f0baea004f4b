//! The linter of state machines, from npm: is a definition in the Amazon States Language one that Step Functions takes?

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::tools::{folder, root, run};

const VERSION: &str = "4.0.0";

/// The linter, installed if need be.
///
/// # Panics
/// If npm or its registry cannot be reached; the message says what to do.
#[must_use]
pub fn linter() -> Command {
    let place = folder().join(format!("asl-validator-{VERSION}"));
    let done = place.join("installed");
    if !done.exists() {
        fs::create_dir_all(folder()).expect("the folder of the tools can be made");
        let lock = File::create(folder().join("asl-validator.lock"))
            .expect("the lock of the linter can be made");
        lock.lock().expect("the lock of the linter can be held");
        if !done.exists() {
            install(&place);
            fs::write(&done, "").expect("the mark of a finished install can be made");
        }
    }
    Command::new(place.join("node_modules/.bin/asl-validator"))
}

fn install(place: &PathBuf) {
    // What an interrupted install left behind.
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).expect("the folder of the linter can be made");
    for file in ["package.json", "package-lock.json"] {
        let listed = root().join("tests/e2e/tools/asl").join(file);
        fs::copy(listed, place.join(file)).expect("the list of packages can be copied");
    }
    run(Command::new("npm")
        .args(["ci", "--silent", "--no-audit", "--no-fund"])
        .current_dir(place));
}
