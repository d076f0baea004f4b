//! Who changed it, as each channel says it, from events as CloudTrail records them.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::events::read;
use audit::settings::Owners;
use audit::{Code, EventKind, Level, Message};
use serde_json::{Value, json};

use super::*;
use crate::header::Header;
use crate::machine::event::{self, tests::event, tests::header};
use crate::words::message::Saying;
use crate::{chat, mail};

const CALLERS: &str = include_str!("../../../../audit/tests/audit/events/callers.json");
/// Stands in everything of an event that is nobody's business.
const MARKER: &str = "do-not-tell";
const ADDRESS: &str = "203.0.113.7";

fn trail_event(caller: &Value, minute: u8) -> Arc<TrailEvent> {
    let mut event = json!({
        "eventSource": "iam.amazonaws.com", "eventName": "PutRolePolicy",
        "eventID": format!("event-{minute}"), "eventTime": format!("2026-11-22T02:{minute:02}:00Z"),
        "recipientAccountId": "123456789012",
        "requestParameters": { "roleName": "VeeamRestore", "policyName": "Restore", "policyDocument": MARKER },
        "responseElements": { "text": MARKER },
        "additionalEventData": MARKER,
    });
    for (name, value) in caller.as_object().unwrap() {
        event[name] = value.clone();
    }
    let read = read(&event.to_string()).unwrap();
    Arc::new(read.events.into_iter().next().unwrap())
}

fn callers() -> Value {
    serde_json::from_str(CALLERS).unwrap()
}

fn explanation(events: usize, unseen: &[Unseen]) -> Explanation {
    let callers = callers();
    let minutes = (0..events).rev().take(Explanation::MOST);
    let candidates =
        minutes.map(|minute| trail_event(&callers["Terraform"], u8::try_from(minute).unwrap()));
    Explanation {
        candidates: candidates.collect(),
        count: events,
        since: Some("2026-11-21T03:15:00Z".parse().unwrap()),
        unseen: unseen.iter().cloned().collect::<BTreeSet<_>>(),
    }
}

#[test]
fn each_caller_is_told_in_its_own_words() {
    let expected = [
        ("IAM user", "user bob"),
        ("assumed role", "session alice of role Admin"),
        (
            "permission set",
            "alice@example.com (IAM Identity Center, permission set Platform)",
        ),
        ("CloudFormation", "through AWS CloudFormation"),
        ("root user", "the root user"),
        (
            "Identity Center",
            "the IAM Identity Center user 11112222-3333-4444-5555-666677778888",
        ),
        (
            "service",
            "member.org.stacksets.cloudformation.amazonaws.com",
        ),
    ];
    let callers = callers();
    for (name, expected) in expected {
        let told = call(&trail_event(&callers[name], 0));
        assert!(told.contains(expected), "{name}: {told}");
        assert!(!told.contains("203.0.113."), "{told}");
    }
    let told = call(&trail_event(&callers["Terraform"], 0));
    assert_eq!(
        told,
        "session ci of role terraform with PutRolePolicy (Restore) at 2026-11-22 02:00 UTC, by Terraform"
    );
}

#[test]
fn nobody_is_said_to_have_done_what_he_only_may_have_done() {
    let head = |events, unseen: &[Unseen]| {
        let changed = changed(&explanation(events, unseen)).unwrap();
        (changed.head, changed.lines.len(), changed.notes.len())
    };
    assert_eq!(head(1, &[]), ("Changed by", 1, 0));
    assert_eq!(head(1, &[Unseen::CutOff]), ("Possibly changed by", 1, 1));
    assert_eq!(head(2, &[]), ("Possibly changed by one of", 2, 0));
    // Five, and how many more.
    assert_eq!(head(8, &[]), ("Possibly changed by one of", 6, 0));
    let none = changed(&explanation(0, &[])).unwrap();
    assert_eq!(
        none.lines,
        [
            "CloudTrail's history has no call since 2026-11-21 03:15 UTC that can have led to this; calls appear there after up to 15 minutes"
        ]
    );
    let above = changed(&explanation(0, &[Unseen::OtherAccount])).unwrap();
    assert_eq!((above.lines.len(), above.notes.len()), (0, 1));
    assert!(above.notes[0].contains("not visible from here"));
}

#[test]
fn every_channel_tells_it_and_none_tells_the_event() {
    let mut opened = event(EventKind::Opened, 2);
    opened.explanation = Some(explanation(1, &[]));
    let events = [opened];
    let Header { account, at, .. } = header();
    let message = message(&events);
    let audited = audit::judge::failed(account, "", at);
    let owners = Owners::default();
    let saying = Saying::new(&message, &events, &audited, &owners);
    let text = mail::message(&saying);
    let for_people = [text.body.clone(), chat::message(&saying).json()];
    for told in &for_people {
        let words: Vec<&str> = told.split_whitespace().collect();
        let words = words.join(" ");
        assert!(words.contains("Changed by"), "{words}");
        assert!(words.contains("session ci of role terraform"), "{words}");
        assert!(!words.contains(ADDRESS), "{words}");
    }
    let alert = crate::machine::alert::of_message(&saying, &text).unwrap();
    let alert = event::alert(&header(), &alert).detail;
    assert!(alert.contains("session ci of role terraform") && !alert.contains(ADDRESS));
    let bus = event::finding(&header(), &[], &events[0]).detail;
    let detail: Value = serde_json::from_str(&bus).unwrap();
    assert_eq!(detail["changedBy"]["sourceAddress"], ADDRESS);
    assert_eq!(detail["changedBy"]["tool"], "Terraform");
    assert_eq!(detail["changedBy"]["session"], "ci");
    for told in for_people.iter().chain([&alert, &bus]) {
        assert!(!told.contains(MARKER), "{told}");
    }
}

#[test]
fn the_event_on_the_bus_is_as_its_schema_says() {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schemas/event-1.json"
    );
    let schema = std::fs::read_to_string(schema).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let unseen = [
        Unseen::OtherAccount,
        Unseen::NotAsked,
        Unseen::CutOff,
        Unseen::Unanswered("AccessDeniedException".into()),
        Unseen::NotFollowed(2),
    ];
    for explained in [
        explanation(1, &[]),
        explanation(8, &unseen),
        explanation(0, &unseen),
    ] {
        let mut opened = event(EventKind::Opened, 2);
        opened.explanation = Some(explained.clone());
        let detail = event::finding(&header(), &[], &opened).detail;
        let detail: Value = serde_json::from_str(&detail).unwrap();
        schema
            .validate(&detail)
            .map_err(|error| error.to_string())
            .unwrap();
        let named = detail["candidates"].as_array().map_or(0, Vec::len);
        let is_certain = explained.only().is_some();
        assert_eq!(detail.get("changedBy").is_some(), is_certain);
        assert_eq!(
            named,
            if is_certain {
                0
            } else {
                explained.candidates.len()
            }
        );
        let reasons = detail["changesUnseen"].as_array().map_or(0, Vec::len);
        assert_eq!(reasons, explained.unseen.len());
    }
}

fn message(events: &[audit::Event]) -> Message {
    Message {
        thread: events[0].finding.id,
        kind: EventKind::Opened,
        code: Code::MissingActions,
        level: Level::High,
        origin: audit::finding::ChangeOrigin::Account,
        cause: None,
        is_over: false,
        is_collection: false,
        events: vec![0],
    }
}
