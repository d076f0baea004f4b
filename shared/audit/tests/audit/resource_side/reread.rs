//! Read again: a denial is over only where all was read again that it rested on, and what nobody asks about any more may end.

mod besides;

use audit::finding::Resolution;
use audit::resources::{BucketEncryption, Organization, Reading, Region, VpcEndpoint};
use audit::{Baseline, ChangeKind, Code, Settings, advance};

use super::case::{ADMINISTRATORS, ALL, ALL_BUT_KEYS, Case, HAND_OVER, KEY, VAULT, policy};
use crate::phases::compare;
use crate::principals::{account, role};

fn baseline(case: &Case) -> Baseline {
    let settings = Settings::default();
    let empty = Baseline::empty(account());
    let found = case.assessment();
    let changes = compare(&found, &empty, &settings);
    advance(empty, &found, changes, &settings).baseline
}

/// What becomes of the findings of a first audit in a second one: those that ended.
fn ended(before: &Case, now: &Case) -> Vec<(Code, Resolution)> {
    let changes = compare(&now.assessment(), &baseline(before), &Settings::default());
    let ended = changes.into_iter().filter_map(|change| match change.kind {
        ChangeKind::Vanished(how) => Some((change.finding.code, how)),
        ChangeKind::Appeared
        | ChangeKind::Worsened(_)
        | ChangeKind::Eased(_)
        | ChangeKind::Altered => None,
    });
    ended.collect()
}

/// It has one finding of this kind, which stays in each of these audits and ends in the last.
#[track_caller]
pub(super) fn stays_until(code: Code, broken: &Case, hidden: &[Case], repaired: &Case) {
    let before = baseline(broken);
    let codes = before.tracked().map(|one| one.finding.code);
    let codes: Vec<Code> = codes.filter(|code| *code != Code::AccessKey).collect();
    assert_eq!(codes, [code]);
    for (at, hidden) in hidden.iter().enumerate() {
        let settings = Settings::default();
        let found = hidden.assessment();
        let changes = compare(&found, &before, &settings);
        assert!(
            changes.iter().all(|change| change.finding.code != code),
            "{at}: {changes:?}"
        );
        // A second look that sees as little keeps it too.
        let next = advance(before.clone(), &found, changes, &settings).baseline;
        let again = compare(&found, &next, &settings);
        assert!(again.is_empty(), "{at}: {again:?}");
    }
    assert_eq!(ended(broken, repaired), [(code, Resolution::Healthy)]);
}

fn refused<T>() -> Reading<T> {
    Reading::Refused("AccessDenied".into())
}

fn appliance(key: &str, statements: &[&str]) -> Case {
    Case::user(&[("action-sets", "vbaws-appliance-deploy")])
        .default_key(key)
        .key(key, statements)
}

fn with_region(case: &Case, change: impl FnOnce(&mut Region)) -> Case {
    let mut case = case.clone();
    change(case.resources.regions.get_mut("eu-west-1").unwrap());
    case
}

#[test]
fn the_default_key_of_a_region() {
    let broken = appliance(KEY, &[ADMINISTRATORS]);
    let repaired = appliance(KEY, &[HAND_OVER]);
    let mut unknown_key = repaired.clone();
    unknown_key.resources.keys.clear();
    let mut nothing = repaired.clone();
    nothing.resources.regions.clear();
    let hidden = [
        with_region(&repaired, |one| one.ebs_default_key = refused()),
        with_region(&repaired, |one| one.ebs_encryption_by_default = refused()),
        with_region(&repaired, |one| {
            one.ebs_encryption_by_default = Reading::NotRead;
        }),
        unknown_key,
        nothing,
    ];
    stays_until(Code::MissingActions, &broken, &hidden, &repaired);
    // Whoever denies it: the finding is about the key.
    let own = broken.clone().may(&[ALL_BUT_KEYS]).key(KEY, &[HAND_OVER]);
    stays_until(Code::MissingActions, &own, &hidden, &repaired);
}

#[test]
fn a_default_key_that_is_used_no_more() {
    let broken = appliance(KEY, &[ADMINISTRATORS]);
    let healthy = [(Code::MissingActions, Resolution::Healthy)];
    let plain = with_region(&broken, |one| {
        one.ebs_encryption_by_default = Reading::Read(false);
    });
    assert_eq!(ended(&broken, &plain), healthy);
    let other = with_region(&broken, |one| {
        one.ebs_default_key = Reading::Read("alias/aws/ebs".into());
    });
    assert_eq!(ended(&broken, &other), healthy);
}

#[test]
fn the_key_of_a_vault() {
    let fsx = |statements: &[&str]| {
        Case::role(&[("action-sets", "vbaws-role-fsx-backup"), ("vault", VAULT)])
            .vault(&[], Some(KEY))
            .key(KEY, statements)
    };
    let repaired = fsx(&[HAND_OVER]);
    let mut hidden = repaired.clone();
    hidden.resources.vaults.get_mut(VAULT).unwrap().description = refused();
    let broken = fsx(&[ADMINISTRATORS]);
    stays_until(Code::MissingActions, &broken, &[hidden], &repaired);
    let plain = fsx(&[ADMINISTRATORS]).vault(&[], None);
    let healthy = [(Code::MissingActions, Resolution::Healthy)];
    assert_eq!(ended(&broken, &plain), healthy);
}

#[test]
fn the_key_of_a_bucket() {
    let repository = |statements: &[&str]| {
        let mut case = server().key(KEY, statements);
        let bucket = case.resources.buckets.get_mut("backups").unwrap();
        bucket.encryption = Reading::Read(Some(BucketEncryption {
            algorithm: "aws:kms".into(),
            key: Some(KEY.into()),
        }));
        case
    };
    let broken = repository(&[ADMINISTRATORS]);
    let repaired = repository(&[HAND_OVER]);
    let mut hidden = repaired.clone();
    let bucket = hidden.resources.buckets.get_mut("backups").unwrap();
    bucket.encryption = refused();
    assert!(!ends_missing(&broken, &hidden));
    assert!(ends_missing(&broken, &repaired));
    // The key of a bucket is one of the bucket's region.
    bucket_in(&mut hidden, "eu-central-1");
    assert!(ends_missing(&broken, &hidden));
}

fn bucket_in(case: &mut Case, region: &str) {
    let bucket = case.resources.buckets.get_mut("backups").unwrap();
    bucket.region = Reading::Read(region.into());
}

pub(super) fn ends_missing(before: &Case, now: &Case) -> bool {
    let codes = baseline(before)
        .tracked()
        .map(|one| one.finding.code)
        .collect::<Vec<_>>();
    assert!(codes.contains(&Code::MissingActions), "{codes:?}");
    let mut ended = ended(before, now).into_iter();
    ended.any(|(code, _)| code == Code::MissingActions)
}

fn server() -> Case {
    Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ])
    .bucket("backups", &[])
}

const DENY: &str = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject*", "Resource": "*"}"#;
const ANYBODY: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;

#[test]
fn rcps() {
    let broken = server().organization(&[ALL], &[DENY]);
    let repaired = server().organization(&[ALL], &[ANYBODY]);
    let hidden = |change: fn(&mut Organization)| with_organization(&repaired, change);
    let mut nobody = repaired.clone();
    nobody.resources.organization = refused();
    let all = [
        nobody,
        hidden(|one| one.resource_control = refused()),
        hidden(|one| one.resource_control = Reading::NotRead),
        hidden(|one| one.refused_resource_control = vec!["r-ab12".into()]),
    ];
    stays_until(Code::MissingActions, &broken, &all, &repaired);
    assert!(ends_missing(&broken, &server()), "it left the organisation");
}

#[test]
fn an_audit_says_whether_it_knows_the_scps() {
    let knows = |case: &Case| case.assessment().coverage.knows_service_control;
    let read = server().organization(&[ALL], &[]);
    assert!(knows(&read));
    assert!(knows(&server()), "it is in no organisation");
    let above = |one: &mut Organization| {
        one.service_control = refused();
        one.management_account = Some(account());
    };
    assert!(knows(&with_organization(&read, above)));
    let mut nobody = read.clone();
    nobody.resources.organization = Reading::NotRead;
    for case in [
        nobody,
        with_organization(&read, |one| one.service_control = refused()),
        with_organization(&read, |one| {
            one.refused_service_control = vec!["r-ab12".into()];
        }),
    ] {
        assert!(!knows(&case));
    }
}

/// The key of a vault of which AWS Backup may be denied the use.
#[test]
fn the_key_that_aws_backup_uses_by_itself() {
    const PERHAPS: &str = r#"{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/veeam"}, "Action": "kms:GenerateDataKey", "Resource": "*"}"#;
    let efs = |statements: &[&str]| {
        Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)])
            .vault(&[], Some(KEY))
            .key(KEY, statements)
    };
    let repaired = efs(&[HAND_OVER]);
    let mut hidden = vec![repaired.clone(); 3];
    hidden[0].resources.keys.get_mut(KEY).unwrap().policy = refused();
    hidden[1].resources.keys.clear();
    let vault = hidden[2].resources.vaults.get_mut(VAULT).unwrap();
    vault.description = refused();
    let broken = efs(&[HAND_OVER, PERHAPS]);
    stays_until(Code::Undetermined, &broken, &hidden, &repaired);
}

fn with_organization(case: &Case, change: fn(&mut Organization)) -> Case {
    let mut case = case.clone();
    if let Reading::Read(Some(organization)) = &mut case.resources.organization {
        change(organization);
    }
    case
}

#[test]
fn a_bucket_of_another_account() {
    let broken = || {
        let mut case = server();
        case.resources.own_buckets = Reading::Read(["other".into()].into());
        case
    };
    let repaired = server().bucket("backups", &[ANYBODY]);
    let mut hidden = server();
    hidden.resources.own_buckets = refused();
    assert!(!ends_missing(&broken(), &hidden));
    assert!(!ends_missing(&broken(), &repaired));
    let mut own = server();
    own.resources.own_buckets = Reading::Read(["backups".into()].into());
    assert!(ends_missing(&broken(), &own));
}

fn private(tag: &str, statements: &[&str]) -> Case {
    let mut case = Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("bucket", "backups"),
        ("repository-key", KEY),
        ("private-network", tag),
    ])
    .bucket("backups", &[])
    .key(KEY, &[HAND_OVER]);
    let region = Region {
        endpoints: Reading::Read(vec![VpcEndpoint {
            id: "vpce-1".into(),
            vpc: "vpc-1".into(),
            service: "com.amazonaws.eu-west-1.s3".into(),
            kind: "Interface".into(),
            state: "available".into(),
            private_dns: true,
            policy: Some(policy(statements)),
        }]),
        ..Region::default()
    };
    case.resources.regions.insert("eu-west-1".into(), region);
    case
}

#[test]
fn endpoints() {
    let broken = private("yes", &[ANYBODY, DENY]);
    let repaired = private("yes", &[ANYBODY]);
    let mut nowhere = repaired.clone();
    let bucket = nowhere.resources.buckets.get_mut("backups").unwrap();
    bucket.region = refused();
    let hidden = [
        with_region(&repaired, |one| one.endpoints = refused()),
        with_region(&repaired, |one| one.endpoints = Reading::NotRead),
        nowhere,
    ];
    stays_until(Code::MissingActions, &broken, &hidden, &repaired);
    // Nobody asks for endpoints where no private network is declared.
    let public = with_region(&private("no", &[]), |one| one.endpoints = Reading::NotRead);
    assert!(ends_missing(&broken, &public));
    // What cannot be read may have said so.
    let slipped = with_region(&private("perhaps", &[]), |one| {
        one.endpoints = Reading::NotRead;
    });
    assert!(!ends_missing(&broken, &slipped));
}

#[test]
fn what_was_not_known() {
    let mut broken = private("yes", &[ANYBODY]);
    let regions = &mut broken.resources.regions;
    let endpoints = &mut regions.get_mut("eu-west-1").unwrap().endpoints;
    let Reading::Read(endpoints) = endpoints else {
        panic!("they were read");
    };
    endpoints[0].policy = None;
    let repaired = private("yes", &[ANYBODY]);
    let hidden = [with_region(&repaired, |one| one.endpoints = refused())];
    stays_until(Code::Undetermined, &broken, &hidden, &repaired);

    let by_ip = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#;
    let repaired = server();
    let mut hidden = server();
    let bucket = hidden.resources.buckets.get_mut("backups").unwrap();
    bucket.policy = refused();
    let broken = server().bucket("backups", &[by_ip]);
    stays_until(Code::Undetermined, &broken, &[hidden], &repaired);
}

#[test]
fn a_layer_that_is_required_no_more() {
    let mut broken = server().settings(r#"require = ["bucket-policy"]"#);
    broken.resources.buckets.clear();
    let mut now = server();
    now.resources.buckets.clear();
    let ended = ended(&broken, &now);
    assert_eq!(ended, [(Code::Undetermined, Resolution::Healthy)]);
}

#[test]
fn a_bucket_that_is_declared_no_more() {
    let broken = server().bucket("backups", &[DENY]);
    let mut undeclared = server();
    undeclared
        .principal
        .tags
        .retain(|(_, value)| &**value != "backups");
    undeclared.resources.buckets.clear();
    assert!(ends_missing(&broken, &undeclared));
    // A tag that cannot be read may name it.
    let mut slipped = undeclared;
    slipped
        .principal
        .tags
        .push(("veeam:bucket".into(), "".into()));
    assert!(!ends_missing(&broken, &slipped));
}

#[test]
fn a_trust_policy_under_rcps() {
    let assume = r#"{"Sid": "Roles", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    let perhaps = r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#;
    let repaired = assumed().organization(&[ALL], &[ANYBODY]);
    let hidden = [
        with_organization(&repaired, |one| one.resource_control = refused()),
        with_organization(&repaired, |one| one.resource_control = Reading::NotRead),
    ];
    let broken = |rcp| assumed().organization(&[ALL], &[rcp]);
    stays_until(Code::MissingTrust, &broken(assume), &hidden, &repaired);
    stays_until(Code::Undetermined, &broken(perhaps), &hidden, &repaired);
}

#[test]
fn a_role_that_scps_let_nobody_assume() {
    let assume =
        r#"{"Sid": "Roles", "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    let repaired = assumed().organization(&[ALL], &[ANYBODY]);
    let hidden = [
        with_organization(&repaired, |one| one.service_control = refused()),
        with_organization(&repaired, |one| one.service_control = Reading::NotRead),
    ];
    let broken = assumed().organization(&[assume], &[ANYBODY]);
    stays_until(Code::MissingTrust, &broken, &hidden, &repaired);
}

/// A role that another one of the account assumes.
fn assumed() -> Case {
    let mut appliance = Case::role(&[]).principal;
    appliance.tags.clear();
    appliance.arn = role("appliance");
    let mut case = Case::role(&[
        ("action-sets", "vbaws-role-efs-backup"),
        ("vault", VAULT),
        ("assumed-by", "arn:aws:iam::111122223333:role/appliance"),
    ]);
    case.others.push(appliance);
    case.vault(&[], None)
}
