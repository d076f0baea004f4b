//! Fixing: does a fix promise only what a policy of the principal can give, and say what the policy of a resource has to?

use iam::{Cause, Layer};

use super::case::{ADMINISTRATORS, ALL, ALL_BUT_KEYS, Case, FOREIGN_KEY, HAND_OVER, KEY};
use audit::fix::{Fix, ResourceStatement};
use audit::resources::Reading;

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
    ])
}

/// Everything but what buckets are for; nobody names a bucket to list all.
const ALL_BUT_BUCKETS: [&str; 2] = [
    r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#,
    r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#,
];

/// A repository of Veeam Backup & Replication in a bucket of another account.
fn foreign_bucket(statements: &[&str]) -> Case {
    let mut case = Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ]);
    case.resources.own_buckets = Reading::Read(["another".into()].into());
    case.bucket("backups", statements)
}

fn refused(fix: &Fix) -> Vec<&Cause> {
    let refused = fix.remedies[0].refused.iter();
    refused.map(|missing| &missing.cause).collect()
}

#[track_caller]
fn statement(fix: &Fix) -> &ResourceStatement {
    assert_eq!(fix.statements.len(), 1, "{:?}", fix.statements);
    &fix.statements[0]
}

#[test]
fn what_the_policy_of_a_key_does_not_let_through_no_identity_policy_closes() {
    let case = repository()
        .may(&[ALL_BUT_KEYS])
        .key(KEY, &[ADMINISTRATORS]);
    let fix = case.fix();
    assert_eq!(refused(&fix), [&Cause::NotAllowedIn(vec![Layer::Resource])]);
    assert!(!fix.closes_all());
    let remedy = &fix.remedies[0];
    let closed = remedy.closed.iter();
    let closed: Vec<&str> = closed
        .map(|place| place.resource(&remedy.requirement))
        .collect();
    assert!(!closed.is_empty() && !closed.contains(&KEY), "{closed:?}");
}

#[test]
fn what_a_policy_that_was_not_read_could_deny_is_not_known_to_be_closed() {
    use audit::requirement::ResourcePolicy::{Bucket, Key};
    let whole = || {
        let case = Case::role(&[
            ("action-sets", "vbaws-role-repository"),
            ("repository-key", KEY),
            ("bucket", "backups"),
        ]);
        let case = case.key(KEY, &[HAND_OVER]).bucket("backups", &[]);
        case.may(&[ALL_BUT_KEYS])
    };
    let told = |case: &Case| {
        let fix = case.fix();
        assert!(fix.closes_all() && !fix.additions.is_empty());
        fix.remedies[0].may_be_denied_by()
    };
    assert_eq!(told(&whole()), []);
    let mut refused = whole();
    let key = refused.resources.keys.get_mut(KEY).unwrap();
    key.policy = audit::resources::Reading::Refused("AccessDenied".into());
    assert_eq!(told(&refused), [Key]);
    // What the bucket decides is not missing.
    let mut other = whole();
    other.resources.buckets.clear();
    assert_eq!(told(&other), []);
    const NO_OBJECTS: &str = r#"{"Effect": "Allow", "NotAction": "s3:PutObject", "Resource": "*"}"#;
    assert_eq!(told(&other.may(&[NO_OBJECTS])), [Bucket]);
    let undeclared = Case::role(&[("action-sets", "vbaws-role-repository")]);
    assert_eq!(told(&undeclared.may(&[NO_OBJECTS])), []);
}

#[test]
fn what_a_key_hands_over_an_identity_policy_closes() {
    let fix = repository()
        .may(&[ALL_BUT_KEYS])
        .key(KEY, &[HAND_OVER])
        .fix();
    assert!(fix.closes_all());
    assert!(!fix.additions.is_empty());
    assert_eq!(fix.statements, []);
}

#[test]
fn a_statement_in_the_policy_of_a_key_closes_what_is_missing_there() {
    let case = repository().key(KEY, &[ADMINISTRATORS]);
    let fix = case.fix();
    let statement = statement(&fix);
    assert_eq!(statement.resources, ["*"]);
    assert!(!fix.closes_all(), "the owner of the key has to act");
    assert_eq!(fix.additions, [], "the role has what it needs");
    assert_eq!(fix.remedies[0].halves, []);
    case.key(KEY, &[ADMINISTRATORS, &statement.to_json()])
        .is_well();
}

#[test]
fn the_policy_of_a_key_of_the_same_account_is_enough() {
    let case = repository()
        .may(&[ALL_BUT_KEYS])
        .key(KEY, &[ADMINISTRATORS]);
    let fix = case.fix();
    let statement = statement(&fix).to_json();
    assert_eq!(fix.remedies[0].halves, []);
    let mended = case.key(KEY, &[ADMINISTRATORS, &statement]).fix();
    assert_eq!(mended.statements, []);
    assert!(refused(&mended).is_empty());
}

#[test]
fn a_key_of_another_account_needs_both_halves() {
    let own = Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", FOREIGN_KEY),
    ]);
    let case = own.may(&[ALL_BUT_KEYS]).key(
        FOREIGN_KEY,
        &[&HAND_OVER.replace("111122223333", "999900001111")],
    );
    let fix = case.fix();
    let statement = statement(&fix).to_json();
    assert!(!fix.remedies[0].halves.is_empty());
    assert!(!fix.additions.is_empty());
    let added: Vec<String> = fix
        .additions
        .iter()
        .map(|one| one.document.to_json())
        .collect();
    assert!(added.concat().contains(FOREIGN_KEY));
    let granted = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    case.may(&[ALL_BUT_KEYS, granted])
        .key(FOREIGN_KEY, &[&statement])
        .is_well();
}

#[test]
fn a_statement_in_the_policy_of_a_bucket_names_it_and_its_objects() {
    for (policy, may) in [
        (&[][..], &[ALL][..]),
        (
            &[
                r#"{"Sid": "Permdriftveeam", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999900001111:root"}, "Action": "s3:*", "Resource": "arn:aws:s3:::backups"}"#,
            ],
            &[ALL],
        ),
        (&[], &ALL_BUT_BUCKETS),
    ] {
        let case = foreign_bucket(policy).may(may);
        let fix = case.fix();
        let statement = statement(&fix);
        assert_eq!(
            statement.resources,
            ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]
        );
        let is_taken = !policy.is_empty();
        assert_eq!(statement.sid == "Permdriftveeam", !is_taken);
        assert_eq!(fix.additions.is_empty(), may == [ALL]);
        let json = statement.to_json();
        let mended: Vec<&str> = policy.iter().copied().chain([&*json]).collect();
        case.may(&[ALL]).bucket("backups", &mended).is_well();
    }
}

#[test]
fn where_a_statement_denies_none_is_printed() {
    let deny = r#"{"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}"#;
    let fix = repository().key(KEY, &[HAND_OVER, deny]).fix();
    assert_eq!(fix.statements, []);
    let causes = refused(&fix);
    assert!(
        matches!(causes.as_slice(), [Cause::DeniedBy(_)]),
        "{causes:?}"
    );
}
