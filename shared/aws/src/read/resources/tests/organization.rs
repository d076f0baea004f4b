//! The organisation.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::{Answers, Pace, WholeOrganization, is_in_organization, whole_organization};
use super::*;
use audit::resources::Reading;
use serde_json::{Value, json};

use crate::calls::CALLS;
use crate::failure::Failure;

fn wanted() -> Wanted {
    Wanted {
        organization: true,
        ..nothing()
    }
}

#[tokio::test]
async fn the_levels_are_read_from_the_root_and_each_policy_once() {
    let (side, sent) = read_where(&wanted(), |_| None).await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(&*organization.id, "o-exampleorgid");
    let levels = organization.service_control.read().unwrap();
    assert_eq!(levels.len(), 3);
    assert!(
        levels
            .iter()
            .flatten()
            .all(|policy| policy.document.is_ok())
    );
    assert_eq!(
        organization.resource_control,
        Reading::Read(vec![]),
        "none is attached anywhere"
    );
    assert_eq!(sent.len(), 1 + 2 + 6 + 1);
    assert!(sent.iter().all(|call| {
        call.uri
            .starts_with("https://organizations.us-east-1.amazonaws.com/")
    }));
}

#[tokio::test]
async fn a_member_account_that_may_not_look_asks_no_more() {
    let (side, sent) = read_where(&wanted(), |sent| {
        (!sent.target.ends_with("DescribeOrganization"))
            .then(|| json_refusal(400, "AccessDeniedException"))
    })
    .await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(&*organization.id, "o-exampleorgid");
    let refused = Reading::Refused("AccessDeniedException".into());
    assert_eq!(
        (
            &organization.service_control,
            &organization.resource_control
        ),
        (&refused, &refused)
    );
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn an_account_without_an_organisation_is_in_none() {
    let (side, sent) = read_where(&wanted(), |_| {
        Some(json_refusal(400, "AWSOrganizationsNotInUseException"))
    })
    .await;
    assert_eq!(side.resources.organization, Reading::Read(None));
    assert_eq!(sent.len(), 1);
}

#[tokio::test]
async fn a_policy_that_may_not_be_read_leaves_its_kind_unread() {
    let (side, _) = read_where(&wanted(), |sent| {
        sent.target
            .ends_with("DescribePolicy")
            .then(|| json_refusal(400, "AccessDeniedException"))
    })
    .await;
    let organization = side
        .resources
        .organization
        .read()
        .unwrap()
        .as_ref()
        .unwrap();
    assert_eq!(
        organization.service_control,
        Reading::Refused("AccessDeniedException".into())
    );
}

const ACCOUNTS: usize = 1_000;
const OWN_POLICIES: usize = 58;

/// An organisation of a thousand accounts in ten OUs, with SCPs on each OU and one RCP on the root.
fn large(sent: &Sent, paths: bool) -> Value {
    let asked: Value = serde_json::from_str(&sent.body).unwrap();
    let (_, operation) = sent.target.split_once('.').unwrap();
    let account = |at: usize| format!("{at:012}");
    let ou = |at: usize| format!("ou-ab12-{:08}", at % 10);
    let is_scp = asked["Filter"] == "SERVICE_CONTROL_POLICY";
    match operation {
        "DescribeOrganization" => serde_json::from_str(&answer(sent).1).unwrap(),
        "ListAccounts" => {
            let from: usize = asked["NextToken"]
                .as_str()
                .map_or(0, |at| at.parse().unwrap());
            let page = (from..from + 20).map(|at| {
                let id = account(at);
                let path = format!("o-exampleorgid/r-ab12/{}/{id}/", ou(at));
                match paths {
                    true => json!({ "Id": id, "Paths": [path] }),
                    false => json!({ "Id": id }),
                }
            });
            let page: Vec<Value> = page.collect();
            match from + 20 < ACCOUNTS {
                true => json!({ "Accounts": page, "NextToken": (from + 20).to_string() }),
                false => json!({ "Accounts": page }),
            }
        }
        "ListParents" => {
            let child = asked["ChildId"].as_str().unwrap();
            let parent = match child.starts_with("ou-") {
                true => "r-ab12".to_owned(),
                false => ou(child.parse().unwrap()),
            };
            json!({ "Parents": [{ "Id": parent }] })
        }
        "ListPolicies" if is_scp => {
            let own = (0..OWN_POLICIES).map(|at| json!({ "Id": format!("p-{at:02}") }));
            json!({ "Policies": own.chain([json!({ "Id": "p-FullAWSAccess" })]).collect::<Vec<_>>() })
        }
        "ListPolicies" => json!({ "Policies": [{ "Id": "p-RCPFullAWSAccess" }] }),
        "ListTargetsForPolicy" => {
            let id = asked["PolicyId"].as_str().unwrap();
            let at: usize = id.trim_start_matches("p-").parse().unwrap();
            json!({ "Targets": [{ "TargetId": ou(at) }] })
        }
        "ListPoliciesForTarget" => {
            let target = asked["TargetId"].as_str().unwrap();
            let own = (0..OWN_POLICIES).filter(|at| ou(*at) == target);
            let own = own.map(|at| json!({ "Id": format!("p-{at:02}") }));
            json!({ "Policies": own.collect::<Vec<_>>() })
        }
        "DescribePolicy" => {
            let id = &asked["PolicyId"];
            let is_rcp = id == "p-RCPFullAWSAccess";
            let kind = if is_rcp {
                "RESOURCE_CONTROL_POLICY"
            } else {
                "SERVICE_CONTROL_POLICY"
            };
            let principal = if is_rcp { "\"Principal\":\"*\"," } else { "" };
            let content = format!(
                "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",{principal}\"Action\":\"*\",\"Resource\":\"*\"}}]}}"
            );
            json!({ "Policy": { "PolicySummary": { "Id": id, "Type": kind }, "Content": content } })
        }
        other => panic!("nobody answers {other}"),
    }
}

async fn whole(replay: &Replay) -> Result<WholeOrganization, Failure> {
    let until = Instant::now() + Duration::from_secs(60);
    let session = replay.session();
    let account = ACCOUNT.parse().unwrap();
    whole_organization(&session, account, Pace::NONE, (until, &Arc::default())).await
}

/// What AWS has no time to say is asked by the next run, and nothing else.
#[tokio::test]
async fn an_organisation_is_read_in_parts_where_the_time_does_not_suffice() {
    let slow = |sent: &Sent| {
        std::thread::sleep(Duration::from_millis(2));
        Ok((200, large(sent, true).to_string()))
    };
    let at_once = Replay::new(slow);
    let expected = whole(&at_once).await.unwrap();
    let in_parts = Replay::new(slow);
    let (session, account) = (in_parts.session(), ACCOUNT.parse().unwrap());
    let (mut answered, mut parts) = (Arc::default(), 1);
    let found = loop {
        let until = Instant::now() + Duration::from_millis(100);
        match whole_organization(&session, account, Pace::NONE, (until, &answered)).await {
            Ok(whole) => break whole,
            Err(failure) => assert_eq!(failure, Failure::TimedOut),
        }
        answered = Arc::new(Answers::read(&answered.write()).unwrap());
        parts += 1;
    };
    assert!(parts > 1);
    assert_eq!(found, expected);
    assert_eq!(in_parts.sent().len(), at_once.sent().len());
}

async fn saved(replay: &Replay) -> Result<Value, Failure> {
    Ok(whole(replay).await?.file)
}

#[tokio::test]
async fn a_thousand_accounts_and_sixty_policies_take_few_calls() {
    let replay = Replay::new(|sent| Ok((200, large(sent, true).to_string())));
    let whole = saved(&replay).await.unwrap();
    let calls = replay.sent().len();
    assert_eq!(calls, 1 + 50 + 2 + 58 + 10 + 60);
    let made = |replay: &Replay| -> BTreeSet<String> {
        let sent = replay.sent();
        let name = |sent: &Sent| sent.target.split_once('.').unwrap().1.to_owned();
        sent.iter().map(name).collect()
    };
    let mut all = made(&replay);
    assert!(calls <= 185, "{calls}");
    let account = "000000000042".parse().unwrap();
    let organization = audit::organization::read(&whole.to_string(), account).unwrap();
    let levels = organization.service_control.read().unwrap();
    let counts: Vec<usize> = levels.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 6, 1], "FullAWSAccess was detached from the OU");
    let counts = organization.resource_control.read().unwrap().iter();
    assert_eq!(counts.map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    // Where AWS does not tell the paths, each level is asked about once.
    let older = Replay::new(|sent| Ok((200, large(sent, false).to_string())));
    assert_eq!(saved(&older).await.unwrap(), whole);
    all.extend(made(&older));
    assert_eq!(older.sent().len(), calls + ACCOUNTS + 10);
    let listed = CALLS.iter().filter_map(|call| {
        let name = call.action.strip_prefix("organizations:")?;
        Some(name.to_owned())
    });
    assert_eq!(
        all,
        listed.collect(),
        "each call is in the list, and no other"
    );
}

#[tokio::test]
async fn an_organisation_is_saved_whole_or_not_at_all() {
    for refused in [
        "DescribeOrganization",
        "ListAccounts",
        "ListTargetsForPolicy",
        "DescribePolicy",
    ] {
        let replay = Replay::new(move |sent| {
            Ok(match sent.target.ends_with(refused) {
                true => json_refusal(400, "AccessDeniedException"),
                false => (200, large(sent, true).to_string()),
            })
        });
        let failure = saved(&replay).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Denied { .. }),
            "{refused}: {failure}"
        );
    }
}

/// Half of an answer.
fn cut(sent: &Sent) -> (u16, String) {
    let mut body = large(sent, true).to_string();
    body.truncate(body.len() / 2);
    (200, body)
}

fn throttled(_: &Sent) -> (u16, String) {
    json_refusal(400, "TooManyRequestsException")
}

/// An organisation of which the first calls of an operation are answered otherwise.
fn spoiled(operation: &str, times: usize, other: fn(&Sent) -> (u16, String)) -> Replay {
    let (operation, asked) = (operation.to_owned(), AtomicUsize::new(0));
    Replay::new(move |sent| {
        let is_it = sent.target.ends_with(&format!(".{operation}"));
        Ok(
            match is_it && asked.fetch_add(1, Ordering::Relaxed) < times {
                true => other(sent),
                false => (200, large(sent, true).to_string()),
            },
        )
    })
}

#[tokio::test]
async fn a_call_that_is_throttled_or_cut_is_asked_again_and_never_half_read() {
    let well = Replay::new(|sent| Ok((200, large(sent, true).to_string())));
    let whole = saved(&well).await.unwrap();
    let calls = well.sent().len();
    for operation in [
        "DescribeOrganization",
        "ListAccounts",
        "ListPolicies",
        "ListTargetsForPolicy",
        "ListPoliciesForTarget",
        "DescribePolicy",
    ] {
        for other in [throttled, cut] {
            let replay = spoiled(operation, 1, other);
            assert_eq!(saved(&replay).await.as_ref(), Ok(&whole), "{operation}");
            assert_eq!(replay.sent().len(), calls + 1, "{operation}");
        }
        let replay = spoiled(operation, usize::MAX, cut);
        assert!(saved(&replay).await.is_err(), "{operation}");
    }
}

#[tokio::test]
async fn throttling_to_the_end_is_said() {
    let replay = Replay::new(|sent| {
        Ok(match sent.target.ends_with("ListTargetsForPolicy") {
            true => json_refusal(400, "TooManyRequestsException"),
            false => (200, large(sent, true).to_string()),
        })
    });
    assert_eq!(saved(&replay).await, Err(Failure::Throttled));
    let sent = replay.sent();
    let refused = sent
        .iter()
        .filter(|sent| sent.target.ends_with("ListTargetsForPolicy"));
    assert_eq!(refused.count(), 5, "asked again, and not for ever");
}

#[tokio::test]
async fn an_account_is_told_by_its_name_its_state_and_its_levels() {
    let replay = Replay::new(|sent| {
        if !sent.target.ends_with("ListAccounts") {
            return Ok((200, large(sent, true).to_string()));
        }
        let path = |id: &str| json!([format!("o-exampleorgid/r-ab12/ou-ab12-00000001/{id}/")]);
        let accounts = json!({ "Accounts": [
            { "Id": "222222222222", "Name": "two", "State": "SUSPENDED", "Status": "ACTIVE", "JoinedTimestamp": 1_700_000_000.25,
              "Paths": path("222222222222") },
            { "Id": "111111111111", "Name": "one", "Status": "ACTIVE", "Paths": path("111111111111") },
            { "Id": "333333333333", "Paths": path("333333333333") },
        ] });
        Ok((200, accounts.to_string()))
    });
    let whole = whole(&replay).await.unwrap();
    let found = whole.accounts.iter().map(|one| {
        let joined = one.joined.map(|joined| joined.to_string());
        (one.account.to_string(), &*one.name, &*one.state, joined)
    });
    let joined = Some("2023-11-14T22:13:20Z".to_owned());
    let expected = [
        ("111111111111".to_owned(), "one", "ACTIVE", None),
        ("222222222222".to_owned(), "two", "SUSPENDED", joined),
        ("333333333333".to_owned(), "", "", None),
    ];
    assert!(found.eq(expected), "{:?}", whole.accounts);
    assert_eq!(
        whole.accounts[0].levels,
        ["r-ab12", "ou-ab12-00000001", "111111111111"]
    );
    assert!(whole.management.is_some());
}

#[tokio::test]
async fn an_ou_that_is_not_there_is_told_from_no_answer() {
    let check = async |answer: (u16, String), expected: Result<bool, &str>| {
        let replay = Replay::of(vec![answer]);
        let until = Instant::now() + Duration::from_secs(60);
        let account = ACCOUNT.parse().unwrap();
        let session = replay.session();
        let found = is_in_organization(&session, account, "ou-ab12-cd345678", until).await;
        let found = found.map_err(|failure| failure.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
        assert_eq!(replay.sent()[0].body, r#"{"ChildId":"ou-ab12-cd345678"}"#);
    };
    check(
        (200, r#"{"Parents":[{"Id":"r-ab12"}]}"#.to_owned()),
        Ok(true),
    )
    .await;
    check(json_refusal(400, "ChildNotFoundException"), Ok(false)).await;
    check(json_refusal(400, "InvalidInputException"), Ok(false)).await;
    let throttled = json_refusal(400, "TooManyRequestsException");
    check(
        throttled,
        Err("AWS refused as too many calls, in every attempt"),
    )
    .await;
    let denied = json_refusal(400, "AccessDeniedException");
    check(denied, Err("AWS refused: AccessDeniedException: User: arn:aws:iam::111122223333:role/audit is not authorized")).await;
}
