//! Outputs: is a file that was named by mistake left alone?

use std::path::Path;

use crate::binary::{file, permdrift};

/// Runs in a folder with a listing and a policy, and expects to be told that the usage is wrong; both are as they were.
#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let kept = [
        ("account.json", "tests/cli/cases/audit.in/drifted.json"),
        ("policy.json", "examples/deployment/repository-policy.json"),
    ];
    for (name, from) in kept {
        std::fs::copy(file(from), folder.path().join(name)).unwrap();
    }
    let output = permdrift(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(shown, format!("error: {expected}\n"));
    assert_eq!(output.status.code(), Some(64));
    let read = |path: &Path| std::fs::read(path).unwrap();
    for (name, from) in kept {
        assert!(
            read(&folder.path().join(name)) == read(&file(from)),
            "{name}"
        );
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, kept.len(), "nothing is written");
}

#[test]
fn a_listing_is_not_overwritten() {
    let read = "the file is read by --auth-details and would be overwritten; name another file";
    let audit = ["audit", "--auth-details", "account.json"];
    refused(
        &[&audit[..], &["--export", "./account.json"]].concat(),
        &format!("--export ./account.json: {read}"),
    );
    refused(
        &[&audit[..], &["--write-baseline", "account.json"]].concat(),
        &format!("--write-baseline account.json: {read}"),
    );
    refused(
        &[
            "check",
            "policy.json",
            "--report",
            "policy.json.md",
            "--report",
            "./policy.json.md",
        ],
        "--report ./policy.json.md: --report writes the same file; name another one",
    );
}

#[test]
fn a_file_is_written_once() {
    let audit = [
        "audit",
        "--auth-details",
        "account.json",
        "--export",
        "a.json",
    ];
    refused(
        &[&audit[..], &["--export", "./a.json"]].concat(),
        "--export ./a.json: --export writes the same file; name another one",
    );
    refused(
        &[&audit[..], &["--write-baseline", "a.json"]].concat(),
        "--write-baseline a.json: --export writes the same file; name another one",
    );
    refused(
        &[&audit[..], &["--baseline", "a.json"]].concat(),
        "--export a.json: the file is read by --baseline and would be overwritten; name another file",
    );
}
