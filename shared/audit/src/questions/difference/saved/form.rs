//! The JSON form of a saved audit, version 1, as far as it is read.
//!
//! In: JSON. Out: the types below, one for each object. Unknown fields are ignored, so that a release that adds some can be read.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use iam::PrincipalArn;
use jiff::Timestamp;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::layers::SavedLayers;
use crate::level::Level;

/// A value that is written as text.
pub(super) struct Parsed<T>(pub(super) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

pub(super) type Arn = Parsed<PrincipalArn>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedDocument {
    pub(super) generator: String,
    pub(super) account: Parsed<iam::AccountId>,
    pub(super) at: Timestamp,
    pub(super) failure: Option<Box<str>>,
    pub(super) verdicts: Vec<SavedVerdict>,
    pub(super) access_keys: Vec<SavedKeys>,
    pub(super) excess: Option<Vec<SavedExcess>>,
    pub(super) root_access_keys: Option<u64>,
    pub(super) binding_faults: Vec<SavedBindingFault>,
    pub(super) coverage: SavedCoverage,
    pub(super) findings: Vec<SavedFinding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedVerdict {
    pub(super) principal: Arn,
    pub(super) action_set: Box<str>,
    pub(super) title: Arc<str>,
    pub(super) product_version: Box<str>,
    pub(super) level: Parsed<Level>,
    pub(super) missing: Vec<SavedLack>,
    pub(super) unknown: Vec<SavedLack>,
    pub(super) trust: Option<SavedTrust>,
    pub(super) instance_profile_missing: bool,
    /// Absent before resources were looked at.
    #[serde(default)]
    pub(super) faults: Vec<SavedFault>,
    pub(super) notices: Vec<SavedNotice>,
    /// Absent where everything was looked at.
    #[serde(default)]
    pub(super) not_checked: Vec<Box<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedLack {
    pub(super) cause: SavedCause,
    #[serde(default)]
    pub(super) context_keys: Vec<Box<str>>,
    pub(super) places: Vec<SavedPlace>,
}

#[derive(Deserialize)]
pub(super) struct SavedCause {
    pub(super) text: Arc<str>,
    #[serde(default)]
    pub(super) layers: Vec<Box<str>>,
}

#[derive(Deserialize)]
pub(super) struct SavedPlace {
    pub(super) resource: Box<str>,
    pub(super) region: Option<Box<str>>,
    pub(super) actions: Vec<Arc<str>>,
}

#[derive(Deserialize)]
pub(super) struct SavedFault {
    pub(super) label: Arc<str>,
    pub(super) text: Arc<str>,
    pub(super) weight: Box<str>,
}

#[derive(Deserialize)]
pub(super) struct SavedTrust {
    pub(super) missing: Vec<Box<str>>,
    pub(super) unknown: Vec<Box<str>>,
    pub(super) reason: Option<Box<str>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum SavedNotice {
    Optional {
        because: Arc<str>,
        places: Vec<SavedPlace>,
    },
    Asked {
        condition: Arc<str>,
        places: Vec<SavedPlace>,
    },
    AllowedOnlyOn {
        resources: Vec<Box<str>>,
        places: Vec<SavedPlace>,
    },
    #[serde(other)]
    OfRequirement,
}

#[derive(Deserialize)]
pub(super) struct SavedKeys {
    pub(super) principal: Arn,
    pub(super) level: Parsed<Level>,
    pub(super) faults: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
pub(super) struct SavedExcess {
    pub(super) principal: Arn,
    pub(super) unknown: Vec<SavedDanger>,
}

#[derive(Deserialize)]
pub(super) struct SavedDanger {
    pub(super) policy: Option<Arc<str>>,
    pub(super) what: Option<Arc<str>>,
    pub(super) text: Option<Arc<str>>,
    pub(super) actions: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct SavedBindingFault {
    pub(super) principal: Arn,
    pub(super) place: Box<str>,
    pub(super) text: Box<str>,
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedCoverage {
    pub(super) bound: Vec<Arn>,
    pub(super) gaps: Vec<SavedGap>,
    pub(super) not_reached: Vec<Arn>,
    pub(super) selected_principals: Option<Vec<Arn>>,
    pub(super) selected_action_sets: Option<Vec<Box<str>>>,
    /// Absent before layers were told of.
    pub(super) layers: Option<SavedLayers>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum SavedGap {
    Truncated,
    Item {
        what: Box<str>,
        reason: Box<str>,
        #[serde(default)]
        line: usize,
    },
    Part {
        what: Box<str>,
        reason: Box<str>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedFinding {
    pub(super) code: String,
    pub(super) level: Parsed<Level>,
    pub(super) principal: Option<Arn>,
    #[serde(default)]
    pub(super) action_set: Box<str>,
    pub(super) title: Arc<str>,
    pub(super) items: Vec<SavedItem>,
}

#[derive(Deserialize)]
pub(super) struct SavedItem {
    pub(super) name: Arc<str>,
    #[serde(default)]
    pub(super) place: Arc<str>,
}
