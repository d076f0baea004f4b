//! Hidden: what policies of resources took away and nobody looked at again is not repaired.

use audit::drift::unseen::note_unseen;
use audit::drift::{Drift, State, assessed, compare as difference};
use audit::resources::{BackupSettings, Organization, Reading, Region, RegionStatus};
use audit::{Baseline, Code, Settings, advance};

use super::case::{ADMINISTRATORS, ALL, Case, HAND_OVER, KEY, VAULT};
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

fn drift(before: &Case, after: &Case) -> Drift {
    let (earlier, later) = (before.assessment(), after.assessment());
    let summary = |assessment| assessed::summarize(assessment, |_| String::new());
    let mut after = summary(&later);
    note_unseen(&mut after, &earlier, &later);
    difference(&summary(&earlier), &after)
}

/// What becomes of what was missing, in the difference of two audits.
fn becomes(before: &Case, after: &Case) -> Vec<(State, State)> {
    let drift = drift(before, after);
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

/// What was missing is not known where this was refused, and there where it was read.
#[track_caller]
fn is_hidden(broken: &Case, repaired: &Case, hide: impl FnOnce(&mut Case)) {
    let mut hidden = repaired.clone();
    hide(&mut hidden);
    let steps = becomes(broken, &hidden);
    assert_eq!(steps, [(State::Missing, State::Unknown)]);
    let steps = becomes(broken, repaired);
    assert_eq!(steps, [(State::Missing, State::Holds)]);
}

fn refused<T>() -> Reading<T> {
    Reading::Refused("AccessDenied".into())
}

fn set_organization(case: &mut Case, change: impl FnOnce(&mut Organization)) {
    if let Reading::Read(Some(organization)) = &mut case.resources.organization {
        change(organization);
    }
}

#[test]
fn a_level_of_policies_that_was_not_read_again_repairs_nothing() {
    const NO_PUT: &str = r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#;
    let healthy = repository().key(KEY, &[HAND_OVER]);
    is_hidden(
        &healthy.clone().organization(&[NO_PUT], &[]),
        &healthy.clone().organization(&[ALL], &[]),
        |case| {
            set_organization(case, |one| {
                one.refused_service_control = vec!["r-ab12".into()];
            });
        },
    );
    const ANYBODY: &str =
        r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    const NOBODY: &str =
        r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    let role = efs(None);
    is_hidden(
        &role.clone().organization(&[ALL], &[NOBODY]),
        &role.organization(&[ALL], &[ANYBODY]),
        |case| {
            set_organization(case, |one| {
                one.refused_resource_control = vec!["r-ab12".into()];
            });
        },
    );
}

fn efs(key: Option<&str>) -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-efs-backup"),
        ("vault", VAULT),
        ("assumed-by", "arn:aws:iam::111122223333:role/appliance"),
    ])
    .vault(&[], key)
}

#[test]
fn a_region_that_was_not_read_again_is_not_repaired() {
    let with = |status| {
        let mut case = repository().key(KEY, &[HAND_OVER]);
        let regions = [("eu-west-1".into(), status)].into();
        case.resources.enabled_regions = Reading::Read(regions);
        case
    };
    is_hidden(
        &with(RegionStatus::NotOptedIn),
        &with(RegionStatus::OptedIn),
        |case| case.resources.enabled_regions = refused(),
    );
    let with = |opted_in: bool, vaults: &[&str]| {
        let mut case = Case::role(&[("action-sets", "vbaws-role-efs-backup")]);
        let vaults = vaults.iter().map(|name| Box::from(*name)).collect();
        let region = Region {
            vaults: Reading::Read(vaults),
            backup: Reading::Read(BackupSettings {
                opt_in: [("EFS".into(), opted_in)].into(),
                management: [("EFS".into(), true)].into(),
            }),
            ..Region::default()
        };
        case.resources.regions.insert("eu-west-1".into(), region);
        case
    };
    let set = |case: &mut Case, change: fn(&mut Region)| {
        change(case.resources.regions.get_mut("eu-west-1").unwrap());
    };
    let healthy = with(true, &["Default"]);
    is_hidden(&with(true, &[]), &healthy, |case| {
        set(case, |region| region.vaults = refused());
    });
    // Whether the switch counts for EFS was not known, and is not known any better.
    let mut hidden = healthy.clone();
    set(&mut hidden, |region| region.backup = refused());
    let unknown = with(false, &["Default"]);
    let drift = drift(&unknown, &hidden);
    assert!(drift.changes.is_empty() && drift.is_unsure());
    assert_eq!(
        becomes(&unknown, &healthy),
        [(State::Unknown, State::Holds)]
    );
}

#[test]
fn a_found_key_and_a_bucket_that_were_not_read_again_are_not_repaired() {
    let with = |state: &str| {
        let mut case = efs(Some(KEY)).key(KEY, &[HAND_OVER]);
        let key = case.resources.keys.get_mut(KEY).unwrap();
        let mut metadata = super::case::metadata(KEY, "CUSTOMER");
        metadata.state = state.into();
        key.metadata = Reading::Read(metadata);
        case
    };
    is_hidden(&with("Disabled"), &with("Enabled"), |case| {
        case.resources.keys.get_mut(KEY).unwrap().metadata = refused();
    });
    let with = |region: &str| {
        let mut case = repository().key(KEY, &[HAND_OVER]);
        let bucket = case.resources.buckets.get_mut("backups").unwrap();
        bucket.region = Reading::Read(region.into());
        case
    };
    is_hidden(&with("eu-central-1"), &with("eu-west-1"), |case| {
        let bucket = case.resources.buckets.get_mut("backups").unwrap();
        bucket.region = refused();
    });
}
