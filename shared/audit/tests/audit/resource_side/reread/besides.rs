//! Besides: what the resource side may deny too is over only where it was read again.

use audit::{Code, Settings};

use super::super::case::{ADMINISTRATORS, ALL, ALL_BUT_KEYS, Case, HAND_OVER, KEY, VAULT};
use super::{DENY, baseline, ends_missing, refused, server, stays_until, with_organization};
use crate::phases::compare;

const NO_PUT: &str = r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#;

/// Whoever denies it first is named, and the resource side may deny it besides.
#[test]
fn what_the_resource_side_denied_besides() {
    let below = |service: &[&str], resource: &[&str]| server().organization(service, resource);
    let broken = [
        ("identity", below(&[ALL], &[]).may(&[ALL, NO_PUT])),
        ("boundary", below(&[ALL], &[]).bounded(&[ALL, NO_PUT])),
        ("SCP", below(&[NO_PUT], &[])),
        ("RCP", below(&[ALL], &[DENY])),
    ];
    let repaired = below(&[ALL], &[]);
    let mut refused_bucket = repaired.clone();
    let bucket = refused_bucket.resources.buckets.get_mut("backups").unwrap();
    bucket.policy = refused();
    let refused_rcps = with_organization(&repaired, |one| one.resource_control = refused());
    for (name, alone) in broken {
        let both = alone.clone().bucket("backups", &[DENY]);
        for read in [&alone, &both] {
            assert!(!ends_missing(read, &refused_bucket), "{name}");
            assert!(!ends_missing(read, &refused_rcps), "{name}");
            assert!(ends_missing(read, &repaired), "{name}");
        }
        // What was not read then either is no reason to keep it.
        if name != "RCP" {
            let mut unread = alone.clone();
            unread.resources.buckets.clear();
            assert!(ends_missing(&unread, &refused_bucket), "{name}");
        }
    }
    let bucket = below(&[ALL], &[DENY]).bucket("backups", &[DENY]);
    assert!(!ends_missing(&bucket, &refused_rcps));
}

#[test]
fn what_a_key_policy_did_not_let_through_besides() {
    let repository = |statements: &[&str]| {
        Case::role(&[
            ("action-sets", "vbaws-role-repository"),
            ("bucket", "backups"),
            ("repository-key", KEY),
        ])
        .bucket("backups", &[])
        .key(KEY, statements)
    };
    let repaired = repository(&[HAND_OVER]);
    let mut hidden = repaired.clone();
    hidden.resources.keys.get_mut(KEY).unwrap().policy = refused();
    const LISTS: &str = r#"{"Effect": "Allow", "Action": "kms:List*", "Resource": "*"}"#;
    let broken = repository(&[ADMINISTRATORS]).may(&[ALL_BUT_KEYS, LISTS]);
    stays_until(Code::MissingActions, &broken, &[hidden], &repaired);
}

#[test]
fn what_a_vault_denied_besides() {
    const NO_JOB: &str =
        r#"{"Effect": "Deny", "Action": "backup:StartBackupJob", "Resource": "*"}"#;
    let efs = || {
        Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)])
            .vault(&[], Some(KEY))
            .key(KEY, &[HAND_OVER])
    };
    let mut hidden = vec![efs(); 2];
    hidden[0].resources.vaults.get_mut(VAULT).unwrap().policy = refused();
    hidden[1].resources.keys.get_mut(KEY).unwrap().policy = refused();
    let broken = efs().may(&[ALL, NO_JOB]);
    stays_until(Code::MissingActions, &broken, &hidden, &efs());
    // What no vault decides is over.
    const NO_EFS: &str =
        r#"{"Effect": "Deny", "Action": "elasticfilesystem:Backup", "Resource": "*"}"#;
    for hidden in &hidden {
        assert!(ends_missing(&efs().may(&[ALL, NO_EFS]), hidden));
    }
}

#[test]
fn a_stored_baseline_knows_what_had_been_read() {
    let before = baseline(&server().may(&[ALL, NO_PUT]));
    let stored = audit::stored::write_file(&before);
    let read = audit::stored::read_file(&stored).unwrap();
    assert_eq!(read, crate::story::kept_in_file(&before));
    // One that does not say it is read as before.
    let mut older: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let findings = &mut older["principals"][0]["findings"];
    let findings = findings.as_array_mut().unwrap().iter_mut();
    let mut lacks = findings.filter_map(|one| one.get_mut("lacks")?.as_array_mut());
    let lack = lacks.next().unwrap()[0].as_object_mut().unwrap();
    assert!(lack.remove("read").is_some() && lack.remove("readRcps").is_some());
    let older = audit::stored::read_file(&older.to_string()).unwrap();
    let mut hidden = server();
    let bucket = hidden.resources.buckets.get_mut("backups").unwrap();
    bucket.policy = refused();
    let changes = compare(&hidden.assessment(), &older, &Settings::default());
    assert_eq!(changes.len(), 1, "{changes:?}");
}
