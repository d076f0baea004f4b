//! Settings: what does each Veeam operation need of buckets, regions and VPC endpoints?
//!
//! An action set says what a principal must be allowed. A [`SettingNeed`] says what must be set where the requests go: whether a bucket
//! is to keep versions and lock them, which resource type AWS Backup must have opted in, which endpoints a worker without a public
//! address needs. What is set in an account is not known here.

use crate::set::{SetId, Source};

/// What an operation needs of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingNeed {
    /// The operation, such as `efs-backup`; stable.
    pub id: Box<str>,
    /// What Veeam does.
    pub operation: String,
    /// The sets of which the operation is one.
    pub sets: Vec<SetId>,
    /// Its repository's bucket, if it has one.
    pub bucket: Option<BucketNeed>,
    /// What it needs of AWS Backup, if anything.
    pub backup: Option<BackupNeed>,
    /// New volumes must not be encrypted by default.
    pub plain_volumes: bool,
    /// The services that workers without public addresses reach through interface endpoints: the ends of their names, sorted.
    pub endpoints: Vec<Box<str>>,
    /// Where it was taken from.
    pub source: Source,
}

/// What an operation needs of the bucket of its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketNeed {
    /// Whose repository it is.
    pub keeper: RepositoryKeeper,
    /// Whether the repository is immutable.
    pub immutability: Immutability,
}

/// Who keeps a repository in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepositoryKeeper {
    /// An appliance of Veeam Backup for AWS. It keeps everything in the folder `Veeam`.
    Appliance,
    /// Veeam Backup & Replication, or an agent.
    BackupServer,
}

/// Whether a repository is immutable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Immutability {
    /// It is.
    On,
    /// It is not.
    Off,
    /// The set is for both.
    Either,
}

/// What an operation needs of AWS Backup in its region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupNeed {
    /// The resource type, as AWS Backup spells it.
    pub kind: Box<str>,
    /// Whether the type must be opted in.
    pub opt_in: OptInNeed,
    /// AWS Backup must manage the backups of the type fully.
    pub full_management: bool,
}

/// Whether a resource type must be opted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptInNeed {
    /// It must.
    Needed,
    /// AWS's pages do not agree.
    Perhaps,
}

impl RepositoryKeeper {
    /// Every variant.
    pub const ALL: &[Self] = &[Self::Appliance, Self::BackupServer];

    /// The word in data files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appliance => "appliance",
            Self::BackupServer => "backup-server",
        }
    }
}

impl Immutability {
    /// Every variant.
    pub const ALL: &[Self] = &[Self::On, Self::Off, Self::Either];

    /// The word in data files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Either => "either",
        }
    }
}

impl OptInNeed {
    /// Every variant.
    pub const ALL: &[Self] = &[Self::Needed, Self::Perhaps];

    /// The word in data files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Perhaps => "perhaps",
        }
    }
}
