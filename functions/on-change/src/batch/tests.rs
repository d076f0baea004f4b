//! What the records of the queue hold.

use serde_json::json;

use super::*;
use crate::back::messages;

fn detached(id: &str, role: &str) -> String {
    json!({ "version": "0", "source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": {
        "eventSource": "iam.amazonaws.com", "eventName": "DetachRolePolicy", "eventID": id, "eventTime": "2026-11-30T06:00:00Z",
        "recipientAccountId": "123456789012", "userIdentity": { "type": "IAMUser" },
        "requestParameters": { "roleName": role, "policyArn": "arn:aws:iam::123456789012:policy/p" } } })
    .to_string()
}

fn records(bodies: &[String]) -> Value {
    let records = bodies.iter().enumerate();
    let records: Vec<Value> = records
        .map(|(at, body)| json!({ "messageId": format!("r{at}"), "body": body }))
        .collect();
    json!({ "Records": records })
}

fn ids(batch: &Batch) -> Vec<&str> {
    batch.events.events.iter().map(|event| &*event.id).collect()
}

#[test]
fn what_went_back_comes_again_as_it_was_with_one_attempt_more() {
    let bodies = [detached("a", "one"), detached("b", "two")];
    let batch = Batch::read(&records(&bodies)).unwrap();
    assert_eq!(ids(&batch), ["a", "b"]);
    let back = messages(batch.origins.values().collect());
    assert_eq!(back.len(), 1, "one message for both");
    assert_eq!(back[0].records, ["r0", "r1"].map(Box::from));
    let again = Batch::read(&records(&[back[0].body.clone(), detached("c", "one")])).unwrap();
    assert_eq!(ids(&again), ["a", "b", "c"]);
    assert_eq!(again.events.events[..2], batch.events.events[..]);
    let attempts: Vec<u32> = again.origins.values().map(|it| it.attempt).collect();
    assert_eq!(attempts, [1, 1, 0]);
    assert_eq!(*again.origins["a"].text, *bodies[0]);
    let back = messages(again.origins.values().collect());
    assert_eq!(back.len(), 2, "a message has one attempt");
}

#[test]
fn a_message_holds_no_more_than_fits() {
    let long = "x".repeat(SIZE_OF_ONE);
    let bodies: Vec<String> = (0..9).map(|at| detached(&at.to_string(), &long)).collect();
    let batch = Batch::read(&records(&bodies)).unwrap();
    let back = messages(batch.origins.values().collect());
    assert_eq!(back.len(), 3);
    assert!(back.iter().all(|message| message.body.len() < 262_144));
}

const SIZE_OF_ONE: usize = 60_000;

#[test]
fn a_failed_call_and_an_unknown_one_are_no_event_and_no_fault() {
    let mut failed: Value = serde_json::from_str(&detached("a", "one")).unwrap();
    failed["detail"]["errorCode"] = json!("AccessDenied");
    let mut unknown: Value = serde_json::from_str(&detached("b", "one")).unwrap();
    unknown["detail"]["eventName"] = json!("AcceptDelegationRequest");
    let batch = Batch::read(&records(&[failed.to_string(), unknown.to_string()])).unwrap();
    assert_eq!((ids(&batch), batch.events.total), (vec![], 2));
    assert!(batch.unusable.is_empty());
}

#[test]
fn what_cannot_be_used_is_named_without_its_values() {
    let check = |body: &str, expected: &str| {
        let batch = Batch::read(&records(&[detached("a", "one"), body.to_owned()])).unwrap();
        assert_eq!(ids(&batch), ["a"], "the others are used");
        let [unusable] = batch.unusable.as_slice() else {
            panic!("{:?}", batch.unusable)
        };
        assert_eq!(unusable.reason.to_string(), expected);
        assert_eq!((&*unusable.record, &*unusable.body), ("r1", body));
    };
    check("secret", "its text is no JSON");
    check("", "its text is no JSON");
    check("[\"secret\"]", "it is no event of CloudTrail");
    check(
        "{\"detail\":{\"secret\":1}}",
        "it is no event of CloudTrail",
    );
    check(
        &detached("b", ""),
        "the event `DetachRolePolicy` has no usable `requestParameters.roleName`",
    );
    check(
        "{\"again\":{\"version\":2,\"secret\":1}}",
        "it is version 2 of a message of permdrift, newest known is 1",
    );
    check(
        "{\"again\":{\"version\":1,\"attempt\":\"secret\"}}",
        "it is no message that permdrift wrote",
    );
    check(
        "{\"again\":{\"version\":1,\"attempt\":1,\"events\":[{\"secret\":1}]}}",
        "it is no event of CloudTrail",
    );
}

#[test]
fn an_invocation_by_hand_is_refused() {
    for event in [json!({}), json!({ "Records": [{}] }), json!("secret")] {
        let error = Batch::read(&event).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
