//! Threads against recorded answers of DynamoDB: small, conditional, and never taken for none.

use audit::Baseline;
use audit::baseline::Tracked;
use audit::finding::{ChangeOrigin, Code, Finding, FindingId};
use audit::threads::{Seen, ThreadMessage, Threads, advance};
use audit::{Level, Settings};
use iam::AccountId;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::replay::Replay;

const NOW: &str = "2026-11-30T03:15:00Z";
const REFUSED: &str = "ConditionalCheckFailedException";

/// The message that the audits of so many accounts failed, and so the thread that is to be written.
fn message(accounts: u64) -> ThreadMessage {
    let now: Timestamp = NOW.parse().unwrap();
    let mut seen = Seen::default();
    for number in 0..accounts {
        let account: AccountId = (111_111_111_111 + number).to_string().parse().unwrap();
        let id = FindingId::new(account, None, Code::AuditFailed, "");
        let finding = Finding {
            id,
            account,
            principal: None,
            code: Code::AuditFailed,
            set: "".into(),
            level: Level::High,
            title: "the role is not there".into(),
            impact: "drift is found late".into(),
            items: std::sync::Arc::default(),
            lacks: std::sync::Arc::default(),
            opened: now,
            seen: now,
            openings: 1,
        };
        let tracked = Tracked {
            finding,
            healthy: None,
            closed: false,
            thread: id,
            told: Some(now),
            reminders: 0,
            origin: ChangeOrigin::Account,
            openings: Vec::new(),
            explanation: None,
        };
        let mut baseline = Baseline::empty(account);
        baseline.findings.insert(id, tracked);
        seen.add(&baseline);
    }
    let mut messages = advance(&Threads::new(), &seen, &Settings::default(), now);
    messages.remove(0)
}

/// What became of a write, and what was sent.
async fn keep(thread: &Thread, status: u16, answer: Value) -> (Result<(), KeepThreadError>, Value) {
    let replay = Replay::of(vec![(status, answer.to_string())]);
    let table = Table::new(&replay.session(), "hub");
    let kept = table.keep_threads(&[thread]).await.remove(0);
    let sent = serde_json::from_str(&replay.sent()[0].body).unwrap();
    (kept, sent)
}

#[tokio::test]
async fn a_thread_of_a_thousand_accounts_is_written_and_read_again() {
    let thread = message(1_000).thread;
    let (kept, sent) = keep(&thread, 200, json!({})).await;
    kept.unwrap();
    let item = &sent["Item"];
    let size = item["body"]["B"].as_str().unwrap().len() / 4 * 3;
    assert!(size < 50_000, "{size} bytes");
    assert_eq!(item["account"]["S"], "organization#threads");
    assert_eq!(item["item"]["S"], format!("thread#{}", thread.id()));
    assert_eq!(
        sent["ConditionExpression"],
        "attribute_not_exists(#generation)"
    );
    assert!(item.get("expires").is_none(), "an open thread is kept");
    let replay = Replay::of(vec![(200, json!({ "Items": [item] }).to_string())]);
    let found = Table::new(&replay.session(), "hub")
        .threads()
        .await
        .unwrap();
    assert_eq!(found, Threads::from([(thread.id(), thread)]));
}

#[tokio::test]
async fn a_thread_that_is_over_is_kept_for_a_while() {
    let mut thread = message(1).thread;
    thread.shares.clear();
    thread.generation = 5;
    let (kept, sent) = keep(&thread, 200, json!({})).await;
    kept.unwrap();
    let expires: i64 = sent["Item"]["expires"]["N"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(expires - thread.told.as_second(), 90 * 24 * 3600);
    assert_eq!(sent["ExpressionAttributeValues"][":before"]["N"], "4");
}

#[tokio::test]
async fn who_was_overtaken_writes_nothing() {
    let thread = message(1).thread;
    let refused = |item: Value| json!({ "__type": REFUSED, "Item": item });
    let body = |text: &str| json!({ "format": { "N": "1" }, "body": { "S": text } });
    let (kept, _) = keep(&thread, 400, refused(body("{}"))).await;
    assert!(matches!(kept, Err(KeepThreadError::Moved)), "{kept:?}");
    let newer = json!({ "format": { "N": "2" }, "body": { "S": "{}" } });
    let (kept, _) = keep(&thread, 400, refused(newer)).await;
    assert!(matches!(kept, Err(KeepThreadError::TooNew)), "{kept:?}");
    let own = body(&threads::write(&thread));
    let (kept, _) = keep(&thread, 400, refused(own)).await;
    assert!(
        kept.is_ok(),
        "only the answer of an earlier attempt was lost: {kept:?}"
    );
    let (kept, _) = keep(&thread, 400, json!({ "__type": "AccessDeniedException" })).await;
    assert!(matches!(kept, Err(KeepThreadError::Store(_))), "{kept:?}");
}

#[tokio::test]
async fn a_thread_that_cannot_be_read_is_none_that_was_never_told() {
    let item = |format: &str, body: &str| {
        json!({ "Items": [{
            "item": { "S": "thread#0123456789abcdef" }, "format": { "N": format },
            "generation": { "N": "1" }, "body": { "S": body },
        }] })
    };
    for broken in [item("2", "{}"), item("1", "{"), json!({ "Items": [{}] })] {
        let replay = Replay::of(vec![(200, broken.to_string())]);
        let found = Table::new(&replay.session(), "hub").threads().await;
        assert!(found.is_err(), "{broken}");
    }
}

#[tokio::test]
async fn what_runs_remember_is_kept() {
    let memory = "x".repeat(50_000);
    let replay = Replay::of(vec![(200, json!({}).to_string())]);
    let table = Table::new(&replay.session(), "hub");
    table.keep_hub_memory(&memory).await.unwrap();
    let sent: Value = serde_json::from_str(&replay.sent()[0].body).unwrap();
    let replay = Replay::of(vec![(200, json!({ "Items": [sent["Item"]] }).to_string())]);
    let table = Table::new(&replay.session(), "hub");
    assert_eq!(table.hub_memory().await.unwrap(), Some(memory));
}
