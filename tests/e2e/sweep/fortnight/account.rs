//! The account of the fortnight, as IAM lists it, on each of its days.

use e2e::standin::Conduct;
use iam::Document;
use serde_json::{Value, json};

/// Who plays.
const ROLES: [&str; 6] = ["copier", "flaky", "legacy", "monthly", "nightly", "weekly"];

/// What the role `copier` and its like need.
const COPY: [&str; 5] = [
    "ec2:CreateSnapshot",
    "ec2:DeleteSubnet",
    "kms:CreateGrant",
    "s3:GetObject",
    "s3:ListBucket",
];

/// What a role's own policy lacks on a day.
fn lost(name: &str, day: u32) -> &'static [&'static str] {
    match (name, day) {
        ("copier", 2..=5) => &["s3:GetObject"],
        ("flaky", 2 | 4 | 10) => &["ec2:CreateSnapshot"],
        ("legacy", 10 | 12) => &["s3:GetObject", "s3:ListBucket"],
        ("legacy", 1..=13) => &["s3:ListBucket"],
        _ => &[],
    }
}

/// As `aws iam get-account-authorization-details` prints it.
pub(crate) fn account(day: u32) -> Value {
    let roles = ROLES.iter().filter(|name| **name != "weekly" || day < 13);
    json!({
        "UserDetailList": [user(day)],
        "GroupDetailList": [],
        "RoleDetailList": roles.map(|name| role(name, day)).collect::<Vec<_>>(),
        "Policies": [],
    })
}

fn role(name: &str, day: u32) -> Value {
    let lost = lost(name, day);
    let held: Vec<&str> = COPY
        .into_iter()
        .filter(|action| !lost.contains(action))
        .collect();
    let arn = format!("arn:aws:iam::123456789012:role/{name}");
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{name:0>16}").to_uppercase(), "Arn": arn,
        "CreateDate": "2026-05-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "backup.amazonaws.com", "AWS": "arn:aws:iam::444455556666:root" } }] },
        "InstanceProfileList": [{
            "Path": "/", "InstanceProfileName": name, "InstanceProfileId": format!("AIPA{name:0>16}").to_uppercase(),
            "Arn": format!("arn:aws:iam::123456789012:instance-profile/{name}"),
            "CreateDate": "2026-05-01T00:00:00+00:00", "Roles": [] }],
        "RolePolicyList": [{ "PolicyName": "copy", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": held, "Resource": "*" }] } }],
        "AttachedManagedPolicies": [],
        "Tags": [
            { "Key": "veeam:action-sets", "Value": "copy" }, { "Key": "veeam:assumed-by", "Value": "444455556666" }],
    })
}

fn user(day: u32) -> Value {
    json!({
        "Path": "/", "UserName": "uploader", "UserId": "AIDA0000000000000001",
        "Arn": "arn:aws:iam::123456789012:user/uploader", "CreateDate": "2026-05-01T00:00:00+00:00",
        "AccessKeyStatus": if day == 3 { "Inactive" } else { "Active" },
        "UserPolicyList": [{ "PolicyName": "upload", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["s3:DeleteObject", "s3:PutObject"], "Resource": "*" }] } }],
        "GroupList": [], "AttachedManagedPolicies": [],
        "Tags": [{ "Key": "veeam:action-sets", "Value": "upload" }],
    })
}

/// What AWS does on a day.
pub(crate) fn conduct(day: u32) -> Conduct {
    let scp = |text: &str| Document::parse(text).expect("a policy of the test can be read");
    let service_control = if (5..=7).contains(&day) {
        vec![vec![
            scp(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            ),
            scp(r#"{"Version":"2012-10-17","Statement":[
                    {"Sid":"NoSnapshots","Effect":"Deny","Action":"ec2:CreateSnapshot","Resource":"*"}]}"#),
        ]]
    } else {
        Vec::new()
    };
    let gone = (day == 7).then(|| "arn:aws:iam::123456789012:role/copier".to_owned());
    Conduct {
        service_control,
        gone: gone.into_iter().collect(),
        throttled_percent: if day == 6 { 100 } else { 0 },
        ..Conduct::default()
    }
}
