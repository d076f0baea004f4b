//! The table of `docs/lambda.md` that says which call sees which reason of `docs/failure-modes.md`. With `UPDATE_DOCS` set this writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{By, CALLS, On};

const LISTING: &[&str] = &["iam:GetAccountAuthorizationDetails"];
const DECIDED: &[&str] = &["iam:SimulatePrincipalPolicy"];
const KEY: &[&str] = &["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"];
const DEFAULT_KEY: &[&str] = &["ec2:GetEbsDefaultKmsKeyId", "ec2:GetEbsEncryptionByDefault"];
const SOURCES: &[&str] = &[
    "ec2:DescribeVolumes",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
];
const BUCKET_POLICY: &[&str] = &["s3:GetBucketPolicy"];
const ORGANIZATION: &[&str] = &[
    "organizations:DescribeOrganization",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:DescribePolicy",
];

/// The calls by which an audit sees each reason; whatever it sees is decided with the listing as well.
const ROWS: &[(&str, &[&[&str]])] = &[
    ("K1", &[KEY]),
    ("K2", &[KEY, DECIDED]),
    ("K3", &[SOURCES, &["kms:DescribeKey"]]),
    ("K4", &[DEFAULT_KEY, KEY]),
    ("K6", &[KEY]),
    ("K7", &[&["kms:DescribeKey"], DEFAULT_KEY]),
    ("K8", &[&["kms:DescribeKey", "s3:GetBucketLocation"]]),
    ("K9", &[&["kms:GetKeyPolicy"], DECIDED]),
    ("K10", &[KEY]),
    ("K11", &[&["kms:GetKeyPolicy"], DECIDED]),
    ("K12", &[DEFAULT_KEY, KEY]),
    ("K13", &[&["ec2:GetEbsEncryptionByDefault"]]),
    ("K14", &[&["kms:GetKeyPolicy"], LISTING]),
    ("K15", &[&["backup:DescribeBackupVault"], KEY]),
    ("S1", &[BUCKET_POLICY]),
    ("S2", &[BUCKET_POLICY, LISTING]),
    ("S3", &[BUCKET_POLICY]),
    ("S4", &[BUCKET_POLICY]),
    ("S5", &[BUCKET_POLICY]),
    ("S6", &[&["s3:GetEncryptionConfiguration"], KEY]),
    (
        "S7",
        &[&[
            "s3:GetBucketVersioning",
            "s3:GetBucketObjectLockConfiguration",
        ]],
    ),
    ("S8", &[&["s3:GetBucketObjectLockConfiguration"]]),
    ("S9", &[&["s3:GetBucketObjectLockConfiguration"]]),
    ("S10", &[BUCKET_POLICY]),
    ("S11", &[&["s3:GetLifecycleConfiguration"]]),
    ("S12", &[&["s3:ListAllMyBuckets"], BUCKET_POLICY]),
    (
        "S13",
        &[&[
            "s3:GetReplicationConfiguration",
            "s3:GetBucketRequestPayment",
            "s3:ListAllMyBuckets",
        ]],
    ),
    ("S14", &[DECIDED]),
    ("B1", &[&["backup:GetBackupVaultAccessPolicy"]]),
    ("B2", &[&["backup:GetBackupVaultAccessPolicy"]]),
    ("B3", &[&["backup:DescribeBackupVault"]]),
    ("B4", &[&["backup:DescribeRegionSettings"], DECIDED]),
    ("B5", &[&["backup:DescribeRegionSettings"]]),
    ("B6", &[&["backup:ListBackupVaults"]]),
    ("B8", &[LISTING]),
    ("T1", &[LISTING]),
    ("T2", &[LISTING]),
    ("T3", &[LISTING, ORGANIZATION]),
    ("T4", &[LISTING]),
    ("T6", &[ORGANIZATION]),
    ("N1", &[&["ec2:DescribeVpcEndpoints"]]),
    ("N2", &[&["ec2:DescribeVpcEndpoints"]]),
    ("N5", &[&["ec2:DescribeRegions"]]),
    ("N6", &[ORGANIZATION]),
    ("N7", &[DECIDED]),
];

const BEGIN: &str = "<!-- reasons -->";
const END: &str = "<!-- end of reasons -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The reasons of `docs/failure-modes.md` with their words, and whether an audit sees them.
fn reasons() -> Vec<(String, String, bool)> {
    let text = std::fs::read_to_string(root().join("docs/failure-modes.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, row, reason, seen, _, _] = cells.as_slice() else {
            return None;
        };
        let mut digits = row.bytes().skip(1).peekable();
        let is_row = digits.peek().is_some() && digits.all(|byte| byte.is_ascii_digit());
        is_row.then(|| {
            (
                (*row).to_owned(),
                (*reason).to_owned(),
                seen.starts_with("seen"),
            )
        })
    });
    rows.collect()
}

fn calls(row: &str) -> Vec<&'static str> {
    let mut calls: Vec<&str> = Vec::new();
    let of_row = ROWS.iter().filter(|(name, _)| *name == row);
    for call in of_row.flat_map(|(_, groups)| groups.iter().copied().flatten()) {
        if !calls.contains(call) {
            calls.push(call);
        }
    }
    calls
}

/// What a call is counted against.
fn budget(action: &str) -> &'static str {
    let (service, name) = action.split_once(':').unwrap();
    match (service, name) {
        ("kms", _) => "a key",
        ("s3", "ListAllMyBuckets") | ("ec2", "DescribeRegions") => "the account",
        ("s3", _) => "a bucket",
        ("backup", "DescribeBackupVault" | "GetBackupVaultAccessPolicy") => "a vault",
        ("ec2", "DescribeVolumes") | ("rds", _) => "pages of a region",
        ("ec2" | "backup", _) => "a region",
        ("organizations", _) => "the organisation",
        ("iam", _) => "IAM",
        _ => panic!("{action} is counted against nothing"),
    }
}

fn shares(calls: &[&str]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(budget(call)).or_default() += 1;
    }
    let one = |(of, count): (&str, usize)| match of {
        "pages of a region" | "the organisation" | "IAM" => of.to_owned(),
        of => format!("{count} {of}"),
    };
    counts.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn table() -> String {
    let mut text = "| | reason | calls | of the budget |\n|---|---|---|---|\n".to_owned();
    for (row, reason, is_seen) in reasons() {
        if is_seen {
            let calls = calls(&row);
            let names: Vec<String> = calls.iter().map(|call| format!("`{call}`")).collect();
            let (names, shares) = (names.join(", "), shares(&calls));
            let _ = writeln!(text, "| {row} | {reason} | {names} | {shares} |");
        }
    }
    text
}

#[test]
fn every_reason_that_is_seen_has_its_calls() {
    for (row, reason, is_seen) in reasons() {
        assert_eq!(!calls(&row).is_empty(), is_seen, "{row}: {reason}");
    }
    assert_eq!(
        reasons().iter().filter(|(.., seen)| *seen).count(),
        ROWS.len()
    );
}

#[test]
fn every_call_for_the_resource_side_sees_something() {
    let used: BTreeSet<&str> = ROWS.iter().flat_map(|(row, _)| calls(row)).collect();
    let read = CALLS.iter().filter(|call| call.by == By::Audit);
    let read: BTreeSet<&str> = read.map(|call| call.action).collect();
    let needless = |on| {
        let calls = CALLS
            .iter()
            .filter(move |call| call.on == on && call.by == By::Audit);
        calls.filter(|call| !used.contains(call.action))
    };
    for on in [On::Keys, On::Buckets, On::Vaults, On::Organization] {
        assert_eq!(needless(on).count(), 0, "{on:?}");
    }
    assert!(used.is_subset(&read), "{used:?}");
    // Access keys are not among the reasons: whoever has none sees it at once. Who made a change is no reason either.
    let rest: Vec<&&str> = read.difference(&used).collect();
    assert_eq!(rest, [&"cloudtrail:LookupEvents", &"iam:ListAccessKeys"]);
}

#[test]
fn the_budget_of_each_thing_holds() {
    let mut each: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for call in ROWS.iter().flat_map(|(row, _)| calls(row)) {
        each.entry(budget(call)).or_default().insert(call);
    }
    for (of, most) in [
        ("a key", 3),
        ("a bucket", 8),
        ("a vault", 4),
        ("a region", 5),
    ] {
        assert!(each[of].len() <= most, "{of}: {:?}", each[of]);
    }
}

#[test]
fn the_table_is_current() {
    let path = root().join("docs/lambda.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let table = format!("\n\n{}\n", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(written, table, "run this test with UPDATE_DOCS=1");
    }
}
