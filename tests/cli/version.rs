//! `permdrift --version`: can somebody who reports a mistake say exactly what was run?

use std::process::Command;

use crate::binary::{file, permdrift, printed};

#[test]
fn the_version_tells_commit_and_dates_of_the_facts() {
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .current_dir(file("."))
        .output()
        .unwrap();
    let commit = String::from_utf8(commit.stdout).unwrap();
    let output = permdrift(&["--version"]).output().unwrap();
    let lines: Vec<&str> = printed(&output).lines().collect();
    let of_reference = format!("AWS reference: as of {}", catalog::AWS_REFERENCE);
    let of_pages = format!("catalog: Veeam's pages as of {}", catalog::NEWEST_PAGE);
    assert_eq!(
        lines,
        [
            concat!("permdrift ", env!("CARGO_PKG_VERSION")),
            &format!("commit: {}", commit.trim_end()),
            &of_pages,
            &of_reference,
        ]
    );
}

#[test]
fn the_short_version_is_one_line() {
    let output = permdrift(&["-V"]).output().unwrap();
    assert_eq!(
        printed(&output),
        concat!("permdrift ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
