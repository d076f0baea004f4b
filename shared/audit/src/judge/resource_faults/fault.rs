//! Faults as values: what is wrong with which resource, and what does it mean?
//!
//! Each says itself in a few words that follow the name of the resource: `bucket b` `has a default retention (...)`. Whole sentences,
//! and what to do, are `report`'s business.

use iam::{AccountId, Arn};
use jiff::Timestamp;

use super::topic::FaultTopic;
use crate::find::finding::{Code, Item};

/// One thing that is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceFault {
    /// Which resource.
    pub resource: FaultyResource,
    /// What it means.
    pub weight: Weight,
    /// What is wrong with it.
    pub kind: ResourceFaultKind,
}

/// A resource that something is wrong with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultyResource {
    /// A KMS key, by its ARN.
    Key(Box<str>),
    /// A bucket, by its name.
    Bucket(Box<str>),
    /// A vault of AWS Backup, by its ARN.
    Vault(Box<str>),
    /// What is set for the account in a region, by the region's name.
    Region(Box<str>),
    /// A VPC endpoint.
    Endpoint {
        /// The region that it is in.
        region: Box<str>,
        /// Such as `vpce-0123456789abcdef0`.
        id: Box<str>,
    },
}

/// What a fault of a resource means for a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// What the requirement is for does not work.
    Breaks,
    /// It is not known whether it works.
    Unknown,
    /// It works; worth knowing.
    Notice,
}

/// What is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceFaultKind {
    /// AWS says that there is no such resource.
    NotThere,
    /// A key is not enabled.
    KeyState {
        /// Such as `PendingDeletion`.
        state: Box<str>,
        /// When it is deleted, if it is to be.
        deletion: Option<Timestamp>,
    },
    /// The imported material of a key expires soon.
    KeyMaterialExpires(Timestamp),
    /// The imported material of a key has expired.
    KeyMaterialExpired(Timestamp),
    /// A key is asymmetric or for HMACs: its spec.
    KeySpec(Box<str>),
    /// A repository's key is managed by AWS.
    KeyManagedByAws,
    /// A key is managed by AWS, so that its volumes, snapshots and databases cannot be shared with this account.
    KeyNotShareable(AccountId),
    /// A repository's key lies in another region than its bucket.
    KeyRegion {
        /// The bucket.
        bucket: Box<str>,
        /// The bucket's region.
        expected: Box<str>,
    },
    /// A policy names a user or role that is gone, by the id that it had.
    DeadPrincipal(Box<str>),
    /// A bucket encrypts with a KMS key by default: the algorithm.
    BucketEncryption(Box<str>),
    /// A bucket keeps versions and has no Object Lock, where only both or neither will do.
    VersionsWithoutLock,
    /// A bucket has Object Lock and keeps no versions.
    LockWithoutVersions,
    /// The bucket of an immutable repository keeps no versions.
    NoVersions,
    /// The bucket of an immutable repository has no Object Lock.
    NoLock,
    /// The bucket of a repository that is not immutable has Object Lock.
    LockNotMeant,
    /// The bucket of a repository that is not immutable keeps versions.
    VersionsNotMeant,
    /// Only the root user with MFA deletes versions of a bucket.
    MfaDelete,
    /// A bucket locks every new object for a time of its own: the retention.
    DefaultRetention(Box<str>),
    /// A lifecycle rule reaches what Veeam keeps in a bucket: its name.
    Lifecycle(Box<str>),
    /// S3 replicates a bucket.
    Replication,
    /// Whoever requests from another account's bucket pays.
    RequesterPays,
    /// The bucket of an appliance's repository is not among those of the account.
    BucketNotOwn,
    /// Vault Lock is on.
    VaultLocked,
    /// A vault is of a kind that is not for Veeam: the kind.
    VaultKind(Box<str>),
    /// A vault is in a state in which it takes nothing: the state.
    VaultState(Box<str>),
    /// A region has no vault.
    NoVault,
    /// A resource type is not opted in for AWS Backup.
    NotOptedIn(Box<str>),
    /// AWS Backup does not manage the backups of a resource type fully.
    NotManaged(Box<str>),
    /// A role that an AWS service makes for itself is not in the account.
    NoServiceRole(Box<str>),
    /// New volumes are encrypted by default.
    VolumesEncrypted,
    /// A region is not enabled for the account.
    RegionNotEnabled,
    /// AWS does not list a region.
    RegionNotListed,
    /// An endpoint is not available.
    EndpointState {
        /// Such as `pendingacceptance`.
        state: Box<str>,
        /// The end of the service's name, such as `ssm`.
        service: Box<str>,
    },
    /// The service's own name does not lead to an endpoint: the end of its name.
    EndpointDns(Box<str>),
    /// Workers need an interface endpoint for a service, and there is none: the end of its name.
    EndpointMissing(Box<str>),
    /// There is a gateway endpoint for a service, and workers need an interface endpoint: the end of its name.
    EndpointGateway(Box<str>),
    /// No VPC has all interface endpoints that workers need; the one with most of them lacks one for a service: the end of its name.
    EndpointApart(Box<str>),
}

impl ResourceFault {
    /// The code of the findings that tell of it: who has to act.
    #[must_use]
    pub fn code(&self) -> Code {
        match &self.resource {
            FaultyResource::Key(_) => Code::KeyState,
            FaultyResource::Bucket(_)
            | FaultyResource::Vault(_)
            | FaultyResource::Region(_)
            | FaultyResource::Endpoint { .. } => Code::ResourceSettings,
        }
    }

    /// What people are told of, with the name of the resource as they see it.
    #[must_use]
    pub fn item(&self) -> Item {
        Item {
            name: self.kind.words().into(),
            place: self.resource.label().into(),
        }
    }
}

impl FaultyResource {
    /// The word for what it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Bucket(_) => "bucket",
            Self::Vault(_) => "vault",
            Self::Region(_) => "region",
            Self::Endpoint { .. } => "endpoint",
        }
    }

    /// Its ARN, name or id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Key(name) | Self::Bucket(name) | Self::Vault(name) | Self::Region(name) => name,
            Self::Endpoint { id, .. } => id,
        }
    }

    /// The region that it is in, where its name does not say it.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::Endpoint { region, .. } => Some(region),
            Self::Key(_) | Self::Bucket(_) | Self::Vault(_) | Self::Region(_) => None,
        }
    }

    /// As people are told: `bucket b`, `key …90ab in eu-central-1 of 111122223333`. Of a key's id the last four characters.
    #[must_use]
    pub fn label(&self) -> String {
        let kind = self.kind();
        match self {
            Self::Key(arn) => format!("{kind} …{}{}", last_four(arn), home(arn)),
            Self::Vault(arn) => {
                let name = arn.rsplit_once(':').map_or(&**arn, |(_, name)| name);
                format!("{kind} {name}{}", home(arn))
            }
            Self::Bucket(name) | Self::Region(name) => format!("{kind} {name}"),
            Self::Endpoint { region, id } => format!("{kind} {id} in {region}"),
        }
    }
}

/// The last four characters: all of an id that people are told.
pub(crate) fn last_four(text: &str) -> &str {
    let at = text.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    text.get(at..).unwrap_or(text)
}

/// ` in eu-central-1 of 111122223333`; empty for what is no ARN.
fn home(arn: &str) -> String {
    Arn::parse(arn).map_or_else(
        |_| String::new(),
        |arn| format!(" in {} of {}", arn.region, arn.account),
    )
}

impl ResourceFaultKind {
    /// What it is about, without what was found.
    #[must_use]
    pub fn topic(&self) -> FaultTopic {
        match self {
            Self::NotThere => FaultTopic::NotThere,
            Self::KeyState { .. } => FaultTopic::KeyState,
            Self::KeyMaterialExpires(_) => FaultTopic::KeyMaterialExpires,
            Self::KeyMaterialExpired(_) => FaultTopic::KeyMaterialExpired,
            Self::KeySpec(_) => FaultTopic::KeySpec,
            Self::KeyManagedByAws => FaultTopic::KeyManagedByAws,
            Self::KeyNotShareable(_) => FaultTopic::KeyNotShareable,
            Self::KeyRegion { .. } => FaultTopic::KeyRegion,
            Self::DeadPrincipal(_) => FaultTopic::DeadPrincipal,
            Self::BucketEncryption(_) => FaultTopic::BucketEncryption,
            Self::VersionsWithoutLock => FaultTopic::VersionsWithoutLock,
            Self::LockWithoutVersions => FaultTopic::LockWithoutVersions,
            Self::NoVersions => FaultTopic::NoVersions,
            Self::NoLock => FaultTopic::NoLock,
            Self::LockNotMeant => FaultTopic::LockNotMeant,
            Self::VersionsNotMeant => FaultTopic::VersionsNotMeant,
            Self::MfaDelete => FaultTopic::MfaDelete,
            Self::DefaultRetention(_) => FaultTopic::DefaultRetention,
            Self::Lifecycle(_) => FaultTopic::Lifecycle,
            Self::Replication => FaultTopic::Replication,
            Self::RequesterPays => FaultTopic::RequesterPays,
            Self::BucketNotOwn => FaultTopic::BucketNotOwn,
            Self::VaultLocked => FaultTopic::VaultLocked,
            Self::VaultKind(_) => FaultTopic::VaultKind,
            Self::VaultState(_) => FaultTopic::VaultState,
            Self::NoVault => FaultTopic::NoVault,
            Self::NotOptedIn(_) => FaultTopic::NotOptedIn,
            Self::NotManaged(_) => FaultTopic::NotManaged,
            Self::NoServiceRole(_) => FaultTopic::NoServiceRole,
            Self::VolumesEncrypted => FaultTopic::VolumesEncrypted,
            Self::RegionNotEnabled => FaultTopic::RegionNotEnabled,
            Self::RegionNotListed => FaultTopic::RegionNotListed,
            Self::EndpointState { .. } => FaultTopic::EndpointState,
            Self::EndpointDns(_) => FaultTopic::EndpointDns,
            Self::EndpointMissing(_) => FaultTopic::EndpointMissing,
            Self::EndpointGateway(_) => FaultTopic::EndpointGateway,
            Self::EndpointApart(_) => FaultTopic::EndpointApart,
        }
    }

    /// What is wrong, in words that follow the name of the resource.
    #[must_use]
    pub fn words(&self) -> String {
        let words = self.topic().words();
        match self {
            Self::KeyState { state, deletion } => match (&**state, deletion) {
                ("Disabled", _) => format!("{words} disabled"),
                ("PendingDeletion", Some(at)) => format!("{words} to be deleted on {}", day(*at)),
                ("PendingDeletion", None) => format!("{words} to be deleted"),
                ("PendingReplicaDeletion", _) => {
                    format!("{words} to be deleted once its replicas are gone")
                }
                ("PendingImport", _) => format!("{words} without key material"),
                ("Unavailable", _) => {
                    format!("{words} unavailable, because its key store is not connected")
                }
                (other, _) => format!("{words} in the state {other}"),
            },
            Self::KeyMaterialExpires(at) | Self::KeyMaterialExpired(at) => {
                format!("{words} {}", day(*at))
            }
            Self::KeySpec(spec) => format!("{words} ({spec})"),
            Self::KeyNotShareable(account) => {
                format!("{words} account {account}, because AWS manages the key")
            }
            Self::KeyRegion { bucket, expected } => {
                format!("{words} bucket {bucket}, which is in {expected}")
            }
            Self::DeadPrincipal(id) => format!("{words}: {id}"),
            Self::BucketEncryption(algorithm) => format!("{words} {algorithm}"),
            Self::DefaultRetention(retention) => format!("{words} ({retention})"),
            Self::Lifecycle(rule) if rule.is_empty() => words.to_owned(),
            Self::Lifecycle(rule) => format!("{words}: {rule}"),
            Self::VaultKind(kind) => format!("{words} {kind}"),
            Self::VaultState(state) => format!("{words}: {state}"),
            Self::NotOptedIn(kind) | Self::NotManaged(kind) => format!("{words} {kind}"),
            Self::NoServiceRole(name) => format!("{words} {name}"),
            Self::EndpointState { state, service } => format!("{words} {service} but is {state}"),
            Self::EndpointDns(service)
            | Self::EndpointMissing(service)
            | Self::EndpointGateway(service)
            | Self::EndpointApart(service) => format!("{words} {service}"),
            Self::NotThere
            | Self::MfaDelete
            | Self::KeyManagedByAws
            | Self::VersionsWithoutLock
            | Self::LockWithoutVersions
            | Self::NoVersions
            | Self::NoLock
            | Self::LockNotMeant
            | Self::VersionsNotMeant
            | Self::Replication
            | Self::RequesterPays
            | Self::BucketNotOwn
            | Self::VaultLocked
            | Self::NoVault
            | Self::VolumesEncrypted
            | Self::RegionNotEnabled
            | Self::RegionNotListed => words.to_owned(),
        }
    }
}

/// The day, in UTC.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

impl Weight {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaks => "breaks",
            Self::Unknown => "unknown",
            Self::Notice => "notice",
        }
    }
}
