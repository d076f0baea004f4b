//! Recorded events: one of each call of IAM that can change a verdict, by whoever makes it.
//!
//! `iam.json` holds what is the call's own, `callers.json` what is the caller's. Both have the shapes in which CloudTrail records them;
//! the account is made up.

use serde_json::{Map, Value, json};

const CALLS: &str = include_str!("iam.json");
const CALLERS: &str = include_str!("callers.json");

/// The calls by the assumed role of an administrator, one a second.
pub(crate) fn calls() -> Vec<Value> {
    let calls: Vec<Value> = serde_json::from_str(CALLS).unwrap();
    let calls = calls.iter().enumerate();
    calls.map(|(at, call)| whole(at, call)).collect()
}

/// The one call of that name.
pub(crate) fn call(name: &str) -> Value {
    let mut calls = calls().into_iter();
    calls.find(|call| call["eventName"] == name).unwrap()
}

/// The callers by what they are called in the file.
pub(crate) fn callers() -> Map<String, Value> {
    serde_json::from_str(CALLERS).unwrap()
}

/// A call as somebody else made it.
pub(crate) fn by(caller: &Value, call: &Value) -> Value {
    let mut event = call.clone();
    for (name, value) in caller.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

/// A call at another time, as another event.
pub(crate) fn at(time: &str, call: &Value) -> Value {
    let mut event = call.clone();
    event["eventTime"] = time.into();
    event["eventID"] = format!("{}-{time}", call["eventID"].as_str().unwrap()).into();
    event
}

fn whole(at: usize, call: &Value) -> Value {
    let event = json!({
        "eventVersion": "1.11",
        "eventTime": format!("2026-11-28T10:00:{at:02}Z"),
        "eventSource": "iam.amazonaws.com",
        "eventName": call["eventName"],
        "awsRegion": "us-east-1",
        "requestParameters": call["requestParameters"],
        "responseElements": call["responseElements"],
        "requestID": format!("00000000-0000-4000-9000-{at:012}"),
        "eventID": format!("00000000-0000-4000-8000-{at:012}"),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    });
    by(&callers()["assumed role"], &event)
}
