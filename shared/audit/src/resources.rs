//! The resource side of an account: what is known of the keys, buckets and vaults that requirements name, of the regions they
//! work in, and of the organisation above the account?
//!
//! A listing says nothing of these. They come from a snapshot file ([`snapshot`](crate::saved::snapshot)), or from AWS, through the port
//! [`Environment`](crate::ports::Environment). What a request comes to with them is decided in `judge`.

mod confirmed;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::inventory::PolicyText;
use iam::{AccountId, Arn};
use jiff::Timestamp;

pub use wanted::{ParseReadLayerError, ReadLayer, Wanted, WantedRegion};

/// How much is known of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading<T> {
    /// Nobody looked.
    #[default]
    NotRead,
    /// Somebody looked, and could not read it: the reason, such as `AccessDenied`.
    Refused(Box<str>),
    /// What was read.
    Read(T),
}

/// Everything that is known besides the listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// KMS keys by ARN.
    pub keys: BTreeMap<Box<str>, Key>,
    /// Buckets by name.
    pub buckets: BTreeMap<Box<str>, Bucket>,
    /// Vaults of AWS Backup by ARN.
    pub vaults: BTreeMap<Box<str>, Vault>,
    /// What is set for the account in a region, by the region's name.
    pub regions: BTreeMap<Box<str>, Region>,
    /// Whether each region is enabled for the account, by its name.
    pub enabled_regions: Reading<BTreeMap<Box<str>, RegionStatus>>,
    /// The names of all buckets that the account owns.
    pub own_buckets: Reading<BTreeSet<Box<str>>>,
    /// The organisation above the account; `None` where the account is in none.
    pub organization: Reading<Option<Organization>>,
}

/// A KMS key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// What `DescribeKey` says.
    pub metadata: Reading<KeyMetadata>,
    /// Its policy.
    pub policy: Reading<PolicyText>,
    /// Its grants, one document each.
    pub grants: Reading<Vec<PolicyText>>,
}

/// What `DescribeKey` says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMetadata {
    /// The key's ARN.
    pub arn: Box<str>,
    /// Who owns it.
    pub account: AccountId,
    /// Such as `Enabled` or `PendingDeletion`.
    pub state: Box<str>,
    /// `AWS` or `CUSTOMER`.
    pub manager: Box<str>,
    /// Such as `SYMMETRIC_DEFAULT`.
    pub spec: Box<str>,
    /// When it is deleted, if it is to be.
    pub deletion: Option<Timestamp>,
    /// When its imported material expires, if it does.
    pub valid_to: Option<Timestamp>,
}

/// An S3 bucket. `None` within a reading: AWS says that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its policy.
    pub policy: Reading<Option<PolicyText>>,
    /// Whether it keeps versions.
    pub versioning: Reading<Versioning>,
    /// Whether versions are deleted only by the root user with MFA.
    pub mfa_delete: Reading<bool>,
    /// Object Lock.
    pub object_lock: Reading<Option<ObjectLock>>,
    /// The default encryption.
    pub encryption: Reading<Option<BucketEncryption>>,
    /// Lifecycle rules; empty where there are none.
    pub lifecycle: Reading<Vec<LifecycleRule>>,
    /// The region that it is in.
    pub region: Reading<Box<str>>,
    /// Whether whoever requests pays.
    pub requester_pays: Reading<bool>,
    /// Whether it is replicated by S3: an enabled rule.
    pub replicates: Reading<bool>,
}

/// Whether a bucket keeps versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// It never did.
    Never,
    /// It does.
    Enabled,
    /// It did.
    Suspended,
}

/// Object Lock of a bucket, where it is enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectLock {
    /// A default retention, in words such as `COMPLIANCE, 30 days`.
    pub default_retention: Option<Box<str>>,
}

/// The default encryption of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketEncryption {
    /// Such as `AES256` or `aws:kms`.
    pub algorithm: Box<str>,
    /// The key's id, alias or ARN as S3 says it.
    pub key: Option<Box<str>>,
}

/// A lifecycle rule of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name; empty where it has none.
    pub id: Box<str>,
    /// Whether it is on.
    pub is_enabled: bool,
    /// How the names of the objects that it reaches begin; empty: any.
    pub prefix: Box<str>,
    /// Whether it reaches only objects with certain tags or sizes.
    pub is_narrowed: bool,
    /// Whether it does no more than to abort uploads that were not completed.
    pub only_aborts_uploads: bool,
    /// Whether it does no more than to remove delete markers that have no versions left.
    pub only_removes_markers: bool,
}

/// A vault of AWS Backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    /// Its access policy.
    pub policy: Reading<Option<PolicyText>>,
    /// What `DescribeBackupVault` says.
    pub description: Reading<VaultDescription>,
}

/// What `DescribeBackupVault` says of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultDescription {
    /// Whether Vault Lock is on.
    pub is_locked: bool,
    /// Such as `AVAILABLE`; empty where an older AWS CLI left it out.
    pub state: Box<str>,
    /// `BACKUP_VAULT`, or a kind that is not for Veeam.
    pub kind: Box<str>,
    /// The ARN of the key that it encrypts with.
    pub key: Option<Box<str>>,
}

/// What is set for an account in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// The default key for EBS: an ARN, an id or an alias, as EC2 says it.
    pub ebs_default_key: Reading<Box<str>>,
    /// Whether new EBS volumes are encrypted by default.
    pub ebs_encryption_by_default: Reading<bool>,
    /// What AWS Backup may back up.
    pub backup: Reading<BackupSettings>,
    /// VPC endpoints.
    pub endpoints: Reading<Vec<VpcEndpoint>>,
    /// The keys of what is backed up, as EC2 and RDS say them; a kind that is not here was not read.
    pub source_keys: BTreeMap<SourceKind, Reading<BTreeSet<Box<str>>>>,
    /// The names of all vaults of AWS Backup.
    pub vaults: Reading<BTreeSet<Box<str>>>,
}

/// What is backed up and may be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// An EBS volume.
    Volume,
    /// An EBS snapshot.
    EbsSnapshot,
    /// A DB instance of RDS.
    DbInstance,
    /// A DB cluster of RDS.
    DbCluster,
}

/// What `DescribeRegionSettings` of AWS Backup says, by resource type such as `EFS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupSettings {
    /// Whether AWS Backup protects resources of the type.
    pub opt_in: BTreeMap<Box<str>, bool>,
    /// Whether AWS Backup manages their backups fully.
    pub management: BTreeMap<Box<str>, bool>,
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// Such as `vpce-0123456789abcdef0`.
    pub id: Box<str>,
    /// The VPC that it is in, such as `vpc-0123456789abcdef0`.
    pub vpc: Box<str>,
    /// Such as `com.amazonaws.eu-central-1.s3`.
    pub service: Box<str>,
    /// `Interface`, `Gateway`, ...
    pub kind: Box<str>,
    /// Such as `available`, in small letters.
    pub state: Box<str>,
    /// Whether the service's own name leads to it.
    pub private_dns: bool,
    /// Its policy; `None` where EC2 prints none.
    pub policy: Option<PolicyText>,
}

/// Whether a region is enabled for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionStatus {
    /// It is for every account.
    Default,
    /// Somebody enabled it.
    OptedIn,
    /// Nobody enabled it.
    NotOptedIn,
}

/// The organisation above an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// Such as `o-exampleorgid`; empty where nobody said.
    pub id: Box<str>,
    /// Its management account, where somebody said.
    pub management_account: Option<AccountId>,
    /// The ids of the root and the OUs above the account, from the root; empty where nobody said.
    pub path: Vec<Box<str>>,
    /// SCPs from the root to the account; each level at least one, unless nobody read them. A level that was refused holds one that
    /// allows all, since what it denies is not known.
    pub service_control: Reading<Vec<Vec<NamedPolicy>>>,
    /// RCPs from the root to the account, likewise.
    pub resource_control: Reading<Vec<Vec<NamedPolicy>>>,
    /// The ids of the levels whose SCPs were refused, where others were read.
    pub refused_service_control: Vec<Box<str>>,
    /// The same of RCPs.
    pub refused_resource_control: Vec<Box<str>>,
}

/// A policy of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its id, or its name where it has none.
    pub name: Arc<str>,
    /// What it says.
    pub document: PolicyText,
}

/// A resource that a requirement names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedResource {
    /// A KMS key, by its ARN.
    Key {
        /// The ARN.
        arn: Box<str>,
        /// Which key of the operations it is; `None` where the declaration does not say.
        role: Option<catalog::KeyRole>,
    },
    /// A bucket, by its name.
    Bucket(Box<str>),
    /// A vault of AWS Backup, by its ARN.
    Vault(Box<str>),
}

impl Resources {
    /// The ids of the root and the OUs above the account; none where it is in no organisation. `None`: nobody knows.
    #[must_use]
    pub fn above(&self) -> Option<&[Box<str>]> {
        match &self.organization {
            Reading::Read(Some(organization)) if organization.path.is_empty() => None,
            Reading::Read(Some(organization)) => Some(&organization.path),
            Reading::Read(None) => Some(&[]),
            Reading::NotRead | Reading::Refused(_) => None,
        }
    }
}

impl VpcEndpoint {
    /// Whether it leads to a service, named as at the end of the endpoint's own: `s3`.
    #[must_use]
    pub fn is_of(&self, service: &str) -> bool {
        let name = self.service.rsplit_once('.');
        name.is_some_and(|(_, name)| name == service)
    }

    /// Whether it has addresses of its own in the VPC.
    #[must_use]
    pub fn is_interface(&self) -> bool {
        self.kind.eq_ignore_ascii_case("interface")
    }

    /// Whether it can be used.
    #[must_use]
    pub fn is_available(&self) -> bool {
        &*self.state == "available"
    }
}

impl NamedResource {
    /// The key, bucket or vault that an ARN names, or in which what it names is; `None` for anything else.
    #[must_use]
    pub fn of(arn: &str) -> Option<Self> {
        let parsed = Arn::parse(arn).ok()?;
        match parsed.service {
            "kms" if parsed.resource.starts_with("key/") => Some(Self::Key {
                arn: arn.into(),
                role: None,
            }),
            "s3" => {
                let name = parsed.resource.split('/').next()?;
                Some(Self::Bucket(name.into()))
            }
            "backup" if parsed.resource.starts_with("backup-vault:") => {
                Some(Self::Vault(arn.into()))
            }
            _ => None,
        }
    }

    /// The same resource, whichever it is to operations.
    #[must_use]
    pub fn without_role(&self) -> Self {
        match self {
            Self::Key { arn, role: _ } => Self::Key {
                arn: arn.clone(),
                role: None,
            },
            Self::Bucket(_) | Self::Vault(_) => self.clone(),
        }
    }
}

impl<T> Reading<T> {
    /// What was read, if anything was.
    #[must_use]
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::NotRead | Self::Refused(_) => None,
        }
    }
}
