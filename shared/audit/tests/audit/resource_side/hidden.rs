//! Hidden: what policies of resources took away and nobody looked at again is not repaired.

use audit::drift::{State, assessed, compare as difference};
use audit::resources::Reading;
use audit::{Baseline, Code, Settings, advance};

use super::case::{ADMINISTRATORS, Case, HAND_OVER, KEY};
use crate::phases::compare;
use crate::principals::account;

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
        ("bucket", "backups"),
    ])
    .bucket("backups", &[])
}

fn denied() -> Case {
    repository().key(KEY, &[ADMINISTRATORS])
}

/// What becomes of what was missing, in the difference of two audits.
fn becomes(before: &Case, after: &Case) -> Vec<(State, State)> {
    let summary = |case: &Case| assessed::summarize(&case.assessment(), |_| String::new());
    let drift = difference(&summary(before), &summary(after));
    let items = drift.changes.iter().flat_map(|change| &change.items);
    let mut steps: Vec<(State, State)> = items.map(|item| (item.was, item.is)).collect();
    steps.dedup();
    let hides = steps.contains(&(State::Missing, State::Unknown));
    assert!(!hides || drift.is_unsure());
    steps
}

#[test]
fn a_policy_that_was_not_read_again_repairs_nothing() {
    let settings = Settings::default();
    let empty = Baseline::empty(account());
    let found = denied().assessment();
    let changes = compare(&found, &empty, &settings);
    let before = advance(empty, &found, changes, &settings).baseline;
    let codes = |now: &Case| -> Vec<Code> {
        let changes = compare(&now.assessment(), &before, &settings);
        changes.iter().map(|change| change.finding.code).collect()
    };
    let mut refused = denied();
    let key = refused.resources.keys.get_mut(KEY).unwrap();
    key.policy = Reading::Refused("AccessDenied".into());
    for hidden in [refused, repository()] {
        assert_eq!(codes(&hidden), []);
        let steps = becomes(&denied(), &hidden);
        assert_eq!(steps, [(State::Missing, State::Unknown)]);
    }
    let repaired = repository().key(KEY, &[HAND_OVER]);
    assert_eq!(codes(&repaired), [Code::MissingActions]);
    let steps = becomes(&denied(), &repaired);
    assert_eq!(steps, [(State::Missing, State::Holds)]);
}

#[test]
fn a_state_that_was_not_read_again_is_not_repaired() {
    let healthy = repository().key(KEY, &[HAND_OVER]);
    let mut disabled = healthy.clone();
    let key = disabled.resources.keys.get_mut(KEY).unwrap();
    let Reading::Read(metadata) = &mut key.metadata else {
        panic!("it was read");
    };
    metadata.state = "Disabled".into();
    let mut hidden = healthy.clone();
    let key = hidden.resources.keys.get_mut(KEY).unwrap();
    key.metadata = Reading::Refused("AccessDenied".into());
    let steps = becomes(&disabled, &hidden);
    assert_eq!(steps, [(State::Missing, State::Unknown)]);
    let steps = becomes(&disabled, &healthy);
    assert_eq!(steps, [(State::Missing, State::Holds)]);
}
