//! The resource side: which policies does a request meet where the resource is?
//!
//! A [`ResourceSide`] holds the resource's own policy, the grants of a KMS key, the resource control policies (RCPs) above the
//! account that owns the resource, and the policy of the VPC endpoint that the request passes. What of it counts for a request
//! is said here; how it combines with the principal's own layers is `resource_candidates`' business.

use super::caller::Caller;
use super::policy::Policy;
use crate::action::ActionName;
use crate::arn::{AccountId, Arn, PrincipalArn};
use crate::decision::Layer;

/// Services that RCPs cover, by the prefix of their actions, sorted. From "Resource control policies" in the AWS Organizations
/// User Guide, as of 2026-09-26.
const COVERED_BY_RCPS: [&str; 62] = [
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// What a request meets where the resource is.
#[derive(Clone, Debug)]
pub struct ResourceSide<'a> {
    /// Who makes the request, as the principals of these policies name it.
    pub caller: Caller,
    /// The account that owns the resource; `None` where that is the caller's.
    pub account: Option<AccountId>,
    /// The resource's own policy. `None` where it has none; of a key or role of the caller's account, which always have one, where it
    /// is not to count. One that is there and could not be read is a policy with a fault: the decision is then undetermined.
    pub policy: Option<Policy<'a>>,
    /// The grants of a KMS key, one policy each, see [`crate::policy::grant`].
    pub grants: Vec<Policy<'a>>,
    /// RCPs, level by level from the root to the account that owns the resource. AWS attaches `RCPFullAWSAccess` to each level;
    /// a level without an Allow lets nothing through.
    pub resource_control: Vec<Vec<Policy<'a>>>,
    /// What exempts the resource from RCPs, whoever asks for it.
    pub exempt: Option<ExemptResource>,
    /// The policy of the VPC endpoint that the request passes; `None` where it passes none.
    pub endpoint: Option<Policy<'a>>,
}

/// A resource that RCPs do not restrict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExemptResource {
    /// It belongs to the organisation's management account.
    OfManagementAccount,
    /// It is an AWS managed KMS key.
    AwsManagedKey,
}

/// Why RCPs that are given do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceControlExemption {
    /// They do not restrict the resource.
    Resource(ExemptResource),
    /// They restrict no service-linked role.
    ServiceLinkedRole,
    /// They do not cover the service of the action.
    Service,
    /// They do not cover `kms:RetireGrant`.
    RetireGrant,
}

impl<'a> ResourceSide<'a> {
    /// Nothing on the resource's side, for a request of this caller on a resource of its own account.
    #[must_use]
    pub fn of(caller: Caller) -> Self {
        Self {
            caller,
            account: None,
            policy: None,
            grants: Vec::new(),
            resource_control: Vec::new(),
            exempt: None,
            endpoint: None,
        }
    }

    /// Whether the resource belongs to another account than the caller.
    #[must_use]
    pub fn is_cross_account(&self) -> bool {
        self.account
            .is_some_and(|account| self.caller.account() != Some(account))
    }

    /// Why the RCPs do not count for a request; `None` where they do.
    #[must_use]
    pub fn exemption(
        &self,
        principal: Option<&PrincipalArn>,
        action: &ActionName,
    ) -> Option<ResourceControlExemption> {
        let service = action.service().to_ascii_lowercase();
        if let Some(exempt) = self.exempt {
            Some(ResourceControlExemption::Resource(exempt))
        } else if principal.is_some_and(PrincipalArn::is_service_linked) {
            Some(ResourceControlExemption::ServiceLinkedRole)
        } else if !COVERED_BY_RCPS.contains(&service.as_str()) {
            Some(ResourceControlExemption::Service)
        } else {
            is(action, "kms:RetireGrant").then_some(ResourceControlExemption::RetireGrant)
        }
    }

    /// All its policies.
    pub(super) fn policies(&self) -> impl Iterator<Item = &Policy<'a>> {
        let rest = self.policy.iter().chain(&self.grants).chain(&self.endpoint);
        self.resource_control.iter().flatten().chain(rest)
    }

    /// The layers that are there and count, in their order.
    pub(super) fn counting(
        &self,
        principal: Option<&PrincipalArn>,
        action: &ActionName,
    ) -> impl Iterator<Item = (Layer, &[Policy<'a>])> {
        let levels = match self.exemption(principal, action) {
            Some(_) => &[],
            None => self.resource_control.as_slice(),
        };
        let levels = levels.iter().enumerate().map(|(level, policies)| {
            let level = Some(u8::try_from(level).unwrap_or(u8::MAX));
            (Layer::ResourceControl { level }, policies.as_slice())
        });
        let is_there = |(_, policies): &(Layer, &[Policy<'a>])| !policies.is_empty();
        let rest = [
            (Layer::Resource, self.policy.as_slice()),
            (Layer::Grant, self.grants.as_slice()),
            (Layer::Endpoint, self.endpoint.as_slice()),
        ];
        levels.chain(rest.into_iter().filter(is_there))
    }
}

/// The account that an ARN names; `None` where it names none.
#[must_use]
pub fn account_of(resource: &str) -> Option<AccountId> {
    Arn::parse(resource).ok()?.account.parse().ok()
}

/// Whether RCPs restrict requests for an action at all.
#[must_use]
pub fn is_covered_by_rcps(action: &ActionName) -> bool {
    let mut covered = COVERED_BY_RCPS.iter();
    covered.any(|service| action.service().eq_ignore_ascii_case(service))
        && !is(action, "kms:RetireGrant")
}

/// Whether identity policies have an effect only where the resource's own policy says so: KMS keys, and roles that somebody
/// wants to assume.
pub(super) fn is_root_of_trust(action: &ActionName) -> bool {
    ["kms", "sts"]
        .iter()
        .any(|service| action.service().eq_ignore_ascii_case(service))
}

/// Whether the access policy of a backup vault decides.
pub(super) fn is_backup(action: &ActionName) -> bool {
    action.service().eq_ignore_ascii_case("backup")
}

/// Whether an action can be allowed for callers of another account. KMS and AWS Backup allow some of theirs only.
pub(super) fn can_cross_accounts(action: &ActionName) -> bool {
    /// From "Allowing users in other accounts to use a KMS key" in the AWS KMS Developer Guide.
    const KMS: [&str; 20] = [
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DeriveSharedSecret",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateMac",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListGrants",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:RetireGrant",
        "kms:RevokeGrant",
        "kms:Sign",
        "kms:Verify",
        "kms:VerifyMac",
    ];
    if action.service().eq_ignore_ascii_case("kms") {
        KMS.iter().any(|name| is(action, name))
    } else {
        !is_backup(action) || is(action, "backup:CopyIntoBackupVault")
    }
}

fn is(action: &ActionName, name: &str) -> bool {
    action.as_str().eq_ignore_ascii_case(name)
}
