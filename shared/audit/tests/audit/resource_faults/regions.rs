//! Regions: B4, B5, B8, K13, N5.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::{BackupSettings, Reading, Region, RegionStatus};

use super::{Account, REGION, read, refused};
use crate::principals::{principal, role};
use crate::rules::{Rules, Why};

const LABEL: &str = "region eu-central-1";
const UPDATE: &str = "backup:UpdateRegionSettings";

pub(super) fn with_backup(set: &'static str, opt_in: &[(&str, bool)]) -> Account {
    let opt_in = opt_in.iter().map(|(kind, on)| ((*kind).into(), *on));
    let settings = BackupSettings {
        opt_in: opt_in.collect(),
        management: [("DynamoDB".into(), true)].into(),
    };
    let mut account = Account::of(set);
    set_region(&mut account, |region| region.backup = read(settings));
    // The role that AWS Backup makes for itself.
    let mut inventory = account.inventory();
    let service = principal(
        role("aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"),
        &[],
    );
    inventory.principals.push(service);
    inventory.principals.sort_by(|a, b| a.arn.cmp(&b.arn));
    account.inventory = Some(inventory);
    account
}

pub(super) fn set_region(account: &mut Account, change: impl FnOnce(&mut Region)) {
    change(account.resources.regions.entry(REGION.into()).or_default());
}

fn denied(why: Why) -> Rules {
    Rules::default().deny("a", &[UPDATE], why)
}

#[test]
fn b4_a_type_that_is_not_opted_in_and_may_not_be() {
    let off = |set, kind| with_backup(set, &[(kind, false)]);
    for (set, kind) in [
        ("vbaws-role-fsx-backup", "FSx"),
        ("vbaws-role-dynamodb-backup", "DynamoDB"),
        ("vbaws-role-redshift-backup", "Redshift"),
    ] {
        let fault = || Kind::NotOptedIn(kind.into());
        with_backup(set, &[(kind, true)]).is_quiet();
        // Veeam switches it on.
        off(set, kind).has(LABEL, Weight::Notice, fault());
        for (why, weight) in [
            (Why::Lost, Weight::Breaks),
            (Why::Throttled, Weight::Unknown),
        ] {
            let found = off(set, kind).with(|one| one.rules = denied(why)).audit();
            let faults = &found.verdicts[0].faults;
            assert_eq!((faults[0].weight, &faults[0].kind), (weight, &fault()));
            assert_eq!(faults.len(), 1);
        }
    }
    // The lists of EFS do not hold the action, and AWS's pages do not agree whether the switch counts.
    let efs = "vbaws-role-efs-backup";
    off(efs, "EFS").has(LABEL, Weight::Unknown, Kind::NotOptedIn("EFS".into()));
    with_backup(efs, &[("EFS", true)]).is_quiet();
    // Not in AWS's answer: nobody knows.
    let other = with_backup("vbaws-role-fsx-backup", &[("EFS", true)]);
    other.has(LABEL, Weight::Unknown, Kind::NotOptedIn("FSx".into()));
    // No backup by AWS Backup.
    off("vbaws-role-redshift-serverless-backup", "Redshift").is_quiet();
}

#[test]
fn b5_dynamodb_without_its_advanced_features() {
    let off = |rules: Rules| {
        with_backup("vbaws-role-dynamodb-backup", &[("DynamoDB", true)]).with(|one| {
            one.rules = rules;
            set_region(one, |region| {
                if let Reading::Read(settings) = &mut region.backup {
                    settings.management = [("DynamoDB".into(), false)].into();
                }
            });
        })
    };
    let kind = || Kind::NotManaged("DynamoDB".into());
    off(Rules::default()).has(LABEL, Weight::Notice, kind());
    let found = off(denied(Why::Lost)).audit();
    let fault = &found.verdicts[0].faults[0];
    assert_eq!((fault.weight, &fault.kind), (Weight::Breaks, &kind()));
    with_backup("vbaws-role-dynamodb-backup", &[("DynamoDB", true)]).is_quiet();
}

#[test]
fn b8_a_missing_service_role_is_a_hint() {
    let with = with_backup("vbaws-role-efs-backup", &[("EFS", true)]);
    with.is_quiet();
    let without = with.with(|one| one.inventory = None);
    let kind = Kind::NoServiceRole("AWSServiceRoleForBackup".into());
    without.has(LABEL, Weight::Notice, kind);
    let mut cut_off = without.inventory();
    cut_off.gaps.push(iam::inventory::Gap::Truncated);
    without.with(|one| one.inventory = Some(cut_off)).is_quiet();
}

#[test]
fn k13_volumes_encrypted_by_default_are_a_hint_for_restores_with_a_helper() {
    let with = |set, on| {
        let mut account = Account::of(set);
        set_region(&mut account, |region| {
            region.ebs_encryption_by_default = read(on);
        });
        account
    };
    let restore = "vbr-restore-to-ec2";
    with(restore, true).has(LABEL, Weight::Notice, Kind::VolumesEncrypted);
    with(restore, false).is_quiet();
    with("vbaws-role-ec2-restore", true).is_quiet();
}

#[test]
fn n5_a_region_that_is_not_enabled() {
    let with = |statuses: &[(&str, RegionStatus)]| {
        let mut account = Account::of("vbaws-role-ec2-backup");
        let statuses = statuses
            .iter()
            .map(|(name, status)| ((*name).into(), *status));
        account.resources.enabled_regions = read(statuses.collect());
        account
    };
    with(&[(REGION, RegionStatus::Default)]).is_quiet();
    with(&[(REGION, RegionStatus::OptedIn)]).is_quiet();
    let others = [
        (REGION, RegionStatus::NotOptedIn),
        ("eu-south-2", RegionStatus::NotOptedIn),
    ];
    with(&others).has(LABEL, Weight::Breaks, Kind::RegionNotEnabled);
    with(&[("eu-west-1", RegionStatus::Default)]).has(
        LABEL,
        Weight::Unknown,
        Kind::RegionNotListed,
    );
    with(&others)
        .with(|one| one.resources.enabled_regions = refused())
        .is_quiet();
}

#[test]
fn a_region_that_was_not_read_has_no_fault() {
    for set in [
        "vbaws-role-fsx-backup",
        "vbaws-role-efs-backup",
        "vbr-restore-to-ec2",
        "vbaws-role-ec2-backup",
    ] {
        let mut blind = Account::of(set);
        set_region(&mut blind, |region| {
            *region = Region {
                ebs_default_key: refused(),
                ebs_encryption_by_default: refused(),
                backup: refused(),
                endpoints: refused(),
                source_keys: [].into(),
                vaults: refused(),
            };
        });
        blind.is_quiet();
    }
}
