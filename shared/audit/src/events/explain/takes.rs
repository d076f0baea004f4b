//! Taking: can a call have led to a finding in a certain way?
//!
//! It is not asked whether the call changed anything, but whether it can have taken away what is missing: attaching a policy takes away
//! no permission, unless a statement in it denies. The text that a call wrote into a policy is not looked at.

use std::collections::BTreeMap;

use iam::{Arn, Cause, Principal, PrincipalArn, PrincipalKind};

use super::way::Way;
use crate::bind::requirement::ResourcePolicy;
use crate::events::event::{ActedOn, TrailEvent};
use crate::events::touched::{is_name, named_principals};
use crate::find::finding::Lack;
use crate::judge::resource_faults::fault::FaultyResource;
use crate::judge::resource_faults::topic::FaultTopic;
use crate::resources::NamedResource;

/// Calls that take a policy away from somebody.
const TAKING: [&str; 7] = [
    "DetachUserPolicy",
    "DetachRolePolicy",
    "DetachGroupPolicy",
    "DeleteUserPolicy",
    "DeleteRolePolicy",
    "DeleteGroupPolicy",
    "RemoveUserFromGroup",
];
/// Calls that put another text in the place of a policy's.
const WRITING: [&str; 5] = [
    "PutUserPolicy",
    "PutRolePolicy",
    "PutGroupPolicy",
    "CreatePolicyVersion",
    "SetDefaultPolicyVersion",
];
/// Calls that give somebody a policy more.
const GIVING: [&str; 4] = [
    "AttachUserPolicy",
    "AttachRolePolicy",
    "AttachGroupPolicy",
    "AddUserToGroup",
];
/// Calls that change a tag: it may bind the principal to action sets, and policies may ask for it.
const TAGGING: [&str; 4] = ["TagUser", "UntagUser", "TagRole", "UntagRole"];
/// Calls by which a principal is another one than before.
const LIVING: [&str; 5] = [
    "CreateUser",
    "DeleteUser",
    "UpdateUser",
    "CreateRole",
    "DeleteRole",
];
const BOUNDING: [&str; 2] = ["PutUserPermissionsBoundary", "PutRolePermissionsBoundary"];
const UNBOUNDING: [&str; 2] = [
    "DeleteUserPermissionsBoundary",
    "DeleteRolePermissionsBoundary",
];
const KEYS: [&str; 3] = ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"];
/// Calls after which more SCPs or RCPs may be above an account, or other ones.
const RESTRICTING: [&str; 6] = [
    "AttachPolicy",
    "DetachPolicy",
    "UpdatePolicy",
    "EnablePolicyType",
    "MoveAccount",
    "AcceptHandshake",
];
/// Calls that change the policy of a resource, or what its policy asks for.
const OF_RESOURCES: [&str; 12] = [
    "PutKeyPolicy",
    "TagResource",
    "UntagResource",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketOwnershipControls",
    "PutBucketPublicAccessBlock",
    "PutBucketAbac",
    "PutBucketTagging",
    "PutBackupVaultAccessPolicy",
    "DeleteBackupVaultAccessPolicy",
    "UpdateAssumeRolePolicy",
];

/// Calls that take a grant of a key away.
const GRANTS: [&str; 2] = ["RevokeGrant", "RetireGrant"];

/// Whom a finding is about.
#[derive(Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) arn: &'a PrincipalArn,
    /// `None` where the listing does not have it.
    pub(super) principal: Option<&'a Principal>,
    pub(super) groups: &'a BTreeMap<Box<str>, iam::inventory::Group>,
}

/// Whom a call touches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Touches {
    /// The principal of the finding: the call can change a verdict on it.
    Principal,
    /// Others only.
    Others,
}

/// Whether a call can have led to a finding in one way.
pub(super) fn takes(way: Way<'_>, event: &TrailEvent, whose: Whose<'_>, touches: Touches) -> bool {
    let is_touched = touches == Touches::Principal;
    let call = &*event.call;
    let own = || whose.is_named_by(event);
    let is_binding = || own() && (TAGGING.contains(&call) || LIVING.contains(&call));
    match way {
        Way::Less => {
            is_binding()
                || whose.is_of_policies(event)
                    && (TAKING.contains(&call) || WRITING.contains(&call))
        }
        Way::More(policy) => {
            is_binding()
                || whose.is_of_policies(event)
                    && (GIVING.contains(&call) || WRITING.contains(&call))
                    && policy.is_none_or(|policy| is_about(event, policy))
        }
        Way::Boundary(policy) => {
            let is_put = own() && (BOUNDING.contains(&call) || LIVING.contains(&call));
            let is_written = WRITING.contains(&call) && whose.is_bounded_by(event);
            (is_put || is_written) && policy.is_none_or(|policy| is_about(event, policy))
        }
        Way::NoBoundary => own() && UNBOUNDING.contains(&call),
        Way::Organization(policy) => {
            let is_restricting =
                matches!(event.acted_on, ActedOn::Organization(_)) && RESTRICTING.contains(&call);
            // Whoever reads a policy may know it by its name alone.
            let policy = policy.filter(|policy| policy.starts_with("p-"));
            // What denies was not taken away.
            let is_taken_away = policy.is_some() && call == "DetachPolicy";
            is_touched
                && is_restricting
                && !is_taken_away
                && policy.is_none_or(|policy| is_about(event, policy))
        }
        Way::OrganizationLess => {
            // One policy more at a level allows no less.
            is_touched
                && matches!(event.acted_on, ActedOn::Organization(_))
                && RESTRICTING.contains(&call)
                && call != "AttachPolicy"
        }
        Way::Resource(lack) => {
            let is_policy = OF_RESOURCES.contains(&call) || is_life_of_resource(call);
            // A grant that is gone is no cause any more: it may have let in whom no policy does.
            let is_grant = GRANTS.contains(&call) && matches!(lack.cause, Cause::NotAllowedIn(_));
            (is_policy || is_grant) && is_of_resource(event, lack, touches)
        }
        Way::Grant(lack) => GRANTS.contains(&call) && is_of_resource(event, lack, touches),
        Way::Endpoint(regions) => {
            let is_in = |region| regions.is_empty() || regions.contains(region);
            is_touched && matches!(&event.acted_on, ActedOn::Endpoints(region) if is_in(region))
        }
        Way::Binding => is_binding(),
        Way::Trust => own() && call == "UpdateAssumeRolePolicy",
        Way::Profile => own() && call == "RemoveRoleFromInstanceProfile",
        Way::AccessKeys => own() && KEYS.contains(&call),
        Way::Fault(topic, place) => {
            calls_of(topic).contains(&call) && is_touched && is_in_place(event, place)
        }
    }
}

impl Whose<'_> {
    /// Whether a call names the principal itself.
    fn is_named_by(self, event: &TrailEvent) -> bool {
        let is = |kind, name: &str| self.arn.kind() == kind && is_name(self.arn.name(), name);
        let named = named_principals(&event.acted_on);
        named.into_iter().any(|(kind, name)| is(kind, name))
    }

    /// Whether a call is about policies of the principal, or about those of its groups.
    fn is_of_policies(self, event: &TrailEvent) -> bool {
        let Some(principal) = self.principal else {
            return self.is_named_by(event);
        };
        let mut groups = principal.groups.iter();
        if let ActedOn::Group(name) = &event.acted_on {
            return groups.any(|group| is_name(group, name));
        }
        if let ActedOn::Policy(arn) = &event.acted_on {
            let holds = |attached: &[Box<str>]| attached.contains(arn);
            let mut groups = groups.filter_map(|name| self.groups.get(name));
            return holds(&principal.attached) || groups.any(|group| holds(&group.attached));
        }
        self.is_named_by(event)
    }

    fn is_bounded_by(self, event: &TrailEvent) -> bool {
        let boundary = self.principal.and_then(|one| one.boundary.as_ref());
        matches!(&event.acted_on, ActedOn::Policy(arn) if boundary == Some(arn))
    }
}

/// Whether a call is about a policy, named as in a statement's place, as far as it names one.
fn is_about(event: &TrailEvent, policy: &str) -> bool {
    match event.policy.as_deref() {
        None => true,
        Some(named) => {
            let inline = policy.rsplit_once("inline ").map(|(_, name)| name);
            policy == named || inline.is_some_and(|name| is_name(name, named))
        }
    }
}

fn is_life_of_resource(call: &str) -> bool {
    [
        "CreateBucket",
        "CreateBackupVault",
        "CreateRole",
        "DeleteRole",
    ]
    .contains(&call)
}

/// Whether a call is about a resource on which actions are lacking.
fn is_of_resource(event: &TrailEvent, lack: &Lack, touches: Touches) -> bool {
    let mut resources = lack.resources.iter();
    let named = || {
        lack.resources
            .iter()
            .filter_map(|one| NamedResource::of(one))
    };
    // Where no resource was declared, any that the requirement works with, of the kind that the actions are about.
    let is_any = |policy: ResourcePolicy| {
        let mut actions = lack.actions.iter();
        touches == Touches::Principal
            && named().next().is_none()
            && actions.any(|action| ResourcePolicy::of(action) == Some(policy))
    };
    match &event.acted_on {
        ActedOn::Key(arn) => {
            named().any(|one| matches!(one, NamedResource::Key { arn: named, .. } if named == *arn))
                || is_any(ResourcePolicy::Key)
        }
        ActedOn::Bucket(name) => {
            named().any(|one| one == NamedResource::Bucket(name.clone()))
                || is_any(ResourcePolicy::Bucket)
        }
        ActedOn::Vault { region, name } | ActedOn::VaultItself { region, name } => {
            named().any(
                |one| matches!(one, NamedResource::Vault(arn) if is_vault_of(&arn, region, name)),
            ) || is_any(ResourcePolicy::Vault)
        }
        ActedOn::Role(name) => resources.any(|one| {
            let arn = one.parse::<PrincipalArn>();
            arn.is_ok_and(|arn| arn.kind() == PrincipalKind::Role && is_name(arn.name(), name))
        }),
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_)
        | ActedOn::Region(_)
        | ActedOn::RegionItself(_)
        | ActedOn::Endpoints(_)
        | ActedOn::Organization(_) => false,
    }
}

fn is_vault_of(arn: &str, region: &str, name: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| {
        arn.region == region && arn.resource.strip_prefix("backup-vault:") == Some(name)
    })
}

/// Whether a call is about the resource of a fault, named as people are told of it.
fn is_in_place(event: &TrailEvent, place: &str) -> bool {
    let is = |resource: FaultyResource| resource.label() == place;
    match &event.acted_on {
        ActedOn::Key(arn) => is(FaultyResource::Key(arn.clone())),
        ActedOn::Bucket(name) => {
            is(FaultyResource::Bucket(name.clone())) || place.starts_with("key ")
        }
        ActedOn::Vault { region, name } | ActedOn::VaultItself { region, name } => {
            place.starts_with(&format!("vault {name} in {region}"))
                || is(FaultyResource::Region(region.clone()))
        }
        ActedOn::Region(region) | ActedOn::RegionItself(region) | ActedOn::Endpoints(region) => {
            is(FaultyResource::Region(region.clone())) || place.contains(&format!(" in {region}"))
        }
        ActedOn::User(_)
        | ActedOn::RenamedUser { .. }
        | ActedOn::Role(_)
        | ActedOn::Group(_)
        | ActedOn::Policy(_)
        | ActedOn::InstanceProfile(_)
        | ActedOn::Organization(_) => false,
    }
}

/// The calls that can have led to a fault.
pub(super) fn calls_of(topic: FaultTopic) -> &'static [&'static str] {
    match topic {
        FaultTopic::NotThere => &["DeleteKey", "DeleteBucket", "DeleteBackupVault"],
        FaultTopic::KeyState => &[
            "DisableKey",
            "ScheduleKeyDeletion",
            "DeleteKey",
            "DeleteImportedKeyMaterial",
            "DeleteExpiredKeyMaterial",
        ],
        FaultTopic::KeyMaterialExpires | FaultTopic::KeyMaterialExpired => &["ImportKeyMaterial"],
        FaultTopic::KeySpec
        | FaultTopic::KeyManagedByAws
        | FaultTopic::KeyNotShareable
        | FaultTopic::KeyRegion => &[
            "ModifyEbsDefaultKmsKeyId",
            "ResetEbsDefaultKmsKeyId",
            "PutBucketEncryption",
        ],
        FaultTopic::DeadPrincipal => &[
            "PutKeyPolicy",
            "PutBucketPolicy",
            "PutBackupVaultAccessPolicy",
        ],
        FaultTopic::BucketEncryption => &["PutBucketEncryption", "DeleteBucketEncryption"],
        FaultTopic::VersionsWithoutLock
        | FaultTopic::LockWithoutVersions
        | FaultTopic::NoVersions
        | FaultTopic::NoLock
        | FaultTopic::LockNotMeant
        | FaultTopic::VersionsNotMeant => &[
            "PutBucketVersioning",
            "PutBucketObjectLockConfiguration",
            "CreateBucket",
        ],
        FaultTopic::MfaDelete => &["PutBucketVersioning"],
        FaultTopic::DefaultRetention => &["PutBucketObjectLockConfiguration"],
        FaultTopic::Lifecycle => &["PutBucketLifecycle", "PutBucketLifecycleConfiguration"],
        FaultTopic::Replication => &["PutBucketReplication"],
        FaultTopic::RequesterPays => &["PutBucketRequestPayment"],
        FaultTopic::BucketNotOwn => &["DeleteBucket", "CreateBucket"],
        FaultTopic::VaultLocked => &["PutBackupVaultLockConfiguration", "CreateBackupVault"],
        FaultTopic::VaultKind | FaultTopic::VaultState => &["CreateBackupVault"],
        FaultTopic::NoVault => &["DeleteBackupVault"],
        FaultTopic::NotOptedIn | FaultTopic::NotManaged => &["UpdateRegionSettings"],
        FaultTopic::VolumesEncrypted => &["EnableEbsEncryptionByDefault"],
        FaultTopic::RegionNotEnabled => &["DisableRegion"],
        FaultTopic::EndpointState
        | FaultTopic::EndpointDns
        | FaultTopic::EndpointMissing
        | FaultTopic::EndpointGateway
        | FaultTopic::EndpointApart => &[
            "CreateVpcEndpoint",
            "ModifyVpcEndpoint",
            "DeleteVpcEndpoints",
        ],
        FaultTopic::NoServiceRole | FaultTopic::RegionNotListed => &[],
    }
}
