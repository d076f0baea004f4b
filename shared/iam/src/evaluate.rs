//! The decision on one request: do these policies let it through, and what decides?
//!
//! In: [`Layers`] of policies and a [`Request`]. Out: an [`Outcome`]. Any applying deny in any layer is an explicit deny;
//! otherwise each layer of the principal's side that is there must evaluate an applying allow. Where the layers have a
//! [`ResourceSide`], `resource_candidates` says which of them can stand in for others. The order of policies and statements has no
//! effect but on the order in which causes are listed.
//!
//! A complete context gives the decision that IAM would make, and `missing` names the absent keys that could change it. A
//! partial context gives `Undetermined` where allowed or denied depends on an unknown key, and `missing` names those. Keys
//! are first treated as independent of each other (`decide`); where one key stands in several conditions, its values are tried
//! (`possible`), so that conditions which exclude each other leave no doubt.
//!
//! Many requests at once are `simulator`'s business; it must give the same answers as this module, but decides the principal's side
//! only. Where AWS's simulator decided that, [`on_top`](on_top::on_top) adds the resource side.

mod caller;
mod candidate;
mod decide;
pub mod on_top;
mod policy;
mod possible;
mod request;
mod residual;
mod resource_candidates;
mod resource_side;
pub(crate) mod statement;
pub mod trace;
mod ways;

pub use caller::Caller;
pub use policy::Policy;
pub use request::{Exemption, Layers, Request};
pub use resource_side::{
    ExemptResource, ResourceControlExemption, ResourceSide, account_of, is_covered_by_rcps,
};

use crate::action::ActionName;
use crate::decision::{Cause, Decision, Outcome};

/// Decides one request.
#[must_use]
pub fn evaluate(layers: &Layers<'_>, request: &Request<'_>) -> Outcome {
    if is_always_allowed(request.action) {
        return Outcome {
            decision: Decision::Allowed,
            cause: Cause::AllowedBy(None),
            missing: Default::default(),
        };
    }
    let candidates = decide::candidates(layers, request);
    let outcome = candidates.outcome(request);
    if outcome.missing.is_empty() {
        return outcome;
    }
    possible::refine(layers, request, &candidates, outcome)
}

/// AWS lets everybody ask who they are, whatever denies it.
#[must_use]
pub fn is_always_allowed(action: &ActionName) -> bool {
    action
        .as_str()
        .eq_ignore_ascii_case("sts:GetCallerIdentity")
}
