//! Differences: do listings and the audits made of them tell the same, and do the JSON forms keep to their schemas?

use std::path::Path;

use serde_json::Value;

use crate::binary::{EXAMPLE, file, permdrift, printed};
use crate::machines::keeps_to;

const SETS: [&str; 2] = ["--action-sets", "tests/cli/cases/audit.in/sets.toml"];

fn listing(name: &str) -> String {
    format!("tests/cli/cases/diff.in/{name}.json")
}

/// The difference as JSON, and the exit code.
fn difference(before: &str, after: &str) -> (Value, Option<i32>) {
    let output = permdrift(&["diff", before, after, "--output", "json"])
        .args(SETS)
        .output()
        .unwrap();
    (keeps_to("drift-1", printed(&output)), output.status.code())
}

#[track_caller]
fn diff(before: &str, after: &str, code: i32) -> Value {
    let (difference, found) = difference(before, after);
    assert_eq!(found, Some(code), "{before} {after}");
    difference
}

/// The audit of a listing, saved.
fn audit(folder: &Path, name: &str) -> String {
    let path = folder.join(format!("{name}.audit.json"));
    let output = permdrift(&["audit", "--auth-details", &listing(name)])
        .args(SETS)
        .arg("--export")
        .arg(&path)
        .output()
        .unwrap();
    assert!(path.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    path.to_string_lossy().into_owned()
}

#[test]
fn two_audits_tell_what_their_listings_tell() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["march", "today", "fine", "lacking", "unsure", "truncated"];
    let audits = names.map(|name| audit(folder.path(), name));
    for (before, earlier) in names.iter().zip(&audits) {
        for (after, later) in names.iter().zip(&audits) {
            let (of_listings, code) = difference(&listing(before), &listing(after));
            let of_audits = diff(earlier, later, code.unwrap());
            for field in [
                "account",
                "before",
                "after",
                "changes",
                "newFaults",
                "oldFaults",
            ] {
                assert_eq!(
                    of_listings[field], of_audits[field],
                    "{field} of {before} and {after}"
                );
            }
        }
    }
}

#[test]
fn access_keys_and_excess_are_compared_between_two_audits() {
    let folder = tempfile::tempdir().unwrap();
    let audit = |name: &str, arguments: &[&str]| {
        let path = folder.path().join(name);
        permdrift(arguments)
            .args(["--excess", "administrator", "--export"])
            .arg(&path)
            .output()
            .unwrap();
        path.to_string_lossy().into_owned()
    };
    let whole = audit("whole.json", &EXAMPLE);
    let without_keys = audit("without-keys.json", &EXAMPLE[..EXAMPLE.len() - 2]);
    let same = diff(&whole, &whole, 2);
    assert_eq!(same["changes"], serde_json::json!([]));
    let one_sided = diff(&whole, &without_keys, 2);
    assert_eq!(one_sided["oneSided"], serde_json::json!(["accessKeys"]));
    // As if a key had been found to be too old and an administrator were none any more.
    let mut document: Value =
        serde_json::from_str(&std::fs::read_to_string(&whole).unwrap()).unwrap();
    let findings = document["findings"].as_array_mut().unwrap();
    let code = |finding: &Value| finding["code"].as_str().unwrap_or_default().to_owned();
    let before = findings.len();
    findings.retain(|finding| {
        code(finding) != "access-key"
            && !(code(finding) == "excess-access" && finding.get("actionSet").is_none())
    });
    assert!(findings.len() < before);
    let clean = folder.path().join("clean.json");
    std::fs::write(&clean, document.to_string()).unwrap();
    let worse = diff(&clean.to_string_lossy(), &whole, 1);
    let about = |word: &str| {
        let changes = worse["changes"].as_array().unwrap().iter();
        changes.filter(|change| change["about"] == word).count()
    };
    assert!(about("accessKeys") > 0 && about("excess") > 0, "{worse}");
    diff(&whole, &clean.to_string_lossy(), 2);
}

#[test]
fn one_of_the_two_may_be_standard_input() {
    for (before, after) in [("-", "lacking"), ("fine", "-")] {
        let input = if before == "-" { "fine" } else { "lacking" };
        let path = |name: &str| match name {
            "-" => name.to_owned(),
            name => listing(name),
        };
        let output = permdrift(&["diff", &path(before), &path(after)])
            .args(SETS)
            .stdin(std::fs::File::open(file(&listing(input))).unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{before} {after}");
        assert!(printed(&output).contains("missing now"));
    }
}

#[test]
fn what_an_upgrade_needs_keeps_to_its_schema_with_and_without_an_account() {
    let upgrading = "tests/cli/cases/catalog.in/upgrading.json";
    for (account, code) in [
        (&[][..], 0),
        (&["--auth-details", upgrading], 1),
        (
            &[
                "--auth-details",
                "examples/account.json",
                "--settings",
                "examples/settings.toml",
            ],
            1,
        ),
    ] {
        let output = permdrift(&["catalog", "diff", "v10..v11", "--output", "json"])
            .args(account)
            .output()
            .unwrap();
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{account:?}: {messages}");
        let document = keeps_to("catalog-diff-1", printed(&output));
        assert_eq!(document.get("upgrade").is_some(), !account.is_empty());
    }
}
