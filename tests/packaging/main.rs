//! The packaging scripts that need no build: the template without a build, and what a release has besides the files of its targets.
//!
//! What needs a build (wheel, archive, the function's zip) is tried by `packaging/package.py` itself, which `.ci/run` calls.

mod action;
mod release;
mod template;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests package is a folder of the checkout")
        .to_owned()
}

/// Python, with the packaging scripts to import.
fn python(arguments: &[&str]) -> Output {
    Command::new("python3")
        .args(arguments)
        .current_dir(root().join("packaging"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPATH", root().join("packaging"))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("python3 starts")
}

/// What a script printed that had to succeed.
#[track_caller]
fn printed(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).expect("it prints UTF-8")
}

/// What a script said that had to refuse.
#[track_caller]
fn refused(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it accepted what is wrong");
    assert!(!said.contains("Traceback"), "{said}");
    said
}
