//! The embedded catalog against the facts it was made from: how many actions each list has in each version, and
//! what an upgrade adds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use catalog::{Catalog, Need, ProductVersion, SetAction, SetDiff, diff};
use iam::ActionName;

/// Set, distinct actions listed for v10, for v11 (wildcards expanded, API operations mapped).
const LISTED: &[(&str, usize, usize)] = &[
    ("agent-standalone-s3", 8, 8),
    ("vbaws-appliance-connect", 35, 35),
    ("vbaws-appliance-deploy", 83, 83),
    ("vbaws-appliance-upgrade", 48, 48),
    ("vbaws-default-role-upgrade", 16, 16),
    ("vbaws-full-user-list", 114, 114),
    ("vbaws-instance-role-flr-original-location", 1, 1),
    ("vbaws-instance-role-vss-snapshots", 4, 4),
    ("vbaws-one-time-access-keys", 5, 5),
    ("vbaws-one-time-keys-config-restore", 11, 11),
    ("vbaws-one-time-keys-create-role", 18, 18),
    ("vbaws-one-time-keys-grant-role-permissions", 17, 17),
    ("vbaws-one-time-keys-vpc-policy-grant", 12, 12),
    ("vbaws-repository-add", 21, 21),
    ("vbaws-repository-kms-encryption", 5, 5),
    ("vbaws-role-default-backup-restore", 450, 453),
    ("vbaws-role-dynamodb-backup", 49, 49),
    ("vbaws-role-dynamodb-backup-manual", 30, 30),
    ("vbaws-role-dynamodb-restore", 35, 35),
    ("vbaws-role-ec2-backup", 61, 63),
    ("vbaws-role-ec2-backup-workers", 17, 17),
    ("vbaws-role-ec2-restore", 56, 56),
    ("vbaws-role-ec2-restore-workers", 16, 16),
    ("vbaws-role-efs-backup", 69, 69),
    ("vbaws-role-efs-backup-indexing", 5, 5),
    ("vbaws-role-efs-backup-manual", 35, 35),
    ("vbaws-role-efs-restore", 50, 50),
    ("vbaws-role-flr-worker", 82, 82),
    ("vbaws-role-fsx-backup", 50, 50),
    ("vbaws-role-fsx-backup-manual", 32, 32),
    ("vbaws-role-fsx-restore", 40, 40),
    ("vbaws-role-impersonation", 1, 1),
    ("vbaws-role-organization-rescan", 8, 8),
    ("vbaws-role-production-worker", 33, 35),
    ("vbaws-role-rds-backup", 46, 46),
    ("vbaws-role-rds-backup-image-level", 41, 41),
    ("vbaws-role-rds-database-restore", 53, 53),
    ("vbaws-role-rds-instance-restore", 48, 48),
    ("vbaws-role-redshift-backup", 43, 43),
    ("vbaws-role-redshift-backup-manual", 23, 23),
    ("vbaws-role-redshift-restore", 33, 33),
    ("vbaws-role-redshift-serverless-backup", 33, 33),
    ("vbaws-role-redshift-serverless-backup-manual", 14, 14),
    ("vbaws-role-redshift-serverless-restore", 33, 33),
    ("vbaws-role-repository", 28, 28),
    ("vbaws-role-vpc-backup", 48, 48),
    ("vbaws-role-vpc-restore", 179, 179),
    ("vbaws-role-worker-configuration", 6, 6),
    ("vbaws-role-worker-deployment", 77, 78),
    ("vbr-agents-ec2-protection-group", 35, 35),
    ("vbr-agents-s3-compatible-direct", 22, 22),
    ("vbr-agents-s3-direct", 23, 23),
    ("vbr-cloud-connect-s3-compatible-direct", 22, 22),
    ("vbr-cloud-connect-s3-direct", 22, 22),
    ("vbr-ebs-encryption-key-policy", 10, 10),
    ("vbr-ebs-encryption-user", 1, 1),
    ("vbr-glacier-batch-retrieval", 8, 8),
    ("vbr-glacier-immutability-archiver-existing", 28, 28),
    ("vbr-glacier-immutability-archiver-new", 41, 41),
    ("vbr-glacier-no-immutability-archiver-existing", 22, 22),
    ("vbr-glacier-no-immutability-archiver-new", 35, 35),
    ("vbr-restore-to-ec2", 55, 55),
    ("vbr-s3-immutability", 15, 15),
    ("vbr-s3-immutability-helper-existing", 27, 27),
    ("vbr-s3-immutability-helper-new", 40, 40),
    ("vbr-s3-no-immutability", 8, 8),
    ("vbr-s3-no-immutability-helper-existing", 20, 20),
    ("vbr-s3-no-immutability-helper-new", 33, 33),
    ("vbr-s3-read-only-immutability", 10, 10),
    ("vbr-s3-read-only-no-immutability", 8, 8),
    ("vbr-unstructured-s3-bucket-properties", 13, 13),
    ("vbr-unstructured-s3-objects", 6, 6),
    ("vbr-unstructured-s3-restore", 5, 5),
];

/// What v11 needs more than v10; every other set is the same in both.
const NEW_IN_V11: &[(&str, &[&str])] = &[
    (
        "vbaws-role-default-backup-restore",
        &[
            "ebs:GetSnapshotBlock",
            "pricing:GetProducts",
            "rds:DeleteTenantDatabase",
        ],
    ),
    (
        "vbaws-role-ec2-backup",
        &["ebs:GetSnapshotBlock", "kms:Decrypt"],
    ),
    (
        "vbaws-role-production-worker",
        &["iam:ListAccountAliases", "pricing:GetProducts"],
    ),
    ("vbaws-role-worker-deployment", &["pricing:GetProducts"]),
];

/// The nine lists that came first.
const SEEDS: [&str; 9] = [
    "vbaws-appliance-connect",
    "vbaws-appliance-deploy",
    "vbaws-appliance-upgrade",
    "vbaws-default-role-upgrade",
    "vbaws-full-user-list",
    "vbaws-one-time-access-keys",
    "vbaws-repository-add",
    "vbaws-repository-kms-encryption",
    "vbr-restore-to-ec2",
];

fn listed_together<'s>(sets: impl IntoIterator<Item = &'s str>) -> usize {
    let catalog = Catalog::embedded();
    let actions: BTreeSet<&ActionName> = sets
        .into_iter()
        .flat_map(|set| &catalog.find(set).unwrap().actions)
        .filter(|action| action.listed)
        .map(|action| &action.name)
        .collect();
    actions.len()
}

#[test]
fn every_list_is_there_and_whole() {
    let catalog = Catalog::embedded();
    let found: Vec<(&str, usize, usize)> = catalog
        .sets()
        .map(|set| {
            let count = |version| {
                set.actions_for(version)
                    .filter(|action| action.listed)
                    .count()
            };
            (
                set.id.as_str(),
                count(ProductVersion::V10),
                count(ProductVersion::V11),
            )
        })
        .collect();
    assert_eq!(found, LISTED);
}

#[test]
fn an_upgrade_to_v11_adds_what_the_pages_added_and_nothing_else() {
    let catalog = Catalog::embedded();
    let found: Vec<(&str, Vec<&str>)> = catalog
        .sets()
        .map(|set| (set, diff(set, ProductVersion::V10, ProductVersion::V11)))
        .filter(|(_, diff)| !diff.is_empty())
        .map(|(set, diff)| {
            let newly_needed: Vec<&str> =
                diff.newly_needed.iter().map(|name| name.as_str()).collect();
            let rest = SetDiff {
                newly_needed: Vec::new(),
                ..diff
            };
            assert_eq!(rest, SetDiff::default(), "{}", set.id);
            (set.id.as_str(), newly_needed)
        })
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = NEW_IN_V11
        .iter()
        .map(|(set, actions)| (*set, actions.to_vec()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_way_back_gives_up_what_the_way_there_added() {
    for set in Catalog::embedded().sets() {
        let there = diff(set, ProductVersion::V10, ProductVersion::V11);
        let back = diff(set, ProductVersion::V11, ProductVersion::V10);
        assert_eq!(there.newly_needed, back.no_longer_needed);
        assert_eq!(there.newly_trusted, back.no_longer_trusted);
    }
}

#[test]
fn the_nine_first_sets_have_134_actions_together() {
    assert_eq!(listed_together(SEEDS), 134);
}

#[test]
fn all_sets_have_the_actions_of_all_current_lists_together() {
    // 501 that the lists name, 15 more behind wildcards, 13 more behind API operations.
    let all = LISTED.iter().map(|(set, _, _)| *set);
    assert_eq!(listed_together(all), 501 + 15 + 13);
}

#[track_caller]
fn check_needs(set: &str, is_odd: impl Fn(&SetAction) -> bool, expected: &[&str]) {
    let catalog = Catalog::embedded();
    let set = catalog.find(set).unwrap();
    let odd = set
        .actions_for(ProductVersion::V11)
        .filter(|action| is_odd(action));
    let odd: Vec<&str> = odd.map(|action| action.name.as_str()).collect();
    assert_eq!(odd, expected);
}

#[test]
fn five_of_the_clean_up_actions_are_optional() {
    for set in ["vbaws-appliance-deploy", "vbaws-full-user-list"] {
        check_needs(
            set,
            |action| matches!(action.need, Need::Optional { .. }),
            &[
                "ec2:DeleteInternetGateway",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteSubnet",
                "ec2:DeleteVpc",
                "ec2:DetachInternetGateway",
            ],
        );
    }
}

#[test]
fn conditional_actions_name_their_question() {
    let asks = |question: &'static str| move |action: &SetAction| matches!(&action.need, Need::Conditional { condition } if &**condition == question);
    check_needs(
        "vbaws-appliance-deploy",
        asks("ebs-encryption-by-default"),
        &["kms:GenerateDataKeyWithoutPlaintext"],
    );
    check_needs(
        "vbr-restore-to-ec2",
        asks("restore-without-helper-appliance"),
        &["iam:CreateRole"],
    );
    check_needs(
        "vbr-s3-immutability",
        asks("bucket-not-named"),
        &["s3:ListAllMyBuckets"],
    );
}

#[test]
fn the_printed_words_are_kept_where_they_differ() {
    let catalog = Catalog::embedded();
    let printed: BTreeSet<(&str, &str)> = catalog
        .sets()
        .flat_map(|set| &set.actions)
        .filter_map(|action| Some((action.printed.as_deref()?, action.name.as_str())))
        .filter(|(printed, _)| !printed.contains('*'))
        .collect();
    let expected = [
        ("iam:listInstanceProfiles", "iam:ListInstanceProfiles"),
        ("rds:CreateDbInstance", "rds:CreateDBInstance"),
        ("rds:DeleteDbCluster", "rds:DeleteDBCluster"),
        (
            "rds:DescribeDbClusterParameterGroups",
            "rds:DescribeDBClusterParameterGroups",
        ),
        (
            "rds:DescribeDbClusterParameters",
            "rds:DescribeDBClusterParameters",
        ),
        (
            "rds:DescribeOrderableDbInstanceOptions",
            "rds:DescribeOrderableDBInstanceOptions",
        ),
        ("rds:ModifyDbCluster", "rds:ModifyDBCluster"),
        (
            "rds:RestoreDbClusterFromSnapshot",
            "rds:RestoreDBClusterFromSnapshot",
        ),
        ("s3:AbortMultiPartUpload", "s3:AbortMultipartUpload"),
        (
            "s3:ListBucketMultiPartUploads",
            "s3:ListBucketMultipartUploads",
        ),
        (
            "s3:PutLifeCycleConfiguration",
            "s3:PutLifecycleConfiguration",
        ),
        (
            "servicequotas:listServiceQuotas",
            "servicequotas:ListServiceQuotas",
        ),
    ];
    assert_eq!(printed, BTreeSet::from(expected));
}

#[test]
fn wildcards_are_spelled_out() {
    let catalog = Catalog::embedded();
    for (set, wildcard, count) in [
        ("vbr-agents-ec2-protection-group", "sqs:*", 20),
        ("vbr-ebs-encryption-key-policy", "kms:GenerateDataKey*", 4),
        ("vbr-ebs-encryption-key-policy", "kms:ReEncrypt*", 2),
    ] {
        let actions = &catalog.find(set).unwrap().actions;
        let expanded = actions
            .iter()
            .filter(|action| action.printed.as_deref() == Some(wildcard));
        assert_eq!(expanded.count(), count, "{wildcard}");
    }
}

#[test]
fn trust_and_instance_profiles_are_as_the_pages_demand() {
    let catalog = Catalog::embedded();
    for (set, services, instance_profile) in [
        (
            "vbaws-role-default-backup-restore",
            &[
                "backup.amazonaws.com",
                "batchoperations.s3.amazonaws.com",
                "ec2.amazonaws.com",
            ][..],
            true,
        ),
        (
            "vbaws-role-repository",
            &["batchoperations.s3.amazonaws.com"],
            false,
        ),
        ("vbaws-role-production-worker", &["ec2.amazonaws.com"], true),
        ("vbaws-role-flr-worker", &["ec2.amazonaws.com"], true),
        (
            "vbaws-role-rds-database-restore",
            &["rds.amazonaws.com"],
            false,
        ),
        ("vbaws-role-efs-restore", &["backup.amazonaws.com"], false),
        ("vbaws-role-ec2-backup", &[], false),
    ] {
        let set = catalog.find(set).unwrap();
        let found: Vec<&str> = set.trusted_services_for(ProductVersion::V11).collect();
        assert_eq!(
            (found.as_slice(), set.instance_profile),
            (services, instance_profile),
            "{}",
            set.id
        );
        assert!(set.trust.appliance, "{}", set.id);
    }
}
