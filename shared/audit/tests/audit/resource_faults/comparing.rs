//! Comparing: a fault is over where the same was read again, and nowhere else.

use audit::finding::{EventKind, Resolution};
use audit::resources::{NamedResource, Reading, SourceKind};
use audit::{Baseline, ChangeKind, Code, Settings, advance};
use catalog::KeyRole;

use super::buckets::{self, with_bucket};
use super::keys::{ARN, set_key, with_key};
use super::regions::set_region;
use super::vaults::set_vault;
use super::{Account, elsewhere, read, refused};
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
    let read = audit::stored::read_file(&stored).unwrap();
    assert_eq!(read, crate::story::kept_in_file(&before));
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

/// What ends between two audits.
fn ended(before: &Account, now: &Account) -> Vec<(Code, Resolution)> {
    let before = baseline(before);
    assert!(before.tracked().next().is_some());
    let kinds = kinds(now, &before).into_iter();
    let ended = kinds.filter_map(|(code, kind)| match kind {
        ChangeKind::Vanished(how) => Some((code, how)),
        ChangeKind::Appeared
        | ChangeKind::Worsened(_)
        | ChangeKind::Eased(_)
        | ChangeKind::Altered => None,
    });
    ended.collect()
}

#[test]
fn the_state_of_a_default_key_is_seen_where_the_region_says_that_it_is_used() {
    let with_default = |state: &str| {
        let mut account = Account::of("vbaws-role-worker-deployment");
        set_key(&mut account, |key| key.state = state.into());
        set_region(&mut account, |region| {
            region.ebs_default_key = read(ARN.into());
            region.ebs_encryption_by_default = read(true);
        });
        account
    };
    let broken = with_default("Disabled");
    let healthy = with_default("Enabled");
    let hide: [fn(&mut audit::resources::Region); 4] = [
        |region| region.ebs_encryption_by_default = refused(),
        |region| region.ebs_encryption_by_default = Reading::NotRead,
        |region| region.ebs_default_key = refused(),
        |region| *region = audit::resources::Region::default(),
    ];
    for hide in hide {
        let hidden = healthy.with(|one| set_region(one, hide));
        assert_eq!(ended(&broken, &hidden), []);
    }
    let mut gone = healthy.clone();
    gone.resources.regions.clear();
    assert_eq!(ended(&broken, &gone), []);
    assert_eq!(
        ended(&broken, &healthy),
        [(Code::KeyState, Resolution::Healthy)]
    );
    let plain = broken.with(|one| {
        set_region(one, |region| region.ebs_encryption_by_default = read(false));
    });
    assert_eq!(ended(&broken, &plain), [(Code::KeyState, Resolution::Left)]);
}

#[test]
fn the_state_of_the_key_of_a_vault_or_bucket_is_seen_where_these_say_which_it_is() {
    let vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
    let with_vault = |state: &str| {
        let mut account = Account::of("vbaws-role-fsx-backup");
        set_key(&mut account, |key| key.state = state.into());
        account.named.push(NamedResource::Vault(vault.into()));
        set_vault(&mut account, vault, |one| one.key = Some(ARN.into()));
        account
    };
    let healthy = with_vault("Enabled");
    let hidden = healthy.with(|one| {
        one.resources.vaults.get_mut(vault).unwrap().description = refused();
    });
    assert_eq!(ended(&with_vault("Disabled"), &hidden), []);
    assert_eq!(
        ended(&with_vault("Disabled"), &healthy),
        [(Code::KeyState, Resolution::Healthy)]
    );
    let other = healthy.with(|one| set_vault(one, vault, |_| {}));
    assert_eq!(
        ended(&with_vault("Disabled"), &other),
        [(Code::KeyState, Resolution::Left)]
    );
}

#[test]
fn what_cannot_be_shared_matters_as_long_as_workers_run_in_another_account() {
    let managed = |keys| {
        let mut account = Account::of("vbaws-role-ec2-backup");
        set_key(&mut account, |key| key.manager = "AWS".into());
        account.workers.push(elsewhere());
        set_region(&mut account, |region| {
            region.ebs_default_key = read("other".into());
            region.ebs_encryption_by_default = read(true);
            region.source_keys = keys;
        });
        account
    };
    let broken = managed([(SourceKind::Volume, read([ARN.into()].into()))].into());
    for keys in [
        [(SourceKind::Volume, refused())].into(),
        [].into(),
        [(SourceKind::Volume, Reading::NotRead)].into(),
    ] {
        assert_eq!(ended(&broken, &managed(keys)), []);
    }
    let none = managed([(SourceKind::Volume, read([].into()))].into());
    let left = [(Code::KeyState, Resolution::Left)];
    assert_eq!(ended(&broken, &none), left);
    let here = managed([].into()).with(|one| one.workers.clear());
    assert_eq!(ended(&broken, &here), left);
}

#[test]
fn endpoints_matter_as_long_as_a_private_network_is_declared() {
    let private = |endpoints| {
        let mut account = Account::of("vbaws-role-worker-deployment");
        account.private = true;
        set_region(&mut account, |region| region.endpoints = endpoints);
        account
    };
    let broken = private(read(Vec::new()));
    let hidden = private(refused());
    assert_eq!(ended(&broken, &hidden), []);
    let public = hidden.with(|one| one.private = false);
    let left = (Code::ResourceSettings, Resolution::Left);
    assert!(ended(&broken, &public).contains(&left));
}

#[test]
fn a_vault_that_its_region_lists_again_is_there() {
    let vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
    let listed = |names: &[&str]| {
        let mut account = Account::of("vbaws-role-efs-backup");
        account.named.push(NamedResource::Vault(vault.into()));
        let names = names.iter().map(|name| Box::from(*name)).collect();
        set_region(&mut account, |region| region.vaults = read(names));
        account
    };
    let broken = listed(&["other"]);
    let hidden = broken.with(|one| set_region(one, |region| region.vaults = refused()));
    assert_eq!(ended(&broken, &hidden), []);
    assert_eq!(
        ended(&broken, &listed(&["veeam"])),
        [(Code::ResourceSettings, Resolution::Healthy)]
    );
}

#[test]
fn a_key_that_ends_like_another_is_not_taken_for_it() {
    let vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
    let twin = "arn:aws:kms:eu-central-1:111122223333:key/00000000-12ab-34cd-56ef-1234567890ab";
    let with_vault = |state: &str| {
        let mut account = Account::of("vbaws-role-efs-backup");
        set_key(&mut account, |_| {});
        let other = account.resources.keys[ARN].clone();
        set_key(&mut account, |key| key.state = state.into());
        account.resources.keys.insert(twin.into(), other);
        account.named.push(NamedResource::Vault(vault.into()));
        set_vault(&mut account, vault, |one| one.key = Some(ARN.into()));
        account
    };
    let broken = with_vault("Disabled");
    let refused = broken.with(|one| one.resources.keys.get_mut(ARN).unwrap().metadata = refused());
    assert_eq!(ended(&broken, &refused), []);
    let missing = broken.with(|one| {
        one.resources.keys.remove(ARN);
    });
    assert_eq!(ended(&broken, &missing), []);
    let healthy = [(Code::KeyState, Resolution::Healthy)];
    assert_eq!(ended(&broken, &with_vault("Enabled")), healthy);
}
