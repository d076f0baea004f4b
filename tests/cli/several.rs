//! Several accounts in one report: nothing that was not read looks fine, whatever lies beside it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::binary::{file, permdrift, printed};
use crate::machines::{keeps_to, schema};

pub const CASES: &str = "tests/cli/cases/organization.in";
pub const ONE: &str = "111122223333";
pub const TWO: &str = "444455556666";

/// The organisation of the sessions, in a folder of its own, to be damaged.
pub struct Organization {
    folder: tempfile::TempDir,
}

/// What an audit of it ended with.
pub struct Ended {
    pub code: Option<i32>,
    pub report: Value,
    pub told: String,
}

impl Organization {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let snapshots = folder.path().join("snapshots");
        fs::create_dir(&snapshots).unwrap();
        for entry in fs::read_dir(file(CASES).join("snapshots")).unwrap() {
            let path = entry.unwrap().path();
            let copy = snapshots.join(path.file_name().unwrap());
            fs::copy(&path, &copy).unwrap();
            if copy.extension().is_some_and(|one| one == "json") {
                // The sessions show ages, so their files say none.
                Self::change(&copy, |snapshot| {
                    snapshot["takenAt"] = json!("2026-11-20T06:00:00Z");
                });
            }
        }
        let organization = file(CASES).join("organization.json");
        fs::copy(organization, folder.path().join("organization.json")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn snapshot(&self, account: &str) -> PathBuf {
        self.path("snapshots").join(format!("{account}.json"))
    }

    pub fn change(path: &Path, change: impl FnOnce(&mut Value)) {
        let mut document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        change(&mut document);
        fs::write(path, document.to_string()).unwrap();
    }

    /// Accounts leave the organisation.
    pub fn leave(&self, accounts: &[&str]) {
        Self::change(&self.path("organization.json"), |file| {
            for part in ["accounts", "accountNames", "serviceControlPolicies"] {
                let part = file[part].as_object_mut().unwrap();
                part.retain(|account, _| !accounts.contains(&account.as_str()));
            }
        });
    }

    pub fn audit(&self, more: &[&str]) -> Ended {
        let organization = self.path("organization.json");
        let organization = ["--organization", organization.to_str().unwrap()];
        self.audit_alone(&[&organization, more].concat())
    }

    /// The same without the organisation's file.
    pub fn audit_alone(&self, more: &[&str]) -> Ended {
        let output = self
            .command(&["--output", "json"])
            .args(more)
            .output()
            .unwrap();
        let report = match printed(&output) {
            "" => Value::Null,
            text => keeps_to("organization-audit-1", text),
        };
        Ended {
            code: output.status.code(),
            report,
            told: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// An audit of its snapshots.
    pub fn command(&self, more: &[&str]) -> Command {
        let sets = format!("{CASES}/sets.toml");
        let mut command = permdrift(&["audit", "--action-sets", &sets]);
        command.arg("--snapshot").arg(self.path("snapshots"));
        command.args(more);
        command
    }
}

impl Ended {
    pub fn account(&self, account: &str) -> &Value {
        let mut accounts = self.report["accounts"].as_array().unwrap().iter();
        accounts.find(|one| one["account"] == account).unwrap()
    }

    /// Nothing was found in an account, for this reason, and the totals count it.
    #[track_caller]
    fn has_not_audited(&self, account: &str, reason: &str) {
        let found = self.account(account);
        assert_eq!(found["verdict"], "not-audited", "{found:#}");
        let said = found["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{said}");
        assert!(found.get("found").is_none(), "{found:#}");
        let counts = &self.report["summary"]["accounts"];
        assert_eq!(counts["total"], 5, "{counts:#}");
        let parts = [
            "drifted",
            "notAudited",
            "undetermined",
            "compliantNotChecked",
            "nobodyBound",
            "compliant",
        ];
        let sum: u64 = parts
            .iter()
            .map(|part| counts[part].as_u64().unwrap())
            .sum();
        assert_eq!(sum, 5, "{counts:#}");
        assert!(self.told.contains("not audited"), "{}", self.told);
    }
}

#[test]
fn what_was_found_in_each_account_keeps_to_its_schema() {
    let ended = Organization::new().audit(&[]);
    assert_eq!(ended.code, Some(1), "{}", ended.told);
    let schema = schema("account-1");
    let accounts = ended.report["accounts"].as_array().unwrap().iter();
    let found: Vec<&Value> = accounts.filter_map(|one| one.get("found")).collect();
    assert_eq!(found.len(), 4);
    for one in found {
        let faults: Vec<String> = schema
            .iter_errors(one)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?}\n{one:#}");
    }
    let oslo = ended.account("777788889999");
    assert_eq!(
        (&oslo["name"], &oslo["path"]),
        (&json!("test-oslo"), &json!(["r-ab12", "ou-ab12-test0001"]))
    );
}

#[test]
fn a_snapshot_of_a_newer_form_leaves_its_account_not_audited() {
    let organization = Organization::new();
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        snapshot["schemaVersion"] = json!(2);
    });
    organization
        .audit(&[])
        .has_not_audited(TWO, "schemaVersion 2");
}

#[test]
fn a_snapshot_without_its_end_leaves_its_account_not_audited() {
    let organization = Organization::new();
    let path = organization.snapshot(TWO);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    organization.audit(&[]).has_not_audited(TWO, "cut off");
}

#[test]
fn an_empty_file_is_named_and_its_account_is_not_audited() {
    let organization = Organization::new();
    fs::write(organization.snapshot(TWO), "").unwrap();
    let ended = organization.audit(&[]);
    ended.has_not_audited(TWO, "444455556666.json could not be read");
    let unread = ended.report["unread"].as_array().unwrap();
    assert!(
        unread[0]["file"]
            .as_str()
            .unwrap()
            .ends_with(&format!("{TWO}.json")),
        "{unread:?}"
    );
}

#[test]
fn an_account_that_is_not_in_the_organisation_is_not_audited() {
    let organization = Organization::new();
    organization.leave(&[TWO]);
    // The file has one less, and the snapshot says that there is one more.
    organization
        .audit(&[])
        .has_not_audited(TWO, "is not in this organisation");
}

#[test]
fn a_level_whose_policy_is_not_in_the_file_leaves_what_is_below_not_audited() {
    let organization = Organization::new();
    Organization::change(&organization.path("organization.json"), |file| {
        file["policies"]
            .as_object_mut()
            .unwrap()
            .remove("p-readonly");
    });
    let ended = organization.audit(&[]);
    for account in [ONE, TWO] {
        ended.has_not_audited(account, "p-readonly");
    }
    assert_eq!(ended.code, Some(2), "{}", ended.told);
}

#[test]
fn a_snapshot_that_says_other_scps_than_the_organisation_is_not_audited() {
    let organization = Organization::new();
    let content = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let policy = json!({ "Policy": { "PolicySummary": { "Id": "p-other", "Type": "SERVICE_CONTROL_POLICY" }, "Content": content.to_string() } });
    let level = |id: &str| json!({ "id": id, "serviceControlPolicies": [policy] });
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        snapshot["organization"] = json!({
            "describe-organization": { "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "222233334444" } },
            "path": [level("r-ab12"), level(TWO)],
        });
    });
    organization.audit(&[]).has_not_audited(TWO, "both say");
}

#[test]
fn a_member_that_may_not_read_its_scps_has_those_of_the_organisation() {
    let organization = Organization::new();
    let error = json!({ "error": { "code": "AccessDeniedException" } });
    let described =
        json!({ "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "222233334444" } });
    let refused = json!({ "describe-organization": described, "path": error });
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        snapshot["organization"] = refused;
    });
    let ended = organization.audit(&[]);
    let causes = &ended.report["causes"];
    assert_eq!(causes[0]["accounts"][1]["account"], TWO, "{causes:#}");
}

#[test]
fn a_newer_organisation_file_ends_everything() {
    let organization = Organization::new();
    Organization::change(&organization.path("organization.json"), |file| {
        file["schemaVersion"] = json!(2);
    });
    let ended = organization.audit(&[]);
    assert_eq!((ended.code, &ended.report), (Some(2), &Value::Null));
    assert!(ended.told.contains("newer release"), "{}", ended.told);
}

#[test]
fn an_organisation_file_among_the_snapshots_is_no_account() {
    let organization = Organization::new();
    let beside = organization.path("snapshots").join("organization.json");
    fs::rename(organization.path("organization.json"), &beside).unwrap();
    // Named by another option, it is known.
    std::os::unix::fs::symlink(&beside, organization.path("organization.json")).unwrap();
    let ended = organization.audit(&[]);
    assert!(ended.report.get("unread").is_none(), "{:#}", ended.report);
    fs::copy(&beside, organization.path("snapshots").join("older.json")).unwrap();
    let ended = organization.audit(&[]);
    let reason = ended.report["unread"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("--organization"), "{reason}");
    assert_eq!(ended.code, Some(1), "{}", ended.told);
    assert!(
        ended.told.contains("1 file could not be read"),
        "{}",
        ended.told
    );
}

#[test]
fn a_compressed_snapshot_in_a_folder_is_read() {
    let organization = Organization::new();
    let path = organization.snapshot(TWO);
    let text = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let file = fs::File::create(path.with_extension("json.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    gzip.finish().unwrap();
    assert_eq!(organization.audit(&[]).account(TWO)["verdict"], "drifted");
}

#[test]
fn without_drift_what_was_not_audited_gives_two_and_nobody_bound_does_not() {
    let organization = Organization::new();
    for account in [ONE, TWO] {
        fs::remove_file(organization.snapshot(account)).unwrap();
    }
    assert_eq!(organization.audit(&[]).code, Some(2));
    organization.leave(&[ONE, TWO, "888877776666"]);
    let ended = organization.audit(&[]);
    assert_eq!(ended.code, Some(0), "{}", ended.told);
    fs::remove_file(organization.snapshot("777788889999")).unwrap();
    organization.leave(&["777788889999"]);
    let ended = organization.audit(&[]);
    assert_eq!(
        ended.code,
        Some(2),
        "nobody is bound at all: {}",
        ended.told
    );
}

#[test]
fn drift_below_the_level_that_counts_leaves_what_is_not_known() {
    let ended = Organization::new().audit(&["--fail-on", "high"]);
    assert_eq!(ended.code, Some(2), "{}", ended.told);
}

#[test]
fn a_folder_without_an_account_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let output = permdrift(&["audit", "--snapshot"])
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("holds no file that ends in .json"), "{told}");
}

/// The report that the schema is explained with; `UPDATE_DOCS` writes it.
#[test]
fn the_example_of_the_schema_is_what_the_sessions_organisation_gives() {
    let mut report = Organization::new().audit(&[]).report;
    let at = json!("2026-11-30T04:00:00Z");
    // Of the first release, whichever this is.
    let generator = json!("permdrift 0.1.0");
    report["at"] = at.clone();
    report["generator"] = generator.clone();
    for account in report["accounts"].as_array_mut().unwrap() {
        let id = account["account"].as_str().unwrap().to_owned();
        if let Some(found) = account.get_mut("found") {
            found["at"] = at.clone();
            found["generator"] = generator.clone();
            found["audit"] = json!(format!("snapshots/{id}.json"));
            let source = found["source"].as_str().unwrap();
            let (_, rest) = source.split_once(".json, ").unwrap();
            found["source"] = json!(format!("Read from snapshots/{id}.json, {rest}"));
        }
    }
    let text = format!("{report:#}\n");
    let path = file("docs/schemas/organization-audit-1.example.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        text,
        "UPDATE_DOCS=1 writes it anew"
    );
}
