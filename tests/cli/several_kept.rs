//! Several accounts with baselines, bindings and mutes: what is kept of each, whom a binding means, and what a mute takes away.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::several::{Ended, ONE, Organization, TWO};

const UNSEEN: &str = "888877776666";
const OSLO: &str = "777788889999";

impl Organization {
    /// All accounts have a snapshot.
    fn whole() -> Self {
        let organization = Self::new();
        organization.leave(&[UNSEEN]);
        organization
    }

    fn baselines(&self) -> String {
        self.path("baselines").to_str().unwrap().to_owned()
    }

    fn baseline(&self, account: &str) -> PathBuf {
        self.path("baselines").join(format!("{account}.json"))
    }
}

impl Ended {
    #[track_caller]
    fn is(&self, code: i32, told: &str) {
        assert_eq!(self.code, Some(code), "{}", self.told);
        assert!(self.told.contains(told), "{}", self.told);
    }
}

#[test]
fn of_several_accounts_each_has_its_baseline_and_only_what_is_new_counts() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    let first = organization.audit(&["--write-baseline", &baselines]);
    first.is(1, "");
    // Audits of one second cannot be told apart by their time.
    for account in [ONE, TWO] {
        let path = organization.baseline(account);
        let text = fs::read_to_string(&path).unwrap();
        let at = first.report["at"].as_str().unwrap();
        fs::write(path, text.replace(at, "2026-11-21T06:00:00Z")).unwrap();
    }
    let new_only = ["--baseline", &*baselines, "--new-only"];
    organization
        .audit(&new_only)
        .is(0, "already in the baseline");
    organization.audit(&new_only[..2]).is(1, "");
    // Of one account nothing is known any more.
    fs::remove_file(organization.baseline(TWO)).unwrap();
    let ended = organization.audit(&new_only);
    ended.is(1, "");
    let since = |account: &str| ended.account(account)["found"]["findings"][0]["since"].clone();
    assert_eq!(since(TWO), ended.report["at"]);
    assert_eq!(since(ONE), "2026-11-21T06:00:00Z");
    let screen = organization
        .command(&["--baseline", &baselines, "--organization"])
        .arg(organization.path("organization.json"))
        .output()
        .unwrap();
    let screen = String::from_utf8(screen.stdout).unwrap();
    assert!(
        screen.contains("Since the baselines: 1 worse, 0 better."),
        "{screen}"
    );
    assert!(
        screen.contains("medium, new: role CopyRome lacks"),
        "{screen}"
    );
    assert!(screen.contains("medium: role CopyParis lacks"), "{screen}");
}

#[test]
fn whom_nothing_binds_any_more_is_missed_in_the_account_that_has_a_baseline() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    organization
        .audit(&["--write-baseline", &baselines])
        .is(1, "");
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        snapshot["listing"]["RoleDetailList"][0]["Tags"] = json!([]);
    });
    let before = organization.audit(&[]);
    assert_eq!(before.account(TWO)["verdict"], "nobody-bound");
    let ended = organization.audit(&["--baseline", &baselines, "--new-only"]);
    assert_ne!(ended.account(TWO)["verdict"], "nobody-bound");
    ended.is(2, TWO);
}

#[test]
fn an_account_in_which_somebody_is_missed_is_not_compliant() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    organization
        .audit(&["--write-baseline", &baselines])
        .is(1, "");
    Organization::change(&organization.snapshot(OSLO), |snapshot| {
        let role = &mut snapshot["listing"]["RoleDetailList"][0];
        role["RoleName"] = json!("Other");
        role["Arn"] = json!("arn:aws:iam::777788889999:role/Other");
    });
    let ended = organization.audit(&["--baseline", &baselines]);
    let account = ended.account(OSLO);
    assert_eq!(account["verdict"], "undetermined", "{account}");
    let title = "Checked before; now deleted or no longer bound";
    assert!(account.to_string().contains(title), "{account}");
    ended.is(1, "");
}

#[test]
fn a_gap_of_a_set_that_was_taken_from_a_role_is_not_better() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    organization
        .audit(&["--write-baseline", &baselines])
        .is(1, "");
    Organization::change(&organization.snapshot(TWO), |snapshot| {
        let role = &mut snapshot["listing"]["RoleDetailList"][0];
        role["Tags"] =
            json!([{"Key": "veeam:action-sets", "Value": "vbaws-role-organization-rescan"}]);
    });
    let ended = organization.audit(&["--baseline", &baselines]);
    let account = ended.account(TWO).to_string();
    let title = "Checked for these action sets before; now no longer bound to them";
    assert!(account.contains(title), "{account}");
    let screen = organization
        .command(&["--baseline", &baselines, "--organization"])
        .arg(organization.path("organization.json"))
        .output()
        .unwrap();
    let screen = String::from_utf8(screen.stdout).unwrap();
    assert!(screen.contains(" worse, 0 better."), "{screen}");
}

#[test]
fn a_binding_of_the_settings_is_missed_in_its_own_account() {
    let organization = Organization::whole();
    let settings = organization.path("settings.toml");
    let binding = |account: &str| {
        format!(
            "[[bind]]\nprincipal = \"arn:aws:iam::{account}:role/Gone\"\naction-sets = [\"acme-nightly-copy\"]\n"
        )
    };
    fs::write(&settings, [binding(ONE), binding("999999999999")].concat()).unwrap();
    let ended = organization.audit(&["--settings", settings.to_str().unwrap()]);
    let is_missed = |account: &str| {
        let account = ended.account(account).to_string();
        account.contains("a binding that matches no principal")
    };
    assert!(is_missed(ONE));
    assert!(!is_missed(TWO));
    ended.is(
        1,
        "the settings name accounts that are not in the organization: 999999999999: binding, line 4",
    );
}

#[test]
fn snapshots_that_contradict_each_other_about_their_organization_are_no_evidence() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    let said = |account: &str, id: &str, managing: &str| {
        Organization::change(&organization.snapshot(account), |snapshot| {
            let described = json!({ "Organization": { "Id": id, "MasterAccountId": managing } });
            snapshot["organization"] = json!({ "describe-organization": described });
        });
    };
    said(ONE, "o-exampleorgid", ONE);
    said(TWO, "o-exampleorgid", TWO);
    let ended = organization.audit_alone(&["--write-baseline", &baselines]);
    for account in [ONE, TWO] {
        let account = ended.account(account);
        assert_eq!(account["verdict"], "not-audited", "{account}");
        let reason = account["reason"].as_str().unwrap();
        let expected = "disagree about which account manages o-exampleorgid: that of 111122223333 says 111122223333, that of 444455556666 says 444455556666";
        assert!(reason.contains(expected), "{reason}");
    }
    assert!(!organization.baseline(ONE).exists());
    assert!(organization.baseline(OSLO).exists());
    // The same of one organisation, and of two.
    said(TWO, "o-exampleorgid", ONE);
    let ended = organization.audit_alone(&[]);
    assert_ne!(ended.account(TWO)["verdict"], "not-audited");
    said(TWO, "o-otherorgid", TWO);
    let ended = organization.audit_alone(&[]);
    assert_ne!(ended.account(TWO)["verdict"], "not-audited");
}

#[test]
fn an_account_that_has_a_baseline_and_no_snapshot_was_not_audited() {
    let organization = Organization::whole();
    let baselines = organization.baselines();
    organization
        .audit(&["--write-baseline", &baselines])
        .is(1, "");
    fs::remove_file(organization.snapshot(TWO)).unwrap();
    let ended = organization.audit_alone(&["--baseline", &baselines]);
    assert_eq!(ended.account(TWO)["verdict"], "not-audited");
    let reason = ended.account(TWO)["reason"].as_str().unwrap();
    assert!(reason.contains("it has a baseline"), "{reason}");
    ended.is(2, "1 account was not audited");
    // The organisation says that it has left.
    organization.leave(&[TWO]);
    let ended = organization.audit(&["--baseline", &baselines]);
    ended.is(1, &format!("{TWO} no longer in the organization"));
    assert_eq!(ended.report["summary"]["accounts"]["total"], 3);
}

#[test]
fn a_baseline_that_is_none_leaves_its_account_not_audited_and_stays() {
    let organization = Organization::whole();
    fs::create_dir(organization.path("baselines")).unwrap();
    let other = r#"{"what": "else"}"#;
    fs::write(organization.baseline(TWO), other).unwrap();
    let baselines = organization.baselines();
    let ended = organization.audit(&["--baseline", &baselines, "--write-baseline", &baselines]);
    ended.is(1, "1 account was not audited");
    assert_eq!(ended.account(TWO)["verdict"], "not-audited");
    assert_eq!(
        fs::read_to_string(organization.baseline(TWO)).unwrap(),
        other
    );
    assert!(organization.baseline(ONE).exists());
    // That of another account is none either.
    fs::copy(organization.baseline(ONE), organization.baseline(TWO)).unwrap();
    let ended = organization.audit(&["--baseline", &baselines]);
    let reason = ended.account(TWO)["reason"].as_str().unwrap();
    assert!(reason.contains("baseline"), "{reason}");
}

#[test]
fn baselines_lie_in_a_folder_of_their_own() {
    let organization = Organization::whole();
    let snapshots = organization.path("snapshots");
    let snapshots = snapshots.to_str().unwrap();
    let before = fs::read(organization.snapshot(ONE)).unwrap();
    organization
        .audit(&["--write-baseline", snapshots])
        .is(64, "name a folder of its own");
    assert_eq!(fs::read(organization.snapshot(ONE)).unwrap(), before);
    let file = organization.path("organization.json");
    organization
        .audit(&["--baseline", file.to_str().unwrap()])
        .is(64, "this is a file");
    organization
        .audit(&["--baseline", &organization.baselines()])
        .is(2, "there is no folder");
}

#[test]
fn nothing_is_kept_of_a_report_that_could_not_be_written() {
    let organization = Organization::whole();
    let (baselines, report) = (
        organization.baselines(),
        organization.path("none/report.html"),
    );
    let ended = organization.audit(&[
        "--write-baseline",
        &baselines,
        "--export",
        report.to_str().unwrap(),
    ]);
    ended.is(2, "cannot write");
    assert!(!organization.baseline(ONE).exists());
}

#[test]
fn a_binding_counts_in_the_accounts_in_which_it_means_somebody() {
    let organization = Organization::whole();
    let web = "arn:aws:iam::222233334444:role/WebServer=acme-nightly-copy";
    for bind in [web, "WebServer=acme-nightly-copy"] {
        let ended = organization.audit(&["--bind", bind]);
        ended.is(1, "");
        assert_eq!(ended.account("222233334444")["verdict"], "drifted");
        let steps = &ended.account("222233334444")["found"]["findings"][0]["steps"];
        assert!(
            steps.to_string().contains(&format!("--bind {bind}")),
            "{steps}"
        );
        assert_eq!(ended.account(ONE)["found"]["summary"]["principals"], 2);
        assert_eq!(ended.report["summary"]["accounts"]["notAudited"], 0);
    }
}

#[test]
fn a_binding_of_nobody_says_what_is_known_of_whom_it_means() {
    let organization = Organization::new();
    for (principal, told) in [
        (
            "NoSuchRole",
            "no account that was audited has such a user or role",
        ),
        (
            "arn:aws:iam::111122223333:role/NoSuchRole",
            "account 111122223333 has no such user or role",
        ),
        (
            "arn:aws:iam::888877776666:role/Copy",
            "account 888877776666 was not audited: no snapshot of it",
        ),
        (
            "arn:aws:iam::999999999999:role/Copy",
            "no snapshot of account 999999999999 was given",
        ),
    ] {
        let bind = format!("{principal}=acme-nightly-copy");
        let ended = organization.audit(&["--bind", &bind]);
        ended.is(2, told);
        assert_eq!(ended.report, Value::Null);
    }
}

#[test]
fn drift_that_is_all_muted_is_called_muted() {
    let organization = Organization::whole();
    let settings = organization.path("settings.toml");
    fs::write(
        &settings,
        r#"
[[mute]]
principal = "arn:aws:iam::444455556666:role/*"
codes = ["missing-actions"]
actions = ["s3:PutObject"]
owner = "storage team"
reason = "no copies to Rome"
expires = "2099-12-31"
"#,
    )
    .unwrap();
    let with = ["--settings", settings.to_str().unwrap()];
    let ended = organization.audit(&with);
    ended.is(1, "");
    assert_eq!(ended.account(TWO)["muted"], true);
    assert_eq!(ended.account(ONE).get("muted"), None);
    let summary = &ended.report["summary"];
    assert_eq!(
        (
            &summary["accounts"]["drifted"],
            &summary["accounts"]["muted"]
        ),
        (&json!(2), &json!(1))
    );
    assert_eq!(summary["principals"]["muted"], 1);
    assert_eq!(summary["requirements"]["muted"], 1);
    let screen = organization
        .command(&with)
        .arg("--organization")
        .arg(organization.path("organization.json"))
        .output()
        .unwrap();
    let screen = String::from_utf8(screen.stdout).unwrap();
    let row = screen.lines().find(|line| line.contains(TWO)).unwrap();
    assert!(row.contains("muted"), "{screen}");
    assert!(screen.contains("2 drifted (1 muted)"), "{screen}");
    assert!(
        screen.contains("medium, muted: role CopyRome lacks"),
        "{screen}"
    );
}
