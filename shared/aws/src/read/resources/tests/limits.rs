//! Throttling, broken answers, silence.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use audit::resources::Reading;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use serde_json::json;

use crate::replay::HANG;
use crate::session::Session;

#[tokio::test]
async fn a_throttled_call_is_tried_again() {
    for throttled in [
        json_refusal(400, "ThrottlingException"),
        storage_refusal(503, "SlowDown"),
        (500, String::new()),
    ] {
        let times = AtomicUsize::new(0);
        let (side, sent) = read_where(&named([key(KEY)]), move |sent| {
            let is_first =
                sent.target.ends_with("DescribeKey") && times.fetch_add(1, Ordering::Relaxed) == 0;
            is_first.then(|| throttled.clone())
        })
        .await;
        assert!(side.resources.keys[KEY].metadata.read().is_some());
        assert_eq!((sent.len(), side.reads.calls), (4, 3));
    }
}

#[tokio::test]
async fn who_is_throttled_for_ever_is_told_so() {
    let (side, _) = read_where(&named([key(KEY)]), |_| {
        Some(json_refusal(400, "ThrottlingException"))
    })
    .await;
    assert_eq!(
        side.resources.keys[KEY].policy,
        Reading::Refused("Throttled".into())
    );
    assert_eq!((side.reads.calls, side.reads.failed), (3, 3));
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_asked_for_again_and_never_half_read() {
    let everything = Wanted {
        named: [key(KEY), bucket(BUCKET), NamedResource::Vault(VAULT.into())].into(),
        ..region(WantedRegion {
            volumes: true,
            backup: true,
            ..WantedRegion::default()
        })
    };
    let (whole, sent) = read_where(&everything, |_| None).await;
    let times: std::sync::Mutex<BTreeSet<String>> = std::sync::Mutex::default();
    let (again, twice) = read_where(&everything, move |sent| {
        let call = format!("{} {} {}", sent.uri, sent.target, sent.body);
        let (status, body) = answer(sent);
        let is_first = times.lock().unwrap().insert(call);
        let mut cut = body.trim_end().to_owned();
        cut.pop();
        (is_first && status == 200).then_some((status, cut))
    })
    .await;
    assert_eq!(whole.resources, again.resources);
    let refused = sent.iter().filter(|sent| answer(sent).0 != 200).count();
    assert_eq!(twice.len(), 2 * sent.len() - refused);
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_not_asked_again() {
    let replay = Replay::new(|sent| match sent.uri.contains("kms.") {
        true => Err("connection reset"),
        false => Ok(answer(sent)),
    });
    let many = (0..40).map(|at| key(&KEY.replace("1234abcd", &format!("0000{at:04}"))));
    let (side, sent) = read_from(&replay, &named(many)).await;
    assert_eq!(side.resources.keys.len(), 40);
    assert!(
        side.resources
            .keys
            .values()
            .all(|key| key.policy == Reading::Refused("NotReached".into()))
    );
    assert!(sent.len() <= 8 * 5, "{} attempts", sent.len());
}

#[tokio::test]
async fn nothing_is_asked_after_the_time_is_over() {
    let replay = Replay::new(|sent| Ok(answer(sent)));
    let side = read(&replay.session(), &named([key(KEY)]), limits(0)).await;
    assert_eq!(
        side.resources.keys[KEY].policy,
        Reading::Refused("TimedOut".into())
    );
    assert_eq!((replay.sent().len(), side.reads.calls), (0, 0));
}

/// Waits as long as it says.
#[derive(Debug)]
struct Real;

impl AsyncSleep for Real {
    fn sleep(&self, time: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(time))
    }
}

#[tokio::test]
async fn a_call_that_hangs_is_not_waited_for_after_the_time_is_over() {
    let replay = Replay::new(|sent| match sent.target.ends_with("DescribeKey") {
        true => Err(HANG),
        false => Ok(answer(sent)),
    });
    let session = replay.session();
    let config = session.config.into_builder();
    let session = Session {
        config: config.sleep_impl(SharedAsyncSleep::new(Real)).build(),
    };
    let begun = Instant::now();
    let side = read(&session, &named([key(KEY)]), limits(1)).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    let key = &side.resources.keys[KEY];
    assert_eq!(key.metadata, Reading::Refused("TimedOut".into()));
    assert!(key.policy.read().is_some(), "what was answered is kept");
    assert_eq!((side.reads.calls, side.reads.failed), (2, 1));
}

#[tokio::test]
async fn an_audit_that_goes_on_asks_nothing_twice() {
    let replay = Replay::new(|sent| match sent.target.ends_with("ListGrants") {
        true => Ok(json_refusal(400, "AccessDeniedException")),
        false => Ok(answer(sent)),
    });
    let (session, answers) = (replay.session(), Arc::<Answers>::default());
    let wanted = named([key(KEY), bucket(BUCKET)]);
    let reading = async |again| {
        let limits = ReadLimits {
            answers: Arc::clone(&answers),
            again,
            ..limits(60)
        };
        let side = read(&session, &wanted, limits).await;
        (side.resources, side.reads.calls)
    };
    answers.begin("one");
    let (first, calls) = reading(false).await;
    answers.resume("one");
    let (second, more) = reading(false).await;
    assert_eq!(first, second);
    assert_eq!(more, 1, "what was refused may be permitted now");
    assert_eq!(reading(true).await.1, calls, "before something is told");
    answers.begin("one");
    assert_eq!(reading(false).await.1, calls, "another attempt");
    answers.resume("two");
    assert_eq!(
        reading(false).await.1,
        calls,
        "what is left of another audit"
    );
}

#[tokio::test]
async fn an_answer_that_is_not_understood_spoils_no_other() {
    let (side, _) = read_where(&named([key(KEY), bucket(BUCKET)]), |sent| {
        let is_policy = sent.target.ends_with("GetKeyPolicy");
        is_policy.then(|| (200, r#"{"Policy":17,"PolicyName":"default"}"#.to_owned()))
    })
    .await;
    let key = &side.resources.keys[KEY];
    assert!(
        key.metadata.read().is_some() && side.resources.buckets[BUCKET].region.read().is_some()
    );
    // A policy that is no text is a policy with a fault.
    assert!(key.policy.read().is_none_or(|policy| policy.is_err()));
    let (side, _) = read_where(&named([key_of_tests(), bucket(BUCKET)]), |sent| {
        sent.target
            .ends_with("DescribeKey")
            .then(|| (200, r#"{"Colour":"red"}"#.to_owned()))
    })
    .await;
    assert_eq!(
        side.resources.keys[KEY].metadata,
        Reading::Refused("NotUnderstood".into())
    );
    assert!(side.resources.keys[KEY].policy.read().is_some());
    assert_eq!(
        side.parts["keys"][KEY]["describe-key"]["error"]["code"],
        json!("NotUnderstood")
    );
}

fn key_of_tests() -> NamedResource {
    key(KEY)
}
