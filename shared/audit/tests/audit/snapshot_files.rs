//! Snapshots: is a file read as it says, and is every mistake in it named with its place and what would be right?
//!
//! Each test changes one thing in `examples/snapshot.json`.

mod above;
mod forms;
mod mistakes;
mod parts;

use audit::snapshot::{self, ReadSnapshotError, SavedSnapshot};
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../../../examples/snapshot.json");
const ACCOUNT: &str = "111122223333";
const BUCKET: &str = "northgrain-veeam-archive";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/0f1e2d3c-4b5a-4697-8877-665544332211";
const VAULT: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
const REGION: &str = "eu-central-1";

/// The example with a change.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut snapshot = serde_json::from_str(EXAMPLE).unwrap();
    change(&mut snapshot);
    serde_json::to_string_pretty(&snapshot).unwrap()
}

fn read(change: impl FnOnce(&mut Value)) -> SavedSnapshot {
    let text = changed(change);
    snapshot::read_snapshot(&text).unwrap()
}

/// The mistakes of a changed example, each as `path: text`.
fn mistakes(change: impl FnOnce(&mut Value)) -> Vec<String> {
    match snapshot::read_snapshot(&changed(change)).unwrap_err() {
        ReadSnapshotError::Mistakes(mistakes) => {
            let mistakes = mistakes.iter();
            mistakes
                .map(|mistake| format!("{}: {}", mistake.path, mistake.text))
                .collect()
        }
        other => vec![other.to_string()],
    }
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), expected: &str) {
    assert_eq!(mistakes(change), [expected]);
}

/// Removes a key of an object.
fn take(object: &mut Value, key: &str) {
    assert!(object.as_object_mut().unwrap().remove(key).is_some());
}
