//! Properties: does CloudFormation accept the type and the properties of an IAM resource?
//!
//! CloudFormation refuses a misspelt property when the template is deployed, so whatever it was meant to do is missing.

use crate::node::{Node, Value};

/// IAM's types with their properties.
const TYPES: [(&str, &[&str]); 10] = [
    (
        "AWS::IAM::Role",
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        ],
    ),
    (
        "AWS::IAM::User",
        &[
            "Groups",
            "LoginProfile",
            "ManagedPolicyArns",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "Tags",
            "UserName",
        ],
    ),
    (
        "AWS::IAM::Group",
        &["GroupName", "ManagedPolicyArns", "Path", "Policies"],
    ),
    (
        "AWS::IAM::Policy",
        &["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"],
    ),
    (
        "AWS::IAM::ManagedPolicy",
        &[
            "Description",
            "Groups",
            "ManagedPolicyName",
            "Path",
            "PolicyDocument",
            "Roles",
            "Tags",
            "Users",
        ],
    ),
    (
        "AWS::IAM::RolePolicy",
        &["PolicyDocument", "PolicyName", "RoleName"],
    ),
    (
        "AWS::IAM::UserPolicy",
        &["PolicyDocument", "PolicyName", "UserName"],
    ),
    (
        "AWS::IAM::GroupPolicy",
        &["GroupName", "PolicyDocument", "PolicyName"],
    ),
    (
        "AWS::IAM::InstanceProfile",
        &["InstanceProfileName", "Path", "Roles"],
    ),
    ("AWS::IAM::UserToGroupAddition", &["GroupName", "Users"]),
];

/// IAM's types that say nothing about what a user or role may do.
const OTHERS: [&str; 6] = [
    "AWS::IAM::AccessKey",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::SAMLProvider",
    "AWS::IAM::ServerCertificate",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::IAM::VirtualMFADevice",
];

/// What of a resource cannot be followed, with its line: a type or a property that there is not, or a module.
pub(super) fn unsupported(kind: &str, node: &Node) -> Option<(usize, String)> {
    if kind.ends_with("::MODULE") {
        let why = "a module may hold users, roles and policies: check what `aws cloudformation get-template --template-stage Processed` prints";
        return Some((node.line, why.to_owned()));
    }
    if !kind.starts_with("AWS::IAM::") || OTHERS.contains(&kind) {
        return None;
    }
    let Some((_, known)) = TYPES.iter().find(|(name, _)| *name == kind) else {
        let why = format!(
            "`{kind}` is no type of IAM's that is known here, so what it does was not followed"
        );
        return Some((node.line, why));
    };
    let properties = node.get("Properties")?;
    if !matches!(properties.value, Value::Map(_) | Value::Null) {
        let why = format!(
            "its `Properties` are {}, where a map was expected",
            properties.kind()
        );
        return Some((properties.line, why));
    }
    let mut members = properties.members().iter();
    let odd = members.find(|member| !known.contains(&member.key.as_str()))?;
    let (name, line) = (&odd.key, odd.node.line);
    let why = match name.starts_with("Fn::") {
        true => format!("`{name}` cannot make all of the `Properties`: write it into each of them"),
        false => format!(
            "`{name}` is no property of `{kind}`: expected one of {}",
            known.join(", ")
        ),
    };
    Some((line, why))
}
