//! Principals: an account with roles and users that the tests audit, and a catalog with three sets for them.

use std::sync::{Arc, LazyLock};

use catalog::{Catalog, SetFile};
use iam::inventory::{AccessKey, Principal};
use iam::{AccountId, Inventory, PrincipalArn};
use jiff::Timestamp;

pub(crate) const ACCOUNT: &str = "111122223333";

/// Two sets that no catalog has: `copy` for roles, `upload` for users.
pub(crate) const SETS: &str = r#"
[[action-set]]
id = "copy"
title = "Nightly copy"
operation = "Copy last night's backups to the second site."
impact = "Copies stop; the first site still has all."
severity = "high"
principal = "role"
lifetime = "standing"
trust-services = ["backup.amazonaws.com"]
assumed-by-appliance = true
instance-profile = true
actions = [
  { name = "ec2:CreateSnapshot" },
  { name = "ec2:DeleteSubnet", optional = "only to clean up" },
  { name = "kms:CreateGrant", scope = "kms_key", condition = "kms-encrypted-repository" },
  { name = "s3:GetObject", scope = "object" },
  { name = "s3:ListBucket", scope = "bucket" },
]
[[action-set.source]]
page = "https://example.com/copy"
date = "2026-01-01"
build = "1"

[[action-set]]
id = "upload"
title = "Upload"
operation = "Send backups to a bucket."
impact = "Backups stop."
severity = "critical"
principal = "user"
lifetime = "standing"
actions = [
  { name = "s3:DeleteObject", scope = "object" },
  { name = "s3:PutObject", scope = "object" },
]
[[action-set.source]]
page = "https://example.com/upload"
date = "2026-01-01"
build = "1"

[[action-set]]
id = "grant-once"
title = "Grant once"
operation = "Give a role what it lacks."
impact = "Roles must be repaired by hand."
severity = "low"
principal = "user"
lifetime = "transient"
actions = ["iam:PutRolePolicy"]
[[action-set.source]]
page = "https://example.com/grant"
date = "2026-01-01"
build = "1"
"#;

pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let file = SetFile {
            file: "sets",
            text: SETS,
        };
        Catalog::embedded().with_own_sets(&[file]).unwrap()
    });
    &CATALOG
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

pub(crate) fn role(name: &str) -> PrincipalArn {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
        .parse()
        .unwrap()
}

pub(crate) fn user(name: &str) -> PrincipalArn {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
        .parse()
        .unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A principal with tags (without their prefix) and nothing else.
pub(crate) fn principal(arn: PrincipalArn, tags: &[(&str, &str)]) -> Principal {
    let tags = tags
        .iter()
        .map(|(key, value)| (format!("veeam:{key}").into(), (*value).into()));
    Principal {
        id: "AROAEXAMPLE".into(),
        created: "".into(),
        tags: tags.collect(),
        inline: Vec::new(),
        attached: Vec::new(),
        groups: Vec::new(),
        boundary: None,
        trust: None,
        instance_profiles: Vec::new(),
        unsettled: Vec::new(),
        arn,
    }
}

/// A role that `copy` finds nothing wrong with.
pub(crate) fn copier(name: &str) -> Principal {
    let mut principal = principal(
        role(name),
        &[("action-sets", "copy"), ("assumed-by", "444455556666")],
    );
    principal.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(TRUST)));
    principal.instance_profiles.push(name.into());
    principal
}

pub(crate) const TRUST: &str = r#"{"Statement":[
    {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com","AWS":"arn:aws:iam::444455556666:root"}}
]}"#;

/// A key that was used on the last day of October.
pub(crate) fn key(suffix: &str, active: bool, created: &str) -> AccessKey {
    AccessKey {
        suffix: suffix.into(),
        active,
        created: created.into(),
        last_used: Some("2026-10-31T05:00:00Z".into()),
    }
}

pub(crate) fn inventory(mut principals: Vec<Principal>) -> Inventory {
    principals.sort_by(|a, b| a.arn.cmp(&b.arn));
    let users = principals
        .iter()
        .filter(|principal| principal.arn.kind() == iam::PrincipalKind::User);
    let no_keys = users.map(|user| (user.arn.clone(), Vec::new())).collect();
    Inventory {
        account: Some(account()),
        principals,
        access_keys: Some(no_keys),
        ..Inventory::default()
    }
}
