//! Faults of resources in the JSON form of an assessment.

use audit::resource_faults::fault::{ResourceFault, ResourceFaultKind};
use serde::Serialize;

use crate::words::fault::remedy;

/// What is wrong with a resource.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FaultJson<'a> {
    code: &'static str,
    resource_kind: &'static str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// As people are told.
    label: String,
    kind: &'static str,
    weight: &'static str,
    text: String,
    remedy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<String>,
}

impl<'a> FaultJson<'a> {
    pub(crate) fn of(fault: &'a ResourceFault) -> Self {
        let topic = fault.kind.topic();
        Self {
            code: fault.code().as_str(),
            resource_kind: fault.resource.kind(),
            resource: fault.resource.name(),
            region: fault.resource.region(),
            label: fault.resource.label(),
            kind: topic.as_str(),
            weight: fault.weight.as_str(),
            text: fault.kind.words(),
            remedy: remedy(fault),
            deletion_date: deletion(&fault.kind),
        }
    }
}

/// When a key is deleted, if it is to be.
fn deletion(kind: &ResourceFaultKind) -> Option<String> {
    if let ResourceFaultKind::KeyState { deletion, .. } = kind {
        deletion.map(|at| at.to_string())
    } else {
        None
    }
}
