//! Together: what does a request come to that meets one of several sides, and nobody knows which?
//!
//! In: what it comes to with each. Out: what all agree on. Where one lets it through and another does not, it is not known.

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{Cause, Decision, Layer, Outcome, StatementRef};

use super::side::Side;

/// What all say; `None` of none.
pub(super) fn together<'s, 'a: 's>(
    outcomes: impl Iterator<Item = (&'s Side<'a>, Outcome)>,
) -> Option<Outcome> {
    let mut outcomes: Vec<(&Side<'_>, Outcome)> = outcomes.collect();
    let count = outcomes.len();
    if count < 2 {
        return outcomes.pop().map(|(_, outcome)| outcome);
    }
    let position = |wanted: &[Decision]| {
        let mut all = outcomes.iter();
        all.position(|(_, outcome)| wanted.contains(&outcome.decision))
    };
    let allowed = position(&[Decision::Allowed]);
    let unknown = position(&[Decision::Undetermined]);
    let explicit = position(&[Decision::ExplicitDeny]);
    let denied = explicit.or(position(&[Decision::ImplicitDeny]));
    let at = match (denied, unknown, allowed) {
        (Some(denied), None, None) => denied,
        (Some(denied), _, _) => {
            let (side, outcome) = outcomes.get(denied)?;
            return Some(Outcome {
                decision: Decision::Undetermined,
                cause: Cause::CannotEvaluate {
                    by: denying(side, &outcome.cause),
                    reason: format!(
                        "it denies, and which of {count} endpoints a request passes is not known"
                    )
                    .into(),
                },
                missing: BTreeSet::new(),
            });
        }
        (None, Some(unknown), _) => unknown,
        (None, None, Some(allowed)) => allowed,
        (None, None, None) => return None,
    };
    (at < count).then(|| outcomes.swap_remove(at).1)
}

/// What denies of an endpoint: a statement, or the policy as a whole, which does not allow.
fn denying(side: &Side<'_>, cause: &Cause) -> StatementRef {
    let mut denied_by = cause.denied_by().iter();
    let by = denied_by.find(|at| at.layer == Layer::Endpoint);
    by.cloned().unwrap_or_else(|| StatementRef {
        layer: Layer::Endpoint,
        policy: side.endpoint().map_or_else(|| "".into(), Arc::clone),
        index: None,
        sid: None,
    })
}
