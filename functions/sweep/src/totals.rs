//! Totals: what did an audit count, over all its runs?

use audit::VerdictCounts;
use audit::assessment::{LayerCoverage, LevelsRead, ListRead, Readings};
use serde::{Deserialize, Serialize};

/// What an audit counted, over all its runs; part of the message that hands on the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Totals {
    #[serde(flatten, with = "StoredCounts")]
    pub(crate) counts: VerdictCounts,
    pub(crate) calls: u64,
    #[serde(with = "StoredLayers")]
    pub(crate) layers: LayerCoverage,
}

impl Totals {
    /// Of two runs of one audit.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            counts: self.counts + other.counts,
            calls: self.calls + other.calls,
            layers: self.layers.and(other.layers),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "VerdictCounts", rename_all = "camelCase")]
struct StoredCounts {
    #[serde(default)]
    principals: u64,
    #[serde(default)]
    requirements: u64,
    #[serde(default)]
    compliant: u64,
    #[serde(default)]
    compliant_not_checked: u64,
    #[serde(default)]
    drifted: u64,
    #[serde(default)]
    undetermined: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LayerCoverage", rename_all = "camelCase")]
struct StoredLayers {
    #[serde(default, with = "StoredReadings")]
    keys: Readings,
    #[serde(default, with = "StoredReadings")]
    buckets: Readings,
    #[serde(default, with = "StoredReadings")]
    vaults: Readings,
    #[serde(default, with = "StoredLevels")]
    service_control: LevelsRead,
    #[serde(default, with = "StoredLevels")]
    resource_control: LevelsRead,
    #[serde(default, with = "StoredReadings")]
    endpoints: Readings,
    #[serde(default, with = "StoredReadings")]
    regions: Readings,
    #[serde(default, with = "StoredList")]
    enabled_regions: ListRead,
    #[serde(default, with = "StoredList")]
    own_buckets: ListRead,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Readings", rename_all = "camelCase")]
struct StoredReadings {
    read: usize,
    refused: usize,
    not_read: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LevelsRead", rename_all = "camelCase")]
enum StoredLevels {
    NotRead,
    Refused,
    NoOrganization,
    Read(usize),
    Partly { read: usize, refused: usize },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ListRead", rename_all = "camelCase")]
enum StoredList {
    NotNeeded,
    NotRead,
    Refused,
    Read,
}
