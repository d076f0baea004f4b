//! Types of resources: which of IAM's are followed, and which others may change what a user or role may do?

use super::cloud_control;
use super::plan::{Attribute, Planned};
use super::walk::Walk;
use crate::assembly::NotLookedAt;
use crate::node::Node;

/// What the types of IAM resources begin with, by provider.
const PREFIXES: [&str; 2] = ["aws_iam_", "awscc_iam_"];

/// The types that are followed, without `aws_iam_`.
const FOLLOWED: [&str; 20] = [
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
];

/// Types that neither make a user or role nor change what one may do, without what they begin with.
const OTHERS: [&str; 17] = [
    "access_key",
    "account_alias",
    "account_password_policy",
    "oidc_provider",
    "openid_connect_provider",
    "openid_connect_provider_client_id",
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
];

/// IAM's types of CloudFormation that neither make a user or role nor change what one may do.
const OTHERS_OF_CLOUDFORMATION: [&str; 6] = [
    "AWS::IAM::AccessKey",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::SAMLProvider",
    "AWS::IAM::ServerCertificate",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::IAM::VirtualMFADevice",
];

/// A resource of any type of CloudFormation.
const CLOUD_CONTROL_RESOURCE: &str = "aws_cloudcontrolapi_resource";

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
    /// Adds a gap or a note for a resource that is not followed and may grant or deny something to anybody.
    pub(super) fn note_unfollowed(&mut self, one: &Planned<'_>) {
        let why = match one.kind {
            CLOUD_CONTROL_RESOURCE => self.unfollowed_type(one),
            kind => is_unfollowed(kind).then(|| {
                format!(
                    "resources of type `{kind}` are not followed, so what this one grants or denies is not known"
                )
            }),
        };
        if let Some(why) = why {
            let gap = self.assembly.gap(one.address, 0, &why);
            self.assembly.gaps.push(gap);
        }
        if let Some(what) = self.not_looked_at(one) {
            self.assembly.note_not_looked_at(one.address, 0, what);
        }
    }

    /// Why the effect of a resource of Cloud Control is not known, if its type is one of IAM's or not known.
    fn unfollowed_type(&self, one: &Planned<'_>) -> Option<String> {
        match self.plan.attribute(one, "type_name") {
            Attribute::Known(name) => {
                let name = name.known()?;
                let is_of_iam = name.starts_with("AWS::IAM::");
                (is_of_iam && !OTHERS_OF_CLOUDFORMATION.contains(&name)).then(|| {
                    format!(
                        "`{name}` is not followed in `{CLOUD_CONTROL_RESOURCE}`, so what this one grants or denies is not known: write it as a resource of the providers aws or awscc"
                    )
                })
            }
            Attribute::Unknown(why) => Some(format!(
                "it may be a resource of IAM, which is not followed here: {}",
                why.why
            )),
            Attribute::Absent => None,
        }
    }

    /// What else a resource is that may change what users and roles may do.
    fn not_looked_at(&self, one: &Planned<'_>) -> Option<NotLookedAt> {
        let text = |name| one.values.get(name).and_then(Node::known);
        match cloud_control::without_provider(one.kind) {
            "cloudformation_stack"
            | "cloudformation_stack_set"
            | "cloudformation_stack_set_instance"
            | "cloudformation_stack_instances" => Some(NotLookedAt::Stack),
            "organizations_policy" => NotLookedAt::organization_policy(text("type")),
            "organizations_policy_attachment" => Some(NotLookedAt::OrganizationPolicy),
            "budgets_budget_action" | "budgets_budgets_action" => {
                NotLookedAt::budget_action(text("action_type"))
            }
            _ => None,
        }
    }
}
