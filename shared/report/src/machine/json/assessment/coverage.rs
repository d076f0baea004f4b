//! Coverage, access keys, and tags that could not be resolved, in the JSON form of an assessment.
//!
//! In: values of `audit`. Out: the objects that `docs/schemas/assessment-1.json` describes.

use audit::assessment::{self, KeyFault};
use audit::requirement::{BindFault, BindFaultKind};
use iam::PrincipalArn;
use iam::inventory::Gap as Lack;
use serde::Serialize;

use super::touched::{EventFaultJson, event_fault};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageJson<'a> {
    principals: usize,
    bound: Vec<&'a str>,
    lookalikes: Vec<&'a str>,
    gaps: Vec<GapJson<'a>>,
    not_reached: Vec<&'a str>,
    unused_bindings: &'a [Box<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_principals: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_action_sets: Option<Vec<&'a str>>,
    layers: LayersJson,
    /// Trail events that could not be read or followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event_faults: Vec<EventFaultJson<'a>>,
}

#[derive(Serialize)]
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

#[derive(Serialize)]
struct ListJson {
    state: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadingsJson {
    read: usize,
    refused: usize,
    not_read: usize,
}

#[derive(Serialize)]
struct LevelsJson {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<usize>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum GapJson<'a> {
    Truncated,
    Item {
        what: &'a str,
        reason: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
    },
    Part {
        what: &'a str,
        reason: &'a str,
    },
}

#[derive(Serialize)]
pub(super) struct KeysJson<'a> {
    principal: &'a str,
    level: &'a str,
    /// `null` where they were not read.
    faults: Option<Vec<KeyFaultJson<'a>>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum KeyFaultJson<'a> {
    None,
    Inactive,
    Two,
    Old { suffix: &'a str, days: i64 },
    Unused { suffix: &'a str, days: i64 },
    AgeUnknown { suffix: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BindingFaultJson<'a> {
    principal: &'a str,
    place: &'a str,
    /// What is wrong, in words.
    text: String,
    #[serde(flatten)]
    kind: BindingFaultKindJson<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum BindingFaultKindJson<'a> {
    UnknownSet {
        found: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        closest: Option<&'a str>,
    },
    WrongKind {
        set: &'a str,
        meant: &'a str,
    },
    NotAuditable {
        set: &'a str,
        granted: &'a str,
    },
    Empty,
    UnknownTag {
        #[serde(skip_serializing_if = "Option::is_none")]
        closest: Option<&'a str>,
    },
    UnusedKey {
        name: &'a str,
    },
    Contradiction {
        declared: &'a str,
    },
    BadValue {
        found: &'a str,
        expected: &'a str,
    },
}

impl<'a> CoverageJson<'a> {
    pub(super) fn of(coverage: &'a assessment::Coverage) -> Self {
        let selection = &coverage.selection;
        Self {
            principals: coverage.principals,
            bound: arns(&coverage.bound),
            lookalikes: arns(&coverage.lookalikes),
            gaps: coverage.gaps.iter().map(gap).collect(),
            not_reached: arns(&coverage.not_reached),
            unused_bindings: &coverage.unused_bindings,
            selected_principals: selection.principals.as_ref().map(arns),
            selected_action_sets: selection
                .sets
                .as_ref()
                .map(|sets| sets.iter().map(AsRef::as_ref).collect()),
            layers: LayersJson::of(&coverage.layers),
            event_faults: coverage
                .touched
                .iter()
                .flat_map(|touched| &touched.faults)
                .map(event_fault)
                .collect(),
        }
    }
}

impl LayersJson {
    pub(crate) fn of(layers: &assessment::LayerCoverage) -> Self {
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
    fn of(list: assessment::ListRead) -> Option<Self> {
        let state = match list {
            assessment::ListRead::NotNeeded => return None,
            assessment::ListRead::NotRead => "notRead",
            assessment::ListRead::Refused => "refused",
            assessment::ListRead::Read => "read",
        };
        Some(Self { state })
    }
}

impl ReadingsJson {
    fn if_any(readings: assessment::Readings) -> Option<Self> {
        (readings != assessment::Readings::default()).then(|| Self::of(readings))
    }

    fn of(readings: assessment::Readings) -> Self {
        Self {
            read: readings.read,
            refused: readings.refused,
            not_read: readings.not_read,
        }
    }
}

impl LevelsJson {
    fn of(levels: assessment::LevelsRead) -> Self {
        let (state, levels) = match levels {
            assessment::LevelsRead::NotRead => ("notRead", None),
            assessment::LevelsRead::Refused => ("refused", None),
            assessment::LevelsRead::NoOrganization => ("noOrganization", None),
            assessment::LevelsRead::Read(levels) => ("read", Some(levels)),
            // What was not read whole counts as refused, and says how many levels were read all the same.
            assessment::LevelsRead::Partly { read, refused: _ } => ("refused", Some(read)),
        };
        Self { state, levels }
    }
}

fn arns<'a>(arns: impl IntoIterator<Item = &'a PrincipalArn>) -> Vec<&'a str> {
    arns.into_iter().map(PrincipalArn::as_str).collect()
}

pub(crate) fn gap(gap: &Lack) -> GapJson<'_> {
    match gap {
        Lack::Truncated => GapJson::Truncated,
        Lack::Item { what, fault } => GapJson::Item {
            what,
            reason: &fault.reason,
            line: (fault.line > 0).then_some(fault.line),
            column: (fault.column > 0).then_some(fault.column),
        },
        Lack::Part { what, reason } => GapJson::Part { what, reason },
    }
}

pub(super) fn keys(keys: &assessment::Keys) -> KeysJson<'_> {
    KeysJson {
        principal: keys.principal.as_str(),
        level: keys.level.as_str(),
        faults: keys
            .faults
            .as_ref()
            .map(|faults| faults.iter().map(key_fault).collect()),
    }
}

fn key_fault(fault: &KeyFault) -> KeyFaultJson<'_> {
    match fault {
        KeyFault::None => KeyFaultJson::None,
        KeyFault::Inactive => KeyFaultJson::Inactive,
        KeyFault::Two => KeyFaultJson::Two,
        KeyFault::Old { suffix, days } => KeyFaultJson::Old {
            suffix,
            days: *days,
        },
        KeyFault::Unused { suffix, days } => KeyFaultJson::Unused {
            suffix,
            days: *days,
        },
        KeyFault::AgeUnknown { suffix } => KeyFaultJson::AgeUnknown { suffix },
    }
}

pub(crate) fn fault(fault: &BindFault) -> BindingFaultJson<'_> {
    BindingFaultJson {
        principal: fault.principal.as_str(),
        place: &fault.place,
        text: fault.kind.to_string(),
        kind: match &fault.kind {
            BindFaultKind::UnknownSet { found, closest } => BindingFaultKindJson::UnknownSet {
                found,
                closest: closest.as_deref(),
            },
            BindFaultKind::WrongKind { set, meant } => {
                BindingFaultKindJson::WrongKind { set, meant }
            }
            BindFaultKind::NotAuditable { set, granted } => {
                BindingFaultKindJson::NotAuditable { set, granted }
            }
            BindFaultKind::Empty => BindingFaultKindJson::Empty,
            BindFaultKind::UnknownTag { closest } => BindingFaultKindJson::UnknownTag {
                closest: closest.as_deref(),
            },
            BindFaultKind::UnusedKey { name } => BindingFaultKindJson::UnusedKey { name },
            BindFaultKind::Contradiction { declared } => {
                BindingFaultKindJson::Contradiction { declared }
            }
            BindFaultKind::BadValue { found, expected } => {
                BindingFaultKindJson::BadValue { found, expected }
            }
        },
    }
}
