//! Which policies a saved audit looked at.

use serde::Deserialize;

use crate::assessment::{LayerCoverage, LevelsRead, ListRead, Readings};

/// Layers in the JSON forms of this program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedLayers {
    key_policies: SavedReadings,
    bucket_policies: SavedReadings,
    vault_policies: SavedReadings,
    service_control_policies: SavedLevels,
    resource_control_policies: SavedLevels,
    #[serde(default)]
    endpoint_policies: SavedReadings,
    #[serde(default)]
    regions: SavedReadings,
    enabled_regions: Option<SavedList>,
    bucket_list: Option<SavedList>,
}

#[derive(Debug, Deserialize)]
struct SavedList {
    state: Box<str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedReadings {
    read: usize,
    refused: usize,
    not_read: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedLevels {
    state: Box<str>,
    levels: Option<usize>,
    refused_levels: Option<usize>,
}

impl SavedLayers {
    /// What was looked at; what is not understood was not read.
    #[must_use]
    pub fn coverage(&self) -> LayerCoverage {
        LayerCoverage {
            keys: self.key_policies.readings(),
            buckets: self.bucket_policies.readings(),
            vaults: self.vault_policies.readings(),
            service_control: self.service_control_policies.read(),
            resource_control: self.resource_control_policies.read(),
            endpoints: self.endpoint_policies.readings(),
            regions: self.regions.readings(),
            enabled_regions: list_read(self.enabled_regions.as_ref()),
            own_buckets: list_read(self.bucket_list.as_ref()),
        }
    }
}

fn list_read(saved: Option<&SavedList>) -> ListRead {
    match saved.map(|list| &*list.state) {
        None => ListRead::NotNeeded,
        Some("read") => ListRead::Read,
        Some("refused") => ListRead::Refused,
        Some(_) => ListRead::NotRead,
    }
}

impl SavedReadings {
    fn readings(&self) -> Readings {
        Readings {
            read: self.read,
            refused: self.refused,
            not_read: self.not_read,
        }
    }
}

impl SavedLevels {
    fn read(&self) -> LevelsRead {
        match (&*self.state, self.levels, self.refused_levels) {
            ("read", Some(levels), _) => LevelsRead::Read(levels),
            ("noOrganization", ..) => LevelsRead::NoOrganization,
            ("refused", Some(read), Some(refused)) => LevelsRead::Partly { read, refused },
            ("refused", ..) => LevelsRead::Refused,
            _ => LevelsRead::NotRead,
        }
    }
}
