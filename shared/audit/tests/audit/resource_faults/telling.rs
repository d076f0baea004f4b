//! Telling: whom a fault is told to, how bad it is, and what is told together.

use audit::resource_faults::topic::FaultTopic;
use audit::{Baseline, Code, Level, Settings, advance};
use catalog::KeyRole;

use super::keys::{LABEL, set_key, with_key};
use crate::phases::compare;
use crate::principals::{account, at};

#[test]
fn a_key_that_is_to_be_deleted_is_as_bad_as_what_hangs_on_it() {
    let day = at("2026-11-24T10:00:00Z");
    let ill = with_key("vbaws-role-repository", KeyRole::Repository).with(|one| {
        set_key(one, |key| {
            key.state = "PendingDeletion".into();
            key.deletion = Some(day);
        });
    });
    let findings = audit::observe(&ill.audit(), &Settings::default());
    let finding = findings
        .values()
        .find(|finding| finding.code == Code::KeyState)
        .unwrap();
    assert_eq!(finding.level, Level::Critical);
    let items: Vec<(&str, &str)> = finding
        .items
        .iter()
        .map(|item| (&*item.place, &*item.name))
        .collect();
    assert_eq!(items, [(LABEL, "is now to be deleted on 2026-11-24")]);
}

#[test]
fn principals_with_the_same_fault_are_told_of_in_one_message() {
    let settings = Settings::default();
    let ill = with_key("vbaws-role-repository", KeyRole::Repository).with(|one| {
        one.roles = vec!["a", "b", "c"];
        set_key(one, |key| key.state = "Disabled".into());
    });
    let found = ill.audit();
    let empty = Baseline::empty(account());
    let changes = compare(&found, &empty, &settings);
    let step = advance(empty, &found, changes, &settings);
    let told = step
        .messages
        .iter()
        .filter(|message| message.code == Code::KeyState);
    let sizes: Vec<usize> = told.map(|message| message.events.len()).collect();
    assert_eq!(sizes, [3]);
}

#[test]
fn the_words_for_a_topic_lead_back_to_it() {
    use audit::finding::Item;
    let mut seen = std::collections::BTreeSet::new();
    for topic in FaultTopic::ALL {
        assert!(seen.insert(topic.as_str()));
    }
    let elsewhere = Item {
        name: "no answer".into(),
        place: "throttled".into(),
    };
    assert_eq!(FaultTopic::of(&elsewhere), None);
}
