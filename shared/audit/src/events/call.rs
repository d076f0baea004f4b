//! Calls: what did a call change?
//!
//! The calls of IAM are all those of its API that can change a verdict. The calls of other services are those that change what an
//! audit reads of keys, buckets, vaults, regions, endpoints and the organisation.

use super::event::{ActedOn, EventFaultReason};
use super::raw::Raw;

type Followed = Result<Option<ActedOn>, EventFaultReason>;

const USER: &str = "requestParameters.userName";
const ROLE: &str = "requestParameters.roleName";
const GROUP: &str = "requestParameters.groupName";
const POLICY: &str = "requestParameters.policyArn";
const PROFILE: &str = "requestParameters.instanceProfileName";
const REGION: &str = "awsRegion";

/// What the call of an event changed; `None` where it changed nothing that an audit looks at.
pub(super) fn acted_on(raw: Raw<'_>) -> Followed {
    match raw.source {
        "iam.amazonaws.com" => of_iam(raw),
        "kms.amazonaws.com" => of_kms(raw),
        "s3.amazonaws.com" => of_s3(raw),
        "ec2.amazonaws.com" => of_ec2(raw),
        "backup.amazonaws.com" => of_backup(raw),
        "account.amazonaws.com" => of_account(raw),
        "organizations.amazonaws.com" => of_organizations(raw),
        _ => Ok(None),
    }
}

/// Whether calls of a service are followed at all.
pub(super) fn is_followed(service: &str) -> bool {
    [
        "iam.amazonaws.com",
        "kms.amazonaws.com",
        "s3.amazonaws.com",
        "ec2.amazonaws.com",
        "backup.amazonaws.com",
        "account.amazonaws.com",
        "organizations.amazonaws.com",
    ]
    .contains(&service)
}

fn of_iam(raw: Raw<'_>) -> Followed {
    let name = |path| raw.needed(path).map(Box::from);
    Ok(Some(match raw.call {
        // A version that is not the default one decides nothing.
        "CreatePolicyVersion" if !makes_default(raw) => return Ok(None),
        "CreatePolicyVersion" | "SetDefaultPolicyVersion" => ActedOn::Policy(name(POLICY)?),
        "AttachUserPolicy"
        | "DetachUserPolicy"
        | "PutUserPolicy"
        | "DeleteUserPolicy"
        | "PutUserPermissionsBoundary"
        | "DeleteUserPermissionsBoundary"
        | "AddUserToGroup"
        | "RemoveUserFromGroup"
        | "TagUser"
        | "UntagUser"
        | "CreateUser"
        | "DeleteUser" => ActedOn::User(name(USER)?),
        "AttachRolePolicy"
        | "DetachRolePolicy"
        | "PutRolePolicy"
        | "DeleteRolePolicy"
        | "PutRolePermissionsBoundary"
        | "DeleteRolePermissionsBoundary"
        | "TagRole"
        | "UntagRole"
        | "UpdateAssumeRolePolicy"
        | "AddRoleToInstanceProfile"
        | "RemoveRoleFromInstanceProfile"
        | "CreateRole"
        | "DeleteRole" => ActedOn::Role(name(ROLE)?),
        "AttachGroupPolicy" | "DetachGroupPolicy" | "PutGroupPolicy" | "DeleteGroupPolicy" => {
            ActedOn::Group(name(GROUP)?)
        }
        "DeleteInstanceProfile" => ActedOn::InstanceProfile(name(PROFILE)?),
        "CreateAccessKey" | "UpdateAccessKey" | "DeleteAccessKey" => return owner(raw),
        "UpdateUser" => {
            let from = name(USER)?;
            match raw.text("requestParameters.newUserName") {
                Some(to) => ActedOn::RenamedUser {
                    from,
                    to: to.into(),
                },
                None => ActedOn::User(from),
            }
        }
        _ => return Ok(None),
    }))
}

/// Whether a new version of a policy became the default one. Without a word about it, it does not.
fn makes_default(raw: Raw<'_>) -> bool {
    raw.is_true("requestParameters.setAsDefault")
        || raw.is_true("responseElements.policyVersion.isDefaultVersion")
}

/// Whose access key: who is named, else the caller. The root user's keys are nobody's who is looked at.
fn owner(raw: Raw<'_>) -> Followed {
    let named = raw
        .text(USER)
        .or_else(|| raw.text("responseElements.accessKey.userName"));
    if let Some(name) = named {
        return Ok(Some(ActedOn::User(name.into())));
    }
    match raw.text("userIdentity.type") {
        Some("IAMUser") => {
            let name = raw.needed("userIdentity.userName")?;
            Ok(Some(ActedOn::User(name.into())))
        }
        Some("Root") => Ok(None),
        _ => Err(raw.lacks(USER)),
    }
}

fn of_kms(raw: Raw<'_>) -> Followed {
    match raw.call {
        "PutKeyPolicy"
        | "DisableKey"
        | "EnableKey"
        | "ScheduleKeyDeletion"
        | "CancelKeyDeletion"
        | "DeleteKey"
        | "DeleteExpiredKeyMaterial"
        | "RevokeGrant"
        | "RetireGrant"
        | "ImportKeyMaterial"
        | "DeleteImportedKeyMaterial"
        | "TagResource"
        | "UntagResource" => Ok(Some(ActedOn::Key(key(raw)?))),
        // AWS services make grants all day.
        _ => Ok(None),
    }
}

/// The ARN of the key: the event lists it, or it is made of the key's id.
fn key(raw: Raw<'_>) -> Result<Box<str>, EventFaultReason> {
    const KEY: &str = "requestParameters.keyId";
    if let Some(arn) = raw.resource("AWS::KMS::Key") {
        return Ok(arn.into());
    }
    let key = raw.needed(KEY)?;
    if key.starts_with("arn:") {
        return Ok(key.into());
    }
    let region = raw.needed(REGION)?;
    let Some(account) = raw.account().filter(|_| !key.contains('/')) else {
        return Err(raw.lacks("resources"));
    };
    let partition = iam::partition_of(region);
    Ok(format!("arn:{partition}:kms:{region}:{account}:key/{key}").into())
}

fn of_s3(raw: Raw<'_>) -> Followed {
    match raw.call {
        "CreateBucket"
        | "DeleteBucket"
        | "PutBucketPolicy"
        | "DeleteBucketPolicy"
        | "PutBucketEncryption"
        | "DeleteBucketEncryption"
        | "PutBucketVersioning"
        | "PutBucketObjectLockConfiguration"
        | "PutBucketLifecycle"
        | "PutBucketLifecycleConfiguration"
        | "DeleteBucketLifecycle"
        | "PutBucketReplication"
        | "DeleteBucketReplication"
        | "PutBucketRequestPayment"
        | "PutBucketOwnershipControls"
        | "PutBucketPublicAccessBlock"
        | "PutBucketAbac"
        | "PutBucketTagging" => {
            let bucket = raw.needed("requestParameters.bucketName")?;
            Ok(Some(ActedOn::Bucket(bucket.into())))
        }
        _ => Ok(None),
    }
}

fn of_ec2(raw: Raw<'_>) -> Followed {
    let region = || raw.needed(REGION).map(Box::from);
    Ok(match raw.call {
        "CreateVpcEndpoint" | "ModifyVpcEndpoint" | "DeleteVpcEndpoints" => {
            Some(ActedOn::Endpoints(region()?))
        }
        "EnableEbsEncryptionByDefault"
        | "DisableEbsEncryptionByDefault"
        | "ModifyEbsDefaultKmsKeyId"
        | "ResetEbsDefaultKmsKeyId" => Some(ActedOn::Region(region()?)),
        _ => None,
    })
}

fn of_backup(raw: Raw<'_>) -> Followed {
    const VAULT: &str = "requestParameters.backupVaultName";
    let region = || raw.needed(REGION).map(Box::from);
    Ok(match raw.call {
        "CreateBackupVault" | "DeleteBackupVault" => Some(ActedOn::VaultItself {
            region: region()?,
            name: raw.needed(VAULT)?.into(),
        }),
        "PutBackupVaultAccessPolicy"
        | "DeleteBackupVaultAccessPolicy"
        | "PutBackupVaultLockConfiguration"
        | "DeleteBackupVaultLockConfiguration" => Some(ActedOn::Vault {
            region: region()?,
            name: raw.needed(VAULT)?.into(),
        }),
        "UpdateRegionSettings" => Some(ActedOn::Region(region()?)),
        _ => None,
    })
}

fn of_account(raw: Raw<'_>) -> Followed {
    Ok(match raw.call {
        "EnableRegion" | "DisableRegion" => {
            // This service writes its parameters as its API has them.
            let region = raw.text("requestParameters.RegionName");
            let region = region.map_or_else(|| raw.needed("requestParameters.regionName"), Ok)?;
            Some(ActedOn::RegionItself(region.into()))
        }
        _ => None,
    })
}

fn of_organizations(raw: Raw<'_>) -> Followed {
    let target = match raw.call {
        "AttachPolicy" | "DetachPolicy" => Some(raw.needed("requestParameters.targetId")?),
        "MoveAccount" | "RemoveAccountFromOrganization" => {
            Some(raw.needed("requestParameters.accountId")?)
        }
        "LeaveOrganization" | "AcceptHandshake" => raw.text("userIdentity.accountId"),
        // Tag policies and the like restrict nobody.
        "UpdatePolicy" | "EnablePolicyType" | "DisablePolicyType" if !restricts(raw) => {
            return Ok(None);
        }
        "UpdatePolicy" | "EnablePolicyType" | "DisablePolicyType" => None,
        _ => return Ok(None),
    };
    Ok(Some(ActedOn::Organization(target.map(Box::from))))
}

/// Whether a call about a kind of policies is about SCPs or RCPs, as far as it says that.
fn restricts(raw: Raw<'_>) -> bool {
    let kind = raw
        .text("requestParameters.policyType")
        .or_else(|| raw.text("responseElements.policy.policySummary.type"));
    kind.is_none_or(|kind| ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"].contains(&kind))
}
