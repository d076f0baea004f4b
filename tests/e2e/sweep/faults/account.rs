//! The account of the fault tests: four users, of whom one falls ill and one gets well between two audits.

use iam::Document;
use serde_json::{Value, json};

/// Healthy before and after.
pub(crate) const STEADY: &str = "steady";
/// Healthy before, drifted after.
pub(crate) const FALLING: &str = "falling";
/// Drifted before, healthy after.
pub(crate) const HEALING: &str = "healing";
/// Drifted before and after.
pub(crate) const BROKEN: &str = "broken";

/// Gone long ago; only the table still knows.
pub(crate) const LEFT: &str = "left";

/// All users, in the order of their ARNs.
pub(crate) const USERS: [&str; 4] = [BROKEN, FALLING, HEALING, STEADY];

/// Who lacks something before.
pub(crate) const BEFORE: [&str; 2] = [BROKEN, HEALING];
/// Who lacks something after.
pub(crate) const AFTER: [&str; 2] = [BROKEN, FALLING];

/// The ARN of a user.
pub(crate) fn arn(user: &str) -> String {
    format!("arn:aws:iam::123456789012:user/{user}")
}

/// SCPs that let all through but what [`account`] says of users that lack something. So two layers deny, and which of
/// them is asked about again.
pub(crate) fn service_control() -> Vec<Document> {
    let statement = |effect: &str, action: &str, condition: Value| {
        let statement =
            json!({ "Effect": effect, "Action": action, "Resource": "*", "Condition": condition });
        let document = json!({ "Version": "2012-10-17", "Statement": statement });
        Document::parse(&document.to_string()).expect("an SCP of ours can be read")
    };
    vec![
        statement("Allow", "*", json!({})),
        statement(
            "Deny",
            "s3:PutObject",
            json!({ "StringEquals": { "aws:PrincipalTag/lacks": "true" } }),
        ),
    ]
}

/// The account, with these users lacking `s3:PutObject`.
pub(crate) fn account(lacking: &[&str]) -> Value {
    json!({
        "UserDetailList": USERS.map(|name| user(name, lacking.contains(&name))),
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    })
}

fn user(name: &str, lacks: bool) -> Value {
    let mut objects = vec![
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:PutObjectTagging",
    ];
    if !lacks {
        objects.push("s3:PutObject");
    }
    json!({
        "Path": "/", "UserName": name, "UserId": format!("AIDA{name:0>16}").to_uppercase(), "Arn": arn(name),
        "CreateDate": "2026-11-01T00:00:00+00:00",
        "UserPolicyList": [{ "PolicyName": "restore", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::backup" },
            { "Effect": "Allow", "Action": objects, "Resource": "arn:aws:s3:::backup/*" } ] } }],
        "GroupList": [], "AttachedManagedPolicies": [],
        "Tags": [
            { "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
            { "Key": "veeam:bucket", "Value": "backup" },
            { "Key": "veeam:regions", "Value": "eu-central-1" },
            { "Key": "lacks", "Value": lacks.to_string() },
        ],
    })
}
