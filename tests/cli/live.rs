//! The live half: the real binary against AWS's stand-in, with nothing of this machine's AWS configuration.
//!
//! Which credentials it takes and what they must be allowed is in `live_credentials`.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use e2e::standin::{Conduct, StandIn};
use serde_json::Value;

use crate::binary::{file, permdrift, printed};

/// The account of the example.
fn example() -> Value {
    let text = std::fs::read_to_string(file("examples/account.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A small account, which is quickly audited.
pub fn small(name: &str) -> Value {
    let text = std::fs::read_to_string(file(&format!("tests/cli/cases/audit.in/{name}"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The binary with credentials for the stand-in.
pub fn live(url: &str, arguments: &[&str]) -> Command {
    let mut command = offline(arguments);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "of-nobody")
        .env("AWS_ENDPOINT_URL", url);
    command
}

/// The binary with no AWS configuration at all.
pub fn offline(arguments: &[&str]) -> Command {
    let mut command = permdrift(arguments);
    command
        .env_clear()
        .env(
            "AWS_CONFIG_FILE",
            file("tests/cli/cases/live.in/aws-config"),
        )
        .env("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

pub fn messages(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const WHO: &str =
    "note: account 111122223333 in partition aws, as arn:aws:iam::111122223333:user/caller\n";
pub const SETS: [&str; 3] = [
    "audit",
    "--action-sets",
    "tests/cli/cases/audit.in/sets.toml",
];

#[test]
fn a_live_audit_says_first_whose_account_it_is_and_then_what_the_file_would_say() {
    for (account, code) in [("compliant.json", 0), ("drifted.json", 1)] {
        let stand_in = StandIn::start(&small(account), Conduct::default());
        let output = live(&stand_in.url(), &SETS).output().unwrap();
        let said = messages(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.starts_with(WHO), "{said}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.json");
        let mut snapshot = live(&stand_in.url(), &["snapshot", "-o"]);
        let saved = snapshot.arg(&path).args(&SETS[1..]).output();
        assert_eq!(saved.unwrap().status.code(), Some(0));
        let of_file = offline(&SETS)
            .arg("--snapshot")
            .arg(&path)
            .output()
            .unwrap();
        let (of_aws, of_file) = (printed(&output), printed(&of_file));
        let provenance = |text: &str| text.lines().skip(1).take(2).collect::<Vec<_>>().join(" ");
        let from = provenance(of_aws);
        assert!(from.starts_with("Read from AWS at 20"), "{from}");
        assert!(
            from.contains("Decided by AWS's policy simulator."),
            "{from}"
        );
        let from = provenance(of_file);
        assert!(from.contains(", a snapshot of 20"), "{from}");
        assert!(
            from.contains("Decided by permdrift's own simulator."),
            "{from}"
        );
        let rest = |text: &str| text.lines().skip(3).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(rest(of_aws), rest(of_file));
    }
}

#[test]
fn a_listing_is_what_the_aws_cli_prints() {
    let stand_in = StandIn::start(
        &example(),
        Conduct {
            listing_page: 7,
            ..Conduct::default()
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let output = live(&stand_in.url(), &["snapshot", "--listing-only", "-o"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let saved = std::fs::read_to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap(), example());
    // The same layout and order, but for the documents, whose keys the stand-in sorts.
    let lines = |text: &str| -> Vec<String> {
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect();
        lines.sort();
        lines
    };
    let printed = std::fs::read_to_string(file("examples/account.json")).unwrap();
    assert!(
        lines(&saved) == lines(&printed),
        "laid out otherwise than by the AWS CLI"
    );
}

/// Requirement and verdict of each line, from the JSON of an audit.
fn verdicts(output: &Output) -> BTreeMap<(String, String), String> {
    let audit: Value = serde_json::from_str(printed(output)).unwrap();
    let verdicts = audit.get("verdicts").and_then(Value::as_array).unwrap();
    verdicts
        .iter()
        .map(|one| {
            let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap().to_owned();
            ((text("principal"), text("actionSet")), text("verdict"))
        })
        .collect()
}

#[test]
fn the_audit_of_a_snapshot_gives_the_verdicts_of_the_live_one() {
    let stand_in = StandIn::start(&example(), Conduct::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    // AWS is asked ten times a second at most; these are of every verdict, users and roles.
    let mut selected = vec!["--settings", "examples/settings.toml", "--output", "json"];
    for name in [
        "VeeamEc2Backup-Prod",
        "VeeamEc2Backup-Ireland",
        "VeeamBackupRestore-Dev",
        "VeeamFlrWorker",
        "veeam-restore-ec2-dr",
        "veeam-s3-capacity",
    ] {
        selected.extend(["--principal", name]);
    }
    let of_aws = live(&stand_in.url(), &["audit"])
        .args(&selected)
        .output()
        .unwrap();
    let saved = live(&stand_in.url(), &["snapshot", "-o"])
        .arg(&path)
        .args(["--settings", "examples/settings.toml"])
        .output()
        .unwrap();
    assert_eq!(saved.status.code(), Some(0), "{}", messages(&saved));
    let of_file = offline(&["audit", "--snapshot"])
        .arg(&path)
        .args(&selected)
        .output()
        .unwrap();
    assert_eq!(of_aws.status.code(), Some(1), "{}", messages(&of_aws));
    let of_aws = verdicts(&of_aws);
    for (requirement, verdict) in verdicts(&of_file) {
        // What the listing does not hold, AWS may know all the same.
        if verdict != "undetermined" {
            assert_eq!(of_aws.get(&requirement), Some(&verdict), "{requirement:?}");
        }
    }
}

/// Runs a command that must fail, and gives what it says.
#[track_caller]
pub fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", messages(&output));
    assert_eq!(printed(&output), "");
    messages(&output)
}

#[test]
fn a_listing_that_is_refused_ends_the_audit_and_leaves_no_snapshot() {
    let refusal = (
        403,
        "AccessDenied",
        "User: caller is not authorized to perform: iam:GetAccountAuthorizationDetails",
    );
    let conduct = Conduct {
        refused: [("GetAccountAuthorizationDetails", refusal)].into(),
        ..Conduct::default()
    };
    let stand_in = StandIn::start(&small("compliant.json"), conduct);
    let expected = format!(
        "{WHO}error: cannot list the account's users, roles and policies (page 1)\n  because: AWS refused: \
        AccessDenied: {}\n  do: `permdrift doctor` tells all that is missing, `permdrift print-policy` prints the policy that \
        grants it\n",
        refusal.2
    );
    assert_eq!(fails(&mut live(&stand_in.url(), &SETS)), expected);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    assert_eq!(
        fails(live(&stand_in.url(), &["snapshot", "-o"]).arg(&path)),
        expected
    );
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn what_aws_does_not_decide_is_not_known() {
    let refusal = (
        403,
        "AccessDenied",
        "User: caller is not authorized to perform: iam:SimulatePrincipalPolicy",
    );
    let conduct = Conduct {
        refused: [("SimulatePrincipalPolicy", refusal)].into(),
        ..Conduct::default()
    };
    let stand_in = StandIn::start(&small("compliant.json"), conduct);
    let output = live(&stand_in.url(), &SETS).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", messages(&output));
    assert!(
        printed(&output).contains("0 drifted, 1 undetermined, 0 compliant"),
        "{}",
        printed(&output)
    );
}
