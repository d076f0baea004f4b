//! Which policies an audit looked at besides the principals' own, as JSON: the same in every form.

use audit::assessment::{LayerCoverage, LevelsRead, ListRead, Readings};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayersJson {
    key_policies: ReadingsJson,
    bucket_policies: ReadingsJson,
    vault_policies: ReadingsJson,
    service_control_policies: LevelsJson,
    resource_control_policies: LevelsJson,
    /// Of endpoints that requests pass, where some do.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_policies: Option<ReadingsJson>,
    /// Where something that is set in a region decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<ReadingsJson>,
    /// Where requirements name regions.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled_regions: Option<ListJson>,
    /// Where requirements name buckets.
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_list: Option<ListJson>,
}

#[derive(Debug, Serialize)]
struct ListJson {
    state: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadingsJson {
    read: usize,
    refused: usize,
    not_read: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LevelsJson {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_levels: Option<usize>,
}

impl LayersJson {
    pub(crate) fn of(layers: &LayerCoverage) -> Self {
        Self {
            key_policies: ReadingsJson::of(layers.keys),
            bucket_policies: ReadingsJson::of(layers.buckets),
            vault_policies: ReadingsJson::of(layers.vaults),
            service_control_policies: LevelsJson::of(layers.service_control),
            resource_control_policies: LevelsJson::of(layers.resource_control),
            endpoint_policies: ReadingsJson::if_any(layers.endpoints),
            regions: ReadingsJson::if_any(layers.regions),
            enabled_regions: ListJson::of(layers.enabled_regions),
            bucket_list: ListJson::of(layers.own_buckets),
        }
    }
}

impl ListJson {
    fn of(list: ListRead) -> Option<Self> {
        let state = match list {
            ListRead::NotNeeded => return None,
            ListRead::NotRead => "notRead",
            ListRead::Refused => "refused",
            ListRead::Read => "read",
        };
        Some(Self { state })
    }
}

impl ReadingsJson {
    fn if_any(readings: Readings) -> Option<Self> {
        (readings != Readings::default()).then(|| Self::of(readings))
    }

    fn of(readings: Readings) -> Self {
        Self {
            read: readings.read,
            refused: readings.refused,
            not_read: readings.not_read,
        }
    }
}

impl LevelsJson {
    fn of(levels: LevelsRead) -> Self {
        let (state, levels, refused_levels) = match levels {
            LevelsRead::NotRead => ("notRead", None, None),
            LevelsRead::Refused => ("refused", None, None),
            LevelsRead::NoOrganization => ("noOrganization", None, None),
            LevelsRead::Read(levels) => ("read", Some(levels), None),
            // What was not read whole counts as refused, and says how many levels were read all the same.
            LevelsRead::Partly { read, refused } => ("refused", Some(read), Some(refused)),
        };
        Self {
            state,
            levels,
            refused_levels,
        }
    }
}
