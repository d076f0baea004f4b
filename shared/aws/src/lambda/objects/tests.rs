//! What S3 answers, and what becomes of it.

use super::*;
use crate::replay::{Replay, refusal};

const OWNER: &str = "111122223333";

fn objects(replay: &Replay) -> Objects {
    Objects::new(&replay.session(), "hub-of-ours", OWNER.parse().unwrap())
}

fn call(key: &str, failure: Failure) -> GetError {
    GetError::Call {
        key: key.to_owned(),
        failure,
    }
}

/// Gets an object of at most eight bytes, after these answers, in so many calls.
async fn check(
    answers: Vec<(u16, String)>,
    expected: Result<Option<&str>, GetError>,
    calls: usize,
) {
    let replay = Replay::of(answers);
    let got = objects(&replay).get_at_most("roster.json", 8).await;
    assert_eq!(got, expected.map(|text| text.map(Into::into)));
    assert_eq!(replay.sent().len(), calls);
}

#[tokio::test]
async fn an_object_that_is_not_there_is_none_and_a_refusal_is_a_failure() {
    let answer = |text: &str| vec![(200, text.to_owned())];
    check(answer("12345678"), Ok(Some("12345678")), 1).await;
    check(answer(""), Ok(Some("")), 1).await;
    let empty = refusal(416, "InvalidRange", "not satisfiable");
    check(vec![empty], Ok(Some("")), 1).await;
    let missing = refusal(404, "NoSuchKey", "does not exist");
    check(vec![missing], Ok(None), 1).await;
    for (status, code) in [(404, "NoSuchBucket"), (301, "PermanentRedirect")] {
        let failure = Failure::Refused {
            code: code.to_owned(),
            message: "no".to_owned(),
        };
        let expected = Err(call("roster.json", failure));
        check(vec![refusal(status, code, "no")], expected, 1).await;
    }
    let failure = Failure::Denied {
        code: "AccessDenied".to_owned(),
        message: "no".to_owned(),
    };
    let expected = Err(call("roster.json", failure));
    check(vec![refusal(403, "AccessDenied", "no")], expected, 1).await;
}

#[tokio::test]
async fn an_object_that_is_too_long_is_not_taken_for_a_shorter_one() {
    let expected = GetError::TooLong {
        key: "roster.json".to_owned(),
        most: 8,
    };
    check(vec![(206, "123456789".to_owned())], Err(expected), 1).await;
}

#[tokio::test]
async fn what_passes_is_asked_again() {
    let slow = refusal(503, "SlowDown", "reduce your request rate");
    let answer = (200, "12345678".to_owned());
    check(
        vec![slow.clone(), slow.clone(), answer],
        Ok(Some("12345678")),
        3,
    )
    .await;
    check(vec![slow], Err(call("roster.json", Failure::Throttled)), 10).await;
    let broken = refusal(500, "InternalError", "again");
    let failure = Failure::Broken {
        code: Some("InternalError".to_owned()),
    };
    check(vec![broken], Err(call("roster.json", failure)), 10).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_asked_for_again() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let replay =
        Replay::new(
            move |_| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 => Err("unexpected end of file"),
                _ => Ok((200, "{}".to_owned())),
            },
        );
    let objects = objects(&replay);
    assert_eq!(objects.get("roster.json").await, Ok(Some(b"{}".to_vec())));
    let put = objects.put("roster.json", "application/json", b"{}".to_vec());
    put.await.unwrap();
    assert_eq!(replay.sent().len(), 3);
}

#[tokio::test]
async fn an_object_is_called_by_its_buckets_name_and_in_its_owners() {
    let replay = Replay::of(vec![(200, String::new())]);
    let objects = objects(&replay);
    let key = "runs/2026-11-30T03:15:00Z/accounts.json";
    let put = objects.put(key, "application/json", b"[]".to_vec()).await;
    put.unwrap();
    let dotted = Objects {
        bucket: "hub.of.ours".to_owned(),
        ..objects
    };
    dotted.get(key).await.unwrap();
    let sent = replay.sent();
    let path = "runs/2026-11-30T03%3A15%3A00Z/accounts.json";
    let expected = format!("https://hub-of-ours.s3.eu-west-1.amazonaws.com/{path}");
    assert_eq!(sent[0].uri, expected);
    let expected = format!("https://s3.eu-west-1.amazonaws.com/hub.of.ours/{path}");
    assert_eq!(sent[1].uri, expected);
    assert_eq!(sent[0].body, "[]");
    assert_eq!(sent[0].headers["content-type"], "application/json");
    for call in &sent {
        assert_eq!(call.headers[EXPECTED_OWNER], OWNER);
        assert!(call.headers.contains_key("x-amz-content-sha256"));
    }
    assert_eq!(sent[1].headers["range"], "bytes=0-33554432");
}
