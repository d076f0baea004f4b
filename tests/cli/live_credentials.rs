//! Credentials for AWS: which are used, what they must be allowed, and what is said where they do not work.

use e2e::http::{Answer, Message};
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::{Conduct, StandIn};
use serde_json::{Value, json};

use crate::binary::printed;
use crate::live::{SETS, fails, live, messages, offline, small};

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
            vec![],
            0,
            "no trail  changes of IAM, in us-east-1: none records them, so none starts an audit on change",
        ),
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
            (
                403,
                "SignatureDoesNotMatch",
                "Signature expired: 20261129T060000Z is now earlier than 20261129T064500Z (20261129T070000Z - 15 min.)",
            ),
            "error: cannot tell which AWS account this is\n  because: AWS refused: SignatureDoesNotMatch: Signature expired: \
          20261129T060000Z is now earlier than 20261129T064500Z (20261129T070000Z - 15 min.)\n  do: the clock of this machine is \
          wrong: it says ",
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
        let said = fails(&mut command);
        assert!(said.starts_with(expected), "{said}");
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
        let advice = match profile {
            "nowhere" => "  do: name one that there is: --profile half, program, signed-out\n",
            "signed-out" => "  do: log in: `aws sso login --profile signed-out`\n",
            _ => &format!(
                "  do: mend the profile: `aws sts get-caller-identity --profile {profile}` must work\n"
            ),
        };
        assert!(said.contains(why) && said.ends_with(advice), "{said}");
    }
    let said = fails(&mut live("http://127.0.0.1:1", &SETS));
    assert_eq!(
        said,
        "error: cannot tell which AWS account this is\n  because: AWS could not be reached\n  because: 127.0.0.1:1: Connection \
        refused (os error 111)\n  do: check network, proxy and --region; an audit without AWS takes --auth-details\n"
    );
}

#[test]
fn a_page_of_a_proxy_is_not_taken_for_a_failure_of_aws() {
    for status in [200, 403, 502] {
        let listener = e2e::http::listen(move |_| {
            let page = "<!DOCTYPE html><html><body>Log in to the guest network</body></html>";
            Answer::Whole(Message::answer(status, "text/html", page))
        });
        let said = fails(&mut live(&listener.url(), &SETS));
        assert_eq!(
            said,
            format!(
                "error: cannot tell which AWS account this is\n  because: a web page came in place of AWS's answer (HTTP status \
                 {status})\n  do: a proxy or a login page of the network answers in place of AWS: check HTTPS_PROXY and NO_PROXY, \
                 or log in to the network\n"
            )
        );
    }
}

#[test]
fn the_doctor_ends_soon_whatever_aws_does() {
    let throttled = StandIn::start(
        &small("drifted.json"),
        Conduct {
            throttled_percent: 100,
            refused: ["GetAccountAuthorizationDetails", "ListAccessKeys"]
                .map(|operation| (operation, (400, "Throttling", "Rate exceeded")))
                .into(),
            ..Conduct::default()
        },
    );
    let hanging = e2e::http::listen(|_| Answer::Hang);
    for (url, words) in [
        (throttled.url(), "unknown  iam:ListAccessKeys"),
        (hanging.url(), "AWS did not answer in time"),
    ] {
        let begun = std::time::Instant::now();
        let output = live(&url, &["doctor"]).output().unwrap();
        let took = begun.elapsed().as_secs();
        let said = format!("{}{}", printed(&output), messages(&output));
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(took < 15, "it took {took} s: {said}");
    }
}

#[test]
fn who_is_not_logged_in_to_the_single_sign_on_is_told_how() {
    for settings in [
        "sso_session = company\n[sso-session company]\nsso_start_url = https://company.awsapps.com/start\nsso_region = eu-west-1\n",
        "sso_start_url = https://company.awsapps.com/start\nsso_region = eu-west-1\n",
    ] {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        let account =
            "sso_account_id = 111122223333\nsso_role_name = Auditor\nregion = eu-west-1\n";
        std::fs::write(&config, format!("[profile prod]\n{account}{settings}")).unwrap();
        let mut command = offline(&SETS);
        command
            .env("HOME", home.path())
            .env("AWS_CONFIG_FILE", &config)
            .env("AWS_PROFILE", "prod");
        let said = fails(&mut command);
        assert!(
            said.ends_with("  do: log in: `aws sso login --profile prod`\n"),
            "{said}"
        );
    }
}

#[test]
fn a_simulation_that_is_denied_is_told_with_the_policy_to_add() {
    let denied = (
        403,
        "AccessDenied",
        "not authorized to perform: iam:SimulatePrincipalPolicy",
    );
    let conduct = Conduct {
        refused: [("SimulatePrincipalPolicy", denied)].into(),
        ..Conduct::default()
    };
    let stand_in = StandIn::start(&small("compliant.json"), conduct);
    let output = live(&stand_in.url(), &SETS).output().unwrap();
    let said = printed(&output).replace('\n', " ").replace("  ", " ");
    assert!(said.contains("permdrift print-policy"), "{said}");
    assert!(!said.contains("Run the audit again"), "{said}");
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
    // The server does not know each of the calls.
    assert!(
        matches!(after.status.code(), Some(0 | 2)),
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
