//! Drift between two audits: what got worse, better, and what cannot be told?

use audit::drift::{
    About, AuditSummary, BindingFault, Drift, ItemStatus, Items, NotAudited, Reason, RestsOn,
    State, Topic, TopicChange, TopicStatus, compare,
};
use audit::finding::Item;
use audit::{Level, Selection};

use State::{Holds, IfNeeded, Missing, OnlyOn, Unknown};

use crate::principals::{account, role};

/// Role, action set, and the items that are not simply in order.
type Audited<'t> = (&'t str, &'t str, &'t [(&'t str, State)]);

fn summary(audited: &[Audited<'_>]) -> AuditSummary {
    let topics = audited.iter().map(|(name, set, items)| {
        let items = items.iter().map(|(item, state)| {
            let (item, because) = item.split_once(" by ").unwrap_or((item, ""));
            let (name, place) = item.split_once(" on ").unwrap_or((item, ""));
            let item = Item {
                name: name.into(),
                place: place.into(),
            };
            let (state, reason) = (*state, Reason::Text(because.into()));
            (item, ItemStatus { state, reason })
        });
        let about = match *set {
            "keys" => About::AccessKeys,
            set => About::Set(set.into()),
        };
        let topic = Topic {
            principal: Some(role(name)),
            about,
        };
        (topic, status(items.collect()))
    });
    AuditSummary {
        account: account(),
        topics: topics.collect(),
        bound: audited.iter().map(|(name, ..)| role(name)).collect(),
        faults: [].into(),
        not_audited: Vec::new(),
        selection: Selection::default(),
        layers: None,
    }
}

fn status(items: Items) -> TopicStatus {
    TopicStatus {
        title: "".into(),
        level: Level::High,
        version: None,
        items,
        rests_on: RestsOn::new(),
        not_checked: [].into(),
        unseen: [].into(),
    }
}

fn line(change: &TopicChange) -> String {
    let who = change.topic.principal.as_ref().unwrap().name();
    let about = change.topic.about.set().unwrap_or("keys");
    let steps = change.items.iter().map(|step| {
        let on = if step.item.place.is_empty() {
            ""
        } else {
            " on "
        };
        let (name, place) = (&step.item.name, &step.item.place);
        format!(" {name}{on}{place} {:?} to {:?}", step.was, step.is)
    });
    format!(
        "{who} {about} {:?}:{}",
        change.kind,
        steps.collect::<Vec<_>>().join(",")
    )
}

/// What the exit code is made of.
fn outcome(drift: &Drift) -> &'static str {
    match (
        drift.is_loss(Level::High),
        drift.is_loss(Level::Notice),
        drift.is_unsure(),
    ) {
        (true, _, _) => "loss",
        (false, true, _) => "small loss",
        (false, false, true) => "unsure",
        (false, false, false) => "fine",
    }
}

#[track_caller]
fn check_summaries(before: &AuditSummary, after: &AuditSummary, changes: &[&str], expected: &str) {
    let drift = compare(before, after);
    let lines: Vec<String> = drift.changes.iter().map(line).collect();
    assert_eq!(lines, changes);
    assert_eq!(outcome(&drift), expected);
}

#[track_caller]
fn check(before: &[Audited<'_>], after: &[Audited<'_>], changes: &[&str], expected: &str) {
    check_summaries(&summary(before), &summary(after), changes, expected);
}

/// One role, one set, one item.
#[track_caller]
fn check_item(was: State, is: State, changes: &[&str], expected: &str) {
    let items = |state| match state {
        Holds => vec![],
        state => vec![("x", state)],
    };
    let (was, is) = (items(was), items(is));
    check(&[("a", "s", &was)], &[("a", "s", &is)], changes, expected);
}

#[test]
fn what_is_the_same_is_no_change() {
    for state in [Holds, OnlyOn, IfNeeded, Missing] {
        check_item(state, state, &[], "fine");
    }
    check(&[], &[], &[], "fine");
}

#[test]
fn what_was_there_and_is_missing_is_a_loss() {
    check_item(Holds, Missing, &["a s Both: x Holds to Missing"], "loss");
    check_item(OnlyOn, Missing, &["a s Both: x OnlyOn to Missing"], "loss");
    check_item(
        IfNeeded,
        Missing,
        &["a s Both: x IfNeeded to Missing"],
        "loss",
    );
}

#[test]
fn what_is_back_is_no_loss() {
    check_item(Missing, Holds, &["a s Both: x Missing to Holds"], "fine");
    check_item(Missing, OnlyOn, &["a s Both: x Missing to OnlyOn"], "fine");
    check_item(
        Missing,
        IfNeeded,
        &["a s Both: x Missing to IfNeeded"],
        "fine",
    );
}

#[test]
fn what_only_shrank_or_is_not_always_needed_is_a_loss_worth_a_notice() {
    check_item(
        Holds,
        OnlyOn,
        &["a s Both: x Holds to OnlyOn"],
        "small loss",
    );
    check_item(
        Holds,
        IfNeeded,
        &["a s Both: x Holds to IfNeeded"],
        "small loss",
    );
    check_item(
        OnlyOn,
        IfNeeded,
        &["a s Both: x OnlyOn to IfNeeded"],
        "small loss",
    );
}

#[test]
fn what_is_missing_and_was_not_known_need_not_be_new() {
    check_item(
        Unknown,
        Missing,
        &["a s Both: x Unknown to Missing"],
        "unsure",
    );
    check_item(
        Unknown,
        OnlyOn,
        &["a s Both: x Unknown to OnlyOn"],
        "unsure",
    );
}

#[test]
fn what_is_not_known_any_more_is_unsure_whatever_it_was() {
    for (was, change) in [
        (Holds, "a s Both: x Holds to Unknown"),
        (IfNeeded, "a s Both: x IfNeeded to Unknown"),
        (Missing, "a s Both: x Missing to Unknown"),
    ] {
        check_item(was, Unknown, &[change], "unsure");
    }
}

#[test]
fn what_was_never_known_is_no_change_and_unsure() {
    check_item(Unknown, Unknown, &[], "unsure");
    check(
        &[("a", "s", &[("x by one thing", Unknown)])],
        &[("a", "s", &[("x by another", Unknown)])],
        &[],
        "unsure",
    );
}

#[test]
fn what_turns_out_to_be_there_is_fine() {
    check_item(Unknown, Holds, &["a s Both: x Unknown to Holds"], "fine");
}

#[test]
fn another_cause_is_told_and_no_loss() {
    check(
        &[("a", "s", &[("x by the policy", Missing)])],
        &[("a", "s", &[("x by the boundary", Missing)])],
        &["a s Both: x Missing to Missing"],
        "fine",
    );
}

#[test]
fn what_is_back_in_one_place_does_not_make_up_for_another() {
    check(
        &[("a", "s", &[("x on one", Missing)])],
        &[("a", "s", &[("x on two", Missing)])],
        &["a s Both: x on one Missing to Holds, x on two Holds to Missing"],
        "loss",
    );
}

#[test]
fn a_loss_is_not_outweighed_by_what_is_not_known() {
    check(
        &[("a", "s", &[]), ("b", "s", &[])],
        &[("a", "s", &[("x", Unknown)]), ("b", "s", &[("x", Missing)])],
        &[
            "a s Both: x Holds to Unknown",
            "b s Both: x Holds to Missing",
        ],
        "loss",
    );
}

#[test]
fn who_is_newly_bound_is_told_and_what_it_lacks_is_a_loss() {
    check(&[], &[("a", "s", &[])], &["a s Appeared:"], "fine");
    check(
        &[],
        &[("a", "s", &[("x", Missing), ("y", IfNeeded)])],
        &["a s Appeared: x NotAsked to Missing"],
        "loss",
    );
    check(
        &[],
        &[("a", "s", &[("x", Unknown)])],
        &["a s Appeared: x NotAsked to Unknown"],
        "unsure",
    );
}

#[test]
fn who_is_gone_or_bound_to_nothing_is_a_loss() {
    check(&[("a", "s", &[])], &[], &["a s Left:"], "loss");
    check(
        &[("a", "s", &[("x", Missing)])],
        &[],
        &["a s Left: x Missing to NotAsked"],
        "loss",
    );
}

#[test]
fn who_is_no_longer_bound_to_a_set_is_a_loss() {
    check(
        &[("a", "s", &[]), ("a", "t", &[])],
        &[("a", "t", &[])],
        &["a s Unbound:"],
        "loss",
    );
}

#[test]
fn what_a_listing_that_is_not_whole_lacks_need_not_be_gone() {
    let (whole, mut cut) = (summary(&[("a", "s", &[("x", Missing)])]), summary(&[]));
    cut.not_audited.push(NotAudited::Failed("the rest".into()));
    check_summaries(
        &whole,
        &cut,
        &["a s NotAuditedAfter: x Missing to Unknown"],
        "unsure",
    );
    check_summaries(
        &cut,
        &whole,
        &["a s NotAuditedBefore: x Unknown to Missing"],
        "unsure",
    );
}

#[test]
fn what_nobody_asked_about_is_not_known() {
    let whole = summary(&[("a", "s", &[]), ("b", "s", &[])]);
    let mut some = summary(&[("b", "s", &[])]);
    some.selection.principals = Some([role("b")].into());
    check_summaries(&whole, &some, &["a s NotAuditedAfter:"], "unsure");
    check_summaries(&some, &whole, &["a s NotAuditedBefore:"], "unsure");
    let mut other = summary(&[]);
    other.selection.sets = Some(["t".into()].into());
    check_summaries(
        &whole,
        &other,
        &["a s NotAuditedAfter:", "b s NotAuditedAfter:"],
        "unsure",
    );
}

#[test]
fn access_keys_that_only_one_audit_looked_at_are_told_once_and_judged_by_nobody() {
    let before = summary(&[("a", "s", &[]), ("a", "keys", &[("old", Missing)])]);
    let after = summary(&[("a", "s", &[])]);
    check_summaries(
        &before,
        &after,
        &["a keys NotAuditedAfter: old Missing to Unknown"],
        "fine",
    );
    check_summaries(
        &after,
        &before,
        &["a keys NotAuditedBefore: old Unknown to Missing"],
        "fine",
    );
    assert_eq!(compare(&before, &after).one_sided, [About::AccessKeys]);
    assert_eq!(compare(&before, &before).one_sided, []);
}

#[test]
fn a_new_fault_of_an_access_key_is_a_loss() {
    check(
        &[("a", "keys", &[])],
        &[("a", "keys", &[("old", Missing)])],
        &["a keys Both: old Holds to Missing"],
        "loss",
    );
}

#[test]
fn tags_that_can_no_longer_be_followed_are_told_and_those_that_can_again() {
    let fault = BindingFault {
        principal: role("a"),
        place: "veeam:action-sets".into(),
        text: "no such set".into(),
        leaves_unchecked: true,
    };
    let (before, mut after) = (summary(&[]), summary(&[]));
    after.faults.insert(fault.clone());
    let drift = compare(&before, &after);
    assert_eq!(
        (drift.new_faults, drift.old_faults),
        (vec![fault.clone()], vec![])
    );
    let drift = compare(&after, &before);
    assert_eq!((drift.new_faults, drift.old_faults), (vec![], vec![fault]));
}

#[test]
fn the_worse_level_counts_and_another_version_is_told() {
    let versioned = |level, version: &str, items: &[(&str, State)]| {
        let mut one = summary(&[("a", "s", items)]);
        for standing in one.topics.values_mut() {
            standing.level = level;
            standing.version = Some(version.into());
        }
        one
    };
    let before = versioned(Level::Critical, "v10", &[]);
    let after = versioned(Level::Low, "v11", &[("x", Missing)]);
    let drift = compare(&before, &after);
    let change = &drift.changes[0];
    assert_eq!(change.level, Level::Critical);
    assert_eq!(change.versions, Some(("v10".into(), "v11".into())));
    // A version alone changes nothing for anybody.
    let after = versioned(Level::Critical, "v11", &[]);
    assert_eq!(compare(&before, &after).changes, []);
}
