//! `--organization`: the stack of an account is found in the file, and what contradicts it is an error that names both.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use e2e::standin::{Conduct, StandIn};

use crate::binary::{file, permdrift, printed};
use crate::live::{SETS, live, messages, small};
use crate::machines::keeps_to;

const ACCOUNT: &str = "111122223333";

fn policy(id: &str, statement: Value) -> Value {
    let content = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let summary = json!({ "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY" });
    json!({ "Policy": { "PolicySummary": summary, "Content": content } })
}

fn organization(accounts: &Value) -> Value {
    let full = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = json!({ "Sid": "NoSnapshots", "Effect": "Deny", "Action": "ec2:CreateSnapshot", "Resource": "*" });
    json!({
        "schemaVersion": 1,
        "takenAt": "2026-11-22T03:15:00Z",
        "describe-organization": { "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "999988887777" } },
        "accounts": accounts,
        "policies": {
            "p-FullAWSAccess": policy("p-FullAWSAccess", full),
            "p-nosnapshots": policy("p-nosnapshots", deny),
        },
        "serviceControlPolicies": {
            "r-ab12": ["p-FullAWSAccess"],
            (ACCOUNT): ["p-FullAWSAccess", "p-nosnapshots"],
        },
        "resourceControlPolicies": { "error": { "code": "PolicyTypeNotEnabledException" } },
    })
}

fn listing() -> Value {
    let all = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    json!({
        "UserDetailList": [{
            "Path": "/", "UserName": "veeam", "UserId": "AIDAVEEAMVEEAMVEEAM", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/veeam"),
            "CreateDate": "2026-05-01T00:00:00+00:00", "GroupList": [], "AttachedManagedPolicies": [],
            "UserPolicyList": [{ "PolicyName": "all", "PolicyDocument": all }] }],
        "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
    })
}

struct Files {
    _folder: tempfile::TempDir,
    listing: PathBuf,
    organization: PathBuf,
    scp: PathBuf,
}

fn files(organization: &Value) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    };
    Files {
        listing: write("listing.json", &listing()),
        organization: write("organization.json", organization),
        scp: write(
            "scp.json",
            &json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }),
        ),
        _folder: folder,
    }
}

fn explain(account: (&str, &Path), organization: &Path, more: &[&str]) -> Output {
    permdrift(&["explain", "veeam", "ec2:CreateSnapshot", account.0])
        .arg(account.1)
        .arg("--organization")
        .arg(organization)
        .args(more)
        .output()
        .unwrap()
}

#[test]
fn a_denial_names_the_scp_and_its_statement() {
    let written = organization(&json!({ (ACCOUNT): ["r-ab12", ACCOUNT] }));
    keeps_to("organization-1", &written.to_string());
    let files = files(&written);
    let output = explain(("--auth-details", &files.listing), &files.organization, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text.contains("p-nosnapshots") && text.contains("NoSnapshots"),
        "{text}"
    );
}

#[track_caller]
fn refused(output: &Output, code: i32, expected: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for one in expected {
        assert!(text.contains(one), "{one}: {text}");
    }
}

#[test]
fn what_says_the_same_in_another_way_is_named() {
    let files = files(&organization(&json!({ (ACCOUNT): ["r-ab12", ACCOUNT] })));
    let listing = ("--auth-details", files.listing.as_path());
    let scp = files.scp.to_str().unwrap();
    let output = explain(listing, &files.organization, &["--scp", scp]);
    refused(
        &output,
        64,
        &["--scp ", "scp.json", "--organization", "organization.json"],
    );
    let output = explain(listing, &files.organization, &["--management-account"]);
    refused(&output, 64, &["--management-account", "organization.json"]);
    let snapshot = file("examples/snapshot.json");
    let output = explain(("--snapshot", &snapshot), &files.organization, &[]);
    refused(
        &output,
        64,
        &["snapshot.json", "organization.json", "both say"],
    );
}

#[test]
fn a_file_without_the_account_is_an_error() {
    let mut organization = organization(&json!({ "444455556666": ["r-ab12", "444455556666"] }));
    let policies = organization["serviceControlPolicies"].as_object_mut();
    policies.unwrap().remove(ACCOUNT);
    let files = files(&organization);
    let listing = ("--auth-details", files.listing.as_path());
    let output = explain(listing, &files.organization, &[]);
    let expected = [
        "organization.json",
        "account 111122223333 is not in this organisation",
    ];
    refused(&output, 2, &expected);
}

/// AWS's simulator says that SCPs deny, and never which.
#[test]
fn a_live_audit_names_the_statement_that_the_file_holds() {
    let frozen = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "NoWrites", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}]}"#;
    let conduct = Conduct {
        service_control: vec![vec![iam::Document::parse(frozen).unwrap()]],
        ..Conduct::default()
    };
    let stand_in = StandIn::start(&small("compliant.json"), conduct);
    let mut written = organization(&json!({ (ACCOUNT): ["r-ab12", ACCOUNT] }));
    let deny = json!({ "Sid": "NoWrites", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*" });
    written["policies"]["p-nosnapshots"] = policy("p-nosnapshots", deny);
    let files = files(&written);
    let audit = || {
        let mut command = live(&stand_in.url(), &SETS);
        command.args(["--settings", "examples/settings.toml"]);
        command
    };
    let with = audit()
        .arg("--organization")
        .arg(&files.organization)
        .output()
        .unwrap();
    let without = audit().output().unwrap();
    for output in [&with, &without] {
        assert_eq!(output.status.code(), Some(1), "{}", messages(output));
        assert!(printed(output).contains("s3:PutObject"), "{output:?}");
    }
    let names = |output| {
        let text = printed(output);
        text.contains("NoWrites") && text.contains("p-nosnapshots")
    };
    assert!(names(&with), "{}", printed(&with));
    assert!(!names(&without) && printed(&without).contains("SCP"));
    // Where no region is declared, AWS is told none, and an SCP may ask for it: this one does not.
    let no_region = || live(&stand_in.url(), &SETS);
    let with = no_region()
        .arg("--organization")
        .arg(&files.organization)
        .output()
        .unwrap();
    assert_eq!(with.status.code(), Some(1), "{}", messages(&with));
    assert!(names(&with), "{}", printed(&with));
    let without = no_region().output().unwrap();
    assert_eq!(without.status.code(), Some(2), "{}", messages(&without));
    let unknown = "depends on aws:RequestedRegion, which is not known: any in force (SCP)";
    assert!(printed(&without).contains(unknown), "{}", printed(&without));
}
