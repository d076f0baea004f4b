//! Confirming: what is newly wrong on the resource side is read again before people are told.

use std::sync::{Arc, Mutex};

use audit::resources::{KeyMetadata, Reading, Resources};
use audit::{Asked, Code, Ports, Run, Settings, run};
use catalog::Catalog;

use super::case::{ADMINISTRATORS, ALL, Case, HAND_OVER, KEY};
use crate::outside::{Clock, Memory, Recorder, Script, now_or_never};
use crate::principals::{account, at};
use crate::rules::Rules;

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
    ])
    .may(&[ALL])
}

/// A run that reads these one after the other, the last forever; and how often it read.
fn ran(readings: Vec<Resources>) -> (Run, usize) {
    let script = Script {
        inventory: Arc::new(repository().inventory()),
        rules: Mutex::new(vec![Rules::default()]),
        resources: Mutex::new(readings),
        ..Script::default()
    };
    let (settings, catalog) = (Settings::default(), Catalog::embedded());
    let asked = Asked {
        account: Some(account()),
        ..Asked::new(&catalog, &settings, at("2026-11-01T06:00:00Z"))
    };
    let ports = Ports {
        environment: &script,
        store: &Memory::default(),
        publisher: &Recorder::default(),
        pause: Some(&Clock::default()),
    };
    let run = now_or_never(run(&asked, &ports)).unwrap();
    let wanted = script.wanted.lock().unwrap();
    let is_about_the_key = |wanted: &audit::resources::Wanted| wanted.named.len() == 1;
    assert!(wanted.iter().all(is_about_the_key), "{wanted:?}");
    (run, wanted.len())
}

fn codes(run: &Run) -> Vec<Code> {
    let events = run.step.events.iter();
    events.map(|event| event.finding.code).collect()
}

fn metadata(of: &mut Resources) -> &mut KeyMetadata {
    let metadata = &mut of.keys.get_mut(KEY).unwrap().metadata;
    let metadata = match metadata {
        Reading::Read(metadata) => Some(metadata),
        Reading::NotRead | Reading::Refused(_) => None,
    };
    metadata.expect("the key was read")
}

#[test]
fn a_key_policy_that_is_put_back_within_the_pause_is_not_told() {
    let broken = repository().key(KEY, &[ADMINISTRATORS]).resources;
    let well = repository().key(KEY, &[HAND_OVER]).resources;
    let (run, reads) = ran(vec![broken.clone(), well.clone()]);
    assert_eq!((codes(&run), reads), (vec![], 2));
    let (run, reads) = ran(vec![broken]);
    assert_eq!((codes(&run), reads), (vec![Code::MissingActions], 2));
    let (run, reads) = ran(vec![well]);
    assert_eq!((codes(&run), reads), (vec![], 1), "nothing to confirm");
}

#[test]
fn a_key_that_is_enabled_again_within_the_pause_is_not_told() {
    let well = repository().key(KEY, &[HAND_OVER]).resources;
    let mut disabled = well.clone();
    metadata(&mut disabled).state = "Disabled".into();
    let (run, _) = ran(vec![disabled.clone(), well]);
    assert_eq!(codes(&run), []);
    let (run, _) = ran(vec![disabled]);
    assert_eq!(codes(&run), [Code::KeyState]);
}

#[test]
fn a_second_reading_that_is_refused_takes_nothing_back() {
    let broken = repository().key(KEY, &[ADMINISTRATORS]).resources;
    let mut refused = broken.clone();
    let key = refused.keys.get_mut(KEY).unwrap();
    key.policy = Reading::Refused("AccessDenied".into());
    key.metadata = Reading::Refused("Throttled".into());
    for second in [refused, Resources::default()] {
        let (run, reads) = ran(vec![broken.clone(), second]);
        assert_eq!((codes(&run), reads), (vec![Code::MissingActions], 2));
    }
}
