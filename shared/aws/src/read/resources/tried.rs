//! Tried calls: which of the calls for the resource side may a caller make?
//!
//! Those about an account or a region are made in the session's region, those about a bucket or a vault on the first that is listed.
//! Where none is, there is nothing that a permission would be for. KMS lists no keys to everybody, and refuses whoever may not ask before
//! it says that there is no such key.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::ask::{Asker, Unanswered};
use super::{buckets, keys, organization, regions, vaults};
use crate::failure::Failure;

/// The id of no key.
const NO_KEY: &str = "00000000-0000-0000-0000-000000000000";
/// A policy that every organisation has.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// One call that was made.
pub(crate) struct Tried {
    /// The IAM action that allows it.
    pub(crate) action: &'static str,
    /// What it was made on, where it is about one thing.
    pub(crate) on: Option<String>,
    /// Whether AWS refused it.
    pub(crate) permitted: Result<(), Failure>,
}

/// Makes every call once.
pub(super) async fn each(asker: &Asker, partition: &str) -> Vec<Tried> {
    let mut tried = of_keys(asker, partition).await;
    tried.extend(of_buckets(asker, partition).await);
    tried.extend(of_vaults(asker, partition).await);
    tried.extend(of_regions(asker).await);
    tried.extend(of_organization(asker).await);
    tried
}

async fn of_keys(asker: &Asker, partition: &str) -> Vec<Tried> {
    let (home, account) = (&*asker.home, asker.account);
    let key = format!("arn:{partition}:kms:{home}:{account}:key/{NO_KEY}");
    let mut tried = Vec::new();
    for (action, operation, body) in [
        ("kms:DescribeKey", "DescribeKey", json!({ "KeyId": key })),
        (
            "kms:GetKeyPolicy",
            "GetKeyPolicy",
            json!({ "KeyId": key, "PolicyName": "default" }),
        ),
        ("kms:ListGrants", "ListGrants", json!({ "KeyId": key })),
    ] {
        let answer = keys::call(asker, home, operation, body).await;
        tried.push(one(action, Some(&key), answer));
    }
    tried
}

async fn of_buckets(asker: &Asker, partition: &str) -> Vec<Tried> {
    let own = buckets::list(asker).await;
    let mut tried = Vec::new();
    let own = match own {
        Ok(own) => own,
        refused => return vec![one("s3:ListAllMyBuckets", None, refused)],
    };
    if let Some((name, region)) = buckets::regions(&own).into_iter().next() {
        let arn = format!("arn:{partition}:s3:::{name}");
        let region = region.unwrap_or(&asker.home);
        let aspects = [&buckets::LOCATION].into_iter().chain(&buckets::REST);
        let answers = aspects.map(|aspect| async move {
            let answer = buckets::ask(asker, name, region, aspect).await;
            (aspect.action, answer)
        });
        for (action, answer) in join_all(answers).await {
            tried.push(one(action, Some(&arn), answer));
        }
    }
    tried.insert(0, one("s3:ListAllMyBuckets", None, Ok(own)));
    tried
}

async fn of_vaults(asker: &Asker, partition: &str) -> Vec<Tried> {
    let (home, account) = (&*asker.home, asker.account);
    let settings = vaults::settings(asker, home).await;
    let listed = vaults::list(asker, home).await;
    let first = listed.as_ref().ok().and_then(|listed| {
        let name = listed.pointer("/BackupVaultList/0/BackupVaultName")?;
        name.as_str().map(str::to_owned)
    });
    let mut tried = vec![
        one("backup:DescribeRegionSettings", None, settings),
        one("backup:ListBackupVaults", None, listed),
    ];
    if let Some(name) = first {
        let arn = format!("arn:{partition}:backup:{home}:{account}:backup-vault:{name}");
        let description = vaults::describe(asker, home, &name).await;
        tried.push(one("backup:DescribeBackupVault", Some(&arn), description));
        let policy = vaults::policy(asker, home, &name).await;
        tried.push(one("backup:GetBackupVaultAccessPolicy", Some(&arn), policy));
    }
    tried
}

async fn of_regions(asker: &Asker) -> Vec<Tried> {
    let home = &*asker.home;
    let instances = regions::databases(asker, home, "DescribeDBInstances", &regions::INSTANCES);
    let clusters = regions::databases(asker, home, "DescribeDBClusters", &regions::CLUSTERS);
    let answers = [
        ("ec2:DescribeRegions", regions::enabled(asker).await),
        (
            "ec2:GetEbsDefaultKmsKeyId",
            regions::default_key(asker, home).await,
        ),
        (
            "ec2:GetEbsEncryptionByDefault",
            regions::by_default(asker, home).await,
        ),
        ("ec2:DescribeVolumes", regions::volumes(asker, home).await),
        (
            "ec2:DescribeVpcEndpoints",
            regions::endpoints(asker, home).await,
        ),
        ("rds:DescribeDBInstances", instances.await),
        ("rds:DescribeDBClusters", clusters.await),
    ];
    let answers = answers.into_iter();
    answers
        .map(|(action, answer)| one(action, None, answer))
        .collect()
}

async fn of_organization(asker: &Asker) -> Vec<Tried> {
    let account = asker.account.as_str();
    let mut tried = Vec::new();
    for (action, operation, body) in [
        (
            "organizations:DescribeOrganization",
            "DescribeOrganization",
            json!({}),
        ),
        (
            "organizations:ListParents",
            "ListParents",
            json!({ "ChildId": account }),
        ),
        (
            "organizations:ListPoliciesForTarget",
            "ListPoliciesForTarget",
            json!({ "TargetId": account, "Filter": "SERVICE_CONTROL_POLICY" }),
        ),
        (
            "organizations:DescribePolicy",
            "DescribePolicy",
            json!({ "PolicyId": FULL_ACCESS }),
        ),
    ] {
        let answer = organization::call(asker, operation, body).await;
        tried.push(one(action, None, answer));
    }
    tried
}

fn one(action: &'static str, on: Option<&str>, answer: Result<Value, Unanswered>) -> Tried {
    Tried {
        action,
        on: on.map(str::to_owned),
        permitted: permitted(answer),
    }
}

/// That there is none is an answer to somebody who may ask.
fn permitted(answer: Result<Value, Unanswered>) -> Result<(), Failure> {
    match answer.map_err(|unanswered| unanswered.failure) {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code, .. })
            if code.starts_with("NoSuch")
                || code.contains("NotFound")
                || code.contains("NotInUse") =>
        {
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}
