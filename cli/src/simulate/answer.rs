//! One line of output: what was decided, and why?
//!
//! ```json
//! {"id": ..., "decision": "allowed" | "implicitDeny" | "explicitDeny" | "undetermined", "cause": CAUSE, "missing": ["KEY", ...]}
//! {"id": ..., "line": 3, "error": "what is wrong, where, and what would be right"}
//! ```
//!
//! The id is the line's own; `null` (left out with an error) where it has none. `missing` names the absent keys that could
//! change the decision, sorted, as the policies spell them. A cause has `kind` and `layers`, and what goes with the kind:
//! `statements`, `resources`, `policy`, `reason`. `docs/simulate.md` describes them for people; what stands there may be added
//! to and never changes its meaning.

use iam::{Cause, Decision, Layer, Outcome, StatementRef};
use serde::Serialize;
use serde_json::value::RawValue;

use super::case::Malformed;

#[derive(Serialize)]
struct WrittenDecision<'a> {
    id: Option<&'a RawValue>,
    decision: &'static str,
    cause: WrittenCause<'a>,
    missing: Vec<&'a str>,
}

#[derive(Serialize)]
struct WrittenMalformed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    line: usize,
    error: &'a str,
}

#[derive(Serialize)]
struct WrittenCause<'a> {
    kind: &'static str,
    layers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<WrittenStatement<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<&'a [Box<str>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct WrittenStatement<'a> {
    layer: String,
    policy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

/// Writes the line for a decision.
pub(super) fn decided(out: &mut Vec<u8>, id: Option<&RawValue>, outcome: &Outcome) {
    write(
        out,
        &WrittenDecision {
            id,
            decision: match outcome.decision {
                Decision::Allowed => "allowed",
                Decision::ImplicitDeny => "implicitDeny",
                Decision::ExplicitDeny => "explicitDeny",
                Decision::Undetermined => "undetermined",
            },
            cause: cause(&outcome.cause),
            missing: outcome.missing.iter().map(AsRef::as_ref).collect(),
        },
    );
}

/// Writes the line for a line that is no case.
pub(super) fn malformed(out: &mut Vec<u8>, line: &Malformed<'_>) {
    write(
        out,
        &WrittenMalformed {
            id: line.id,
            line: line.line,
            error: &line.error,
        },
    );
}

fn write(out: &mut Vec<u8>, line: &impl Serialize) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, line).is_err() {
        // A `Vec` takes everything and these types have nothing that JSON lacks; half a line would be worse than none.
        out.truncate(start);
        return;
    }
    out.push(b'\n');
}

fn cause(cause: &Cause) -> WrittenCause<'_> {
    let mut written = WrittenCause {
        kind: "",
        layers: cause.layers().into_iter().map(layer).collect(),
        statements: None,
        resources: None,
        policy: None,
        reason: None,
    };
    match cause {
        Cause::AllowedBy(by) => {
            written.kind = "allowedBy";
            written.statements = Some(by.iter().map(statement).collect());
        }
        Cause::DeniedBy(by) => {
            written.kind = "deniedBy";
            written.statements = Some(by.iter().map(statement).collect());
        }
        Cause::DeniedInLayer(_) => written.kind = "deniedBy",
        Cause::NotAllowedIn(_) => written.kind = "notAllowedIn",
        Cause::DeniedOn { by, resources } => {
            written.kind = "deniedOn";
            written.statements = Some(by.iter().map(statement).collect());
            written.resources = Some(resources);
        }
        Cause::AllowedOnlyOn { by, resources } => {
            written.kind = "allowedOnlyOn";
            written.statements = Some(by.iter().map(statement).collect());
            written.resources = Some(resources);
        }
        Cause::MissingContext { by } => {
            written.kind = "missingContext";
            written.statements = Some(by.iter().map(statement).collect());
        }
        Cause::CannotEvaluate { by, reason } => {
            written.kind = "cannotEvaluate";
            written.statements = Some(vec![statement(by)]);
            written.reason = Some(reason);
        }
        Cause::Unreadable { policy, reason, .. } => {
            written.kind = "unreadable";
            written.policy = Some(policy);
            written.reason = Some(reason);
        }
        Cause::NotChecked { policy, .. } => {
            written.kind = "notChecked";
            written.policy = Some(policy);
        }
        Cause::NoAnswer { reason } => {
            written.kind = "noAnswer";
            written.reason = Some(reason);
        }
    }
    written
}

fn statement(at: &StatementRef) -> WrittenStatement<'_> {
    WrittenStatement {
        layer: layer(at.layer),
        policy: &at.policy,
        index: at.index,
        sid: at.sid.as_deref(),
    }
}

fn layer(layer: Layer) -> String {
    match layer {
        Layer::Identity => "identity".to_owned(),
        Layer::Boundary => "boundary".to_owned(),
        Layer::Session => "session".to_owned(),
        Layer::ServiceControl { level: None } => "scp".to_owned(),
        Layer::ServiceControl { level: Some(level) } => format!("scp[{level}]"),
        Layer::ResourceControl { level: None } => "rcp".to_owned(),
        Layer::ResourceControl { level: Some(level) } => format!("rcp[{level}]"),
        Layer::Resource => "resource".to_owned(),
        Layer::Grant => "grants".to_owned(),
        Layer::Endpoint => "endpoint".to_owned(),
    }
}
