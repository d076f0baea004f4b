//! `permdrift doctor --organization`: what is missing in which account?

use e2e::standin::{Conduct, Member, OrganizationStandIn, Quotas};
use serde_json::Value;

use crate::binary::printed;
use crate::live::{live, messages, small};

const HUB: &str = "111122223333";
const MANAGEMENT: &str = "999988887777";

/// An account with the same users and roles as the small one.
fn member(account: &str) -> Member {
    let listing = small("compliant.json").to_string().replace(HUB, account);
    let listing: Value = serde_json::from_str(&listing).unwrap();
    Member::new(account, &["ou-ab12-12345678"], listing)
}

fn refuses(
    account: &str,
    operation: &'static str,
    refusal: (u16, &'static str, &'static str),
) -> Member {
    Member {
        conduct: Conduct {
            refused: [(operation, refusal)].into(),
            ..Conduct::default()
        },
        ..member(account)
    }
}

/// What is printed for these accounts besides the hub's own, and the exit code.
fn examine(members: Vec<Member>, arguments: &[&str]) -> (String, Option<i32>) {
    let mut all = vec![member(HUB), member(MANAGEMENT)];
    all.extend(members);
    let organization = OrganizationStandIn::start(all, Vec::new(), (HUB, MANAGEMENT), Quotas::Kept);
    let mut whole = vec!["doctor", "--organization"];
    whole.extend(arguments);
    let output = live(&organization.url(), &whole).output().unwrap();
    let (out, code) = (printed(&output).to_owned(), output.status.code());
    assert!(!out.is_empty(), "{}", messages(&output));
    (out, code)
}

#[test]
fn an_organisation_in_which_nothing_is_missing_is_said_in_a_line() {
    let (out, code) = examine(vec![member("100000000001")], &[]);
    let expected = "\
not here  111122223333 account 111122223333: the hub's own account, which its functions audit with their own roles; not examined

3 accounts: 2 lack nothing, 0 lack something, of 0 it is not known, 1 were not examined.
";
    assert_eq!((out.as_str(), code), (expected, Some(0)));
}

#[test]
fn each_account_that_lacks_something_has_a_line_that_says_what() {
    let denied = (
        403,
        "AccessDenied",
        "User: permdrift is not authorized to do this",
    );
    let members = vec![
        Member {
            lets_in: false,
            ..member("100000000001")
        },
        refuses("100000000002", "SimulatePrincipalPolicy", denied),
        Member {
            state: "SUSPENDED",
            ..member("100000000003")
        },
        member("100000000004"),
    ];
    let (out, code) = examine(members, &[]);
    assert_eq!(code, Some(1), "{out}");
    for line in [
        "missing  100000000001 account 100000000001: the audit role is not there, or does not let these credentials in\n",
        "missing  100000000002 account 100000000002: iam:SimulatePrincipalPolicy: have AWS decide\n",
        "not here  100000000003 account 100000000003: not audited, because it is suspended\n",
        "6 accounts: 2 lack nothing, 2 lack something, of 0 it is not known, 2 were not examined.\n",
        "Deploy infra/member.yaml in these accounts",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    assert!(!out.contains("100000000004"), "{out}");
}

#[test]
fn what_aws_does_not_answer_is_not_known() {
    let strange = (400, "Strange", "a word that nobody knows");
    let (out, code) = examine(
        vec![refuses("100000000001", "ListAccessKeys", strange)],
        &[],
    );
    assert_eq!(code, Some(2), "{out}");
    let line = "unknown  100000000001 account 100000000001: iam:ListAccessKeys";
    assert!(out.contains(line), "{out}");
}

#[test]
fn an_account_that_lists_no_accounts_is_no_hub() {
    let organization = OrganizationStandIn::start(
        vec![member(HUB), member(MANAGEMENT)],
        Vec::new(),
        ("123456789012", MANAGEMENT),
        Quotas::Open,
    );
    let output = live(&organization.url(), &["doctor", "--organization"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = messages(&output);
    assert!(said.contains("cannot"), "{said}");
}

#[test]
fn the_role_of_the_accounts_can_have_another_name_and_ask_for_an_external_id() {
    let arguments = [
        "--member-role",
        "another",
        "--member-external-id",
        "between-us",
    ];
    let (out, code) = examine(vec![member("100000000001")], &arguments);
    assert_eq!(code, Some(0), "{out}");
    let output = live(
        "http://127.0.0.1:9",
        &["doctor", "--member-role", "another"],
    )
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(64), "{}", messages(&output));
}
