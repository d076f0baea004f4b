//! Types of resources: which of IAM's are followed, and which say nothing about what a principal may do?

use super::plan::Planned;
use super::walk::Walk;

/// What the types of IAM resources begin with, by provider; `awscc` makes the same resources through Cloud Control.
const PREFIXES: [&str; 2] = ["aws_iam_", "awscc_iam_"];

/// The types that are followed, without `aws_iam_`.
const FOLLOWED: [&str; 21] = [
    "group",
    "group_membership",
    "group_policies_exclusive",
    "group_policy",
    "group_policy_attachment",
    "group_policy_attachments_exclusive",
    "instance_profile",
    "policy",
    "policy_attachment",
    "role",
    "role_policies_exclusive",
    "role_policy",
    "role_policy_attachment",
    "role_policy_attachments_exclusive",
    "user",
    "user_group_membership",
    "user_policies_exclusive",
    "user_policy",
    "user_policy_attachment",
    "user_policy_attachments_exclusive",
    "policy_document",
];

/// Types that neither make a user or role nor change what one may do, without what they begin with.
const OTHERS: [&str; 18] = [
    "access_key",
    "account_alias",
    "account_password_policy",
    "oidc_provider",
    "openid_connect_provider",
    "organizations_features",
    "outbound_web_identity_federation",
    "saml_provider",
    "security_token_service_preferences",
    "server_certificate",
    "service_linked_role",
    "service_specific_credential",
    "signing_certificate",
    "user_login_profile",
    "user_ssh_key",
    "virtual_mfa_device",
    "role_alias",
    "account_token_version",
];

/// Whether a type is one of IAM's whose effect is not known here.
fn is_unfollowed(kind: &str) -> bool {
    let [aws, awscc] = PREFIXES.map(|prefix| kind.strip_prefix(prefix));
    match (aws, awscc) {
        (Some(name), _) => !FOLLOWED.contains(&name) && !OTHERS.contains(&name),
        (None, Some(name)) => !OTHERS.contains(&name),
        (None, None) => false,
    }
}

impl Walk<'_, '_, '_> {
    /// Notes a resource that may grant or deny something to anybody.
    pub(super) fn note_unfollowed(&mut self, one: &Planned<'_>) {
        if is_unfollowed(one.kind) {
            let why = format!(
                "resources of type `{}` are not followed, so what this one grants or denies is not known",
                one.kind
            );
            let gap = self.assembly.gap(one.address, 0, &why);
            self.assembly.gaps.push(gap);
        }
    }
}
