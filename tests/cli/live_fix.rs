//! A fix for an account in AWS: AWS itself is asked what it would allow with the policy added.

use e2e::standin::{Conduct, StandIn};

use crate::binary::{permdrift, printed};
use crate::live::{live, messages, small};

const FIX: [&str; 4] = [
    "fix",
    "CopyPartly",
    "--action-sets",
    "tests/cli/cases/audit.in/sets.toml",
];

#[test]
fn a_live_fix_is_what_aws_allows_once_it_is_added() {
    let stand_in = StandIn::start(&small("account.json"), Conduct::default());
    let output = live(&stand_in.url(), &FIX).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", messages(&output));
    let saved = permdrift(&FIX)
        .args(["--auth-details", "tests/cli/cases/audit.in/account.json"])
        .output()
        .unwrap();
    assert!(printed(&saved).contains("s3:PutObject"));
    assert_eq!(printed(&output), printed(&saved));
}

#[test]
fn what_an_scp_denies_that_only_aws_knows_is_refused() {
    let scp = |text: &str| vec![iam::Document::parse(text).unwrap()];
    let stand_in = StandIn::start(
        &small("account.json"),
        Conduct {
            service_control: vec![scp(
                r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
                    {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}]}"#,
            )],
            ..Conduct::default()
        },
    );
    // Without a region AWS's answer could hang on it.
    let output = live(&stand_in.url(), &FIX)
        .args(["--settings", "examples/settings.toml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", messages(&output));
    assert_eq!(printed(&output), "");
    let said = messages(&output);
    assert!(
        said.contains("1 action that no policy of this user or role can grant"),
        "{said}"
    );
    assert!(said.contains("SCP"), "{said}");
    assert!(
        said.contains("Owner: Cloud platform, #cloud-platform"),
        "{said}"
    );
}
