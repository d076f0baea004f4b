//! Causes and statements in the JSON form of an assessment.

use iam::{Decision, Layer, StatementRef};
use serde::Serialize;

use crate::words::cause::why;

/// Why a decision is what it is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CauseJson<'a> {
    kind: &'static str,
    /// The same in words.
    text: String,
    layers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statements: Vec<StatementJson<'a>>,
    #[serde(skip_serializing_if = "<[Box<str>]>::is_empty")]
    resources: &'a [Box<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatementJson<'a> {
    layer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    policy: &'a str,
    /// From 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

impl<'a> CauseJson<'a> {
    pub(crate) fn of(cause: &'a iam::Cause) -> Self {
        let mut form = Self {
            kind: "",
            text: why(cause),
            layers: cause.layers().into_iter().map(layer).collect(),
            statements: Vec::new(),
            resources: &[],
            policy: None,
            reason: None,
        };
        form.layers.dedup();
        form.kind = match cause {
            iam::Cause::AllowedBy(by) => {
                form.statements = by.iter().map(StatementJson::of).collect();
                "allowedBy"
            }
            iam::Cause::DeniedBy(by) => {
                form.statements = by.iter().map(StatementJson::of).collect();
                "deniedBy"
            }
            iam::Cause::DeniedInLayer(_) => "deniedInLayer",
            iam::Cause::NotAllowedIn(_) => "notAllowedIn",
            iam::Cause::AllowedOnlyOn { by, resources } => {
                form.statements = by.iter().map(StatementJson::of).collect();
                form.resources = resources;
                "allowedOnlyOn"
            }
            iam::Cause::DeniedOn { by, resources } => {
                form.statements = by.iter().map(StatementJson::of).collect();
                form.resources = resources;
                "deniedOn"
            }
            iam::Cause::MissingContext { by } => {
                form.statements = by.iter().map(StatementJson::of).collect();
                "missingContext"
            }
            iam::Cause::Unreadable { policy, reason, .. } => {
                form.policy = Some(policy);
                form.reason = Some(reason);
                "unreadable"
            }
            iam::Cause::NotChecked { policy, .. } => {
                form.policy = Some(policy);
                "notChecked"
            }
            iam::Cause::CannotEvaluate { by, reason } => {
                form.statements = vec![StatementJson::of(by)];
                form.reason = Some(reason);
                "cannotEvaluate"
            }
            iam::Cause::NoAnswer { reason } => {
                form.reason = Some(reason);
                "noAnswer"
            }
        };
        form
    }
}

impl<'a> StatementJson<'a> {
    pub(crate) fn of(at: &'a StatementRef) -> Self {
        Self {
            layer: layer(at.layer),
            level: match at.layer {
                Layer::ServiceControl { level } | Layer::ResourceControl { level } => level,
                Layer::Identity
                | Layer::Boundary
                | Layer::Session
                | Layer::Resource
                | Layer::Grant
                | Layer::Endpoint => None,
            },
            policy: &at.policy,
            index: at.index,
            sid: at.sid.as_deref(),
        }
    }
}

/// The word for a layer.
pub(super) fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::ServiceControl { .. } => "scp",
        Layer::ResourceControl { .. } => "rcp",
        Layer::Resource => "resource",
        Layer::Grant => "grant",
        Layer::Endpoint => "endpoint",
    }
}

/// The word for a decision.
pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ImplicitDeny => "implicitDeny",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::Undetermined => "undetermined",
    }
}
