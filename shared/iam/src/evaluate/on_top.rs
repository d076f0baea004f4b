//! The resource side on top of another simulator's answer: what does a request come to in the end?
//!
//! AWS's simulator decides the principal's side and no more. In: its outcome, the layers as they are known, and the request. Out: the
//! outcome with the resource side. What the resource side denies is denied. What it allows without identity policies lifts an
//! implicit deny only where boundary, session policies and service control policies are known to let that same request through:
//! the simulator does not say for each resource which layer was silent.

use std::sync::{Arc, LazyLock};

use super::policy::Policy;
use super::request::{Layers, Request};
use crate::decision::{Cause, Decision, Outcome};
use crate::fault::Fault;
use crate::policy::Document;

/// Whether the service control policies above the principal's account are among the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceControlLayers {
    /// All levels are there, or there are none.
    Known,
    /// There may be some that nobody gave.
    Unknown,
}

/// Decides a request by what another simulator said of the principal's side and by the resource side of the layers. Without a
/// resource side that is the simulator's outcome.
#[must_use]
pub fn on_top(
    principal_side: &Outcome,
    layers: &Layers<'_>,
    service_control: ServiceControlLayers,
    request: &Request<'_>,
) -> Outcome {
    let given = || principal_side.clone();
    if layers.resource_side.is_none() {
        return given();
    }
    // What the resource side makes of a request that the principal's side lets through.
    let at_best = super::evaluate(&letting_through(layers), request);
    match (principal_side.decision, at_best.decision) {
        (Decision::ExplicitDeny, _) => given(),
        (Decision::Allowed, Decision::Allowed) => given(),
        (Decision::Allowed, _) => at_best,
        (_, Decision::ExplicitDeny) => at_best,
        (Decision::Undetermined, Decision::ImplicitDeny) => at_best,
        (Decision::Undetermined, Decision::Allowed | Decision::Undetermined) => given(),
        (Decision::ImplicitDeny, Decision::ImplicitDeny) => given(),
        (Decision::ImplicitDeny, Decision::Allowed | Decision::Undetermined) => {
            let without_identity = Layers {
                identity: Vec::new(),
                ..layers.clone()
            };
            let lifting = super::evaluate(&without_identity, request);
            lifted(principal_side, lifting, service_control)
        }
    }
}

/// What the resource side makes of an implicit deny without identity policies.
fn lifted(
    principal_side: &Outcome,
    without_identity: Outcome,
    service_control: ServiceControlLayers,
) -> Outcome {
    match (without_identity.decision, service_control) {
        (Decision::Allowed, ServiceControlLayers::Known) | (Decision::Undetermined, _) => {
            without_identity
        }
        (Decision::Allowed, ServiceControlLayers::Unknown) => Outcome {
            decision: Decision::Undetermined,
            cause: match without_identity.cause {
                Cause::AllowedBy(Some(by)) => Cause::CannotEvaluate {
                    by,
                    reason: Arc::from(
                        "it allows the request, but nobody gave the SCPs, and AWS's simulator does not say whether they do",
                    ),
                },
                other => other,
            },
            missing: without_identity.missing,
        },
        (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => principal_side.clone(),
    }
}

/// The same resource side behind layers of the principal that allow everything.
fn letting_through<'a>(layers: &Layers<'a>) -> Layers<'a> {
    let all = || {
        vec![Policy {
            name: Arc::from("all"),
            document: EVERYTHING.as_ref(),
        }]
    };
    Layers {
        identity: all(),
        boundary: layers.boundary.as_ref().map(|_| all()),
        session: layers.session.as_ref().map(|_| all()),
        service_control: Vec::new(),
        management_account: layers.management_account,
        resource_side: layers.resource_side.clone(),
    }
}

static EVERYTHING: LazyLock<Result<Document, Fault>> = LazyLock::new(|| {
    Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
});
