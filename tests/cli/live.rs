//! The live half: the real binary against AWS's stand-in, with nothing of this machine's AWS configuration.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::{Conduct, StandIn};
use serde_json::{Value, json};

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
        .env("AWS_ENDPOINT_URL_IAM", url)
        .env("AWS_ENDPOINT_URL_STS", url);
    command
}

/// The binary with no AWS configuration at all.
fn offline(arguments: &[&str]) -> Command {
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
const SETS: [&str; 3] = [
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
        let saved = crate::binary::small(account).output().unwrap();
        assert_eq!(printed(&output), printed(&saved));
    }
}

#[test]
fn a_snapshot_is_what_the_aws_cli_prints() {
    let stand_in = StandIn::start(
        &example(),
        Conduct {
            listing_page: 7,
            ..Conduct::default()
        },
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.json");
    let output = live(&stand_in.url(), &["snapshot", "-o"])
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
        .output()
        .unwrap();
    assert_eq!(saved.status.code(), Some(0), "{}", messages(&saved));
    let of_file = offline(&["audit", "--auth-details"])
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

#[test]
fn the_credentials_are_examined_even_where_nothing_is_granted() {
    let denied = |operation: &'static str| {
        (
            operation,
            (
                403,
                "AccessDenied",
                "User: caller is not authorized to perform this because no identity-based policy allows it",
            ),
        )
    };
    let cases = [
        (vec![], 0, "Nothing is missing"),
        (
            vec![denied("SimulatePrincipalPolicy")],
            1,
            "missing  iam:SimulatePrincipalPolicy on arn:aws:iam::111122223333:role/CopyFrozen: have AWS decide",
        ),
        (
            vec![
                denied("GetAccountAuthorizationDetails"),
                denied("SimulatePrincipalPolicy"),
                denied("ListAccessKeys"),
            ],
            1,
            "missing  iam:ListAccessKeys on arn:aws:iam::111122223333:user/permdrift-doctor",
        ),
        (
            vec![(
                "ListAccessKeys",
                (400, "Strange", "a word that nobody knows"),
            )],
            2,
            "unknown  iam:ListAccessKeys",
        ),
    ];
    for (refused, code, words) in cases {
        let stand_in = StandIn::start(
            &small("drifted.json"),
            Conduct {
                refused: refused.into_iter().collect(),
                ..Conduct::default()
            },
        );
        let output = live(&stand_in.url(), &["doctor"]).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}{}",
            printed(&output),
            messages(&output)
        );
        assert!(
            printed(&output).contains(words),
            "no `{words}` in {}",
            printed(&output)
        );
    }
}

/// Runs a command that must fail, and gives what it says.
#[track_caller]
fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", messages(&output));
    assert_eq!(printed(&output), "");
    messages(&output)
}

#[test]
fn credentials_that_do_not_work_are_told_with_what_to_do() {
    let cases = [
        (
            "GetCallerIdentity",
            (
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            "error: cannot tell which AWS account this is\n  because: AWS refused: ExpiredToken: The security token included in the \
          request is expired\n  do: log in again, with `aws sso login` or as you got these credentials\n",
        ),
        (
            "GetCallerIdentity",
            (
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            "error: cannot tell which AWS account this is\n  because: AWS refused: InvalidClientTokenId: The security token included \
          in the request is invalid.\n  do: AWS does not know this access key or its secret: check the credentials; those of aws-cn \
          and aws-us-gov need a --region there\n",
        ),
        (
            "GetCallerIdentity",
            (400, "Throttling", "Rate exceeded"),
            "error: cannot tell which AWS account this is\n  because: AWS refused as too many calls, in every attempt\n  do: other \
          programs call this account's IAM, too: run it again in a few minutes\n",
        ),
        (
            "AssumeRole",
            (
                403,
                "AccessDenied",
                "User: caller is not authorized to perform: sts:AssumeRole",
            ),
            "error: cannot assume the role `arn:aws:iam::111122223333:role/audit`\n  because: AWS refused: AccessDenied: User: \
          caller is not authorized to perform: sts:AssumeRole\n  do: the role's trust policy must name you (and --external-id what \
             it asks for), and your policies must allow sts:AssumeRole on it\n",
        ),
    ];
    for (operation, refusal, expected) in cases {
        let conduct = Conduct {
            refused: [(operation, refusal)].into(),
            ..Conduct::default()
        };
        let stand_in = StandIn::start(&small("compliant.json"), conduct);
        let mut command = live(&stand_in.url(), &SETS);
        if operation == "AssumeRole" {
            command.args(["--role-arn", "arn:aws:iam::111122223333:role/audit"]);
        }
        assert_eq!(fails(&mut command), expected);
    }
}

#[test]
fn no_way_to_aws_is_told_with_what_to_do() {
    let log_in = "  do: log in as for the AWS command line (`aws sts get-caller-identity` must work), or name a --profile\n";
    let nobody =
        "error: cannot tell which AWS account this is\n  because: no call to AWS could be made: ";
    assert_eq!(
        fails(&mut offline(&SETS)),
        format!("{nobody}no credentials found in chain\n{log_in}")
    );
    for (profile, why) in [
        (
            "nowhere",
            "profile `nowhere` was not defined: could not find source profile nowhere referenced from the root profile",
        ),
        ("half", "profile missing aws_secret_access_key"),
        ("signed-out", "failed to load the cached SSO token"),
        (
            "program",
            "Error retrieving credentials: external process exited with code exit status: 1. Stderr:",
        ),
    ] {
        let said = fails(offline(&SETS).args(["--profile", profile]));
        assert!(said.contains(why) && said.ends_with(log_in), "{said}");
    }
    let said = fails(&mut live("http://127.0.0.1:1", &SETS));
    assert_eq!(
        said,
        "error: cannot tell which AWS account this is\n  because: AWS could not be reached: Connection refused \
        (os error 111)\n  do: check network, proxy and --region; an audit without AWS takes --auth-details\n"
    );
}

#[test]
fn a_profile_that_is_named_comes_before_credentials_in_the_environment() {
    let stand_in = StandIn::start(&small("compliant.json"), Conduct::default());
    let said = fails(live(&stand_in.url(), &SETS).args(["--profile", "half"]));
    assert!(
        said.contains("profile missing aws_secret_access_key"),
        "{said}"
    );
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

#[test]
fn a_role_that_is_assumed_is_who_calls() {
    let stand_in = StandIn::start(&small("compliant.json"), Conduct::default());
    let output = live(&stand_in.url(), &SETS)
        .args([
            "--role-arn",
            "arn:aws:iam::111122223333:role/audit",
            "--external-id",
            "ticket-7",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let calls = stand_in.calls();
    let first = calls.first().map(|call| call.operation.as_str());
    assert_eq!(first, Some("AssumeRole"));
}

#[test]
fn the_printed_policy_is_all_that_an_audit_needs() {
    let server = Server::start(Enforcement::On);
    let aws = server.aws();
    aws.must("iam", "create_user", json!({ "UserName": "auditor" }));
    aws.must(
        "iam",
        "create_user",
        json!({ "UserName": "veeam", "Tags": [
            { "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
            { "Key": "veeam:bucket", "Value": "backup" },
        ] }),
    );
    let key = aws.must("iam", "create_access_key", json!({ "UserName": "auditor" }));
    let secret = |field: &str| {
        let field = key.pointer(&format!("/AccessKey/{field}"));
        field.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let auditor = |arguments: &[&str]| {
        let mut command = offline(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", secret("AccessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", secret("SecretAccessKey"))
            .env("AWS_ENDPOINT_URL", server.endpoint());
        command.output().unwrap()
    };
    let before = auditor(&["doctor"]);
    assert_eq!(before.status.code(), Some(1), "{}", messages(&before));
    assert_eq!(
        printed(&before).matches("missing  iam:").count(),
        4,
        "{}",
        printed(&before)
    );
    let policy = offline(&["print-policy", "--account", ACCOUNT])
        .output()
        .unwrap();
    aws.must(
        "iam",
        "put_user_policy",
        json!({ "UserName": "auditor", "PolicyName": "permdrift", "PolicyDocument": printed(&policy) }),
    );
    let after = auditor(&["doctor"]);
    assert_eq!(
        after.status.code(),
        Some(0),
        "{}{}",
        printed(&after),
        messages(&after)
    );
    let audit = auditor(&["audit"]);
    assert_eq!(
        audit.status.code(),
        Some(1),
        "{}{}",
        printed(&audit),
        messages(&audit)
    );
    assert!(
        printed(&audit).contains("user veeam"),
        "{}",
        printed(&audit)
    );
    assert!(!printed(&audit).contains("Not seen"), "{}", printed(&audit));
}
