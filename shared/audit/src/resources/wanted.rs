//! What is wanted: of which keys, buckets, vaults and regions is an audit to know the resource side?
//!
//! Whoever reads it live reads no more than this. Which of it an audit wants is decided in `bind`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use iam::AccountId;

use super::{NamedResource, SourceKind};

/// What an audit wants to know of the resource side of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The account.
    pub account: AccountId,
    /// The keys, buckets and vaults that requirements name.
    pub named: BTreeSet<NamedResource>,
    /// The keys besides that buckets, vaults and regions lead to.
    pub found_keys: bool,
    /// The regions that requirements name.
    pub regions: BTreeMap<Arc<str>, WantedRegion>,
    /// The organisation above the account.
    pub organization: bool,
}

/// What an audit wants to know of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedRegion {
    /// Whether new EBS volumes are encrypted, and with which key.
    pub volumes: bool,
    /// What AWS Backup backs up, and its vaults.
    pub backup: bool,
    /// VPC endpoints.
    pub endpoints: bool,
    /// The keys of what is there and may be backed up.
    pub sources: BTreeSet<SourceKind>,
}

/// A part of the resource side that can be left unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadLayer {
    /// KMS keys: state, policy, grants.
    KeyPolicy,
    /// Buckets: policy and settings.
    BucketPolicy,
    /// Vaults of AWS Backup: policy and settings.
    VaultPolicy,
    /// What is set in regions, and what is there.
    Region,
    /// The organisation: SCPs and RCPs.
    Organization,
}

impl ReadLayer {
    /// Every variant.
    pub const ALL: &[Self] = &[
        Self::KeyPolicy,
        Self::BucketPolicy,
        Self::VaultPolicy,
        Self::Region,
        Self::Organization,
    ];

    /// The word in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyPolicy => "key-policy",
            Self::BucketPolicy => "bucket-policy",
            Self::VaultPolicy => "vault-policy",
            Self::Region => "region",
            Self::Organization => "organization",
        }
    }
}

/// A word that is no layer to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is nothing that can be read: expected {}", words())]
pub struct ParseReadLayerError {
    word: String,
}

fn words() -> String {
    let words = ReadLayer::ALL.iter();
    let words: Vec<_> = words.map(|one| format!("`{}`", one.as_str())).collect();
    words.join(", ")
}

impl FromStr for ReadLayer {
    type Err = ParseReadLayerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.iter().copied();
        all.find(|layer| layer.as_str() == text)
            .ok_or_else(|| ParseReadLayerError {
                word: text.to_owned(),
            })
    }
}

impl Wanted {
    /// Without the layers that are to be left unread.
    #[must_use]
    pub fn only(mut self, layers: &BTreeSet<ReadLayer>) -> Self {
        self.named.retain(|named| {
            layers.contains(&match named {
                NamedResource::Key { .. } => ReadLayer::KeyPolicy,
                NamedResource::Bucket(_) => ReadLayer::BucketPolicy,
                NamedResource::Vault(_) => ReadLayer::VaultPolicy,
            })
        });
        self.found_keys &= layers.contains(&ReadLayer::KeyPolicy);
        if !layers.contains(&ReadLayer::Region) {
            self.regions.clear();
        }
        self.organization &= layers.contains(&ReadLayer::Organization);
        self
    }
}
