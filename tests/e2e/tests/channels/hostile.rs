//! Hostile names: whatever stands in a tag, a path, a policy's name or an error, it arrives as text.

use std::sync::Arc;

use audit::baseline::{Record, Tracked};
use audit::finding::{
    ChangeOrigin, Event, EventKind, Finding, FindingId, Item, Lack, Message, ReadSide,
};
use audit::judge::failed;
use audit::{Assessment, Baseline, Code, Level, Settings, Step};
use iam::{Cause, Decision, Layer, PrincipalArn, StatementRef};
use serde_json::Value;

use crate::principals::{account, at};
use crate::published::Published;
use crate::readers;

/// What people put into names to do harm; after a line break stands `INJECTED`.
pub(crate) const HOSTILE: [&str; 14] = [
    "*bold* _slanted_ ~struck~",
    "one\nINJECTED",
    "one\r\n\r\nINJECTED",
    "\u{1b}[31mred\u{7}\0",
    "\u{202e}desrever\u{202c}",
    "<http://evil.example|click>",
    "[click](http://evil.example)",
    "https://evil.example/x",
    "@here @channel @everyone",
    "<!here> <@U0123ABCD> <!subteam^S1>",
    "`code` ```block```",
    "# heading",
    "\"quoted\" \\ back",
    "<id> <summary> ${AWS::AccountId} {{x}}",
];

/// An audit that found one thing, with that text wherever text of others can be.
fn found(text: &str, code: Code, kind: EventKind) -> (Assessment, Step, Settings) {
    let principal: PrincipalArn = "arn:aws:iam::111122223333:role/@here/_Veeam_"
        .parse()
        .unwrap();
    let id = FindingId::new(account(), Some(&principal), code, "set");
    let now = "2026-11-05T06:00:00Z";
    let by = StatementRef {
        layer: Layer::Identity,
        policy: text.into(),
        index: Some(0),
        sid: Some(text.into()),
    };
    let items = [Item {
        name: text.into(),
        place: text.into(),
    }];
    let finding = Finding {
        id,
        account: account(),
        principal: Some(principal.clone()),
        code,
        set: text.into(),
        level: Level::High,
        title: text.into(),
        impact: text.into(),
        items: Arc::new(items.clone().into()),
        lacks: Arc::new(vec![Lack {
            cause: Cause::DeniedBy(vec![by]),
            decision: Decision::ExplicitDeny,
            actions: Arc::new(["s3:GetObject".parse().unwrap()].into()),
            resources: [text.into()].into(),
            regions: [text.into()].into(),
            owner: Some(text.into()),
            read_side: ReadSide::default(),
        }]),
        opened: at(now),
        seen: at(now),
        openings: 2,
    };
    let event = Event {
        kind,
        finding: finding.clone(),
        items: items.into(),
        muted: None,
        for_people: true,
        origin: ChangeOrigin::Account,
        explanation: None,
    };
    let message = Message {
        thread: id,
        kind,
        code,
        level: Level::High,
        origin: ChangeOrigin::Account,
        cause: None,
        is_collection: false,
        is_over: false,
        events: vec![0],
    };
    let tracked = Tracked {
        thread: id,
        healthy: None,
        closed: false,
        told: Some(at(now)),
        reminders: 0,
        origin: ChangeOrigin::Account,
        openings: vec![at(now)],
        explanation: None,
        finding,
    };
    let record = Record {
        findings: [(id, tracked)].into(),
        ..Record::default()
    };
    let baseline = Baseline {
        principals: [(principal, record)].into(),
        ..Baseline::empty(account())
    };
    let step = Step {
        events: vec![event],
        messages: vec![message],
        mutes: Vec::new(),
        baseline,
        account: None,
        touched: [].into(),
    };
    (failed(account(), text, at(now)), step, Settings::default())
}

/// What is filed in Security Hub is given back, so that its model is asked once.
fn check(text: &str, code: Code, kind: EventKind) -> Vec<Value> {
    let (assessment, step, mut settings) = found(text, code, kind);
    settings.owners.trust = Some(text.into());
    // Every reader looks at it in there: schemas, limits, control characters, marks of direction.
    let told = Published::of(&assessment, &step, &settings);
    let lines = told.mails.iter().flat_map(|mail| mail.body.lines());
    let described = told
        .chats
        .iter()
        .filter_map(|chat| chat["content"]["description"].as_str());
    for line in lines.chain(described.flat_map(str::lines)) {
        assert!(!line.trim_start().starts_with("INJECTED"), "{line}");
    }
    for chat in &told.chats {
        quiet(&chat["content"]["title"]);
        quiet(&chat["content"]["description"]);
        quiet(&chat["metadata"]["summary"]);
        chat["content"]["nextSteps"]
            .as_array()
            .into_iter()
            .flatten()
            .for_each(quiet);
    }
    told.filed
}

/// Outside code spans a chat has nothing to read but our own labels.
#[track_caller]
fn quiet(text: &Value) {
    let text = text.as_str().unwrap();
    let parts: Vec<&str> = text.split('`').collect();
    assert!(parts.len() % 2 == 1, "a code span is open: {text}");
    for label in parts.iter().step_by(2) {
        let mut rest = (*label).to_owned();
        for ours in [
            "*What breaks*",
            "*What was at stake*",
            "*Why*",
            "*Owner*",
            "*Open since*",
            "*Audit*",
        ] {
            rest = rest.replace(ours, "");
        }
        for mark in ["*", "_", "~", "<", ">", "](", "@", "#", "://", "www."] {
            assert!(!rest.contains(mark), "{mark} in {rest:?} of {text:?}");
        }
    }
    for code in parts.iter().skip(1).step_by(2) {
        assert!(!code.contains(['<', '>', '\n']), "{code:?}");
    }
}

#[test]
fn hostile_names_arrive_as_text_on_every_channel() {
    let mut filed = Vec::new();
    for text in HOSTILE {
        filed.extend(check(text, Code::MissingActions, EventKind::Opened));
    }
    let all = HOSTILE.join(" ");
    for code in Code::ALL {
        filed.extend(check(&all, code, EventKind::Worsened));
    }
    readers::security_hub(&filed);
}

#[test]
fn a_name_that_is_cut_stays_text() {
    let limits = [130, 200, 300, 2_800, 15_000];
    let mut filed = Vec::new();
    let short = [60, 31, 30, 12, 11, 3, 2, 1, 0];
    let lengths = limits
        .iter()
        .flat_map(|limit| short.map(|by| limit + 1 - by));
    for length in lengths {
        let name = format!("@here{}", "x_".repeat(length / 2));
        filed.extend(check(&name, Code::UnknownActionSet, EventKind::Opened));
        filed.extend(check(&name, Code::MissingActions, EventKind::Eased));
    }
    readers::security_hub(&filed);
}
