//! Many threads at once, and who is named in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::events::{CallsAbove, Explanation, read};
use audit::threads::MOST;
use audit::{Code, EventKind};
use iam::{Cause, Layer};
use serde_json::{Value, json};

use super::organization::{
    Organization, Run, account, all, baseline, end, many_orders, scp, tracked,
};

const DAY_1: &str = "2026-11-02T03:00:00Z";
const DAY_2: &str = "2026-11-03T03:00:00Z";
const DAY_3: &str = "2026-11-04T03:00:00Z";

/// Accounts of which each lost something by itself.
fn lost(organization: &Organization, accounts: std::ops::Range<usize>) {
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    for number in accounts {
        organization.found(number, &[("nightly", &[(lost.clone(), &["s3:GetObject"])])]);
    }
}

/// How many messages people got together, each with how many threads it is about.
fn together(organization: &Organization) -> Vec<(&'static str, usize)> {
    let together = std::mem::take(&mut *organization.together.lock().unwrap());
    together
        .iter()
        .map(|messages| (messages[0].kind.as_str(), messages.len()))
        .collect()
}

#[test]
fn more_than_a_few_of_a_kind_are_one_message_and_each_has_its_thread() {
    let organization = Organization::default();
    lost(&organization, 0..250);
    organization.found(300, &[("nightly", &[(scp("A", 0), &["s3:GetObject"])])]);
    let everybody = all(0..301);
    let told = organization.gather(&everybody, DAY_1);
    assert_eq!(told.len(), 251, "machines get each");
    assert_eq!(together(&organization), [("opened", 250)]);
    assert_eq!(organization.gather(&everybody, DAY_1), [""; 0], "once");
    assert_eq!(organization.open(), organization.expected());
    // Reminders of all, and the end of most.
    assert_eq!(organization.gather(&everybody, DAY_2).len(), 251);
    assert_eq!(together(&organization), [("reminded", 250)]);
    (0..240).for_each(|number| organization.found(number, &[]));
    let told = organization.gather(&everybody, DAY_3);
    assert_eq!(told, vec!["resolved high 0/0: 1 Healed"; 240]);
    assert_eq!(together(&organization), [("resolved", 240)]);
    (240..250).for_each(|number| organization.found(number, &[]));
    assert_eq!(organization.gather(&everybody, DAY_3).len(), MOST);
    assert_eq!(together(&organization), [], "few are told one by one");
}

#[test]
fn a_run_that_dies_tells_the_rest_again_and_loses_nothing() {
    // Each thread that opens is announced, then told, then written.
    for writes in 0..3 {
        let organization = Organization::default();
        lost(&organization, 0..50);
        *organization.dies_after.lock().unwrap() = Some(writes);
        let everybody = all(0..50);
        let died = end(Box::pin(organization.tell(&everybody, DAY_1)));
        assert_eq!(died.is_err(), writes < 2, "{writes}");
        let first = together(&organization);
        assert_eq!(first.len(), usize::from(writes > 0), "{writes}");
        *organization.dies_after.lock().unwrap() = None;
        organization.gather(&everybody, DAY_1);
        let again = together(&organization);
        match writes {
            2 => assert_eq!(again, []),
            _ => assert_eq!(again, [("opened", 50)]),
        }
        assert_eq!(organization.open(), organization.expected());
        assert_eq!(organization.gather(&everybody, DAY_1), [""; 0]);
    }
}

#[test]
fn two_runs_at_once_tell_many_of_each_thread_and_lose_none() {
    let before = || {
        let organization = Organization::default();
        lost(&organization, 0..12);
        organization
    };
    let run = || Run {
        finds: None,
        tells: all(0..12),
        now: DAY_1,
    };
    many_orders(before, [&run(), &run()], |organization, order| {
        assert_eq!(organization.open(), organization.expected(), "{order:?}");
        let open: BTreeSet<_> = organization.open().into_keys().collect();
        assert_eq!(organization.alerts(), open, "{order:?}");
        let together = together(organization);
        assert!(!together.is_empty(), "{order:?}");
        assert_eq!(organization.gather(&all(0..12), DAY_1), [""; 0]);
    });
}

/// What explains findings, by these calls.
fn explanation(events: &[Value]) -> Explanation {
    let events = read(&json!(events).to_string()).unwrap().events;
    Explanation {
        count: events.len(),
        candidates: events.into_iter().map(Arc::new).collect(),
        since: "2026-11-02T00:00:00Z".parse().ok(),
        unseen: BTreeSet::new(),
    }
}

fn call(source: &str, name: &str, id: &str, parameters: Value) -> Value {
    json!({ "eventSource": source, "eventName": name, "eventID": id, "eventTime": "2026-11-02T02:50:00Z",
            "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::999988887777:user/alice" }, "requestParameters": parameters })
}

#[test]
fn a_thread_names_only_the_calls_that_are_about_its_policy() {
    let organizations = "organizations.amazonaws.com";
    let updated = |policy: &str, id: &str| {
        call(
            organizations,
            "UpdatePolicy",
            id,
            json!({ "policyId": policy }),
        )
    };
    let moved = call(
        organizations,
        "MoveAccount",
        "m",
        json!({ "accountId": "111111111000" }),
    );
    let detached = call(
        "iam.amazonaws.com",
        "DetachRolePolicy",
        "d",
        json!({ "roleName": "nightly", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" }),
    );
    let all_calls = [
        updated("p-guard", "g"),
        updated("p-other", "o"),
        moved,
        detached,
    ];
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    let lacks = [
        (scp("A", 0), &["s3:GetObject"][..]),
        (lost, &["s3:PutObject"]),
    ];
    let mut one = tracked(account(0), "nightly", &lacks);
    one.explanation = Some(explanation(&all_calls));
    let organization = Organization::default();
    let stands = baseline(account(0), vec![one]);
    organization
        .baselines
        .lock()
        .unwrap()
        .insert(account(0), stands);
    organization.gather(&all(0..1), DAY_1);
    let told = organization.told.lock().unwrap();
    let named = |is_own: bool| -> Vec<&str> {
        let mut messages = told.iter();
        let message = messages.find(|one| one.thread.about.account().is_some() == is_own);
        let piece = &message.unwrap().accounts[0].pieces[0];
        let candidates = &piece.explanation.as_ref().unwrap().candidates;
        candidates.iter().map(|call| &*call.id).collect()
    };
    assert_eq!(named(false), ["g", "m"]);
    assert_eq!(named(true).len(), 4);
    assert!(told.iter().all(|one| one.kind == EventKind::Opened
        && one.thread.code() == Code::MissingActions
        && one.since.is_none()));
}

#[test]
fn nobody_is_named_where_no_call_is_about_the_policy() {
    let other = call(
        "organizations.amazonaws.com",
        "UpdatePolicy",
        "o",
        json!({ "policyId": "p-other" }),
    );
    let mut one = tracked(account(0), "nightly", &[(scp("A", 0), &["s3:GetObject"])]);
    one.explanation = Some(explanation(&[other]));
    let organization = Organization::default();
    let stands = baseline(account(0), vec![one]);
    organization
        .baselines
        .lock()
        .unwrap()
        .insert(account(0), stands);
    organization.gather(&all(0..1), DAY_1);
    let told = organization.told.lock().unwrap();
    assert_eq!(told[0].accounts[0].pieces[0].explanation, None);
    assert_eq!(CallsAbove::default().calls(), []);
}
