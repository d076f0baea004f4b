//! Accounts to summarise: roles that may do everything, or nothing, below an SCP that denies or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::{Asked, Assessment, Baseline, Findings, Principals, Saved, Settings, look, observe};
use catalog::Catalog;
use futures_util::FutureExt as _;
use iam::{Document, Policy, PrincipalArn, ServiceControl};
use report::organization::{AccountSummary, Audited};
use serde_json::{Value, json};

pub(crate) const ONE: &str = "111122223333";
pub(crate) const TWO: &str = "444455556666";
pub(crate) const AUDIT: &str = "2026-11-30T03:15:00Z";

/// What stands in the tag of a role, by the role's name, and what it may do.
#[derive(Clone, Debug)]
pub(crate) struct Roles(Vec<Value>);

impl Roles {
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn with(self, account: &str, name: &str, sets: &str, allowed: &str) -> Self {
        let tags = match sets {
            "" => json!([]),
            sets => json!([{ "Key": "veeam:action-sets", "Value": sets }]),
        };
        let statement = json!({ "Effect": "Allow", "Action": allowed, "Resource": "*" });
        let services = [
            "ec2.amazonaws.com",
            "backup.amazonaws.com",
            "batchoperations.s3.amazonaws.com",
        ];
        let trust = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": "*", "Service": services } });
        let role = json!({
            "Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "CreateDate": "2025-01-01T00:00:00Z",
            "Arn": format!("arn:aws:iam::{account}:role/{name}"),
            "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [trust] },
            "InstanceProfileList": [], "AttachedManagedPolicies": [], "Tags": tags,
            "RolePolicyList": [{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } }],
        });
        let mut roles = self.0;
        roles.push(role);
        Self(roles)
    }

    fn listing(&self) -> String {
        json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": self.0, "Policies": [], "IsTruncated": false })
            .to_string()
    }
}

/// The set that most roles here are bound to: no policy of a resource decides on it.
pub(crate) const SET: &str = "vbaws-role-ec2-backup";
/// One on which bucket policies decide besides.
pub(crate) const BUCKET_SET: &str = "vbaws-role-repository";

pub(crate) fn arn(account: &str, name: &str) -> PrincipalArn {
    format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .unwrap()
}

/// An audit of these roles, below these SCPs by id.
pub(crate) fn assess(roles: &Roles, scps: &[(&str, &str)], principals: Principals) -> Assessment {
    let full =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let documents: BTreeMap<&str, Document> = [("p-FullAWSAccess", full)]
        .iter()
        .chain(scps)
        .map(|(name, text)| (*name, Document::parse(text).unwrap()))
        .collect();
    let level = documents.iter().map(|(name, document)| Policy {
        name: Arc::from(*name),
        document: Ok(document),
    });
    let saved = Saved {
        inventory: Arc::new(iam::inventory::read(roles.listing().as_bytes()).unwrap()),
        service_control: ServiceControl {
            levels: vec![level.collect()],
            management_account: false,
        },
        resources: Arc::default(),
    };
    let (catalog, settings) = (Catalog::embedded(), Settings::default());
    let asked = Asked {
        principals,
        ..Asked::new(&catalog, &settings, AUDIT.parse().unwrap())
    };
    let look = look(&asked, &saved).now_or_never().unwrap();
    look.expect("an account").assessment
}

pub(crate) fn findings(assessment: &Assessment) -> Findings {
    observe(assessment, &Settings::default())
}

pub(crate) fn summary_with(assessment: &Assessment, baseline: Option<&Baseline>) -> AccountSummary {
    AccountSummary::of(&Audited {
        audit: AUDIT,
        assessment,
        findings: &findings(assessment),
        baseline,
        settings: &Settings::default(),
        provenance: None,
    })
}

pub(crate) fn summary(roles: &Roles, scps: &[(&str, &str)]) -> AccountSummary {
    summary_with(&assess(roles, scps, Principals::All), None)
}
