//! The example's verdicts: does it show every judgement, every cause and every finding code, and is each principal judged
//! as its name says?
//!
//! The embedded simulator decides, with the settings, SCPs and credential report beside the account.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use audit::{Asked, Assessment, Code, Judgement, Saved, Settings, look};
use futures_util::FutureExt as _;
use generator::example;
use iam::{Cause, Layer, Policy, ServiceControl, inventory};

fn audited() -> (Assessment, BTreeSet<Code>) {
    let files = example();
    let file = |name: &str| files.file(name).expect("a file of the example");
    let mut inventory = inventory::read(&file("account.json")).expect("a listing");
    inventory
        .add_credential_report(&file("credential-report.csv"))
        .expect("its report");
    let scps = ["scp-root.json", "scp-account.json"].map(|name| {
        let text = String::from_utf8(file(name)).expect("UTF-8");
        (name, iam::Document::parse(&text).expect("a policy"))
    });
    let settings = Settings::parse(include_str!("../../../examples/settings.toml"));
    let settings = settings.expect("valid settings");
    let catalog = catalog::Catalog::embedded();
    let now = "2026-11-22T06:00:00Z".parse().expect("a time");
    let levels = scps.iter().map(|(name, document)| {
        vec![Policy {
            name: (*name).into(),
            document: Ok(document),
        }]
    });
    let saved = Saved {
        inventory: Arc::new(inventory),
        service_control: ServiceControl {
            levels: levels.collect(),
            management_account: false,
        },
        resources: Arc::default(),
    };
    let asked = Asked::new(&catalog, &settings, now);
    let look = look(&asked, &saved)
        .now_or_never()
        .expect("a saved environment never waits");
    let found = look.expect("an account").assessment;
    let codes = audit::observe(&found, &settings)
        .into_values()
        .map(|finding| finding.code)
        .collect();
    (found, codes)
}

#[test]
fn each_principal_is_judged_as_its_name_says() {
    let (found, _) = audited();
    let mut told = String::new();
    for verdict in &found.verdicts {
        let set = verdict.requirement.set.trim_start_matches("vbaws-");
        writeln!(
            told,
            "{} {set}: {}",
            verdict.principal.name(),
            verdict.judgement()
        )
        .expect("text");
    }
    assert_eq!(told, EXPECTED);
}

const EXPECTED: &str = "\
VeeamBackupRestore-Dev role-default-backup-restore: drifted
VeeamBackupRestore-Dr role-default-backup-restore: drifted
VeeamBackupRestore-Legacy role-default-backup-restore: compliant
VeeamBackupRestore-Prod role-default-backup-restore: compliant
VeeamBackupRestore-Stage role-default-backup-restore: drifted
VeeamDynamoDbBackup role-dynamodb-backup: drifted
VeeamEc2Backup-Ireland role-ec2-backup: compliant
VeeamEc2Backup-Prod role-ec2-backup: drifted
VeeamEc2Restore-Prod role-ec2-restore: drifted
VeeamEfsBackup role-efs-backup: compliant
VeeamFlrWorker role-flr-worker: undetermined
VeeamFsxBackup role-fsx-backup: undetermined
VeeamImpersonation role-impersonation: compliant
VeeamOrgRescan role-organization-rescan: undetermined
VeeamRdsBackup-Prod role-rds-backup: drifted
VeeamRdsBackupRestore role-rds-backup: compliant
VeeamRdsBackupRestore role-rds-instance-restore: compliant
VeeamRedshiftBackup role-redshift-backup: undetermined
VeeamRepository-Archive role-repository: compliant
VeeamRepository-Legacy role-repository: compliant
VeeamRepository-Moved role-repository: drifted
VeeamRepository-Shared role-repository: undetermined
VeeamVpcBackup role-vpc-backup: drifted
VeeamWorkerConfiguration role-worker-configuration: compliant
VeeamProductionWorker role-production-worker: compliant
berlin vbr-s3-immutability: drifted
hamburg vbr-s3-immutability: compliant
veeam-agents vbr-agents-s3-direct: compliant
veeam-agents vbr-s3-no-immutability: compliant
veeam-appliance-connect appliance-connect: compliant
veeam-appliance-deploy appliance-deploy: drifted
veeam-one-time-keys one-time-access-keys: compliant
veeam-repository-keys repository-kms-encryption: compliant
veeam-restore-ec2 vbr-restore-to-ec2: drifted
veeam-restore-ec2-dr vbr-restore-to-ec2: drifted
veeam-restore-ec2-lab vbr-restore-to-ec2: drifted
veeam-s3-capacity vbr-s3-immutability: compliant
veeam-s3-capacity-2 vbr-s3-immutability: compliant
";

#[test]
fn every_judgement_code_and_layer_is_shown() {
    let (found, codes) = audited();
    for judgement in [
        Judgement::Compliant,
        Judgement::Drifted,
        Judgement::Undetermined,
    ] {
        assert!(found.count(judgement) > 0, "{judgement}");
    }
    let absent: Vec<Code> = Code::ALL
        .into_iter()
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(
        absent,
        [
            Code::KeyState,
            Code::ResourceSettings,
            Code::ChangesNotArriving,
            Code::ChangeNotFollowed,
            Code::AuditFailed
        ],
        "a listing holds no keys and buckets, and no example can show trail events and a failed audit"
    );
    let missing = found.verdicts.iter().flat_map(|verdict| &verdict.missing);
    let causes: Vec<&Cause> = missing.map(|missing| &missing.cause).collect();
    let denied = |wanted: Layer| {
        causes.iter().any(
            |cause| matches!(cause, Cause::DeniedBy(by) if by.iter().any(|at| at.layer == wanted)),
        )
    };
    let lacking = |wanted: Layer| {
        causes
            .iter()
            .any(|cause| matches!(cause, Cause::NotAllowedIn(layers) if layers.contains(&wanted)))
    };
    let account = Layer::ServiceControl { level: Some(1) };
    for layer in [Layer::Identity, Layer::Boundary, account] {
        assert!(denied(layer), "an explicit deny by {layer}");
        assert!(lacking(layer), "no allow by {layer}");
    }
    let unknown = found.verdicts.iter().flat_map(|verdict| &verdict.unknown);
    let causes: Vec<&Cause> = unknown.map(|unknown| &unknown.cause).collect();
    assert!(
        causes
            .iter()
            .any(|cause| matches!(cause, Cause::MissingContext { .. }))
    );
    for layer in [Layer::Identity, Layer::Boundary] {
        let unreadable = |cause: &&&Cause| matches!(cause, Cause::Unreadable { layer: found, .. } if *found == layer);
        assert!(causes.iter().any(|cause| unreadable(&cause)), "{layer}");
    }
}

#[test]
fn where_all_are_to_be_drifted_hardly_anybody_is_compliant() {
    let account = generator::account(&generator::Shape::all_drifted(600), 1);
    let inventory = inventory::read(&account.to_json()).expect("a listing");
    let (catalog, settings) = (catalog::Catalog::embedded(), Settings::default());
    let now = "2026-11-22T06:00:00Z".parse().expect("a time");
    let saved = Saved {
        inventory: Arc::new(inventory),
        service_control: ServiceControl::default(),
        resources: Arc::default(),
    };
    let look = look(&Asked::new(&catalog, &settings, now), &saved)
        .now_or_never()
        .expect("a saved environment never waits");
    let found = look.expect("an account").assessment;
    let compliant = found.count(Judgement::Compliant);
    assert!(compliant * 20 < found.verdicts.len(), "{compliant}");
    let missing = found.verdicts.iter().flat_map(|verdict| &verdict.missing);
    let causes: BTreeSet<&Cause> = missing.map(|missing| &missing.cause).collect();
    assert!(causes.len() >= 4, "{causes:?}");
    let verdicts = found.verdicts.iter();
    let lists: BTreeSet<_> = verdicts.map(|verdict| verdict.missing_actions()).collect();
    assert!(lists.len() > 100, "{}", lists.len());
}
