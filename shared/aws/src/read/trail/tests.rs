//! Look-ups against recorded answers: pages, limits, refusals.

use super::*;
use crate::replay::Replay;

const MARKER: &str = "text of a policy";

fn by_name(name: &str) -> LookUp {
    LookUp {
        region: "us-east-1".into(),
        by: LookUpBy::Resource(name.into()),
    }
}

/// An answer with one event, as CloudTrail gives it.
fn page_with(call: &str, next: Option<&str>) -> String {
    let event = json!({
        "eventSource": "iam.amazonaws.com", "eventName": call, "eventID": call,
        "eventTime": "2026-11-28T10:00:00Z", "recipientAccountId": "111122223333",
        "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob" },
        "requestParameters": { "roleName": "r", "policyName": "p", "policyDocument": MARKER },
    });
    let mut page =
        json!({ "Events": [{ "EventName": call, "CloudTrailEvent": event.to_string() }] });
    if let Some(next) = next {
        page["NextToken"] = next.into();
    }
    page.to_string()
}

/// A shorter pause than CloudTrail asks for, so that nobody waits for a test.
const SHORT: Duration = Duration::from_millis(5);

async fn looked_up(replay: &Replay, wanted: &[LookUp]) -> (LookedUp, Reads, Duration) {
    let begun = Instant::now();
    let until = begun + Duration::from_secs(2);
    let since = "2026-11-28T09:00:00Z".parse().unwrap();
    let mut allowance = Allowance {
        pace: SHORT,
        ..Allowance::default()
    };
    let limits = (&mut allowance, until);
    let (looked_up, reads) = look_up(&replay.session(), wanted, since, limits).await;
    (looked_up, reads, begun.elapsed())
}

#[tokio::test]
async fn all_pages_are_read_and_calls_that_only_read_are_passed_over() {
    let replay = Replay::of(vec![
        (200, page_with("DetachRolePolicy", Some("more"))),
        (200, page_with("GetRole", Some("yet more"))),
        (200, page_with("PutRolePolicy", None)),
    ]);
    let (found, reads, _) = looked_up(&replay, &[by_name("r")]).await;
    let calls: Vec<&str> = found
        .events
        .events
        .iter()
        .map(|event| &*event.call)
        .collect();
    assert_eq!(calls, ["DetachRolePolicy", "PutRolePolicy"]);
    assert_eq!((found.unanswered.len(), reads.calls), (0, 3));
    assert!(!format!("{found:?}").contains(MARKER));
    let sent = replay.sent();
    let bodies: Vec<Value> = sent
        .iter()
        .map(|sent| serde_json::from_str(&sent.body).unwrap())
        .collect();
    let first = json!({
        "LookupAttributes": [{ "AttributeKey": "ResourceName", "AttributeValue": "r" }],
        "MaxResults": 50, "StartTime": 1_795_856_400,
    });
    assert_eq!(bodies[0], first);
    assert_eq!(
        (&bodies[1]["NextToken"], &bodies[2]["NextToken"]),
        (&json!("more"), &json!("yet more"))
    );
    assert_eq!(sent[0].uri, "https://cloudtrail.us-east-1.amazonaws.com/");
    assert_eq!(sent[0].target, format!("{TARGET}.LookupEvents"));
}

#[tokio::test]
async fn no_more_than_twenty_are_made_and_two_a_second() {
    let replay = Replay::new(|_| Ok((200, page_with("PutRolePolicy", Some("more")))));
    let wanted: Vec<LookUp> = (0..25).map(|at| by_name(&format!("r{at:02}"))).collect();
    let (found, reads, took) = looked_up(&replay, &wanted).await;
    assert_eq!((reads.calls, replay.sent().len()), (20, 20));
    assert_eq!(found.unanswered.len(), 25);
    assert!(found.unanswered.values().all(|why| *why == Unseen::CutOff));
    // Between twenty calls are nineteen pauses.
    assert!(took >= SHORT * 19, "{took:?}");
    assert_eq!(Allowance::default().pace * 2, Duration::from_secs(1));
}

#[tokio::test]
async fn a_refusal_ends_the_asking_and_a_region_that_fails_ends_only_itself() {
    let denied = r#"{"__type":"AccessDeniedException","message":"not authorized to perform: cloudtrail:LookupEvents"}"#;
    let replay = Replay::of(vec![(400, denied.to_owned())]);
    let wanted = [by_name("a"), by_name("b")];
    let (found, reads, _) = looked_up(&replay, &wanted).await;
    let refused = Unseen::Unanswered("AccessDeniedException".into());
    assert!(found.unanswered.values().all(|why| *why == refused));
    assert_eq!(
        (found.unanswered.len(), reads.calls, reads.refused),
        (2, 1, 1)
    );
    let throttled = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
    let answer = page_with("PutRolePolicy", None);
    let replay = Replay::new(move |sent| {
        Ok(match sent.uri.contains("us-east-1") {
            true => (400, throttled.to_owned()),
            false => (200, answer.clone()),
        })
    });
    let key = LookUp {
        region: "eu-west-1".into(),
        by: LookUpBy::Call("PutKeyPolicy".into()),
    };
    let (found, reads, _) = looked_up(&replay, &[by_name("a"), key, by_name("b")]).await;
    assert_eq!((found.events.events.len(), found.unanswered.len()), (1, 2));
    assert_eq!((reads.calls, reads.failed), (2, 1));
    assert!(
        found
            .unanswered
            .values()
            .all(|why| *why == Unseen::Unanswered("Throttled".into()))
    );
}

#[tokio::test]
async fn an_answer_that_is_cut_is_asked_again_and_one_that_never_is_whole_is_told() {
    let whole = page_with("PutRolePolicy", None);
    for end in [0, 1, whole.len() / 2, whole.len() - 1] {
        let cut = whole.get(..end).unwrap().to_owned();
        let replay = Replay::of(vec![(200, cut.clone()), (200, whole.clone())]);
        let (found, _, _) = looked_up(&replay, &[by_name("r")]).await;
        assert_eq!(
            (found.events.events.len(), found.unanswered.len()),
            (1, 0),
            "{end}"
        );
        let replay = Replay::of(vec![(200, cut)]);
        let (found, reads, _) = looked_up(&replay, &[by_name("r")]).await;
        assert_eq!(
            (found.events.events.len(), found.unanswered.len()),
            (0, 1),
            "{end}"
        );
        assert_eq!(reads.failed, 1);
    }
}

#[tokio::test]
async fn nothing_is_asked_when_the_time_is_over() {
    let replay = Replay::new(|_| Err(crate::replay::HANG));
    let (found, _, took) = looked_up(&replay, &[by_name("a"), by_name("b")]).await;
    assert_eq!(found.unanswered.len(), 2);
    assert!(took < Duration::from_secs(20), "{took:?}");
}
