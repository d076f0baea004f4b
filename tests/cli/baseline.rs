//! Baselines in files: what changed since the last audit?

use std::path::Path;

use crate::binary::{printed, small};

/// What the output says of the changes when `account` is audited after `before`.
fn changes(before: &str, account: &str, folder: &Path) -> String {
    let baseline = folder.join("baseline.json");
    small(before)
        .arg("--write-baseline")
        .arg(&baseline)
        .output()
        .unwrap();
    let output = small(account)
        .arg("--baseline")
        .arg(&baseline)
        .output()
        .unwrap();
    let text = printed(&output);
    let shown = text
        .split("Since the baseline\n")
        .nth(1)
        .unwrap_or_default();
    let end = text.lines().last().unwrap_or_default();
    format!(
        "{}{end}",
        shown
            .split("\n\n")
            .next()
            .unwrap_or_default()
            .replace(end, "")
    )
}

#[test]
fn the_same_account_has_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let shown = changes("drifted.json", "drifted.json", folder.path());
    assert!(
        shown.ends_with("since the baseline 0 worse, 0 better"),
        "{shown}"
    );
}

#[test]
fn new_drift_and_new_principals_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let shown = changes("drifted.json", "account.json", folder.path());
    assert!(
        shown.contains("new: missing-actions, role CopyPartly, acme-nightly-copy (1 item)"),
        "{shown}"
    );
    assert!(
        !shown.contains("CopyFrozen"),
        "what was there before is no news: {shown}"
    );
}

#[test]
fn the_first_audit_may_name_the_file_that_it_will_write() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let mut command = small("drifted.json");
    command
        .arg("--baseline")
        .arg(&baseline)
        .arg("--write-baseline")
        .arg(&baseline);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        shown.contains("does not exist yet: everything is new"),
        "{shown}"
    );
    assert!(baseline.exists());
}

#[test]
fn the_baseline_of_another_account_is_neither_used_nor_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    small("drifted.json")
        .arg("--write-baseline")
        .arg(&baseline)
        .output()
        .unwrap();
    let before = std::fs::read(&baseline).unwrap();
    let output = small("other-account.json")
        .arg("--write-baseline")
        .arg(&baseline)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        shown.contains("baseline is of account `111122223333`, this audit is of `444455556666`"),
        "{shown}"
    );
    assert_eq!(std::fs::read(&baseline).unwrap(), before);
}

#[test]
fn the_baseline_of_a_newer_release_is_neither_used_nor_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let newer = r#"{"format":99,"account":{},"principals":[]}"#;
    std::fs::write(&baseline, newer).unwrap();
    let output = small("drifted.json")
        .arg("--write-baseline")
        .arg(&baseline)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&baseline).unwrap(), newer);
}
