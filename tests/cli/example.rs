//! `permdrift example`: does somebody without a checkout get the files that the documents use?

use std::collections::BTreeMap;
use std::path::Path;

use crate::binary::{file, permdrift};

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_example_is_written_as_it_is_in_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("examples");
    let output = permdrift(&["example"]).arg(&place).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (written, source) = (files(&place), files(&file("examples")));
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        source.keys().collect::<Vec<_>>()
    );
    assert!(written == source, "a file differs");
}

#[test]
fn the_example_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("settings.toml");
    std::fs::write(&mine, "mine").unwrap();
    let output = permdrift(&["example"]).arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
    assert_eq!(files(folder.path()).len(), 1);
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
}
