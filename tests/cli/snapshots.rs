//! Snapshots: do the published schema, the example and the reader say the same?

use std::collections::BTreeSet;

use audit::snapshot::{ReadSnapshotError, read_snapshot};
use serde_json::{Value, json};

use crate::binary::{file, permdrift};
use crate::machines::{keeps_to, schema};

fn example() -> Value {
    let text = std::fs::read_to_string(file("examples/snapshot.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_example_keeps_to_its_schema() {
    keeps_to("snapshot-1", &example().to_string());
}

/// Somewhere that has keys of this program, and where the schema lists them.
const PLACES: [(&str, &str); 8] = [
    ("", ""),
    ("/keys/*", "/$defs/key"),
    ("/buckets/*", "/$defs/bucket"),
    ("/vaults/*", "/$defs/vault"),
    ("/regions/*", "/$defs/region"),
    ("/organization", "/$defs/organization"),
    ("/organization/path/0", "/$defs/level"),
    ("/buckets/*/get-bucket-replication/error", "/$defs/error"),
];

/// What stands at a place; `*` is the first key.
fn at<'v>(value: &'v mut Value, place: &str) -> &'v mut Value {
    let steps = place.split('/').skip(1);
    steps.fold(value, |value, step| match step.parse::<usize>() {
        Ok(number) => &mut value[number],
        Err(_) if step == "*" => {
            let object = value.as_object_mut().unwrap();
            object.values_mut().next().unwrap()
        }
        Err(_) => &mut value[step],
    })
}

#[test]
fn the_schema_lists_the_keys_that_are_read_and_no_other() {
    let text = std::fs::read_to_string(file("docs/schemas/snapshot-1.json")).unwrap();
    let published: Value = serde_json::from_str(&text).unwrap();
    let validator = schema("snapshot-1");
    for (place, listed) in PLACES {
        let mut snapshot = example();
        at(&mut snapshot, place)["aKeyThatNobodyKnows"] = json!({});
        assert!(!validator.is_valid(&snapshot), "{place}");
        let mistakes = match read_snapshot(&snapshot.to_string()).unwrap_err() {
            ReadSnapshotError::Mistakes(mistakes) => mistakes,
            other => panic!("{place}: {other}"),
        };
        let (_, known) = mistakes[0].text.split_once("expected one of ").unwrap();
        let known: BTreeSet<&str> = known.split(", ").collect();
        let listed = published.pointer(&format!("{listed}/properties")).unwrap();
        let listed: BTreeSet<&str> = listed
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(known, listed, "{place}");
    }
}

#[test]
fn what_the_schema_refuses_is_refused() {
    let validator = schema("snapshot-1");
    let changes: [fn(&mut Value); 12] = [
        |snapshot| snapshot["schemaVersion"] = json!(2),
        |snapshot| snapshot["account"] = json!(1),
        |snapshot| snapshot["takenAt"] = json!(5),
        |snapshot| snapshot["listing"] = json!("a text"),
        |snapshot| snapshot["keys"] = json!({"alias/veeam": {}}),
        |snapshot| snapshot["buckets"] = json!({"arn:aws:s3:::b": {}}),
        |snapshot| snapshot["vaults"] = json!({"veeam": {}}),
        |snapshot| snapshot["regions"] = json!({"Frankfurt": {}}),
        |snapshot| snapshot["organization"]["path"] = json!([]),
        |snapshot| snapshot["organization"]["path"][0]["serviceControlPolicies"] = json!([]),
        |snapshot| snapshot["list-buckets"] = json!({"error": {"code": "two words"}}),
        |snapshot| snapshot["list-buckets"] = json!({"error": {"code": "A"}, "Buckets": []}),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut snapshot = example();
        change(&mut snapshot);
        assert!(!validator.is_valid(&snapshot), "{number}");
        assert!(read_snapshot(&snapshot.to_string()).is_err(), "{number}");
    }
}

/// A snapshot that is packed, and one that comes from a pipe.
#[test]
fn a_snapshot_is_read_from_standard_input_and_packed() {
    let example = file("examples/snapshot.json");
    let packed = tempfile::NamedTempFile::new().unwrap();
    let gzip = std::process::Command::new("gzip")
        .arg("-c")
        .stdin(std::fs::File::open(&example).unwrap())
        .stdout(packed.reopen().unwrap())
        .status();
    assert!(gzip.unwrap().success());
    for input in [example.as_path(), packed.path()] {
        let audit = permdrift(&["audit", "--snapshot", "-"])
            .stdin(std::fs::File::open(input).unwrap())
            .output()
            .unwrap();
        assert_eq!(audit.status.code(), Some(0), "{audit:?}");
    }
}

#[test]
fn an_export_does_not_overwrite_the_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("snapshot.json");
    std::fs::copy(file("examples/snapshot.json"), &snapshot).unwrap();
    let output = permdrift(&["audit", "--snapshot"])
        .arg(&snapshot)
        .arg("--export")
        .arg(&snapshot)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64));
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(messages.contains("read by --snapshot"), "{messages}");
}
