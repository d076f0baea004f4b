//! The life of findings, day by day: the rules one at a time. The whole story is in `fortnight`.
//!
//! How findings become messages and threads is in `messages`.

use audit::judge::failed;

use crate::principals::{account, at, copier, principal, role, user};
use crate::rules::{Rules, Why};
use crate::story::Story;

/// What people are told on each of the days; a rule set a day, at 06:00 from 1 November on.
#[track_caller]
fn check(story: &Story, days: &[(&Rules, &[&str])]) {
    for (day, (rules, expected)) in days.iter().enumerate() {
        let now = format!("2026-11-{:02}T06:00:00Z", day + 1);
        assert_eq!(story.audit(&now, rules), *expected, "day {}", day + 1);
    }
}

pub(crate) fn lost(actions: &[&str]) -> Rules {
    Rules::default().deny("a", actions, Why::Lost)
}

#[test]
fn reminders_rise_with_age() {
    let (bad, story) = (lost(&["s3:GetObject"]), Story::new(vec![copier("a")]));
    let reminded =
        |days: u32| format!("reminded high missing-actions: a/copy: s3:GetObject [{days} d]");
    let told: Vec<Vec<String>> = (1..=13)
        .map(|day| story.audit(&format!("2026-11-{day:02}T06:00:00Z"), &bad))
        .collect();
    let mut expected = vec![Vec::new(); 13];
    expected[0] = vec!["opened high missing-actions: a/copy: s3:GetObject".to_owned()];
    for days in [1, 4, 11] {
        expected[days] = vec![reminded(u32::try_from(days).unwrap())];
    }
    assert_eq!(told, expected);
}

#[test]
fn what_flaps_ends_only_after_a_calm() {
    let (bad, good) = (lost(&["s3:GetObject"]), Rules::default());
    check(
        &Story::new(vec![copier("a")]),
        &[
            (&bad, &["opened high missing-actions: a/copy: s3:GetObject"]),
            (
                &good,
                &["resolved high missing-actions: a/copy: s3:GetObject"],
            ),
            (
                &bad,
                &["opened high missing-actions: a/copy: s3:GetObject [opening 2]"],
            ),
            (
                &good,
                &["resolved high missing-actions: a/copy: s3:GetObject [opening 2]"],
            ),
            (
                &bad,
                &["opened high missing-actions: a/copy: s3:GetObject [opening 3]"],
            ),
            (&good, &[]),
            (
                &bad,
                &["reminded high missing-actions: a/copy: s3:GetObject [2 d, opening 4]"],
            ),
            (&good, &[]),
            (&good, &[]),
            (
                &good,
                &["resolved high missing-actions: a/copy: s3:GetObject [2 d, opening 4]"],
            ),
            (&good, &[]),
        ],
    );
}

#[test]
fn what_comes_back_worse_in_the_calm_is_told() {
    let (bad, good) = (lost(&["s3:GetObject"]), Rules::default());
    let worse = lost(&["s3:GetObject", "s3:ListBucket"]);
    check(
        &Story::new(vec![copier("a")]),
        &[
            (&bad, &["opened high missing-actions: a/copy: s3:GetObject"]),
            (
                &good,
                &["resolved high missing-actions: a/copy: s3:GetObject"],
            ),
            (
                &bad,
                &["opened high missing-actions: a/copy: s3:GetObject [opening 2]"],
            ),
            (
                &good,
                &["resolved high missing-actions: a/copy: s3:GetObject [opening 2]"],
            ),
            (
                &bad,
                &["opened high missing-actions: a/copy: s3:GetObject [opening 3]"],
            ),
            (&good, &[]),
            (
                &worse,
                &["worsened high missing-actions: a/copy: s3:ListBucket [2 d, opening 4]"],
            ),
        ],
    );
}

#[test]
fn an_unknown_day_in_the_calm_does_not_count_as_calm() {
    let (bad, good) = (lost(&["s3:GetObject"]), Rules::default());
    let unknown = Rules::default().deny("a", &["*"], Why::Throttled);
    let story = Story::new(vec![copier("a")]);
    for day in 1..=5 {
        story.audit(
            &format!("2026-11-{day:02}T06:00:00Z"),
            if day % 2 == 1 { &bad } else { &good },
        );
    }
    assert_eq!(story.audit("2026-11-06T06:00:00Z", &good), [""; 0]);
    let told = story.audit("2026-11-09T06:00:00Z", &unknown);
    assert_eq!(
        told,
        ["opened low undetermined: a/copy: no answer (throttled) by []"]
    );
    let told = story.audit("2026-11-10T06:00:00Z", &good);
    assert_eq!(
        told,
        [
            "resolved high missing-actions: a/copy: s3:GetObject [opening 3]",
            "resolved low undetermined: a/copy: no answer (throttled) by []",
        ]
    );
}

#[test]
fn what_is_not_known_has_its_own_slow_reminder() {
    let unknown = Rules::default().deny("a", &["s3:GetObject"], Why::Hangs("aws:SourceIp"));
    let story = Story::new(vec![copier("a")]);
    let told: Vec<usize> = (1..=30)
        .filter(|day| {
            !story
                .audit(&format!("2026-11-{day:02}T06:00:00Z"), &unknown)
                .is_empty()
        })
        .collect();
    assert_eq!(told, [1, 8, 22]);
}

#[test]
fn drift_that_cannot_be_seen_is_still_reminded_of() {
    let unknown = Rules::default().deny("a", &["*"], Why::Throttled);
    check(
        &Story::new(vec![copier("a")]),
        &[
            (
                &lost(&["s3:GetObject"]),
                &["opened high missing-actions: a/copy: s3:GetObject"],
            ),
            (
                &unknown,
                &[
                    "reminded high missing-actions: a/copy: s3:GetObject",
                    "opened low undetermined: a/copy: no answer (throttled) by []",
                ],
            ),
        ],
    );
}

#[test]
fn notices_are_told_once() {
    let only = Rules::default().deny("*", &["s3:GetObject"], Why::OnlyOn("arn:aws:s3:::b/*"));
    let story = Story::new(vec![copier("a"), copier("b")]);
    let told = story.audit("2026-11-01T06:00:00Z", &only);
    assert_eq!(
        told,
        ["opened notice allowed-only-on: a/copy, b/copy: s3:GetObject"]
    );
    assert_eq!(story.audit("2026-11-20T06:00:00Z", &only), [""; 0]);
}

#[test]
fn more_and_less_are_told_by_what_changed() {
    check(
        &Story::new(vec![copier("a")]),
        &[
            (
                &lost(&["s3:GetObject"]),
                &["opened high missing-actions: a/copy: s3:GetObject"],
            ),
            (
                &lost(&["s3:GetObject", "s3:ListBucket"]),
                &["worsened high missing-actions: a/copy: s3:ListBucket [1 d]"],
            ),
            (
                &lost(&["s3:ListBucket"]),
                &["eased high missing-actions: a/copy: s3:GetObject [2 d]"],
            ),
            (
                &lost(&["ec2:CreateSnapshot"]),
                &["worsened high missing-actions: a/copy: ec2:CreateSnapshot [3 d]"],
            ),
            (
                &Rules::default(),
                &["resolved high missing-actions: a/copy: ec2:CreateSnapshot [3 d]"],
            ),
        ],
    );
}

#[test]
fn a_principal_that_left_is_missed_until_it_is_forgotten() {
    let mut story = Story::new(vec![copier("a"), copier("b")]);
    story.settings.forget_after_days = 3;
    let fine = Rules::default();
    assert_eq!(story.audit("2026-11-01T06:00:00Z", &fine), [""; 0]);
    story.principals.remove(0);
    assert_eq!(
        story.audit("2026-11-02T06:00:00Z", &fine),
        ["opened high coverage: a: no longer bound (copy)"]
    );
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &fine),
        ["reminded high coverage: a: no longer bound (copy) [1 d]"]
    );
    assert_eq!(
        story.audit("2026-11-05T06:00:00Z", &fine),
        ["resolved (left) high coverage: a: no longer bound (copy) [1 d]"]
    );
    assert_eq!(story.audit("2026-11-20T06:00:00Z", &fine), [""; 0]);
    assert!(!story.baseline.borrow().principals.contains_key(&role("a")));
}

#[test]
fn a_set_that_a_principal_lost_is_missed_until_it_is_forgotten_or_bound_again() {
    let both = |sets: &str| {
        let mut one = principal(user("a"), &[("action-sets", sets)]);
        one.id = "AIDAEXAMPLE".into();
        vec![one]
    };
    let mut story = Story::new(both("upload grant-once"));
    story.settings.forget_after_days = 3;
    let fine = Rules::default();
    let coverage = |what: &str| format!("{what} critical coverage: a: no longer bound (upload)");
    let told = |story: &Story, day: u32| {
        let lines = story.audit(&format!("2026-11-{day:02}T06:00:00Z"), &fine);
        let of_sets = lines.into_iter().filter(|line| line.contains("coverage"));
        of_sets.collect::<Vec<_>>()
    };
    assert_eq!(told(&story, 1), [""; 0]);
    story.principals = both("grant-once");
    assert_eq!(told(&story, 2), [coverage("opened")]);
    story.principals = both("upload grant-once");
    assert_eq!(told(&story, 3), [coverage("resolved")]);
    story.principals = both("grant-once");
    let again = told(&story, 4);
    assert!(again[0].starts_with(&coverage("opened")), "{again:?}");
    told(&story, 5);
    let forgotten = told(&story, 7);
    assert!(
        forgotten[0].starts_with(&coverage("resolved (left)")),
        "{forgotten:?}"
    );
    assert_eq!(told(&story, 20), [""; 0]);
    let sets = story.baseline.borrow().principals[&user("a")].sets.clone();
    assert_eq!(
        sets.keys().map(|set| &**set).collect::<Vec<_>>(),
        ["grant-once"]
    );
}

#[test]
fn a_principal_that_comes_back_is_no_longer_missed() {
    let mut story = Story::new(vec![copier("a"), copier("b")]);
    let fine = Rules::default();
    story.audit("2026-11-01T06:00:00Z", &fine);
    let a = story.principals.remove(0);
    story.audit("2026-11-02T06:00:00Z", &fine);
    story.principals.push(a);
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &fine),
        ["resolved high coverage: a: no longer bound (copy)"]
    );
}

#[test]
fn an_audit_that_fails_says_so_and_says_when_it_works_again() {
    let story = Story::new(vec![copier("a")]);
    let bad = lost(&["s3:GetObject"]);
    story.audit("2026-11-01T06:00:00Z", &bad);
    let failed = failed(
        account(),
        "cannot list roles: access denied",
        at("2026-11-02T06:00:00Z"),
    );
    assert_eq!(
        story.lead(&failed),
        [
            "opened high audit-failed: account: cannot list roles: access denied",
            "reminded high missing-actions: a/copy: s3:GetObject",
        ]
    );
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &bad),
        ["resolved high audit-failed: account: cannot list roles: access denied"]
    );
}

#[test]
fn a_clock_that_goes_back_repeats_nothing() {
    let bad = lost(&["s3:GetObject"]);
    let story = Story::new(vec![copier("a")]);
    story.audit("2026-11-02T06:00:00Z", &bad);
    assert_eq!(story.audit("2026-11-02T05:00:00Z", &bad), [""; 0]);
}
