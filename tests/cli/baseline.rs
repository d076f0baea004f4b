//! Baselines in files: what changed since the last audit?

use std::path::Path;

use crate::binary::{file, permdrift, printed, small};

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
    let is_sum = |line: &&str| line.contains("drifted") && line.contains("since the baseline");
    let end = text.lines().rfind(is_sum).unwrap_or_default();
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
fn what_is_no_baseline_is_not_overwritten_even_where_another_file_is_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let [baseline, notes] = ["baseline.json", "notes.txt"].map(|name| folder.path().join(name));
    let audit = |account: &str, write: &Path| {
        let mut command = small(account);
        if baseline.exists() {
            command.arg("--baseline").arg(&baseline);
        }
        command.arg("--write-baseline").arg(write).output().unwrap()
    };
    assert_eq!(audit("drifted.json", &baseline).status.code(), Some(1));
    std::fs::write(&notes, "call Ann").unwrap();
    let output = audit("drifted.json", &notes);
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("notes.txt`"), "{shown}");
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "call Ann");
    let others = folder.path().join("others.json");
    let mut other = small("other-account.json");
    other.arg("--write-baseline").arg(&others).output().unwrap();
    let before = std::fs::read(&others).unwrap();
    let output = audit("drifted.json", &others);
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("others.json`"), "{shown}");
    assert_eq!(std::fs::read(&others).unwrap(), before);
}

#[test]
fn who_was_checked_before_and_is_no_longer_bound_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let role = |name: &str, set: &str| {
        format!(
            r#"{{"Arn": "arn:aws:iam::111122223333:role/{name}", "Tags": [{{"Key": "team", "Value": "x"}}{set}], "RolePolicyList": [{{
            "PolicyName": "p", "PolicyDocument": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}}}],
            "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}}}}}"#
        )
    };
    let bound = r#", {"Key": "veeam:action-sets", "Value": "acme-nightly-copy"}"#;
    let account = |last: &str| {
        format!(
            r#"{{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "IsTruncated": false, "RoleDetailList": [{}, {}]}}"#,
            role("a", bound),
            role("b", last)
        )
    };
    std::fs::write(path("before.json"), account(bound)).unwrap();
    std::fs::write(path("now.json"), account("")).unwrap();
    let sets = "tests/cli/cases/audit.in/sets.toml";
    let audit = |listing: &str, more: &[&str]| {
        let listing = path(listing);
        let asked = ["audit", "--auth-details", &listing, "--action-sets", sets];
        permdrift(&[&asked, more].concat()).output().unwrap()
    };
    let kept = path("kept.json");
    let first = audit("before.json", &["--write-baseline", &kept]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert_eq!(audit("now.json", &[]).status.code(), Some(0));
    let compared = audit("now.json", &["--baseline", &kept]);
    let shown = String::from_utf8_lossy(&compared.stderr);
    assert_eq!(compared.status.code(), Some(2), "{shown}");
    let why = "exit code 2: arn:aws:iam::111122223333:role/b was checked before, and is gone or no longer bound";
    assert!(shown.contains(why), "{shown}");
    let other = ["--baseline", &kept, "--principal", "a"];
    assert_eq!(audit("now.json", &other).status.code(), Some(0));
    let mute = "[[mute]]\nprincipal = \"arn:aws:iam::*:role/b\"\ncodes = [\"coverage\"]\nowner = \"me\"\nreason = \"retired\"\nexpires = 2999-01-01\n";
    std::fs::write(path("mute.toml"), mute).unwrap();
    let muted = path("mute.toml");
    let muted = audit("now.json", &["--baseline", &kept, "--settings", &muted]);
    assert_eq!(muted.status.code(), Some(0), "{muted:?}");
}

#[test]
fn what_only_this_release_checks_is_not_said_to_be_worse() {
    // As the first edition wrote it, of a role that was fine by its rules.
    const FIRST_EDITION: &str = concat!(
        r#"{"format":1,"account":{"format":1,"account":"111122223333","generation":3,"audited":"2026-11-01T06:00:00Z"},"principals":["#,
        "\n",
        r#"{"format":1,"principal":"arn:aws:iam::111122223333:role/CopyFrozen","sets":{"acme-nightly-copy":"medium"}}"#,
        "\n]}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    std::fs::write(&baseline, FIRST_EDITION).unwrap();
    let audit = || {
        let mut command = small("drifted.json");
        command.arg("--baseline").arg(&baseline);
        command
            .arg("--write-baseline")
            .arg(&baseline)
            .output()
            .unwrap()
    };
    let first = audit();
    let shown = printed(&first);
    assert!(
        shown.contains("now checked, may be old: missing-actions, role CopyFrozen"),
        "{shown}"
    );
    let end = "since the baseline 0 worse, 0 better, 1 now checked\nChecked: ";
    assert!(shown.contains(end), "{shown}");
    assert_eq!(first.status.code(), Some(1), "it is drift all the same");
    let second = audit();
    let shown = printed(&second);
    assert!(
        shown.contains("since the baseline 0 worse, 0 better\nChecked: "),
        "{shown}"
    );
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

#[test]
fn only_what_is_new_since_the_baseline_counts_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.json");
    let kept = kept.to_str().unwrap();
    let audit = |listing: &str, more: &[&str]| small(listing).args(more).output().unwrap();
    let first = audit("drifted.json", &["--write-baseline", kept]);
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    let known = audit("drifted.json", &["--baseline", kept, "--new-only"]);
    assert_eq!(known.status.code(), Some(0), "{known:?}");
    let told = String::from_utf8(known.stderr).unwrap();
    assert!(told.contains("already in the baseline"), "{told}");
    let healthy = folder.path().join("healthy.json");
    let healthy = healthy.to_str().unwrap();
    audit("compliant.json", &["--write-baseline", healthy]);
    let new = audit("drifted.json", &["--baseline", healthy, "--new-only"]);
    assert_eq!(new.status.code(), Some(1), "{new:?}");
}

#[test]
fn a_listing_given_as_a_baseline_is_called_a_listing() {
    let listing = "tests/cli/cases/audit.in/drifted.json";
    let output = small("drifted.json")
        .args(["--baseline", listing])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        shown.contains("it is an account listing, not a baseline"),
        "{shown}"
    );
}

#[test]
fn what_is_counted_as_a_change_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let [baseline, renamed] =
        ["baseline.json", "renamed.json"].map(|name| folder.path().join(name));
    let listing = std::fs::read_to_string(file("examples/account.json")).unwrap();
    // Its name looked like Veeam's, which was a notice.
    std::fs::write(
        &renamed,
        listing.replace("VeeamBackupRole-old", "Archive-old"),
    )
    .unwrap();
    let audit = |account: &Path, option: &str| {
        let mut command = permdrift(&["audit", "--auth-details"]);
        command
            .arg(account)
            .arg(option)
            .arg(&baseline)
            .output()
            .unwrap()
    };
    audit(&file("examples/account.json"), "--write-baseline");
    let output = audit(&renamed, "--baseline");
    let text = printed(&output);
    assert!(!text.contains("\nSince the baseline\n"), "{text}");
    assert!(
        text.contains("since the baseline 0 worse, 0 better"),
        "{text}"
    );
}
