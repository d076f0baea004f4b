//! Topics: what is a fault of a resource about, whatever was found?
//!
//! A baseline keeps of a fault what people were told. Its topic is found again by the words that it begins with, so that a later
//! audit knows what it has to look at to call it over.

use crate::find::finding::Item;

/// What a fault of a resource is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "each is the kind of fault of the same name, which says it"
)]
pub enum FaultTopic {
    NotThere,
    KeyState,
    KeyMaterialExpires,
    KeyMaterialExpired,
    KeySpec,
    KeyManagedByAws,
    KeyNotShareable,
    KeyRegion,
    DeadPrincipal,
    BucketEncryption,
    VersionsWithoutLock,
    LockWithoutVersions,
    NoVersions,
    NoLock,
    LockNotMeant,
    VersionsNotMeant,
    MfaDelete,
    DefaultRetention,
    Lifecycle,
    Replication,
    RequesterPays,
    BucketNotOwn,
    VaultLocked,
    VaultKind,
    VaultState,
    NoVault,
    NotOptedIn,
    NotManaged,
    NoServiceRole,
    VolumesEncrypted,
    RegionNotEnabled,
    RegionNotListed,
    EndpointState,
    EndpointDns,
    EndpointMissing,
    EndpointGateway,
    EndpointApart,
}

/// What has to be read to see a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// Anything of it.
    Existence,
    /// What `DescribeKey` says.
    Metadata,
    /// The same, and in which regions the buckets are.
    MetadataAndBucketRegions,
    Policy,
    Encryption,
    Versions,
    Lock,
    VersionsAndLock,
    Lifecycle,
    Replication,
    /// Who pays, and whose bucket it is.
    Payer,
    /// Whose bucket it is.
    Owner,
    /// What `DescribeBackupVault` says.
    Description,
    /// Which vaults a region has.
    Vaults,
    /// What is set for AWS Backup in a region.
    Backup,
    /// Whether volumes are encrypted by default.
    Volumes,
    /// Which regions are enabled.
    Status,
    Endpoints,
}

impl FaultTopic {
    /// All of them.
    pub const ALL: [Self; 37] = [
        Self::NotThere,
        Self::KeyState,
        Self::KeyMaterialExpires,
        Self::KeyMaterialExpired,
        Self::KeySpec,
        Self::KeyManagedByAws,
        Self::KeyNotShareable,
        Self::KeyRegion,
        Self::DeadPrincipal,
        Self::BucketEncryption,
        Self::VersionsWithoutLock,
        Self::LockWithoutVersions,
        Self::NoVersions,
        Self::NoLock,
        Self::LockNotMeant,
        Self::VersionsNotMeant,
        Self::MfaDelete,
        Self::DefaultRetention,
        Self::Lifecycle,
        Self::Replication,
        Self::RequesterPays,
        Self::BucketNotOwn,
        Self::VaultLocked,
        Self::VaultKind,
        Self::VaultState,
        Self::NoVault,
        Self::NotOptedIn,
        Self::NotManaged,
        Self::NoServiceRole,
        Self::VolumesEncrypted,
        Self::RegionNotEnabled,
        Self::RegionNotListed,
        Self::EndpointState,
        Self::EndpointDns,
        Self::EndpointMissing,
        Self::EndpointGateway,
        Self::EndpointApart,
    ];

    /// The topic of what people were told; `None` where that is about no resource.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        // Nothing else that is told stands in such a place.
        let (kind, _) = item.place.split_once(' ')?;
        let is_resource = ["key", "bucket", "vault", "region", "endpoint"].contains(&kind);
        Self::ALL
            .into_iter()
            .find(|topic| is_resource && item.name.starts_with(topic.words()))
    }

    /// The slug: in documents that programs read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotThere => "notThere",
            Self::KeyState => "keyState",
            Self::KeyMaterialExpires => "keyMaterialExpires",
            Self::KeyMaterialExpired => "keyMaterialExpired",
            Self::KeySpec => "keySpec",
            Self::KeyManagedByAws => "keyManagedByAws",
            Self::KeyNotShareable => "keyNotShareable",
            Self::KeyRegion => "keyRegion",
            Self::DeadPrincipal => "deadPrincipal",
            Self::BucketEncryption => "bucketEncryption",
            Self::VersionsWithoutLock => "versionsWithoutLock",
            Self::LockWithoutVersions => "lockWithoutVersions",
            Self::NoVersions => "noVersions",
            Self::NoLock => "noLock",
            Self::LockNotMeant => "lockNotMeant",
            Self::VersionsNotMeant => "versionsNotMeant",
            Self::MfaDelete => "mfaDelete",
            Self::DefaultRetention => "defaultRetention",
            Self::Lifecycle => "lifecycle",
            Self::Replication => "replication",
            Self::RequesterPays => "requesterPays",
            Self::BucketNotOwn => "bucketNotOwn",
            Self::VaultLocked => "vaultLocked",
            Self::VaultKind => "vaultKind",
            Self::VaultState => "vaultState",
            Self::NoVault => "noVault",
            Self::NotOptedIn => "notOptedIn",
            Self::NotManaged => "notManaged",
            Self::NoServiceRole => "noServiceRole",
            Self::VolumesEncrypted => "volumesEncrypted",
            Self::RegionNotEnabled => "regionNotEnabled",
            Self::RegionNotListed => "regionNotListed",
            Self::EndpointState => "endpointState",
            Self::EndpointDns => "endpointDns",
            Self::EndpointMissing => "endpointMissing",
            Self::EndpointGateway => "endpointGateway",
            Self::EndpointApart => "endpointApart",
        }
    }

    /// How the words for it begin; no other topic's begin so.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NotThere => "does not exist",
            Self::KeyState => "is now",
            Self::KeyMaterialExpires => "loses its key material on",
            Self::KeyMaterialExpired => "lost its key material on",
            Self::KeySpec => "is no key for symmetric encryption",
            Self::KeyManagedByAws => "is managed by AWS",
            Self::KeyNotShareable => "cannot be shared with",
            Self::KeyRegion => "lies in another region than",
            Self::DeadPrincipal => "names somebody in its policy who was deleted",
            Self::BucketEncryption => "encrypts by default with",
            Self::VersionsWithoutLock => "keeps versions and has no Object Lock",
            Self::LockWithoutVersions => "has Object Lock and keeps no versions",
            Self::NoVersions => "keeps no versions, and the repository is immutable",
            Self::NoLock => "has no Object Lock, and the repository is immutable",
            Self::LockNotMeant => "has Object Lock, and the repository is not immutable",
            Self::VersionsNotMeant => "keeps versions, and the repository is not immutable",
            Self::MfaDelete => "lets only the root user with MFA delete versions",
            Self::DefaultRetention => "has a default retention",
            Self::Lifecycle => "has a lifecycle rule that reaches Veeam's files",
            Self::Replication => "is replicated by S3",
            Self::RequesterPays => "lets whoever requests pay",
            Self::BucketNotOwn => "is no bucket of the account",
            Self::VaultLocked => "is locked by Vault Lock",
            Self::VaultKind => "is of the kind",
            Self::VaultState => "is not available",
            Self::NoVault => "has no vault of AWS Backup",
            Self::NotOptedIn => "has AWS Backup not opted in for",
            Self::NotManaged => "has AWS Backup not manage fully",
            Self::NoServiceRole => "has no role",
            Self::VolumesEncrypted => "encrypts new volumes by default",
            Self::RegionNotEnabled => "is not enabled for the account",
            Self::RegionNotListed => "is not in AWS's list of regions",
            Self::EndpointState => "leads to",
            Self::EndpointDns => "has no private DNS for",
            Self::EndpointMissing => "has no interface endpoint for",
            Self::EndpointGateway => "has only a gateway endpoint for",
            Self::EndpointApart => "has in no VPC, beside the other endpoints of workers, one for",
        }
    }

    /// What has to be read to see it.
    pub(crate) fn aspect(self) -> Aspect {
        match self {
            Self::NotThere => Aspect::Existence,
            Self::KeyState
            | Self::KeyMaterialExpires
            | Self::KeyMaterialExpired
            | Self::KeySpec
            | Self::KeyManagedByAws
            | Self::KeyNotShareable => Aspect::Metadata,
            Self::KeyRegion => Aspect::MetadataAndBucketRegions,
            Self::DeadPrincipal => Aspect::Policy,
            Self::BucketEncryption => Aspect::Encryption,
            Self::NoVersions | Self::MfaDelete => Aspect::Versions,
            Self::NoLock | Self::LockNotMeant | Self::DefaultRetention => Aspect::Lock,
            Self::VersionsWithoutLock | Self::LockWithoutVersions | Self::VersionsNotMeant => {
                Aspect::VersionsAndLock
            }
            Self::Lifecycle => Aspect::Lifecycle,
            Self::Replication => Aspect::Replication,
            Self::RequesterPays => Aspect::Payer,
            Self::BucketNotOwn => Aspect::Owner,
            Self::VaultLocked | Self::VaultKind | Self::VaultState => Aspect::Description,
            Self::NoVault => Aspect::Vaults,
            Self::NotOptedIn | Self::NotManaged | Self::NoServiceRole => Aspect::Backup,
            Self::VolumesEncrypted => Aspect::Volumes,
            Self::RegionNotEnabled | Self::RegionNotListed => Aspect::Status,
            Self::EndpointState
            | Self::EndpointDns
            | Self::EndpointMissing
            | Self::EndpointGateway
            | Self::EndpointApart => Aspect::Endpoints,
        }
    }

    /// Whether it hangs on who is in the account besides.
    pub(crate) fn needs_whole_listing(self) -> bool {
        matches!(self, Self::DeadPrincipal | Self::NoServiceRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_begin_with_those_of_another_topic() {
        for one in FaultTopic::ALL {
            let item = Item {
                name: format!("{} more", one.words()).into(),
                place: "key …90ab".into(),
            };
            assert_eq!(FaultTopic::of(&item), Some(one));
            let mut others = FaultTopic::ALL.into_iter().filter(|other| *other != one);
            assert!(
                !others.any(|other| other.words().starts_with(one.words())),
                "{one:?}"
            );
        }
    }

    #[test]
    fn what_is_about_no_resource_has_no_topic() {
        for (name, place) in [
            ("no answer", "key is busy"),
            ("is now disabled", ""),
            ("aws:SourceIp", "bucket b"),
        ] {
            let item = Item {
                name: name.into(),
                place: place.into(),
            };
            assert_eq!(FaultTopic::of(&item), None, "{name}");
        }
    }
}
