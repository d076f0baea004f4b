//! The provider `awscc`: which of its resources are which of the provider `aws`?
//!
//! It creates the resources of CloudFormation, with the same properties in snake case. Here each of IAM's types gets the type
//! of `aws` that makes the same thing, and the names of its attributes where they differ, so that both are followed alike.

/// A type of `awscc`, the type of `aws` that is the same, and attributes as `aws` and as `awscc` call them.
type Equivalent = (&'static str, &'static str, Names);

/// Attributes as `aws` calls them, and as the resource itself calls them.
pub(super) type Names = &'static [(&'static str, &'static str)];

const EQUIVALENTS: [Equivalent; 8] = [
    (
        "awscc_iam_role",
        "aws_iam_role",
        &[
            ("name", "role_name"),
            ("assume_role_policy", "assume_role_policy_document"),
            ("inline_policy", "policies"),
        ],
    ),
    (
        "awscc_iam_user",
        "aws_iam_user",
        &[("name", "user_name"), ("inline_policy", "policies")],
    ),
    (
        "awscc_iam_group",
        "aws_iam_group",
        &[("name", "group_name"), ("inline_policy", "policies")],
    ),
    (
        "awscc_iam_managed_policy",
        "aws_iam_policy",
        &[
            ("name", "managed_policy_name"),
            ("policy", "policy_document"),
            ("arn", "policy_arn"),
        ],
    ),
    (
        "awscc_iam_role_policy",
        "aws_iam_role_policy",
        &[
            ("name", "policy_name"),
            ("policy", "policy_document"),
            ("role", "role_name"),
        ],
    ),
    (
        "awscc_iam_user_policy",
        "aws_iam_user_policy",
        &[
            ("name", "policy_name"),
            ("policy", "policy_document"),
            ("user", "user_name"),
        ],
    ),
    (
        "awscc_iam_group_policy",
        "aws_iam_group_policy",
        &[
            ("name", "policy_name"),
            ("policy", "policy_document"),
            ("group", "group_name"),
        ],
    ),
    (
        "awscc_iam_instance_profile",
        "aws_iam_instance_profile",
        &[("name", "instance_profile_name"), ("role", "roles")],
    ),
];

/// The type of `aws` for a type of either provider, with the names of the attributes that differ.
pub(super) fn as_aws(kind: &str) -> (&str, Names) {
    let mut all = EQUIVALENTS.iter();
    all.find(|(awscc, ..)| *awscc == kind)
        .map_or((kind, &[]), |(_, aws, names)| (aws, names))
}

/// A type without the provider.
pub(super) fn without_provider(kind: &str) -> &str {
    kind.strip_prefix("awscc_")
        .or_else(|| kind.strip_prefix("aws_"))
        .unwrap_or(kind)
}

/// How a resource itself calls an attribute of `aws`.
pub(super) fn own_name(names: Names, attribute: &str) -> &str {
    let mut all = names.iter();
    all.find(|(aws, _)| *aws == attribute)
        .map_or(attribute, |(_, own)| own)
}
