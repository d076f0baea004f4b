//! Access keys: does each user have one young active key in use, and root none?

use std::collections::BTreeMap;

use audit::assessment::KeyFault;
use audit::{Judgement, Settings};
use iam::inventory::AccessKey;

use crate::phases::{audit, compare};
use crate::principals::{copier, inventory, key, principal, user};
use crate::rules::Rules;

const NOW: &str = "2026-11-01T06:00:00Z";

#[track_caller]
fn keys(keys: Option<Vec<AccessKey>>, expected: Option<&[KeyFault]>) {
    let who = user("a");
    let mut inventory = inventory(vec![principal(who.clone(), &[("action-sets", "upload")])]);
    inventory.access_keys = keys.map(|keys| BTreeMap::from([(who, keys)]));
    let found = audit(&inventory, &Rules::default(), &Settings::default(), NOW);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Compliant);
    let faults = found.keys[0].faults.as_ref();
    assert_eq!(
        faults
            .map(|faults| faults.iter().cloned().collect::<Vec<_>>())
            .as_deref(),
        expected
    );
}

#[test]
fn a_user_whose_keys_were_not_among_those_read_may_have_some() {
    let who = user("a");
    let mut inventory = inventory(vec![principal(who, &[("action-sets", "upload")])]);
    inventory.access_keys = Some(BTreeMap::from([(user("b"), Vec::new())]));
    let found = audit(&inventory, &Rules::default(), &Settings::default(), NOW);
    assert_eq!(found.keys[0].faults, None);
}

#[test]
fn a_user_needs_one_young_active_key() {
    let young = "2026-06-01T00:00:00Z";
    keys(None, None);
    keys(Some(vec![]), Some(&[KeyFault::None]));
    keys(Some(vec![key("AAAA", true, young)]), Some(&[]));
    keys(
        Some(vec![key("AAAA", true, young), key("BBBB", false, young)]),
        Some(&[]),
    );
    keys(
        Some(vec![key("AAAA", false, young)]),
        Some(&[KeyFault::Inactive]),
    );
    keys(
        Some(vec![key("AAAA", true, young), key("BBBB", true, young)]),
        Some(&[KeyFault::Two]),
    );
    keys(
        Some(vec![key("AAAA", true, "2025-11-01T05:00:00Z")]),
        Some(&[]),
    );
    keys(
        Some(vec![key("AAAA", true, "2025-10-31T05:00:00Z")]),
        Some(&[KeyFault::Old {
            suffix: "AAAA".into(),
            days: 366,
        }]),
    );
    keys(
        Some(vec![key("AAAA", true, "")]),
        Some(&[KeyFault::AgeUnknown {
            suffix: "AAAA".into(),
        }]),
    );
}

#[test]
fn an_active_key_that_nobody_used_for_long_is_told_of() {
    let used = |last_used: Option<&str>, active| AccessKey {
        last_used: last_used.map(Into::into),
        ..key("AAAA", active, "2026-06-01T05:00:00Z")
    };
    let unused = |days| KeyFault::Unused {
        suffix: "AAAA".into(),
        days,
    };
    let day = Some("2026-08-03T05:00:00Z");
    keys(Some(vec![used(day, true)]), Some(&[]));
    let before = Some("2026-08-02T05:00:00Z");
    keys(Some(vec![used(before, true)]), Some(&[unused(91)]));
    keys(Some(vec![used(None, true)]), Some(&[unused(153)]));
    // Nobody asked when it was used.
    keys(Some(vec![used(Some(""), true)]), Some(&[]));
    keys(
        Some(vec![
            used(before, false),
            key("BBBB", true, "2026-06-01T05:00:00Z"),
        ]),
        Some(&[]),
    );
}

#[test]
fn a_root_key_is_the_accounts_own_finding_until_it_is_seen_to_be_gone() {
    let settings = Settings::default();
    let mut here = inventory(vec![copier("a")]);
    let codes = |here: &iam::Inventory| {
        let found = audit(here, &Rules::default(), &settings, NOW);
        let findings = audit::observe(&found, &settings).into_values();
        let own = findings.filter(|finding| finding.principal.is_none());
        (own.map(|finding| finding.code).collect::<Vec<_>>(), found)
    };
    here.root_keys = Some(vec![key("", false, "2020-01-01T00:00:00Z")]);
    let (told, found) = codes(&here);
    assert_eq!(told, [audit::Code::AccessKey]);
    let empty = audit::Baseline::empty(crate::principals::account());
    let changes = compare(&found, &empty, &settings);
    let baseline = audit::advance(empty, &found, changes, &settings).baseline;

    here.root_keys = None;
    let (told, found) = codes(&here);
    assert_eq!(told, []);
    assert_eq!(
        compare(&found, &baseline, &settings),
        [],
        "not seen, so not gone"
    );

    here.root_keys = Some(Vec::new());
    let (_, found) = codes(&here);
    let changes = compare(&found, &baseline, &settings);
    assert!(
        matches!(changes[0].kind, audit::ChangeKind::Vanished(_)),
        "{changes:?}"
    );
}

#[test]
fn roles_and_one_time_sets_need_no_access_key() {
    let once = principal(user("u"), &[("action-sets", "grant-once")]);
    let found = audit(
        &inventory(vec![copier("a"), once]),
        &Rules::default(),
        &Settings::default(),
        NOW,
    );
    assert_eq!(found.keys, []);
}
