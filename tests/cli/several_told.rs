//! Several accounts: what a reader is told of each, whatever they asked to see.

use std::fs;

use serde_json::json;

use crate::binary::{permdrift, printed};
use crate::several::{CASES, ONE, Organization, TWO};

const OSLO: &str = "777788889999";

/// The formats for people and spreadsheets, as texts.
fn formats(organization: &Organization, more: &[&str]) -> Vec<(String, String)> {
    let files: Vec<_> = ["html", "md", "csv"]
        .map(|suffix| organization.path(&format!("report.{suffix}")))
        .into();
    let mut command = organization.command(more);
    for file in &files {
        command.arg("--export").arg(file);
    }
    let output = command.output().unwrap();
    let screen = ("screen".to_owned(), printed(&output).to_owned());
    let files = files.iter().map(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(file).unwrap())
    });
    files.chain([screen]).collect()
}

#[test]
fn hidden_files_are_no_snapshots_and_those_that_look_like_one_are_named() {
    let organization = Organization::new();
    let folder = organization.path("snapshots");
    for name in [
        ".444455556666.json",
        "._111122223333.json",
        ".DS_Store",
        ".111122223333.json.swp",
    ] {
        fs::write(folder.join(name), "not JSON").unwrap();
    }
    for name in ["111122223333.json~", "#111122223333.json#"] {
        fs::write(folder.join(name), "not JSON").unwrap();
    }
    let ended = organization.audit(&[]);
    assert_eq!(ended.report.get("unread"), None);
    let notes = [
        "not looked at, because hidden files are no snapshots: .444455556666.json, ._111122223333.json\n",
        "because they do not end in .json or .json.gz or are folders: #111122223333.json#, 111122223333.json~, notes.txt\n",
    ];
    for note in notes {
        assert!(ended.told.contains(note), "{}", ended.told);
    }
    assert!(!ended.told.contains("DS_Store"), "{}", ended.told);
}

#[test]
fn the_environment_names_several_snapshots_as_the_command_line_does() {
    let organization = Organization::new();
    let [one, two] = [ONE, TWO].map(|account| organization.snapshot(account));
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    let sets = format!("{CASES}/sets.toml");
    let audit = |snapshots: &str| {
        let mut command = permdrift(&["audit", "--output", "json", "--action-sets", &sets]);
        let output = command.env("PERMDRIFT_SNAPSHOT", snapshots).output();
        let output = output.unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["summary"]["accounts"]["total"].as_u64()
    };
    assert_eq!(audit(&format!("{one},{two}")), Some(2));
    let folder = organization.path("snapshots");
    assert_eq!(audit(folder.to_str().unwrap()), Some(4));
    assert_eq!(audit(one), None, "an audit of one account");
    for command in [
        &["explain", "CopyRome", "s3:GetObject"][..],
        &["fix", "CopyRome"],
        &["tag"],
        &[
            "check",
            "template.json",
            "--action-set",
            "acme-nightly-copy",
            "--action-sets",
            &sets,
        ],
        &["catalog", "diff", "v10..v11"],
    ] {
        for (set, told) in [
            (
                format!("{one},{two}"),
                "only `permdrift audit` takes several",
            ),
            (
                folder.to_str().unwrap().to_owned(),
                "only `permdrift audit` takes those",
            ),
        ] {
            let output = permdrift(command).env("PERMDRIFT_SNAPSHOT", set).output();
            let output = output.unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(64), "{command:?}: {text}");
            assert!(text.contains(told), "{command:?}: {text}");
        }
    }
}

#[test]
fn an_account_whose_scps_were_refused_says_so_in_every_format_and_is_not_simply_compliant() {
    let organization = Organization::new();
    let described =
        json!({ "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "222233334444" } });
    let error = json!({ "error": { "code": "AccessDeniedException" } });
    Organization::change(&organization.snapshot(OSLO), |snapshot| {
        snapshot["organization"] = json!({ "describe-organization": described, "path": error });
    });
    let ended = organization.audit_alone(&[]);
    let account = ended.account(OSLO);
    assert_eq!(account["verdict"], "compliant-not-checked");
    const SAID: &str = "SCPs: not readable from this account";
    assert_eq!(account["aboveNotChecked"][0], SAID);
    assert_eq!(account["organization"], "o-exampleorgid");
    let note = format!(
        "note: the SCPs of {OSLO} could not be read (AccessDeniedException), so none of them counts: --organization gives them"
    );
    assert!(ended.told.contains(&note), "{}", ended.told);
    for (name, text) in formats(&organization, &[]) {
        assert!(text.contains(SAID), "{name}: {text}");
    }
    // The file says them.
    let ended = organization.audit(&[]);
    let above = ended.account(OSLO).get("aboveNotChecked");
    assert!(!format!("{above:?}").contains("SCPs"), "{above:?}");
    assert!(!ended.told.contains("could not be read"), "{}", ended.told);
}

#[test]
fn an_account_has_the_place_that_its_snapshot_says() {
    let organization = Organization::new();
    let content = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let policy = json!({ "Policy": { "PolicySummary": { "Id": "p-all", "Type": "SERVICE_CONTROL_POLICY" }, "Content": content.to_string() } });
    let of = |id: &str| {
        let level = |id: &str| json!({ "id": id, "serviceControlPolicies": [policy] });
        json!({
            "describe-organization": { "Organization": { "Id": id, "MasterAccountId": "222233334444" } },
            "path": [level("r-ab12"), level("ou-ab12-test0001"), level(OSLO)],
        })
    };
    Organization::change(&organization.snapshot(OSLO), |snapshot| {
        snapshot["organization"] = of("o-exampleorgid");
    });
    let ended = organization.audit_alone(&[]);
    assert_eq!(
        ended.account(OSLO)["path"],
        json!(["r-ab12", "ou-ab12-test0001"])
    );
    assert_eq!(ended.account(OSLO)["organization"], "o-exampleorgid");
    assert_eq!(ended.account(TWO).get("path"), None);
    assert!(!ended.told.contains("organizations"), "{}", ended.told);
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        snapshot["organization"] = json!({ "describe-organization": { "Organization": { "Id": "o-other", "MasterAccountId": "999988887777" } } });
    });
    let ended = organization.audit_alone(&[]);
    let note = "the snapshots are of 2 organizations: o-exampleorgid, o-other";
    assert!(ended.told.contains(note), "{}", ended.told);
}

#[test]
fn no_level_hides_what_was_not_audited_or_not_read_whole() {
    let organization = Organization::new();
    Organization::change(&organization.snapshot(OSLO), |snapshot| {
        snapshot["listing"]["IsTruncated"] = json!(true);
    });
    let file = organization.path("organization.json");
    let more = [
        "--severity",
        "critical",
        "--organization",
        file.to_str().unwrap(),
    ];
    let output = organization.command(&more).output().unwrap();
    let screen = printed(&output);
    assert!(screen.contains("not audited"), "{screen}");
    for account in ["888877776666", OSLO] {
        assert!(screen.contains(account), "{screen}");
    }
    assert!(!screen.contains("drifted       medium"), "{screen}");
}

#[test]
fn every_format_says_how_old_the_snapshots_are() {
    let organization = Organization::new();
    Organization::change(&organization.snapshot(OSLO), |snapshot| {
        snapshot.as_object_mut().unwrap().remove("takenAt");
    });
    let ended = organization.audit(&[]);
    assert_eq!(ended.account(OSLO)["found"]["taken"], "unknown");
    assert_eq!(ended.account(ONE)["found"]["taken"], "2026-11-20T06:00:00Z");
    assert_eq!(ended.report["organizationTakenAt"], "2026-11-20T06:00:00Z");
    let file = organization.path("organization.json");
    for (name, text) in formats(&organization, &["--organization", file.to_str().unwrap()]) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let parts: &[&str] = match &*name {
            "report.csv" => &["\"2026-11-20T06:00:00Z\"", "\"unknown\""],
            _ => &[
                "Age of the snapshots and listings:",
                "not known of 1 account",
                "2026-11-20 06:00 UTC",
            ],
        };
        for part in parts {
            assert!(text.contains(part), "{name}: {part}: {text}");
        }
    }
}
