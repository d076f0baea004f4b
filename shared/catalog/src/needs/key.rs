//! Keys: what does each Veeam operation need of the KMS keys that it works with?
//!
//! An action set says what a principal must be allowed. A [`KeyNeed`] says of which key: the source's, the target's, the region's
//! default, the repository's, the vault's. And it says through which service KMS is called, because a key policy may demand one.
//! Which key of an account is which is not known here; nor is what a key policy says (`iam` decides with it).

use std::fmt;

use iam::ActionName;

use crate::set::{ConditionName, SetId, Severity, Source};
use crate::version::ProductVersion;

/// What an operation needs of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNeed {
    /// The operation, such as `ec2-image-backup`; stable.
    pub id: Box<str>,
    /// What Veeam does.
    pub operation: String,
    /// The sets of which the operation is one: whoever has one of them needs this.
    pub sets: Vec<SetId>,
    /// Which keys; never empty.
    pub keys: Vec<KeyRole>,
    /// The actions on each of these keys; sorted. Empty where a service uses them by itself, so that only their state counts.
    pub actions: Vec<ActionName>,
    /// Who calls KMS.
    pub through: KmsCaller,
    /// Whether the operation reaches into another account: key and principal may then belong to different ones.
    pub across_accounts: bool,
    /// The condition under which the operation takes place at all.
    pub condition: Option<ConditionName>,
    /// The first product version that needs it; `None` for every version.
    pub since: Option<ProductVersion>,
    /// How bad it is if an action is missing.
    pub severity: Severity,
    /// Where it was taken from.
    pub source: Source,
}

/// Which key of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyRole {
    /// The key of the volume, snapshot, database or file system that is read.
    Source,
    /// The key that was chosen for what is written.
    Target,
    /// The region's default key for EBS.
    EbsDefault,
    /// The key of a repository that Veeam encrypts.
    Repository,
    /// The key of the bucket's default encryption.
    Bucket,
    /// The key of the backup vault.
    Vault,
}

/// Who calls KMS on behalf of the principal: what `kms:ViaService` says in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KmsCaller {
    /// The principal itself: the request has no `kms:ViaService`.
    Principal,
    /// Amazon EC2.
    Ec2,
    /// Amazon RDS.
    Rds,
    /// Amazon S3.
    S3,
    /// No page says it: a condition on `kms:ViaService` leaves the decision open.
    Unknown,
}

impl KeyRole {
    /// Every variant.
    pub const ALL: &[Self] = &[
        Self::Source,
        Self::Target,
        Self::EbsDefault,
        Self::Repository,
        Self::Bucket,
        Self::Vault,
    ];

    /// The word in data files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::EbsDefault => "ebs-default",
            Self::Repository => "repository",
            Self::Bucket => "bucket",
            Self::Vault => "vault",
        }
    }
}

impl KmsCaller {
    /// Every variant.
    pub const ALL: &[Self] = &[
        Self::Principal,
        Self::Ec2,
        Self::Rds,
        Self::S3,
        Self::Unknown,
    ];

    /// The word in data files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Ec2 => "ec2",
            Self::Rds => "rds",
            Self::S3 => "s3",
            Self::Unknown => "unknown",
        }
    }

    /// The values of `kms:ViaService` in a region; empty where the request has none, `None` where nobody knows (in China no page
    /// says with which domain the value ends).
    #[must_use]
    pub fn via_service(self, region: &str) -> Option<Vec<String>> {
        match self {
            Self::Principal => Some(Vec::new()),
            Self::Ec2 | Self::Rds | Self::S3 if region.starts_with("cn-") => None,
            Self::Ec2 | Self::Rds | Self::S3 => {
                Some(vec![format!("{}.{region}.amazonaws.com", self.as_str())])
            }
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for KmsCaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_calls_kms_says_the_service_of_the_region() {
        assert_eq!(
            KmsCaller::Ec2.via_service("eu-west-1"),
            Some(vec!["ec2.eu-west-1.amazonaws.com".to_owned()])
        );
        assert_eq!(
            KmsCaller::Principal.via_service("eu-west-1"),
            Some(Vec::new())
        );
        assert_eq!(KmsCaller::Unknown.via_service("eu-west-1"), None);
        assert_eq!(KmsCaller::Rds.via_service("cn-north-1"), None);
    }
}
