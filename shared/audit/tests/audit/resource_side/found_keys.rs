//! Found keys: what is asked where buckets, vaults and regions name keys, and not all of them are known?

use audit::requirement::ResourcePolicy;
use audit::resources::{BucketEncryption, Reading, Region};

use super::case::{Case, HAND_OVER, KEY, VAULT, metadata};

const OTHER: &str = "arn:aws:kms:eu-west-1:111122223333:key/5678";
const ELSEWHERE: &str = "arn:aws:kms:eu-central-1:111122223333:key/9abc";

/// Whoever starts workers, in two regions; the key of the first is known, which encrypts new volumes.
fn workers() -> Case {
    let case = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("regions", "eu-central-1 eu-west-1"),
        ("source-key", KEY),
        ("target-key", KEY),
    ]);
    let case = case.settings("[answers]\nebs-encryption-by-default = true");
    let case = case.key(KEY, &[HAND_OVER]).key(OTHER, &[HAND_OVER]);
    case.default_key(OTHER)
}

/// The default key of the other region.
fn elsewhere(mut case: Case, key: Reading<Box<str>>) -> Case {
    let region = Region {
        ebs_default_key: key,
        ebs_encryption_by_default: Reading::Read(true),
        ..Region::default()
    };
    case.resources.regions.insert("eu-central-1".into(), region);
    case
}

fn refused<T>() -> Reading<T> {
    Reading::Refused("AccessDenied".into())
}

#[track_caller]
fn lacks(case: &Case, expected: &[ResourcePolicy]) {
    assert_eq!(case.verdict().unread(), expected);
}

#[test]
fn an_action_is_asked_of_any_key_until_the_key_of_each_place_is_known() {
    let is_asked_of_any = |case: &Case| {
        let verdict = case.verdict();
        let mut any = verdict
            .requirement
            .questions()
            .filter(|one| &*one.resource == "*");
        any.any(|question| {
            let mut actions = question.actions.iter();
            actions.any(|action| action.as_str() == "kms:CreateGrant")
        })
    };
    for unknown in [
        Reading::NotRead,
        refused(),
        Reading::Read("alias/own".into()),
    ] {
        assert!(is_asked_of_any(&elsewhere(workers(), unknown)));
    }
    let by_name = |name: &str| elsewhere(workers(), Reading::Read(name.into()));
    assert!(is_asked_of_any(&by_name(ELSEWHERE)), "nobody read that key");
    assert!(!is_asked_of_any(
        &by_name(ELSEWHERE).key(ELSEWHERE, &[HAND_OVER])
    ));
    assert!(!is_asked_of_any(&by_name("alias/aws/ebs")));
}

#[test]
fn key_policies_are_checked_where_the_key_of_each_place_was_read() {
    use ResourcePolicy::Key;
    lacks(&workers(), &[Key]);
    lacks(&elsewhere(workers(), refused()), &[Key]);
    let by_name = |name: &str| elsewhere(workers(), Reading::Read(name.into()));
    lacks(&by_name(ELSEWHERE), &[Key]);
    lacks(&by_name(ELSEWHERE).key(ELSEWHERE, &[HAND_OVER]), &[]);
    lacks(&by_name("alias/aws/ebs"), &[]);
}

#[test]
fn key_policies_are_checked_where_each_operation_has_its_key() {
    let sets = ("action-sets", "vbaws-role-rds-instance-restore");
    let keys = [("source-key", KEY), ("target-key", OTHER)];
    let of = |tags: &[(&str, &str)]| {
        let case = Case::role(&[&[sets], tags].concat());
        case.key(KEY, &[HAND_OVER]).key(OTHER, &[HAND_OVER])
    };
    lacks(&of(&keys), &[]);
    for lacking in [&keys[..1], &keys[1..], &[("kms-key", KEY)]] {
        lacks(&of(lacking), &[ResourcePolicy::Key]);
    }
}

#[test]
fn key_policies_are_checked_where_each_vault_was_read() {
    let case = Case::role(&[
        ("action-sets", "vbaws-role-dynamodb-backup"),
        ("source-key", KEY),
        ("target-key", KEY),
        ("vault", VAULT),
    ]);
    let mut case = case.key(KEY, &[HAND_OVER]);
    lacks(&case.clone().vault(&[], Some(KEY)), &[]);
    lacks(
        &case.clone().vault(&[], Some(OTHER)),
        &[ResourcePolicy::Key],
    );
    case = case.vault(&[], Some(KEY));
    case.resources.vaults.get_mut(VAULT).unwrap().description = refused();
    lacks(&case, &[ResourcePolicy::Key, ResourcePolicy::Vault]);
}

/// A repository of Veeam Backup & Replication in buckets that encrypt with these keys.
fn buckets(keys: &[(&str, Option<&str>)]) -> Case {
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let mut case = Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", &names.join(" ")),
        ("repository-key", KEY),
    ])
    .key(KEY, &[HAND_OVER]);
    for (name, key) in keys {
        case = case.bucket(name, &[]);
        let bucket = case.resources.buckets.get_mut(*name).unwrap();
        bucket.encryption = Reading::Read(Some(BucketEncryption {
            algorithm: "aws:kms".into(),
            key: key.map(Box::from),
        }));
    }
    case
}

#[test]
fn the_key_of_one_bucket_says_nothing_of_that_of_another() {
    buckets(&[("one", Some(KEY)), ("two", Some(KEY))]).is_well();
    lacks(&buckets(&[("one", Some(KEY)), ("two", None)]), &[]);
    let open = buckets(&[("one", Some(KEY)), ("two", Some(OTHER))]);
    let verdict = open.verdict();
    assert_eq!(verdict.judgement().as_str(), "undetermined");
    let faulty: Vec<String> = verdict
        .faults
        .iter()
        .map(|fault| fault.resource.label().to_string())
        .collect();
    assert_eq!(faulty, ["bucket two"]);
    assert!(verdict.not_read().contains(&ResourcePolicy::Key));
}

/// Each calls KMS in its own way, and the policy has to let each through.
#[test]
fn a_key_that_is_found_is_still_what_it_was_declared_to_be() {
    let by_s3 = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"#;
    let describe = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:DescribeKey", "Resource": "*"}"#;
    let case = buckets(&[("one", Some(KEY))]);
    let case = case.settings("[answers]\nkms-encrypted-repository = true");
    case.clone().is_well();
    case.key(KEY, &[by_s3, describe])
        .is(&["drifted", "kms:Decrypt: not allowed in resource policy"]);
}

#[test]
fn a_key_of_which_nobody_knows_whose_it_is_is_not_checked() {
    let mut case = elsewhere(workers(), Reading::Read(ELSEWHERE.into()));
    let key = audit::resources::Key {
        metadata: Reading::Read(metadata(ELSEWHERE, "AWS")),
        ..Default::default()
    };
    case.resources.keys.insert(ELSEWHERE.into(), key);
    lacks(&case, &[]);
    case.resources.keys.get_mut(ELSEWHERE).unwrap().metadata = refused();
    lacks(&case, &[ResourcePolicy::Key]);
}
