//! The table, as DynamoDB answers it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::sync::Arc;

use audit::baseline::{Judged, Tracked};
use audit::finding::ChangeOrigin;
use audit::{Code, Finding, FindingId, Level, RulesVersion};
use serde_json::{Value, json};

use super::*;
use crate::replay::{Replay, Sent};

mod first_edition;
mod size;

const LEFT: &str = "arn:aws:iam::123456789012:role/left";
const STAYS: &str = "arn:aws:iam::123456789012:role/stays";
const GONE: &str = "arn:aws:iam::123456789012:user/gone";

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A role that is bound, and one that left and whose finding is over.
fn baseline(generation: u64) -> Baseline {
    let left: PrincipalArn = LEFT.parse().unwrap();
    let id = FindingId::new(account(), Some(&left), Code::MissingActions, "set");
    let finding = Finding {
        id,
        account: account(),
        principal: Some(left.clone()),
        code: Code::MissingActions,
        set: "set".into(),
        level: Level::High,
        title: "Restore".into(),
        impact: "Restores fail.".into(),
        items: Arc::default(),
        lacks: Arc::default(),
        opened: at("2026-11-01T00:00:00Z"),
        seen: at("2026-11-02T00:00:00Z"),
        openings: 0,
    };
    let tracked = Tracked {
        thread: finding.id,
        finding,
        healthy: Some(at("2026-11-03T00:00:00Z")),
        closed: true,
        told: Some(at("2026-11-01T00:00:00Z")),
        reminders: 0,
        origin: ChangeOrigin::Rules,
        openings: Vec::new(),
        explanation: None,
    };
    let stays = Record {
        generation: generation.saturating_sub(3),
        judged: Some(Judged {
            at: at("2026-11-22T03:15:00Z"),
            rules: RulesVersion::current(),
        }),
        sets: BTreeMap::from([("set".into(), Level::High)]),
        findings: BTreeMap::new(),
    };
    let left_record = Record {
        generation: 1,
        judged: None,
        sets: BTreeMap::new(),
        findings: BTreeMap::from([(id, tracked)]),
    };
    Baseline {
        account: account(),
        generation,
        audited: Some(at("2026-11-22T03:15:00Z")),
        rules: Some(RulesVersion::current()),
        findings: BTreeMap::new(),
        principals: BTreeMap::from([(left, left_record), (STAYS.parse().unwrap(), stays)]),
        warned: BTreeMap::new(),
        noticed: None,
    }
}

fn table(replay: &Replay) -> Table {
    Table::new(&replay.session(), "baseline")
}

fn body(sent: &Sent) -> Value {
    serde_json::from_str(&sent.body).unwrap()
}

fn operation(sent: &Sent) -> &str {
    sent.target.rsplit('.').next().unwrap()
}

/// Commits the account's own part and three principals: one that an earlier edition wrote or nobody yet, one that was loaded at a
/// generation of its own, one that is forgotten.
async fn commit(replay: &Replay, expected: u64) -> Result<(), CommitError> {
    let generations = [0, expected.saturating_sub(3), 5];
    let touched = [LEFT, STAYS, GONE].map(|arn| arn.parse().unwrap());
    table(replay)
        .commit(&Commit {
            account: Some(expected),
            baseline: &baseline(expected + 1),
            principals: &touched.into_iter().zip(generations).collect(),
        })
        .await
}

async fn load(pages: &[Value]) -> Result<Baseline, LoadBaselineError> {
    let answers = pages.iter().map(|page| (200, page.to_string())).collect();
    table(&Replay::of(answers)).load(account()).await
}

fn refused_for(item: &Value) -> (u16, String) {
    let body = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed", "Item": item });
    (400, body.to_string())
}

#[tokio::test]
async fn what_is_committed_is_what_is_loaded() {
    let replay = Replay::of(vec![(200, "{}".to_owned())]);
    commit(&replay, 7).await.unwrap();
    let sent = replay.sent();
    let puts = sent.iter().filter(|sent| operation(sent) == "PutItem");
    let items: Vec<Value> = puts.map(|sent| body(sent)["Item"].clone()).collect();
    let [first, rest @ ..] = items.as_slice() else {
        panic!("nothing was written")
    };
    let key = json!({ "S": rest[0]["item"]["S"] });
    let pages = [
        json!({ "Items": [], "LastEvaluatedKey": { "account": { "S": "123456789012" }, "item": key } }),
        json!({ "Items": [first], "LastEvaluatedKey": { "account": { "S": "123456789012" }, "item": key } }),
        json!({ "Items": rest }),
    ];
    assert_eq!(load(&pages).await.unwrap(), baseline(8));
}

#[tokio::test]
async fn each_item_is_written_on_the_generation_that_was_loaded_and_the_account_first() {
    let replay = Replay::of(vec![(200, "{}".to_owned())]);
    commit(&replay, 7).await.unwrap();
    let sent: Vec<(String, Value)> = replay
        .sent()
        .iter()
        .map(|sent| (operation(sent).to_owned(), body(sent)))
        .collect();
    let conditions: Vec<(&str, &str, &Value, &Value)> = sent
        .iter()
        .map(|(operation, sent)| {
            let key = match operation.as_str() {
                "DeleteItem" => &sent["Key"]["item"]["S"],
                _ => &sent["Item"]["item"]["S"],
            };
            let condition = sent["ConditionExpression"].as_str().unwrap();
            let values = &sent["ExpressionAttributeValues"];
            (
                key.as_str().unwrap().rsplit('/').next().unwrap(),
                condition,
                &values[":expected"]["N"],
                &values[":loaded"]["N"],
            )
        })
        .collect();
    let unknown = "attribute_not_exists(#generation) OR (attribute_not_exists(#commits) AND #generation <= :loaded AND #format <= :format)";
    let counted = "#commits = :expected AND #format <= :format";
    let null = Value::Null;
    assert_eq!(conditions[0].0, "account");
    assert_eq!(
        BTreeSet::from_iter(conditions.iter().map(|it| format!("{it:?}"))),
        BTreeSet::from_iter(
            [
                (
                    "account",
                    "#generation = :expected AND #format <= :format",
                    &json!("7"),
                    &null
                ),
                ("left", unknown, &null, &json!("7")),
                ("stays", counted, &json!("4"), &null),
                ("gone", counted, &json!("5"), &null),
            ]
            .iter()
            .map(|it| format!("{it:?}"))
        )
    );
    let first = Replay::of(vec![(200, "{}".to_owned())]);
    commit(&first, 0).await.unwrap();
    let account = body(&first.sent()[0]);
    assert_eq!(account["Item"]["item"]["S"], "account");
    assert_eq!(
        account["ConditionExpression"],
        "attribute_not_exists(#generation)"
    );
}

#[tokio::test]
async fn only_records_without_open_findings_expire() {
    let replay = Replay::of(vec![(200, "{}".to_owned())]);
    commit(&replay, 7).await.unwrap();
    let expires: BTreeMap<String, Value> = replay
        .sent()
        .iter()
        .filter(|sent| operation(sent) == "PutItem")
        .map(|sent| body(sent)["Item"].clone())
        .map(|item| {
            (
                item["item"]["S"].as_str().unwrap().to_owned(),
                item["expires"]["N"].clone(),
            )
        })
        .collect();
    // 90 days after it was seen healthy.
    let second = at("2027-02-01T00:00:00Z").as_second().to_string();
    let expected = BTreeMap::from([
        ("account".to_owned(), Value::Null),
        (format!("principal#{LEFT}"), json!(second)),
        (format!("principal#{STAYS}"), Value::Null),
    ]);
    assert_eq!(expires, expected);
}

#[tokio::test]
async fn a_commit_that_comes_too_late_writes_nothing() {
    let other =
        json!({ "format": { "N": "1" }, "generation": { "N": "9" }, "body": { "S": "{}" } });
    let replay = Replay::of(vec![refused_for(&other)]);
    let refused = commit(&replay, 7).await.unwrap_err();
    assert!(
        matches!(
            &refused,
            CommitError::Moved {
                what: Part::Account,
                expected: 7
            }
        ),
        "{refused}"
    );
    assert_eq!(replay.sent().len(), 1);
}

#[tokio::test]
async fn a_newer_format_is_not_written_over() {
    let newer = json!({ "format": { "N": "3" }, "generation": { "N": "7" }, "body": { "S": "?" } });
    for at_account in [true, false] {
        let newer = newer.clone();
        let replay = Replay::new(move |sent| {
            let is_account = body(sent)["Item"]["item"]["S"] == "account";
            Ok(if is_account == at_account {
                refused_for(&newer)
            } else {
                (200, "{}".to_owned())
            })
        });
        let refused = commit(&replay, 7).await.unwrap_err();
        assert!(matches!(refused, CommitError::TooNew), "{refused}");
    }
}

#[tokio::test]
async fn an_answer_that_got_lost_is_no_conflict() {
    let replay = Replay::new(|sent| {
        let sent = body(sent);
        Ok(if sent["Item"]["item"]["S"] == "account" {
            // The first attempt was written; this is the second one.
            refused_for(&sent["Item"])
        } else {
            (200, "{}".to_owned())
        })
    });
    commit(&replay, 7).await.unwrap();
    assert_eq!(replay.sent().len(), 4);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_not_an_empty_baseline() {
    let item = |sort: &str, format: Value, body: &str| {
        json!({ "account": { "S": "123456789012" }, "item": { "S": sort }, "format": format,
            "generation": { "N": "1" }, "body": { "S": body } })
    };
    let one = json!({ "N": "1" });
    for (items, expected) in [
        (
            json!([
                item("account", one.clone(), "no JSON"),
                item("principal#x", json!({ "N": "3" }), "?")
            ]),
            "baseline has format 3, newest known is 2: use a newer permdrift, nothing was read or overwritten",
        ),
        (
            json!([{ "account": { "S": "123456789012" }, "item": { "S": "account" } }]),
            "baseline cannot be read: the table is of another shape: item `account` has no usable `format`",
        ),
        (
            json!([item("something", one.clone(), "{}")]),
            "baseline cannot be read: the table is of another shape: item `something` has no usable `item`",
        ),
        (
            json!([item("principal#x", one.clone(), "{}")]),
            "baseline cannot be read: the table holds principals of account 123456789012, and not the item `account`",
        ),
    ] {
        let found = load(&[json!({ "Items": items })]).await.unwrap_err();
        assert_eq!(found.to_string(), expected);
    }
    let empty = load(&[json!({ "Items": [] })]).await.unwrap();
    assert_eq!(empty, Baseline::empty(account()));
    let replay = Replay::of(vec![(
        400,
        r#"{"__type":"ResourceNotFoundException","message":"gone"}"#.to_owned(),
    )]);
    let missing = table(&replay).load(account()).await.unwrap_err();
    assert_eq!(missing.to_string(), "baseline store");
    assert_eq!(
        missing.source().unwrap().to_string(),
        "AWS refused: ResourceNotFoundException: gone"
    );
}
