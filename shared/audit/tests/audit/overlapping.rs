//! Two audits at once: whatever the order in which they load, tell and commit, both succeed, and what stands there at the end and what
//! was told last are what the later listing shows.

mod schedule;

use std::collections::BTreeSet;

use audit::{Baseline, EventKind, FindingId, Principals};
use iam::{Inventory, PrincipalArn};

use crate::principals::{copier, inventory, role};
use crate::rules::{Rules, Why};
use schedule::{Audit, Shared, every_order};

const BEFORE: &str = "2026-11-01T06:00:00Z";
const FIRST: &str = "2026-11-01T07:00:00Z";
const SECOND: &str = "2026-11-01T07:00:30Z";

fn account() -> Inventory {
    inventory(["a", "b"].map(copier).into())
}

fn fine() -> Rules {
    Rules::default()
}

fn lost(actions: &[&str]) -> Rules {
    Rules::default().deny("a", actions, Why::Lost)
}

fn scp(whom: &str) -> Rules {
    Rules::default().deny(whom, &["s3:GetObject"], Why::Scp("S"))
}

fn only(names: &[&str]) -> Principals {
    Principals::These(names.iter().map(|name| role(name)).collect())
}

/// The audits that overlap: whom the one with the older listing looks at, and whom the other.
fn kinds() -> Vec<[Principals; 2]> {
    vec![
        [Principals::All, Principals::All],
        [Principals::All, only(&["a"])],
        [only(&["a"]), Principals::All],
        [only(&["a"]), only(&["a"])],
        [only(&["a"]), only(&["b"])],
        [only(&["a", "b"]), only(&["b"])],
    ]
}

/// What is open: the finding, how much of it there is, and since which opening.
fn open(baseline: &Baseline) -> BTreeSet<(FindingId, usize)> {
    let open = baseline.tracked().filter(|tracked| !tracked.closed);
    open.map(|tracked| (tracked.finding.id, tracked.finding.items.len()))
        .collect()
}

fn stands(shared: &Shared) -> Baseline {
    shared.baseline.lock().unwrap().clone().unwrap()
}

/// A table after an audit of the whole account that found this.
fn after(found: &Rules) -> Shared {
    let shared = Shared::default();
    let audit = Audit {
        now: BEFORE,
        principals: Principals::All,
        rules: found.clone(),
    };
    audit.alone(&shared, &account());
    shared
}

/// Of two audits after one that found `before`, the first sees `older`, the second `newer`.
#[track_caller]
fn check(before: &Rules, older: &Rules, newer: &Rules) {
    check_from(&after(before), older, newer);
}

/// The same where somebody else may come between two writes of a commit.
#[track_caller]
fn check_slow(before: &Rules, older: &Rules, newer: &Rules) {
    let after = Shared {
        is_slow: true,
        ..after(before)
    };
    check_from(&after, older, newer);
}

#[track_caller]
fn check_from(after: &Shared, older: &Rules, newer: &Rules) {
    for [first, second] in kinds() {
        let audit = |now, principals: &Principals, rules: &Rules| Audit {
            now,
            principals: principals.clone(),
            rules: rules.clone(),
        };
        let audits = [audit(FIRST, &first, older), audit(SECOND, &second, newer)];
        let one_by_one = after.copy();
        for audit in &audits {
            audit.alone(&one_by_one, &account());
        }
        let expected = stands(&one_by_one);
        let orders = every_order(
            &account(),
            [&audits[0], &audits[1]],
            || after.copy(),
            |shared, order| {
                let about = format!("{first:?} and {second:?}, {order:?}");
                let found = stands(shared);
                assert_eq!(open(&found), open(&expected), "{about}");
                assert_eq!(found.rules, expected.rules, "{about}");
                check_told(shared, &found, &about);
            },
        );
        assert!(orders > 50, "{orders} orders only");
    }
}

/// What was told last of each finding is what stands there, and the alerts that are open are the threads in which something is.
#[track_caller]
fn check_told(shared: &Shared, found: &Baseline, about: &str) {
    let events = shared.events.lock().unwrap();
    let mut told = BTreeSet::new();
    for event in events.iter() {
        match event.kind {
            EventKind::Resolved(_) => told.remove(&event.finding.id),
            EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => {
                told.insert(event.finding.id)
            }
        };
    }
    let events: Vec<String> = events
        .iter()
        .map(|event| format!("{} {}", event.kind, event.finding.id))
        .collect();
    let messages: Vec<_> = {
        let messages = shared.messages.lock().unwrap();
        let messages = messages.iter();
        messages
            .map(|one| (one.kind, one.thread, one.is_over))
            .collect()
    };
    let about = format!("{about}: {events:?} {messages:?}");
    let open: BTreeSet<FindingId> = open(found).into_iter().map(|(id, _)| id).collect();
    assert_eq!(told, open, "{about}");
    let threads = found.tracked().filter(|tracked| tracked.is_reported());
    let threads: BTreeSet<FindingId> = threads.map(|tracked| tracked.thread).collect();
    let alerts: BTreeSet<FindingId> = shared.alerts().into_keys().collect();
    assert_eq!(alerts, threads, "{about}");
}

#[test]
fn what_both_see_opens_once() {
    check(&fine(), &lost(&["s3:GetObject"]), &lost(&["s3:GetObject"]));
}

#[test]
fn what_only_the_older_listing_shows_does_not_stay_open() {
    check(&fine(), &lost(&["s3:GetObject"]), &fine());
}

#[test]
fn nobody_minds_who_comes_between_two_writes() {
    check_slow(&lost(&["s3:GetObject"]), &fine(), &lost(&["s3:GetObject"]));
}

#[test]
fn what_only_the_later_listing_shows_is_told() {
    check(&fine(), &fine(), &lost(&["s3:GetObject"]));
}

#[test]
fn what_is_still_wrong_in_the_later_listing_is_not_resolved() {
    let lost = lost(&["s3:GetObject"]);
    check(&lost, &fine(), &lost);
}

#[test]
fn what_is_fine_in_the_later_listing_is_resolved() {
    let lost = lost(&["s3:GetObject"]);
    check(&lost, &lost, &fine());
    check(&lost, &fine(), &fine());
}

#[test]
fn what_gets_worse_in_between_is_told_as_worse() {
    let more = lost(&["s3:GetObject", "s3:ListBucket"]);
    check(&fine(), &lost(&["s3:GetObject"]), &more);
    check(&fine(), &more, &lost(&["s3:GetObject"]));
}

#[test]
fn a_cause_of_several_has_alerts_that_end_with_it() {
    check(&fine(), &scp("*"), &scp("*"));
    check(&scp("*"), &fine(), &fine());
    check(&scp("*"), &fine(), &scp("*"));
    check(&scp("*"), &scp("*"), &fine());
    check(&scp("a"), &fine(), &scp("b"));
    check(&scp("a"), &scp("*"), &scp("*"));
    check(&fine(), &scp("a"), &scp("*"));
    check(&fine(), &scp("*"), &scp("a"));
}

#[test]
fn the_first_audits_of_an_account_may_overlap() {
    for [first, second] in kinds() {
        let audits = [(FIRST, first), (SECOND, second)].map(|(now, principals)| Audit {
            now,
            principals,
            rules: lost(&["s3:GetObject"]),
        });
        every_order(
            &account(),
            [&audits[0], &audits[1]],
            Shared::default,
            |shared, order| {
                let found = stands(shared);
                let a: &PrincipalArn = &role("a");
                assert_eq!(found.principals[a].findings.len(), 1, "{order:?}");
                check_told(shared, &found, &format!("{order:?}"));
            },
        );
    }
}
