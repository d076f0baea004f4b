//! Coverage, access keys, and tags that could not be resolved, in the JSON form of an assessment.
//!
//! In: values of `audit`. Out: the objects that `docs/schemas/assessment-1.json` describes.

use audit::assessment::{self, KeyFault};
use audit::requirement::{BindFault, BindFaultKind};
use iam::PrincipalArn;
use iam::inventory::Gap as Lack;
use serde::Serialize;

use super::touched::{EventFaultJson, event_fault};
use crate::machine::json::layers::LayersJson;

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
        level: keys.fault_level().as_str(),
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
