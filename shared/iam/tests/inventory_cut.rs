//! Cut files: wherever a listing ends too early, nobody takes it for the whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::io::Write as _;

use generator::{Shape, account};
use iam::inventory::{self, Gap};

/// A role and a user with small sets, so that many beginnings can be tried.
fn small() -> Shape {
    Shape {
        roles: 1,
        users: 1,
        role_sets: vec!["vbaws-role-impersonation".to_owned()],
        user_sets: vec!["vbaws-repository-kms-encryption".to_owned()],
        tagged_percent: 100,
        all_drifted: false,
    }
}

/// Reads beginnings of a file, one every `step` bytes. Whole ones are those from `whole` bytes on.
#[track_caller]
fn check(file: &[u8], whole: usize, step: usize) {
    for length in (0..file.len()).step_by(step).chain([whole - 1, whole]) {
        let beginning = file.get(..length).unwrap();
        match inventory::read(beginning) {
            Ok(inventory) if length < whole => {
                assert!(
                    inventory.gaps.contains(&Gap::Truncated),
                    "cut after {length} bytes"
                );
            }
            Ok(inventory) => assert!(inventory.gaps.is_empty()),
            Err(error) => assert!(length < whole, "cut after {length} bytes: {error}"),
        }
    }
}

#[test]
fn what_the_cli_prints_is_whole_or_refused() {
    let file = account(&small(), 1).to_json();
    check(&file, file.trim_ascii_end().len(), 41);
}

#[test]
fn pages_are_all_there_or_one_is_missed() {
    let pages = account(&small(), 1).to_wire_pages(4);
    let pages: Vec<String> = pages.iter().map(ToString::to_string).collect();
    let file = pages.join("\n");
    check(file.as_bytes(), file.len(), 41);
    let list = format!("[{}]", pages.join(","));
    check(list.as_bytes(), list.len(), 41);
}

#[test]
fn gzip_is_whole_or_refused() {
    let file = account(&small(), 1).to_json();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&file).unwrap();
    let packed = packed.finish().unwrap();
    check(&packed, packed.len(), 7);
}
