//! In a hub: calls above accounts explain what SCPs do, and no other does.

use audit::Explain;
use audit::events::{CallsAbove, Unseen, read};
use iam::{Cause, Decision, Layer, StatementRef};
use serde_json::{Value, json};

use super::{BEFORE, Case, on_a, scp};
use crate::events::recorded::at;
use crate::rules::Why;

/// A hub's list of the calls above accounts.
fn arrived(events: &[Value]) -> CallsAbove {
    let mut calls = CallsAbove::default();
    calls.note(read(&json!(events).to_string()).unwrap().events);
    calls
}

/// SCP `p-guard`, which denies.
fn guard() -> Why {
    let by = vec![StatementRef {
        layer: Layer::ServiceControl { level: Some(1) },
        policy: "p-guard".into(),
        index: Some(0),
        sid: Some("NoCopies".into()),
    }];
    Why::Is(Decision::ExplicitDeny, Cause::DeniedBy(by))
}

fn above(name: &str, policy: &str, target: &str) -> Value {
    let mut event = scp(name);
    event["requestParameters"] = json!({ "policyId": policy, "targetId": target });
    // Where it is recorded, the account is another one.
    event["recipientAccountId"] = "999988887777".into();
    event
}

#[test]
fn in_a_hub_the_call_above_the_account_is_named() {
    let run = |explain, why, events: &[Value]| {
        let mut case = Case::new(why);
        case.explain = explain;
        case.arrived = Some(arrived(events));
        case.run().0
    };
    let ours = above("UpdatePolicy", "p-guard", "r-ab12");
    for explain in [Explain::LookUp, Explain::Arrived, Explain::Given] {
        let found = run(explain, guard(), std::slice::from_ref(&ours)).unwrap();
        let only = found.only().unwrap();
        assert_eq!(&*only.call, "UpdatePolicy");
        assert_eq!(only.account, "999988887777".parse().ok());
    }
    // One that is about another policy, another account, or came before the last audit, names nobody.
    let early = at(BEFORE, &ours);
    for other in [
        above("UpdatePolicy", "p-other", "r-ab12"),
        above("AttachPolicy", "p-guard", "444455556666"),
        early,
        on_a("DetachRolePolicy"),
    ] {
        assert_eq!(run(Explain::LookUp, guard(), &[other]), None);
    }
    let mut attached = above("AttachPolicy", "p-guard", "111122223333");
    attached["eventID"] = "another".into();
    let found = run(Explain::LookUp, guard(), &[ours.clone(), attached]).unwrap();
    assert_eq!((found.only(), found.count), (None, 2));
    // What is above is read once for all accounts, before they are audited: one shortly before counts too.
    let before = at(
        "2026-11-28T08:40:00Z",
        &above("UpdatePolicy", "p-guard", "x"),
    );
    let found = run(Explain::LookUp, guard(), std::slice::from_ref(&before));
    assert_eq!(found.unwrap().count, 1);
    // What the account lost itself has nothing to do with it.
    assert!(run(Explain::LookUp, Why::Lost, &[ours]).unwrap().count == 0);
}

#[test]
fn a_call_that_cannot_have_led_to_it_is_nobodys_fault() {
    let is_named = |why: Why, call: &str, policy: &str| {
        let mut case = Case::new(why);
        case.arrived = Some(arrived(&[above(call, policy, "111122223333")]));
        case.run().0.is_some()
    };
    let scp = Layer::ServiceControl { level: Some(1) };
    let less = || Why::Is(Decision::ImplicitDeny, Cause::NotAllowedIn(vec![scp]));
    let full = "p-FullAWSAccess";
    for (why, call, policy, expected) in [
        (guard(), "AttachPolicy", "p-guard", true),
        (guard(), "UpdatePolicy", "p-guard", true),
        (guard(), "DetachPolicy", "p-guard", false),
        (less(), "DetachPolicy", full, true),
        (less(), "UpdatePolicy", full, true),
        (less(), "AttachPolicy", full, false),
    ] {
        assert_eq!(
            is_named(why.clone(), call, policy),
            expected,
            "{why:?} {call}"
        );
    }
}

#[test]
fn policies_that_restrict_nobody_are_not_followed() {
    let of_kind = |kind: &str, call: &str| {
        let mut event = above(call, "p-guard", "r-ab12");
        match call {
            "UpdatePolicy" => {
                event["responseElements"]["policy"]["policySummary"]["type"] = kind.into();
            }
            _ => event["requestParameters"]["policyType"] = kind.into(),
        }
        arrived(&[event]).calls().len()
    };
    for call in ["UpdatePolicy", "EnablePolicyType", "DisablePolicyType"] {
        for (kind, expected) in [
            ("SERVICE_CONTROL_POLICY", 1),
            ("RESOURCE_CONTROL_POLICY", 1),
            ("TAG_POLICY", 0),
        ] {
            assert_eq!(of_kind(kind, call), expected, "{call} {kind}");
        }
    }
}

#[test]
fn calls_above_that_are_not_kept_any_more_leave_doubt() {
    let minute = |minute: usize| {
        let mut event = above("UpdatePolicy", "p-other", "r-ab12");
        event["eventID"] = format!("call-{minute}").into();
        at(
            &format!("2026-11-28T09:{:02}:{:02}Z", minute / 60, minute % 60),
            &event,
        )
    };
    let mut events: Vec<Value> = (0..=CallsAbove::MOST).map(minute).collect();
    events.push(above("UpdatePolicy", "p-guard", "r-ab12"));
    let mut case = Case::new(guard());
    case.arrived = Some(arrived(&events));
    assert_eq!(
        case.arrived.as_ref().unwrap().calls().len(),
        CallsAbove::MOST
    );
    let found = case.run().0.unwrap();
    assert_eq!((found.only(), found.count), (None, 1));
    assert_eq!(found.unseen, [Unseen::CutOff].into());
}

#[test]
fn calls_that_cannot_be_read_leave_doubt() {
    let all = arrived(&[above("UpdatePolicy", "p-guard", "r-ab12")]);
    let mut unread = above("UpdatePolicy", "p-guard", "r-ab12");
    unread["eventID"] = "unread".into();
    let mut both = all.clone();
    both.note(arrived(&[unread]).calls().iter().cloned());
    let text = both.write();
    // The last call is of a kind that this release does not know.
    let (known, last) = text.rsplit_once("[\"organization\"").unwrap();
    let text = format!("{known}[\"planet\"{last}");
    let read = CallsAbove::read(&text).unwrap();
    assert_eq!(read.calls().len(), 1);
    let mut case = Case::new(guard());
    case.arrived = Some(read);
    let found = case.run().0.unwrap();
    assert_eq!((found.only(), found.count), (None, 1));
    let newer = CallsAbove::read(r#"{"format":2}"#);
    assert!(newer.is_err(), "{newer:?}");
}

#[test]
fn calls_above_are_those_of_the_levels_of_an_account() {
    let all = arrived(&[
        above("AttachPolicy", "p-1", "r-ab12"),
        above("AttachPolicy", "p-2", "ou-ab12-22222222"),
        above("MoveAccount", "p-3", "111122223333"),
    ]);
    // They have one id, so that the first is kept.
    assert_eq!(all.calls().len(), 1);
    let named = |event: Value, id: &str| {
        let mut event = event;
        event["eventID"] = id.into();
        event
    };
    let mut moved = above("MoveAccount", "p-3", "x");
    moved["requestParameters"] = json!({ "accountId": "111122223333" });
    let all = arrived(&[
        named(above("AttachPolicy", "p-1", "r-ab12"), "a"),
        named(above("AttachPolicy", "p-2", "ou-ab12-22222222"), "b"),
        named(moved, "c"),
        named(above("UpdatePolicy", "p-4", "ignored"), "d"),
    ]);
    let ids = |path: &[&str], id: &str| -> Vec<String> {
        let path: Vec<Box<str>> = path.iter().map(|one| (*one).into()).collect();
        let of = all.of(id.parse().unwrap(), &path);
        of.calls().iter().map(|call| call.id.to_string()).collect()
    };
    assert_eq!(
        ids(&["r-ab12", "ou-ab12-22222222"], "444455556666"),
        ["a", "b", "d"]
    );
    assert_eq!(ids(&["r-ab12"], "111122223333"), ["a", "c", "d"]);
    assert_eq!(ids(&[], "444455556666"), ["d"], "its place is not known");
}
