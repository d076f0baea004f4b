//! Time: what is taken, given up and handed on when it is short.

use std::time::Duration;

use super::*;
use crate::replay::HANG;

/// What four subjects get whose calls are answered until the hanging one, two at a time: reached or not.
async fn reached(hangs: usize, again: bool) -> Vec<&'static str> {
    let calls = Mutex::new(0);
    let replay = Replay::new(move |sent| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        if *calls - 1 == hangs {
            return Err(HANG);
        }
        let names = actions(sent);
        let allowed = names.iter().map(|name| result(name, "allowed", ""));
        Ok(page(&allowed.collect::<String>(), None))
    });
    let window = Window {
        until: None,
        stop: Some(tokio::time::Instant::now() + Duration::from_millis(200)),
    };
    let limits = Limits {
        in_flight: 2,
        ceiling: 2,
        first: window,
        again: window,
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let simulator = AwsSimulator::new(replay.iam(), Explained(Vec::new()), limits, now);
    let inquiries = vec![inquiry(vec![vec![question("*", &["a:A"], None)]]); 4];
    if again {
        simulator.simulate(&inventory(None), &[], &[]).await;
    }
    let answers = simulator.simulate(&inventory(None), &inquiries, &[]).await;
    let word = |reply: &Reply| match reply {
        Reply::NotReached => "not reached",
        Reply::Decided(lists) if lists[0].is_empty() => "allowed",
        Reply::Decided(_) => "unknown",
    };
    answers.iter().map(word).collect()
}

#[tokio::test]
async fn from_the_first_that_is_given_up_all_are_handed_on() {
    assert_eq!(
        reached(1, false).await,
        ["allowed", "not reached", "not reached", "not reached"]
    );
}

#[tokio::test]
async fn one_that_is_never_answered_does_not_hold_up_the_others() {
    assert_eq!(
        reached(0, false).await,
        ["unknown", "allowed", "allowed", "allowed"]
    );
}

#[tokio::test]
async fn what_is_asked_again_is_not_handed_on() {
    assert_eq!(
        reached(1, true).await,
        ["allowed", "unknown", "allowed", "allowed"]
    );
}

#[tokio::test]
async fn when_the_time_is_up_no_subject_is_taken() {
    let replay = by_action(|_, _| ("allowed", String::new()));
    let limits = Limits {
        in_flight: 2,
        ceiling: 2,
        first: Window {
            until: Some(tokio::time::Instant::now()),
            stop: None,
        },
        again: Window::default(),
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let simulator = AwsSimulator::new(replay.iam(), Explained(Vec::new()), limits, now);
    let inventory = inventory(None);
    let inquiries = vec![inquiry(vec![vec![question("*", &["a:A"], None)]]); 2];
    let found = simulator.simulate(&inventory, &inquiries, &[]).await;
    assert_eq!(found, [Reply::NotReached, Reply::NotReached]);
    assert!(replay.sent().is_empty());
    // What is asked again after the pause has a time of its own.
    let found = simulator.simulate(&inventory, &inquiries[..1], &[]).await;
    assert_eq!(found, [Reply::Decided(vec![Vec::new()])]);
}
