//! The accounts: users that may restore, in an organisation.

use e2e::server::ACCOUNT;
use e2e::standin::{AttachedPolicy, Member};
use serde_json::{Value, json};

/// The hub's own account is the server's.
pub(crate) const HUB: &str = ACCOUNT;
pub(crate) const MANAGEMENT: &str = "999988887777";
/// An OU whose accounts an SCP hits.
pub(crate) const DENIED: &str = "ou-ab12-backup01";

/// The account with this number.
pub(crate) fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

/// A listing with so many users that may restore into their bucket.
pub(crate) fn listing(account: &str, users: usize) -> Value {
    let may = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::restored" },
        { "Effect": "Allow", "Resource": "arn:aws:s3:::restored/*", "Action": [
            "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"] }] });
    let users = (0..users).map(|number| {
        let name = format!("veeam-restore-{number}");
        json!({
            "UserName": name, "UserId": format!("AIDA{number:016}"), "Path": "/",
            "Arn": format!("arn:aws:iam::{account}:user/{name}"), "CreateDate": "2026-01-01T00:00:00Z",
            "UserPolicyList": [{ "PolicyName": "restore", "PolicyDocument": may }],
            "GroupList": [], "AttachedManagedPolicies": [],
            "Tags": [
                { "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
                { "Key": "veeam:bucket", "Value": "restored" },
                { "Key": "veeam:regions", "Value": "eu-central-1" }] })
    });
    json!({
        "UserDetailList": users.collect::<Vec<Value>>(), "GroupDetailList": [], "RoleDetailList": [], "Policies": [] })
}

/// An account in these OUs, with one user.
pub(crate) fn member(account: &str, units: &[&str]) -> Member {
    Member::new(account, units, listing(account, 1))
}

/// An SCP that denies writing, below these targets.
pub(crate) fn denies_writes(targets: &[&str]) -> AttachedPolicy {
    AttachedPolicy {
        id: "p-nowrites1".to_owned(),
        kind: "SERVICE_CONTROL_POLICY",
        content: json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "NoWrites", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*" }] }),
        targets: targets.iter().map(|&target| target.to_owned()).collect(),
    }
}
