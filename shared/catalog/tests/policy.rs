//! Policies: the smallest documents that grant some sets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use std::sync::LazyLock;

use catalog::{Catalog, PolicyDocument, PolicyError, ProductVersion, ScopeValues, merge, policy};

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);

fn documents(sets: &[&str], scope: &ScopeValues) -> Result<Vec<PolicyDocument>, PolicyError> {
    let ids: Vec<_> = sets.iter().map(|id| id.parse().unwrap()).collect();
    policy(&CATALOG, &ids, ProductVersion::V11, scope, |_| true)
}

#[test]
fn actions_are_grouped_by_their_resources() {
    let scope = ScopeValues::default().with("bucket", "backups-eu");
    let documents = documents(&["vbr-s3-no-immutability"], &scope).unwrap();
    let json: Vec<String> = documents.iter().map(PolicyDocument::to_json).collect();
    assert_eq!(
        json,
        [r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": [
        "s3:GetBucketLocation",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketVersioning",
        "s3:ListBucket"
      ],
      "Resource": "arn:aws:s3:::backups-eu"
    },
    {
      "Effect": "Allow",
      "Action": [
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": "arn:aws:s3:::backups-eu/*"
    }
  ]
}"#]
    );
}

#[test]
fn without_a_scope_there_is_one_statement() {
    let documents = documents(&["vbr-s3-no-immutability"], &ScopeValues::default()).unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].statements.len(), 1);
}

#[test]
fn context_values_become_conditions_unless_the_action_is_allowed_anyway() {
    let documents =
        documents(&["vbaws-role-efs-backup-indexing"], &ScopeValues::default()).unwrap();
    let base = &CATALOG.find("vbaws-role-efs-backup").unwrap().actions;
    for statement in documents.iter().flat_map(|document| &document.statements) {
        for action in &statement.actions {
            let unconditional = base
                .iter()
                .any(|other| other.name == *action && other.context.is_empty());
            assert_eq!(
                statement.context.is_empty(),
                unconditional || !has_context(action),
                "{action}"
            );
        }
    }
}

fn has_context(action: &iam::ActionName) -> bool {
    let indexing = CATALOG.find("vbaws-role-efs-backup-indexing").unwrap();
    indexing
        .actions
        .iter()
        .any(|other| other.name == *action && !other.context.is_empty())
}

/// Every action of the sets once, each document within IAM's limit, and no wildcard.
#[track_caller]
fn check_whole(sets: &[&str], scope: &ScopeValues, fewest: usize) {
    let documents = documents(sets, scope).unwrap();
    let resolved: Vec<_> = sets
        .iter()
        .flat_map(|id| CATALOG.resolve(&id.parse().unwrap()).unwrap())
        .collect();
    let expected: BTreeSet<_> = merge(&resolved, ProductVersion::V11)
        .into_iter()
        .map(|action| action.name.clone())
        .collect();
    let granted: Vec<_> = documents
        .iter()
        .flat_map(|document| &document.statements)
        .flat_map(|statement| statement.actions.clone())
        .collect();
    assert_eq!(
        granted.len(),
        expected.len(),
        "{sets:?}: an action stands twice"
    );
    assert_eq!(granted.into_iter().collect::<BTreeSet<_>>(), expected);
    for document in &documents {
        assert!(
            document.characters() <= 6144,
            "{sets:?}: {}",
            document.characters()
        );
        let whole: String = document.to_json().split_whitespace().collect();
        assert_eq!(whole.chars().count(), document.characters());
    }
    let total: usize = documents.iter().map(PolicyDocument::characters).sum();
    assert!(
        documents.len() <= total.div_ceil(6000),
        "{sets:?}: {} documents",
        documents.len()
    );
    assert!(documents.len() >= fewest);
}

#[test]
fn long_sets_are_split_where_iam_would_refuse_them() {
    check_whole(
        &["vbaws-role-default-backup-restore"],
        &ScopeValues::default(),
        2,
    );
    let scope = ScopeValues::default()
        .with("bucket", "backups-eu")
        .with("bucket", "backups-us");
    check_whole(
        &[
            "vbaws-role-default-backup-restore",
            "vbaws-role-vpc-restore",
        ],
        &scope,
        2,
    );
}

#[test]
fn every_set_that_a_principal_holds_has_its_policy() {
    for set in CATALOG.sets() {
        match documents(&[set.id.as_str()], &ScopeValues::default()) {
            Ok(_) => check_whole(&[set.id.as_str()], &ScopeValues::default(), 1),
            Err(error) => assert!(
                matches!(error, PolicyError::KeyPolicy(_) | PolicyError::NotAws(_)),
                "{error}"
            ),
        }
    }
}

#[test]
fn the_order_of_the_ids_does_not_matter() {
    let one = documents(
        &["vbr-s3-immutability", "vbr-restore-to-ec2"],
        &ScopeValues::default(),
    );
    let other = documents(
        &["vbr-restore-to-ec2", "vbr-s3-immutability"],
        &ScopeValues::default(),
    );
    assert_eq!(one, other);
}

#[test]
fn only_wanted_actions_are_granted() {
    let ids = ["vbaws-appliance-deploy".parse().unwrap()];
    let required = policy(
        &CATALOG,
        &ids,
        ProductVersion::V11,
        &ScopeValues::default(),
        |action| action.need.is_required(),
    );
    let count: usize = required
        .unwrap()
        .iter()
        .flat_map(|document| &document.statements)
        .map(|statement| statement.actions.len())
        .sum();
    assert_eq!(count, 83 - 5);
}

#[track_caller]
fn check_error(sets: &[&str], scope: &ScopeValues, expected: &str) {
    assert_eq!(documents(sets, scope).unwrap_err().to_string(), expected);
}

#[test]
fn what_no_policy_of_a_principal_can_grant_is_refused() {
    check_error(
        &["vbr-ebs-encryption-key-policy"],
        &ScopeValues::default(),
        "`vbr-ebs-encryption-key-policy` is granted in the policy of the KMS key, which is not a principal's policy",
    );
    check_error(
        &["vbr-agents-s3-compatible-direct"],
        &ScopeValues::default(),
        "`vbr-agents-s3-compatible-direct` is granted in the IAM of the storage vendor, not in AWS",
    );
    check_error(
        &["vbr-s3-imutability"],
        &ScopeValues::default(),
        "unknown action set `vbr-s3-imutability`: did you mean `vbr-s3-immutability`?",
    );
    check_error(
        &["vbaws-role-repository"],
        &ScopeValues::default().with("kms_key", "alias/backup"),
        "`alias/backup` is no value for `kms-key`: expected the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id alias/backup` prints it)",
    );
}

#[test]
fn more_arns_than_a_policy_can_hold_are_refused() {
    let scope = (0..300).fold(ScopeValues::default(), |scope, number| {
        scope.with("bucket", &format!("backups-{number}"))
    });
    check_error(
        &["vbr-s3-immutability"],
        &scope,
        "`s3:GetBucketLocation` on 300 ARNs makes a policy longer than 6144 characters: name fewer",
    );
}
