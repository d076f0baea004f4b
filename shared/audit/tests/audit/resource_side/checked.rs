//! Checked: what does a verdict say of policies that nobody looked at, and what does it become where they are required?

use std::sync::{Arc, Mutex};

use audit::requirement::ResourcePolicy;
use audit::resources::{Organization, Reading, Resources};
use audit::{Judgement, Selection, Settings, look};
use futures_util::FutureExt as _;

use super::case::{ADMINISTRATORS, ALL, Case, FOREIGN_KEY, HAND_OVER, KEY, VAULT, levels};
use crate::outside::Script;
use crate::phases::asked;
use crate::principals::{copier, inventory};
use crate::rules::{Rules, Why};

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
        ("bucket", "backups"),
    ])
}

fn whole() -> Case {
    repository().key(KEY, &[HAND_OVER]).bucket("backups", &[])
}

#[track_caller]
fn lacks(case: &Case, expected: &[ResourcePolicy]) {
    assert_eq!(case.verdict().unread(), expected);
}

#[test]
fn what_was_not_read_is_named() {
    use ResourcePolicy::{Bucket, Key};
    lacks(&whole(), &[]);
    lacks(&repository().key(KEY, &[HAND_OVER]), &[Bucket]);
    lacks(&repository(), &[Bucket, Key]);
    let mut refused = whole();
    let key = refused.resources.keys.get_mut(KEY).unwrap();
    key.policy = Reading::Refused("AccessDenied".into());
    lacks(&refused, &[Key]);
    let undeclared = Case::role(&[("action-sets", "vbaws-role-repository")]);
    lacks(&undeclared.bucket("backups", &[]), &[Bucket, Key]);
}

#[test]
fn a_policy_counts_with_the_state_and_the_settings_of_its_resource() {
    use ResourcePolicy::{Bucket, Key, Vault};
    fn refused<T>() -> Reading<T> {
        Reading::Refused("AccessDenied".into())
    }
    let required = r#"require = ["key-policy", "bucket-policy", "vault-policy"]"#;
    let is_open = |case: Case, policy| {
        lacks(&case, &[policy]);
        let judgement = case.settings(required).verdict().judgement();
        assert_eq!(judgement, Judgement::Undetermined);
    };
    for metadata in [refused(), Reading::NotRead] {
        let mut case = whole();
        case.resources.keys.get_mut(KEY).unwrap().metadata = metadata;
        is_open(case, Key);
    }
    let hide: [fn(&mut audit::resources::Bucket); 7] = [
        |bucket| bucket.region = refused(),
        |bucket| bucket.region = Reading::NotRead,
        |bucket| bucket.versioning = refused(),
        |bucket| bucket.object_lock = refused(),
        |bucket| bucket.encryption = refused(),
        |bucket| bucket.lifecycle = refused(),
        |bucket| bucket.versioning = Reading::NotRead,
    ];
    for hide in hide {
        let mut case = whole();
        hide(case.resources.buckets.get_mut("backups").unwrap());
        is_open(case, Bucket);
    }
    let mut case = efs().vault(&[], None);
    lacks(&case, &[]);
    case.resources.vaults.get_mut(VAULT).unwrap().policy = refused();
    is_open(case, Vault);
}

fn efs() -> Case {
    Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)])
}

/// Veeam's list for these sets has no action of KMS.
#[test]
fn the_key_that_aws_backup_uses_by_itself_counts() {
    use ResourcePolicy::{Key, Vault};
    let read = efs().vault(&[], Some(KEY)).key(KEY, &[HAND_OVER]);
    lacks(&read, &[]);
    let mut of_aws = read.clone();
    let key = of_aws.resources.keys.get_mut(KEY).unwrap();
    *key = audit::resources::Key {
        metadata: Reading::Read(super::case::metadata(KEY, "AWS")),
        ..audit::resources::Key::default()
    };
    lacks(&of_aws, &[]);
    let mut policy = read.clone();
    let key = policy.resources.keys.get_mut(KEY).unwrap();
    key.policy = Reading::Refused("AccessDenied".into());
    let mut metadata = read.clone();
    let key = metadata.resources.keys.get_mut(KEY).unwrap();
    key.metadata = Reading::NotRead;
    let mut nowhere = read.clone();
    nowhere.resources.keys.clear();
    for case in [policy, metadata, nowhere] {
        lacks(&case, &[Key]);
        let verdict = case.settings(r#"require = ["key-policy"]"#).verdict();
        assert_eq!(verdict.judgement(), Judgement::Undetermined);
        let unknown = verdict.unknown_actions().into_iter();
        let unknown: Vec<&str> = unknown.map(iam::ActionName::as_str).collect();
        assert_eq!(unknown, ["backup:StartBackupJob"]);
    }
    let mut vault = read;
    vault.resources.vaults.get_mut(VAULT).unwrap().description =
        Reading::Refused("AccessDenied".into());
    lacks(&vault, &[Key, Vault]);
    lacks(
        &Case::role(&[("action-sets", "vbaws-role-efs-backup")]),
        &[Vault],
    );
}

#[test]
fn a_required_layer_that_nobody_looked_at_leaves_it_open() {
    for (layer, cause) in [
        ("key-policy", "key policy"),
        ("bucket-policy", "bucket policy"),
        ("scp", "SCPs"),
        ("rcp", "RCPs"),
    ] {
        let settings = format!("require = [\"{layer}\"]");
        let mut case = repository().settings(&settings);
        case.resources.organization = Reading::NotRead;
        let verdict = case.verdict();
        assert_eq!(verdict.judgement(), Judgement::Undetermined, "{layer}");
        let told = format!("{:?}", verdict.unknown[0].cause);
        assert!(told.contains(cause), "{told}");
        assert!(told.starts_with("NotChecked"), "{told}");
        whole().settings(&settings).is_well();
    }
    let all = r#"require = ["key-policy", "bucket-policy", "vault-policy", "scp", "rcp"]"#;
    whole().settings(all).is_well();
}

/// What denies in a layer that was read stays denied, whatever another was not read.
#[test]
fn required_scps_are_not_known_where_aws_was_not_asked_about_concrete_resources() {
    let judged = |organization, why: Option<Why>| {
        let mut rules = Rules::default();
        if let Some(why) = why {
            rules = rules.deny("a", &["s3:GetObject"], why);
        }
        let script = Script {
            inventory: Arc::new(inventory(vec![copier("a")])),
            rules: Mutex::new(vec![rules]),
            resources: Mutex::new(vec![Resources {
                organization,
                ..Resources::default()
            }]),
            ..Script::default()
        };
        let settings = Settings::parse(r#"require = ["scp"]"#).unwrap();
        let asked = asked(&settings, "2026-11-01T06:00:00Z", &Selection::default());
        let looked = look(&asked, &script).now_or_never().unwrap().unwrap();
        looked.assessment.verdicts[0].judgement()
    };
    let below = || {
        Reading::Read(Some(Organization {
            service_control: Reading::Read(levels(&[ALL], ALL)),
            ..Organization::default()
        }))
    };
    assert_eq!(judged(below(), None), Judgement::Compliant);
    let not_confirmed = || Some(Why::NotConfirmed);
    assert_eq!(judged(below(), not_confirmed()), Judgement::Undetermined);
    let alone = Reading::Read(None);
    assert_eq!(judged(alone, not_confirmed()), Judgement::Compliant);
}

#[test]
fn where_a_layer_is_required_less_that_was_read_is_never_compliant() {
    use Judgement::{Compliant, Drifted, Undetermined};
    let all = r#"require = ["key-policy", "bucket-policy", "scp", "rcp"]"#;
    let closed = repository()
        .key(KEY, &[ADMINISTRATORS])
        .bucket("backups", &[]);
    for (case, read, less) in [
        (whole(), Compliant, [Undetermined; 3]),
        (closed, Drifted, [Undetermined, Drifted, Drifted]),
        (
            whole().organization(&[ALL], &[]),
            Compliant,
            [Undetermined; 3],
        ),
    ] {
        let case = case.settings(all);
        assert_eq!(case.verdict().judgement(), read);
        let mut cases = vec![case.clone(); 3];
        cases[0].resources.keys.clear();
        cases[1].resources.buckets.clear();
        cases[2].resources.organization = Reading::NotRead;
        let judged: Vec<_> = cases.iter().map(|one| one.verdict().judgement()).collect();
        assert_eq!(judged, less);
    }
}

#[test]
fn rcps_are_told_once_and_count_where_they_deny_nothing() {
    let mut case = whole();
    case.resources.organization = Reading::NotRead;
    let verdict = case.verdict();
    assert_eq!(verdict.unread(), []);
    assert_eq!(
        verdict.not_checked,
        Arc::from([ResourcePolicy::ResourceControl])
    );
    let allowed = whole().organization(&[ALL], &[]).verdict();
    assert_eq!(*allowed.not_checked, []);
}

/// The RCPs above another account decide what is in it, and nobody read those.
#[test]
fn rcps_above_another_account_are_not_checked() {
    let required = r#"require = ["rcp"]"#;
    let is_open = |case: &Case| {
        let verdict = case.verdict();
        let last = verdict.not_checked.last().copied();
        assert_eq!(last, Some(ResourcePolicy::ResourceControl));
        let judgement = case.clone().settings(required).verdict().judgement();
        assert_eq!(judgement, Judgement::Undetermined);
    };
    const EVERYBODY: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"}"#;
    let key = Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", FOREIGN_KEY),
    ]);
    let key = key.key(FOREIGN_KEY, &[EVERYBODY]);
    key.is_well();
    is_open(&key);
    is_open(&key.clone().organization(&[ALL], &[]));
    let mut management = key.organization(&[ALL], &[]);
    if let Reading::Read(Some(organization)) = &mut management.resources.organization {
        organization.management_account = Some(crate::principals::account());
    }
    is_open(&management);
    let bucket = Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ]);
    let mut bucket = bucket.bucket("backups", &[EVERYBODY]);
    bucket.resources.own_buckets = Reading::Read(["backups".into()].into());
    assert_eq!(*bucket.verdict().not_checked, []);
    bucket.resources.own_buckets = Reading::Read(["another".into()].into());
    is_open(&bucket);
    let role = "arn:aws:iam::999900001111:role/worker";
    let role = Case::role(&[("action-sets", "vbaws-role-impersonation"), ("role", role)]);
    is_open(&role);
}
