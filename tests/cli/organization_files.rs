//! Organisation files and folders of snapshots: is anything taken for what it is not?

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::binary::{permdrift, printed};

const ONE: &str = "111122223333";
const OTHER: &str = "444455556666";
/// What the SCP above it does to the second account.
const DRIFTED: &str = "444455556666 1 of 1 drifted";

fn policy(id: &str, effect: &str) -> Value {
    let statement = json!({ "Effect": effect, "Action": "*", "Resource": "*" });
    let content = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let summary = json!({ "Id": id, "Type": "SERVICE_CONTROL_POLICY" });
    json!({ "Policy": { "PolicySummary": summary, "Content": content } })
}

/// An organisation whose second account may do nothing.
fn organization() -> Value {
    json!({
        "schemaVersion": 1,
        "describe-organization": { "Organization": {
            "Id": "o-exampleorgid", "MasterAccountId": "999988887777",
            "Arn": "arn:aws:organizations::999988887777:organization/o-exampleorgid",
        } },
        "accounts": { (ONE): ["r-ab12", ONE], (OTHER): ["r-ab12", OTHER] },
        "policies": { "p-full": policy("p-full", "Allow"), "p-deny": policy("p-deny", "Deny") },
        "serviceControlPolicies": {
            "r-ab12": ["p-full"], (ONE): ["p-full"], (OTHER): ["p-full", "p-deny"],
        },
        "resourceControlPolicies": { "error": { "code": "PolicyTypeNotEnabledException" } },
    })
}

fn snapshot(account: &str) -> Value {
    let all = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    json!({
        "schemaVersion": 1, "account": account,
        "listing": {
            "UserDetailList": [{
                "Path": "/", "UserName": "veeam", "UserId": "AIDAVEEAMVEEAMVEEAM", "Arn": format!("arn:aws:iam::{account}:user/veeam"),
                "CreateDate": "2026-05-01T00:00:00+00:00", "GroupList": [], "AttachedManagedPolicies": [],
                "Tags": [{ "Key": "veeam:action-sets", "Value": "vbaws-appliance-connect" }],
                "UserPolicyList": [{ "PolicyName": "all", "PolicyDocument": all }] }],
            "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
        },
    })
}

/// A folder of two snapshots, and an organisation file beside it.
struct Saved {
    _folder: tempfile::TempDir,
    snapshots: PathBuf,
    organization: PathBuf,
}

fn saved(organization: &str, change: impl FnOnce(&mut Value)) -> Saved {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = folder.path().join("snapshots");
    std::fs::create_dir(&snapshots).unwrap();
    let mut other = snapshot(OTHER);
    change(&mut other);
    for (name, value) in [("a.json", snapshot(ONE)), ("b.json", other)] {
        std::fs::write(snapshots.join(name), value.to_string()).unwrap();
    }
    let path = folder.path().join("organization.json");
    std::fs::write(&path, organization).unwrap();
    Saved {
        _folder: folder,
        snapshots,
        organization: path,
    }
}

fn audit(snapshots: &Path, organization: Option<&Path>) -> Output {
    let mut command = permdrift(&["audit", "--snapshot"]);
    command.arg(snapshots);
    if let Some(organization) = organization {
        command.arg("--organization").arg(organization);
    }
    command.output().unwrap()
}

#[track_caller]
fn check(output: &Output, code: i32, expected: &[&str]) {
    let text = printed(output).to_owned() + &String::from_utf8_lossy(&output.stderr);
    // Where lines end depends on the screen.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in expected {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_file_that_cannot_be_relied_on_ends_the_audit() {
    let whole = organization().to_string();
    let saved_whole = saved(&whole, |_| {});
    let output = audit(&saved_whole.snapshots, Some(&saved_whole.organization));
    check(&output, 1, &[DRIFTED]);
    let mut refused = organization();
    refused["serviceControlPolicies"]["error"] = json!({ "code": "AccessDenied" });
    let twice = format!("\"{OTHER}\":[\"p-full\"],\"r-ab12\":[\"p-full\"]");
    for (text, expected) in [
        (refused.to_string(), "`error` stands beside an output"),
        (
            whole.replace("\"r-ab12\":[\"p-full\"]", &twice),
            "this key is there twice",
        ),
        (
            whole.chars().take(whole.len() / 2).collect(),
            "it was cut off",
        ),
    ] {
        let saved = saved(&text, |_| {});
        for snapshots in [saved.snapshots.clone(), saved.snapshots.join("b.json")] {
            check(
                &audit(&snapshots, Some(&saved.organization)),
                2,
                &[expected],
            );
        }
    }
}

#[test]
fn an_account_of_another_organisation_is_not_audited() {
    let described = json!({ "describe-organization": { "Organization": { "Id": "o-other", "MasterAccountId": "999988887777" } } });
    let file = organization().to_string();
    let of_other = saved(&file, |snapshot| snapshot["organization"] = described);
    let ids = "the snapshot is of the organisation `o-other`, the file of `o-exampleorgid`";
    let output = audit(&of_other.snapshots, Some(&of_other.organization));
    check(&output, 2, &["not audited", ids]);
    let alone = of_other.snapshots.join("b.json");
    check(&audit(&alone, Some(&of_other.organization)), 64, &[ids]);
    let of_government = saved(&file, |snapshot| {
        let text = snapshot.to_string().replace("arn:aws:", "arn:aws-us-gov:");
        *snapshot = serde_json::from_str(&text).unwrap();
    });
    let output = audit(&of_government.snapshots, Some(&of_government.organization));
    let partitions = ["not audited", "in the partition `aws-us-gov`", "in `aws`"];
    check(&output, 2, &partitions);
}

#[test]
fn a_packed_organisation_file_is_read() {
    let saved = saved(&organization().to_string(), |_| {});
    let packed = saved.organization.with_extension("json.gz");
    let gzip = std::process::Command::new("gzip")
        .arg("-c")
        .stdin(std::fs::File::open(&saved.organization).unwrap())
        .stdout(std::fs::File::create(&packed).unwrap())
        .status();
    assert!(gzip.unwrap().success());
    check(&audit(&saved.snapshots, Some(&packed)), 1, &[DRIFTED]);
    std::fs::write(&packed, [0x1f, 0x8b, 8]).unwrap();
    check(
        &audit(&saved.snapshots, Some(&packed)),
        2,
        &["cannot be unpacked"],
    );
}

#[test]
fn an_organisation_on_standard_input_is_called_as_it_was_written() {
    let saved = saved("{}", |_| {});
    let output = permdrift(&["audit", "--organization", "-", "--snapshot"])
        .arg(&saved.snapshots)
        .stdin(std::fs::File::open(&saved.organization).unwrap())
        .output()
        .unwrap();
    check(&output, 2, &["--organization - cannot be used"]);
}

/// Of which of both the verdict is, nobody could tell.
#[cfg(unix)]
#[test]
fn a_link_to_another_snapshot_is_a_second_file_of_its_account() {
    let saved = saved("{}", |_| {});
    std::fs::remove_file(saved.snapshots.join("b.json")).unwrap();
    std::os::unix::fs::symlink("a.json", saved.snapshots.join("b.json")).unwrap();
    let output = audit(&saved.snapshots, None);
    check(&output, 2, &["a.json and ", "b.json are both of account"]);
    // One file by two ways is one.
    std::fs::remove_file(saved.snapshots.join("b.json")).unwrap();
    let output = permdrift(&["audit", "--snapshot"])
        .arg(&saved.snapshots)
        .arg("--snapshot")
        .arg(saved.snapshots.join("../snapshots/a.json"))
        .output()
        .unwrap();
    check(&output, 0, &["1 account"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_not_waited_for() {
    let saved = saved("{}", |_| {});
    let pipe = saved.snapshots.join("c.json");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    check(
        &audit(&saved.snapshots, None),
        2,
        &["c.json` is not a regular file"],
    );
}
