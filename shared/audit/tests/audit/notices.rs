//! Notices: people get them together in one message, machines at once.

use audit::{EventKind, Level, Selection, Step};

use crate::phases::{audit, audit_some};
use crate::principals::{copier, inventory, principal, role};
use crate::rules::{Rules, Why};
use crate::story::Story;

/// One audit at noon of a day of November.
fn step(story: &Story, day: u8) -> Step {
    let inventory = inventory(story.principals.clone());
    let at = format!("2026-11-{day:02}T12:00:00Z");
    story.step(&audit(&inventory, &Rules::default(), &story.settings, &at))
}

/// Each message: its kind, and whose findings it is about.
fn told(step: &Step) -> Vec<String> {
    let told = step.messages.iter().map(|message| {
        let events = message.events.iter().map(|&at| &step.events[at].finding);
        let names = events.filter_map(|finding| Some(finding.principal.as_ref()?.name()));
        let names: Vec<&str> = names.collect();
        let what = match message.is_collection {
            true => "notices",
            false => message.kind.as_str(),
        };
        format!("{what}: {}", names.join(", "))
    });
    told.collect()
}

/// An account with a role that holds all, and roles that look like Veeam's and are bound to nothing.
fn with_lookalikes(names: &[&str]) -> Story {
    let mut story = Story::new(vec![copier("a")]);
    add(&mut story, names);
    story
}

fn add(story: &mut Story, names: &[&str]) {
    let lookalikes = names.iter().map(|name| principal(role(name), &[]));
    story.principals.extend(lookalikes);
}

fn remove(story: &mut Story, names: &[&str]) {
    story
        .principals
        .retain(|one| !names.contains(&one.arn.name()));
}

#[test]
fn people_get_new_notices_once_a_week_and_machines_at_once() {
    let mut story = with_lookalikes(&["veeam-1", "veeam-2"]);
    assert_eq!(told(&step(&story, 1)), ["notices: veeam-1, veeam-2"]);
    add(&mut story, &["veeam-3"]);
    let second = step(&story, 2);
    assert_eq!(told(&second), [""; 0]);
    let kinds: Vec<(EventKind, bool)> = second
        .events
        .iter()
        .map(|event| (event.kind, event.for_people))
        .collect();
    assert_eq!(kinds, [(EventKind::Opened, false)]);
    add(&mut story, &["veeam-4"]);
    assert_eq!(told(&step(&story, 7)), [""; 0]);
    let second = step(&story, 8);
    assert_eq!(told(&second), ["notices: veeam-3, veeam-4"]);
    // Machines know of them.
    assert!(
        second
            .events
            .iter()
            .all(|one| one.kind == EventKind::Reminded)
    );
    assert_eq!(told(&step(&story, 15)), [""; 0], "nothing is new");
}

#[test]
fn a_notice_that_nobody_was_told_of_ends_without_a_word_to_people() {
    let mut story = with_lookalikes(&["veeam-1"]);
    step(&story, 1);
    add(&mut story, &["veeam-2"]);
    step(&story, 2);
    remove(&mut story, &["veeam-2"]);
    let third = step(&story, 3);
    assert_eq!(told(&third), [""; 0]);
    assert_eq!(third.events.len(), 1, "{:?}", third.events);
}

#[test]
fn the_end_of_notices_is_told_when_all_of_a_message_are_over() {
    let mut story = with_lookalikes(&["veeam-1", "veeam-2"]);
    let thread = step(&story, 1).messages[0].thread;
    remove(&mut story, &["veeam-1"]);
    assert_eq!(told(&step(&story, 2)), [""; 0]);
    remove(&mut story, &["veeam-2"]);
    let third = step(&story, 3);
    assert_eq!(told(&third), ["resolved: veeam-2"]);
    assert!(third.messages[0].is_over);
    assert_eq!(third.messages[0].thread, thread);
}

#[test]
fn what_breaks_something_is_told_at_once_and_by_itself() {
    let story = with_lookalikes(&["veeam-1"]);
    let rules = Rules::default().deny("a", &["s3:GetObject"], Why::Lost);
    let inventory = inventory(story.principals.clone());
    let at = "2026-11-01T12:00:00Z";
    let step = story.step(&audit(&inventory, &rules, &story.settings, at));
    assert_eq!(told(&step), ["opened: a", "notices: veeam-1"]);
    assert_eq!(step.messages[1].level, Level::Notice);
}

#[test]
fn without_days_people_get_each_notice_at_once() {
    let mut story = with_lookalikes(&["veeam-1"]);
    story.settings.notice_days = 0;
    assert_eq!(told(&step(&story, 1)), ["opened: veeam-1"]);
    add(&mut story, &["veeam-2"]);
    assert_eq!(told(&step(&story, 2)), ["opened: veeam-2"]);
}

#[test]
fn an_audit_of_a_few_principals_tells_machines_only() {
    let story = with_lookalikes(&["veeam-1", "veeam-2"]);
    let inventory = inventory(story.principals.clone());
    let some = Selection {
        principals: Some([role("veeam-1")].into()),
        sets: None,
    };
    let at = "2026-11-01T12:00:00Z";
    let found = audit_some(&inventory, &Rules::default(), &story.settings, at, &some);
    let partial = story.step(&found);
    assert_eq!(told(&partial), [""; 0]);
    assert_eq!(partial.events.len(), 1, "{:?}", partial.events);
    assert_eq!(told(&step(&story, 2)), ["notices: veeam-1, veeam-2"]);
}
