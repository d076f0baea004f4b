//! A listing with one of each thing, and what is said of its gaps.

use iam::inventory::{self, Fault, Gap, Inventory};

pub(crate) const ROLE: &str = r#"{
    "Path": "/backup/",
    "RoleName": "Veeam",
    "RoleId": "AROAAAAAAAAAAAAAAAAAA",
    "Arn": "arn:aws:iam::111122223333:role/backup/Veeam",
    "CreateDate": "2024-03-01T09:12:44+00:00",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "InstanceProfileList": [{"InstanceProfileName": "VeeamProfile", "Roles": [{"RoleName": "Veeam"}]}],
    "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}],
    "AttachedManagedPolicies": [{"PolicyName": "Shared", "PolicyArn": "arn:aws:iam::111122223333:policy/Shared"}],
    "PermissionsBoundary": {"PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Limits"},
    "Tags": [{"Key": "veeam:bucket", "Value": "b"}],
    "RoleLastUsed": {"LastUsedDate": "2026-01-01T00:00:00+00:00", "Region": "eu-west-1"}
}"#;

pub(crate) const USER: &str = r#"{"UserName": "ann", "UserId": "AIDAAAAAAAAAAAAAAAAAA",
    "Arn": "arn:aws:iam::111122223333:user/ann", "CreateDate": "2023-03-01T09:12:44+00:00",
    "GroupList": ["ops"], "AttachedManagedPolicies": []}"#;

pub(crate) const GROUP: &str = r#"{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
    "GroupPolicyList": [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}],
    "AttachedManagedPolicies": [{"PolicyName": "Shared", "PolicyArn": "arn:aws:iam::111122223333:policy/Shared"}]}"#;

pub(crate) const POLICY: &str = r#"{"PolicyName": "Shared", "Arn": "arn:aws:iam::111122223333:policy/Shared",
    "DefaultVersionId": "v2", "PolicyVersionList": [
        {"Document": {"odd": true}, "VersionId": "v10", "IsDefaultVersion": false},
        {"Document": DOCUMENT, "VersionId": "v2", "IsDefaultVersion": true},
        {"Document": {"odd": true}, "VersionId": "v9", "IsDefaultVersion": false}]}"#;

/// The lists besides that of the roles.
pub(crate) const EMPTY: &str = r#""UserDetailList": [], "GroupDetailList": [], "Policies": []"#;

pub(crate) const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;

pub(crate) const ENCODED: &str = r#""%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%7B%22Effect%22%3A%20%22Allow%22%2C%20%22Action%22%3A%20%22s3%3A*%22%2C%20%22Resource%22%3A%20%22%2A%22%7D%7D""#;

pub(crate) fn page(users: &[&str], groups: &[&str], roles: &[&str], policies: &[&str]) -> String {
    format!(
        r#"{{"UserDetailList": [{}], "GroupDetailList": [{}], "RoleDetailList": [{}], "Policies": [{}]}}"#,
        users.join(","),
        groups.join(","),
        roles.join(","),
        policies.join(",")
    )
}

pub(crate) fn whole() -> String {
    page(&[USER], &[GROUP], &[ROLE], &[POLICY]).replace("DOCUMENT", DOCUMENT)
}

/// Everything in an inventory, in a fixed order.
pub(crate) fn readable(inventory: &Inventory) -> String {
    let policies: std::collections::BTreeMap<_, _> = inventory.policies.iter().collect();
    format!(
        "{:?}\n{:#?}\n{:#?}\n{policies:#?}\n{:#?}",
        inventory.account, inventory.principals, inventory.groups, inventory.gaps
    )
}

#[track_caller]
pub(crate) fn check_same(file: impl AsRef<[u8]>) {
    let expected = inventory::read(whole().as_bytes()).unwrap();
    assert!(expected.gaps.is_empty(), "{:?}", expected.gaps);
    let found = inventory::read(file.as_ref()).unwrap();
    assert_eq!(readable(&found), readable(&expected));
}

/// What the gaps of a file say, each as `what, line:column: reason`.
#[track_caller]
pub(crate) fn check_gaps(file: &str, expected: &[&str]) {
    let inventory = inventory::read(file.as_bytes()).unwrap();
    let place = |fault: &Fault| format!("{}:{}: {}", fault.line, fault.column, fault.reason);
    let found: Vec<String> = inventory
        .gaps
        .iter()
        .map(|gap| match gap {
            Gap::Truncated => "truncated".to_owned(),
            Gap::Item { what, fault } => format!("{what}, {}", place(fault)),
            Gap::Part { what, reason } => format!("{what}: {reason}"),
        })
        .collect();
    assert_eq!(found, expected);
}
