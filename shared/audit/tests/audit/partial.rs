//! Partial audits, as an event starts them, between audits of the whole account: reminders, flapping and forgetting go on as without them, and
//! each is about those alone whom the audit looked at.

use audit::Selection;

use crate::phases::audit_some;
use crate::principals::{copier, inventory, role};
use crate::rules::{Rules, Why};
use crate::story::Story;

/// An audit of the whole account; or of these alone, with whoever is deleted among them.
enum Audit {
    Whole,
    Of(&'static [&'static str]),
}

use Audit::{Of, Whole};

/// What people are told by each audit, a rule set an audit.
#[track_caller]
fn check(story: &Story, audits: &[(&str, Audit, &Rules, &[&str])]) {
    for (now, whom, rules, expected) in audits {
        let told = match whom {
            Whole => story.audit(now, rules),
            Of(names) => {
                let some = Selection {
                    principals: Some(names.iter().map(|name| role(name)).collect()),
                    sets: None,
                };
                let listing = inventory(story.principals.clone());
                story.lead(&audit_some(&listing, rules, &story.settings, now, &some))
            }
        };
        assert_eq!(told, *expected, "{now}");
    }
}

fn lost(names: &[&str]) -> Rules {
    let names = names.iter();
    names.fold(Rules::default(), |rules, name| {
        rules.deny(name, &["s3:GetObject"], Why::Lost)
    })
}

#[test]
fn who_is_not_looked_at_is_reminded_of_by_the_next_audit_that_does() {
    let both = lost(&["a", "b"]);
    check(
        &Story::new(vec![copier("a"), copier("b")]),
        &[
            (
                "2026-11-01T06:00:00Z",
                Whole,
                &both,
                &[
                    "opened high missing-actions: a/copy: s3:GetObject",
                    "opened high missing-actions: b/copy: s3:GetObject",
                ],
            ),
            ("2026-11-01T09:00:00Z", Of(&["a"]), &both, &[]),
            (
                "2026-11-02T06:00:00Z",
                Of(&["a"]),
                &both,
                &["reminded high missing-actions: a/copy: s3:GetObject [1 d]"],
            ),
            (
                "2026-11-02T07:00:00Z",
                Whole,
                &both,
                &["reminded high missing-actions: b/copy: s3:GetObject [1 d]"],
            ),
            ("2026-11-02T12:00:00Z", Whole, &both, &[]),
        ],
    );
}

#[test]
fn what_flaps_between_partial_audits_ends_after_a_calm_that_somebody_saw() {
    let (bad, good) = (lost(&["a"]), Rules::default());
    let opened = |number: u32| match number {
        1 => "opened high missing-actions: a/copy: s3:GetObject".to_owned(),
        number => {
            format!("opened high missing-actions: a/copy: s3:GetObject [opening {number}]")
        }
    };
    let resolved = |number: u32| match number {
        1 => "resolved high missing-actions: a/copy: s3:GetObject".to_owned(),
        number => {
            format!("resolved high missing-actions: a/copy: s3:GetObject [opening {number}]")
        }
    };
    let (first, second, third) = (opened(1), opened(2), opened(3));
    let (end, again, at_last) = (resolved(1), resolved(2), resolved(3));
    check(
        &Story::new(vec![copier("a"), copier("b")]),
        &[
            ("2026-11-01T06:00:00Z", Whole, &bad, &[&first]),
            ("2026-11-01T06:10:00Z", Of(&["a"]), &good, &[&end]),
            ("2026-11-01T06:20:00Z", Of(&["a"]), &bad, &[&second]),
            ("2026-11-01T06:30:00Z", Of(&["a"]), &good, &[&again]),
            ("2026-11-01T06:40:00Z", Of(&["a"]), &bad, &[&third]),
            ("2026-11-01T06:50:00Z", Of(&["a"]), &good, &[]),
            // It was calm for long, and this audit did not look.
            ("2026-11-04T06:00:00Z", Of(&["b"]), &good, &[]),
            ("2026-11-04T07:00:00Z", Of(&["a"]), &good, &[&at_last]),
            ("2026-11-04T08:00:00Z", Whole, &good, &[]),
        ],
    );
}

#[test]
fn who_is_gone_is_told_of_once_and_forgotten_by_whoever_looks_then() {
    let good = Rules::default();
    let mut story = Story::new(vec![copier("a"), copier("b")]);
    check(&story, &[("2026-11-01T06:00:00Z", Whole, &good, &[])]);
    story.principals.pop();
    let missed = |what: &str| format!("{what} high coverage: b: no longer bound (copy)");
    let opened = missed("opened");
    let left = missed("resolved (left)");
    check(
        &story,
        &[
            // Nobody looks at it.
            ("2026-11-01T06:10:00Z", Of(&["a"]), &good, &[]),
            // The event says that it was deleted.
            ("2026-11-01T06:20:00Z", Of(&["a", "b"]), &good, &[&opened]),
            ("2026-11-01T12:00:00Z", Whole, &good, &[]),
            ("2026-12-15T06:00:00Z", Of(&["a"]), &good, &[]),
        ],
    );
    let forgotten = story.audit("2026-12-15T07:00:00Z", &good);
    assert_eq!(forgotten.len(), 1, "{forgotten:?}");
    assert!(forgotten[0].starts_with(&left), "{forgotten:?}");
    check(&story, &[("2026-12-15T08:00:00Z", Whole, &good, &[])]);
}
