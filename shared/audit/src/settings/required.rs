//! Required layers: which policies must have been looked at for a verdict to be compliant?

use std::str::FromStr;

use crate::bind::requirement::ResourcePolicy;

/// A layer that a verdict may have to rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequiredLayer {
    /// The policies of KMS keys.
    KeyPolicy,
    /// The policies of buckets.
    BucketPolicy,
    /// The policies of backup vaults.
    VaultPolicy,
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
}

impl RequiredLayer {
    /// Every variant.
    pub const ALL: &[Self] = &[
        Self::KeyPolicy,
        Self::BucketPolicy,
        Self::VaultPolicy,
        Self::ServiceControl,
        Self::ResourceControl,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyPolicy => "key-policy",
            Self::BucketPolicy => "bucket-policy",
            Self::VaultPolicy => "vault-policy",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
        }
    }

    /// The policy that a verdict says was not checked; `None` for SCPs, on which every verdict rests.
    pub(crate) fn policy(self) -> Option<ResourcePolicy> {
        match self {
            Self::KeyPolicy => Some(ResourcePolicy::Key),
            Self::BucketPolicy => Some(ResourcePolicy::Bucket),
            Self::VaultPolicy => Some(ResourcePolicy::Vault),
            Self::ResourceControl => Some(ResourcePolicy::ResourceControl),
            Self::ServiceControl => None,
        }
    }
}

/// A text that names no layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no layer: expected key-policy, bucket-policy, vault-policy, scp or rcp")]
pub struct ParseRequiredLayerError(String);

impl FromStr for RequiredLayer {
    type Err = ParseRequiredLayerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.iter().copied();
        all.find(|layer| layer.as_str() == text)
            .ok_or_else(|| ParseRequiredLayerError(text.to_owned()))
    }
}
