//! Comparing: a fault is over where the same was read again, and nowhere else.

use audit::finding::{EventKind, Resolution};
use audit::resources::Reading;
use audit::{Baseline, ChangeKind, Code, Settings, advance};
use catalog::KeyRole;

use super::buckets::{self, with_bucket};
use super::keys::{ARN, set_key, with_key};
use super::{Account, read, refused};
use crate::phases::compare;
use crate::principals::account;

const REPOSITORY: &str = "vbaws-role-repository";

fn baseline(account_before: &Account) -> Baseline {
    let settings = Settings::default();
    let found = account_before.audit();
    let empty = Baseline::empty(account());
    let changes = compare(&found, &empty, &settings);
    advance(empty, &found, changes, &settings).baseline
}

fn kinds(now: &Account, before: &Baseline) -> Vec<(Code, ChangeKind)> {
    let changes = compare(&now.audit(), before, &Settings::default());
    let changes = changes.into_iter();
    changes.map(|one| (one.finding.code, one.kind)).collect()
}

fn disabled() -> Account {
    with_key(REPOSITORY, KeyRole::Repository)
        .with(|one| set_key(one, |key| key.state = "Disabled".into()))
}

#[test]
fn the_same_fault_is_no_change() {
    let before = baseline(&disabled());
    assert_eq!(kinds(&disabled(), &before), []);
}

#[test]
fn a_key_that_was_read_again_and_is_enabled_is_healthy() {
    let before = baseline(&disabled());
    let healthy = with_key(REPOSITORY, KeyRole::Repository);
    assert_eq!(
        kinds(&healthy, &before),
        [(Code::KeyState, ChangeKind::Vanished(Resolution::Healthy))]
    );
}

#[test]
fn a_read_that_is_refused_resolves_nothing() {
    let before = baseline(&disabled());
    for reading in [refused(), Reading::NotRead] {
        let blind = disabled().with(|one| {
            one.resources.keys.get_mut(ARN).unwrap().metadata = reading;
        });
        assert_eq!(kinds(&blind, &before), []);
    }
    let nothing = disabled().with(|one| one.resources = audit::Resources::default());
    assert_eq!(kinds(&nothing, &before), []);
}

#[test]
fn a_key_that_is_not_named_any_more_is_left() {
    let before = baseline(&disabled());
    let other = disabled().with(|one| {
        one.named.clear();
        super::regions::set_region(one, |region| region.ebs_default_key = read("other".into()));
    });
    assert_eq!(
        kinds(&other, &before),
        [(Code::KeyState, ChangeKind::Vanished(Resolution::Left))]
    );
}

#[test]
fn what_is_worse_is_told_as_worse_and_what_was_not_read_stays() {
    let before = baseline(&with_bucket(REPOSITORY, |one| one.replicates = read(true)));
    let retention = Some(audit::resources::ObjectLock {
        default_retention: Some("COMPLIANCE, 1 day".into()),
    });
    let now = with_bucket(REPOSITORY, |one| {
        one.replicates = refused();
        one.versioning = read(audit::resources::Versioning::Enabled);
        one.object_lock = read(retention);
    });
    let changes = compare(&now.audit(), &before, &Settings::default());
    let [change] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert!(matches!(&change.kind, ChangeKind::Worsened(more) if more.len() == 1));
    assert_eq!(change.finding.items.len(), 2);
    let places = change.finding.items.iter().map(|item| &*item.place);
    assert!(places.into_iter().all(|place| place == buckets::LABEL));
}

#[test]
fn a_worse_item_that_was_not_read_keeps_its_level() {
    let before = baseline(&disabled());
    let material = crate::principals::at("2026-11-20T00:00:00Z");
    let other = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-00000000cafe";
    let now = disabled().with(|one| {
        set_key(one, |key| key.valid_to = Some(material));
        let key = one.resources.keys.remove(ARN).unwrap();
        one.resources.keys.insert(other.into(), key);
        one.named.push(audit::resources::NamedResource::Key {
            arn: other.into(),
            role: Some(KeyRole::Repository),
        });
    });
    let changes = compare(&now.audit(), &before, &Settings::default());
    let worst = before.tracked().next().unwrap().finding.level;
    assert_eq!(changes[0].finding.level, worst);
    assert_eq!(changes[0].finding.items.len(), 2);
}

#[test]
fn an_unknown_never_ends_what_was_known() {
    use super::regions::with_backup;
    use crate::rules::{Rules, Why};
    let denied = |why| Rules::default().deny("a", &["backup:UpdateRegionSettings"], why);
    let off = |rules| {
        with_backup("vbaws-role-fsx-backup", &[("FSx", false)]).with(|one| one.rules = rules)
    };
    let before = baseline(&off(denied(Why::Lost)));
    let now = kinds(&off(denied(Why::Throttled)), &before);
    assert!(
        now.iter().all(|(code, _)| *code != Code::ResourceSettings),
        "{now:?}"
    );
}

#[test]
fn what_was_not_known_is_not_resolved_by_a_refusal_either() {
    let odd = with_key(REPOSITORY, KeyRole::Repository)
        .with(|one| set_key(one, |key| key.state = "Creating".into()));
    let before = baseline(&odd);
    let codes = before.tracked().map(|tracked| tracked.finding.code);
    assert_eq!(codes.collect::<Vec<_>>(), [Code::Undetermined]);
    let blind = odd.with(|one| {
        one.resources.keys.get_mut(ARN).unwrap().metadata = refused();
    });
    assert_eq!(kinds(&blind, &before), []);
}

#[test]
fn a_stored_baseline_knows_what_has_to_be_looked_at_again() {
    let before = baseline(&disabled());
    let stored = audit::stored::write_file(&before);
    assert_eq!(audit::stored::read_file(&stored).unwrap(), before);
    assert!(!stored.contains("1234567890ab"), "{stored}");
}

#[test]
fn a_key_that_is_enabled_again_is_told_as_resolved() {
    let settings = Settings::default();
    let before = baseline(&disabled());
    let found = with_key(REPOSITORY, KeyRole::Repository).audit_at("2026-11-02T06:00:00Z");
    let changes = compare(&found, &before, &settings);
    let step = advance(before, &found, changes, &settings);
    let kinds: Vec<EventKind> = step.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Resolved(Resolution::Healthy)]);
}
