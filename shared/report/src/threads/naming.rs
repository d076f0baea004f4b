//! Names: how is a statement outside accounts called?

use std::collections::BTreeMap;

use iam::{Layer, StatementRef};

use crate::words::plain::plain;

/// How a policy is named.
#[derive(Clone, Copy)]
pub(super) enum Naming {
    /// By its name alone.
    Short,
    /// With what identifies it.
    Whole,
}

/// `SCP guardrails, statement DenySnapshots`.
pub(super) fn statement(
    at: &StatementRef,
    policies: &BTreeMap<Box<str>, Box<str>>,
    naming: Naming,
) -> String {
    let kind = match at.layer {
        Layer::ServiceControl { .. } => "SCP",
        Layer::ResourceControl { .. } => "RCP",
        Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::Resource
        | Layer::Grant
        | Layer::Endpoint => "AWS-managed policy",
    };
    let id = plain(&at.policy);
    let last = id.rsplit('/').next().unwrap_or_default();
    let name = match (policies.get(&*at.policy), naming) {
        (Some(name), Naming::Short) => plain(name).into_owned(),
        (Some(name), Naming::Whole) => format!("{} ({id})", plain(name)),
        (None, Naming::Short) => last.to_owned(),
        (None, Naming::Whole) => id.clone().into_owned(),
    };
    let statement = match (&at.sid, at.index) {
        (Some(sid), _) => format!(", statement {}", plain(sid)),
        (None, Some(index)) => format!(", statement {}", index + 1),
        (None, None) => String::new(),
    };
    format!("{kind} {name}{statement}")
}
