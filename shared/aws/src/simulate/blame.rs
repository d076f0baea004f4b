//! Blame: which layer denied a request?
//!
//! In: AWS's decision, and its decisions with a layer left out. Out: the [`Cause`] that the embedded simulator would name too. A
//! layer is the only cause if the request is allowed without it. Where AWS refused to leave layers out, its own flags decide.
//!
//! One cause is named where several apply; an explicit denial comes before a missing allow.

use std::sync::Arc;

use iam::{Cause, Layer, StatementRef};

use super::wire::{AwsDecision, Evaluation};

pub(super) const SERVICE_CONTROL: Layer = Layer::ServiceControl { level: None };

/// What is known of a denied request.
#[derive(Clone, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) evaluation: &'a Evaluation,
    /// AWS's decision without the SCPs; `None` if it was not asked for.
    pub(super) without_scp: Option<AwsDecision>,
    /// AWS's decision without the boundary; `None` if it was not asked for or there is none.
    pub(super) without_boundary: Option<AwsDecision>,
    /// AWS's decision without both; `None` if it was not asked for.
    pub(super) without_both: Option<AwsDecision>,
}

/// Why the request is denied.
pub(super) fn blame(evidence: &Evidence<'_>) -> Cause {
    let evaluation = evidence.evaluation;
    if evidence.without_scp == Some(AwsDecision::Allowed) {
        return alone(evaluation, SERVICE_CONTROL);
    }
    if evidence.without_boundary == Some(AwsDecision::Allowed) {
        return alone(evaluation, Layer::Boundary);
    }
    let explicit = evaluation.decision == AwsDecision::Explicit;
    if evidence.without_both == Some(AwsDecision::Allowed) {
        return if explicit {
            Cause::DeniedInLayer(explicit_layer(evidence).unwrap_or(Layer::Boundary))
        } else {
            Cause::NotAllowedIn(vec![Layer::Boundary, SERVICE_CONTROL])
        };
    }
    if explicit {
        return match explicit_layer(evidence) {
            Some(layer) => Cause::DeniedInLayer(layer),
            None => Cause::DeniedBy(statements(evaluation)),
        };
    }
    let flagged = [
        (evaluation.boundary == Some(false), Layer::Boundary),
        (evaluation.scp == Some(false), SERVICE_CONTROL),
    ];
    let flagged = flagged.into_iter().filter(|(flag, _)| *flag);
    let mut layers: Vec<Layer> = flagged.map(|(_, layer)| layer).collect();
    let probed = evidence.without_scp.is_some() || evidence.without_boundary.is_some();
    if probed || layers.is_empty() {
        layers.insert(0, Layer::Identity);
    }
    Cause::NotAllowedIn(layers)
}

/// The layer without which the request is not explicitly denied; `None` if the principal's own policies deny it.
fn explicit_layer(evidence: &Evidence<'_>) -> Option<Layer> {
    let evaluation = evidence.evaluation;
    if evidence.without_scp == Some(AwsDecision::Implicit) {
        return Some(SERVICE_CONTROL);
    }
    if evidence.without_boundary == Some(AwsDecision::Implicit) {
        return Some(Layer::Boundary);
    }
    // AWS names statements of the principal's own policies only.
    if evidence.without_scp.is_some() || !evaluation.policies.is_empty() {
        return None;
    }
    if evaluation.scp == Some(false) {
        return Some(SERVICE_CONTROL);
    }
    (evaluation.boundary == Some(false)).then_some(Layer::Boundary)
}

fn alone(evaluation: &Evaluation, layer: Layer) -> Cause {
    match evaluation.decision {
        AwsDecision::Explicit => Cause::DeniedInLayer(layer),
        AwsDecision::Implicit | AwsDecision::Allowed => Cause::NotAllowedIn(vec![layer]),
    }
}

fn statements(evaluation: &Evaluation) -> Vec<StatementRef> {
    let policies = evaluation.policies.iter();
    policies
        .map(|policy| StatementRef {
            layer: Layer::Identity,
            policy: Arc::from(policy.as_ref()),
            index: None,
            sid: None,
        })
        .collect()
}

/// Whether the request is allowed without SCPs, which is what the embedded simulator decides: it is given none. `None` if that is not
/// known.
pub(super) fn allowed_without_scp(evidence: &Evidence<'_>) -> Option<bool> {
    let evaluation = evidence.evaluation;
    match (evaluation.decision, evidence.without_scp, evaluation.scp) {
        (AwsDecision::Allowed, _, _) => Some(true),
        (_, Some(decision), _) => Some(decision == AwsDecision::Allowed),
        (_, None, Some(true)) => Some(false),
        (_, None, Some(false) | None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::AwsDecision::{Allowed, Explicit, Implicit};
    use super::*;

    /// The evaluation: AWS's decision, SCP flag, boundary flag, policies named. Then: without SCPs, boundary, both.
    type Case<'a> = (AwsDecision, Option<bool>, Option<bool>, &'a [&'a str]);
    type Probes = (
        Option<AwsDecision>,
        Option<AwsDecision>,
        Option<AwsDecision>,
    );

    #[track_caller]
    fn check((decision, scp, boundary, policies): Case<'_>, probes: Probes, expected: &Cause) {
        let evaluation = Evaluation {
            decision,
            missing: Vec::new(),
            scp,
            boundary,
            policies: policies.iter().map(|&name| name.into()).collect(),
        };
        let evidence = Evidence {
            evaluation: &evaluation,
            without_scp: probes.0,
            without_boundary: probes.1,
            without_both: probes.2,
        };
        assert_eq!(blame(&evidence), *expected);
    }

    fn not_in(layers: &[Layer]) -> Cause {
        Cause::NotAllowedIn(layers.to_vec())
    }

    #[test]
    fn a_layer_without_which_it_is_allowed_is_to_blame_alone() {
        let scp = (Some(Allowed), None, None);
        check(
            (Implicit, Some(false), None, &[]),
            scp,
            &not_in(&[SERVICE_CONTROL]),
        );
        check(
            (Explicit, Some(false), None, &[]),
            scp,
            &Cause::DeniedInLayer(SERVICE_CONTROL),
        );
        let boundary = (Some(Implicit), Some(Allowed), None);
        check(
            (Implicit, None, Some(false), &[]),
            boundary,
            &not_in(&[Layer::Boundary]),
        );
        let boundary = (Some(Explicit), Some(Allowed), None);
        check(
            (Explicit, None, Some(false), &[]),
            boundary,
            &Cause::DeniedInLayer(Layer::Boundary),
        );
    }

    #[test]
    fn two_layers_that_only_together_let_it_through_are_both_to_blame() {
        check(
            (Implicit, Some(false), Some(false), &[]),
            (Some(Implicit), Some(Implicit), Some(Allowed)),
            &not_in(&[Layer::Boundary, SERVICE_CONTROL]),
        );
        check(
            (Explicit, Some(false), Some(false), &[]),
            (Some(Implicit), Some(Explicit), Some(Allowed)),
            &Cause::DeniedInLayer(SERVICE_CONTROL),
        );
    }

    #[test]
    fn what_no_other_layer_explains_is_the_principals_own() {
        check(
            (Implicit, None, None, &[]),
            (Some(Implicit), None, None),
            &not_in(&[Layer::Identity]),
        );
        let by = Cause::DeniedBy(vec![StatementRef {
            layer: Layer::Identity,
            policy: "DenyDelete".into(),
            index: None,
            sid: None,
        }]);
        check(
            (Explicit, Some(true), None, &["DenyDelete"]),
            (None, None, None),
            &by,
        );
        check(
            (Explicit, None, None, &["DenyDelete"]),
            (Some(Explicit), None, None),
            &by,
        );
    }

    #[test]
    fn layers_that_are_flagged_besides_the_own_are_named_too() {
        check(
            (Implicit, Some(false), Some(false), &[]),
            (Some(Implicit), Some(Implicit), Some(Implicit)),
            &not_in(&[Layer::Identity, Layer::Boundary, SERVICE_CONTROL]),
        );
    }

    #[test]
    fn an_explicit_denial_that_leaves_with_a_layer_was_its() {
        check(
            (Explicit, Some(false), None, &[]),
            (Some(Implicit), None, None),
            &Cause::DeniedInLayer(SERVICE_CONTROL),
        );
    }

    #[test]
    fn where_nothing_can_be_left_out_the_flags_are_believed() {
        let nothing = (None, None, None);
        check(
            (Implicit, Some(false), None, &[]),
            nothing,
            &not_in(&[SERVICE_CONTROL]),
        );
        check(
            (Implicit, Some(true), Some(false), &[]),
            nothing,
            &not_in(&[Layer::Boundary]),
        );
        check(
            (Implicit, None, None, &[]),
            nothing,
            &not_in(&[Layer::Identity]),
        );
        check(
            (Explicit, Some(false), None, &[]),
            nothing,
            &Cause::DeniedInLayer(SERVICE_CONTROL),
        );
        check(
            (Explicit, None, Some(false), &[]),
            nothing,
            &Cause::DeniedInLayer(Layer::Boundary),
        );
    }

    #[test]
    fn what_the_embedded_simulator_should_say_is_known_without_scps_only() {
        let check = |decision, scp, without, expected| {
            let evaluation = Evaluation {
                decision,
                missing: Vec::new(),
                scp,
                boundary: None,
                policies: Vec::new(),
            };
            let evidence = Evidence {
                evaluation: &evaluation,
                without_scp: without,
                without_boundary: None,
                without_both: None,
            };
            assert_eq!(allowed_without_scp(&evidence), expected);
        };
        check(Allowed, None, None, Some(true));
        check(Implicit, Some(false), Some(Allowed), Some(true));
        check(Implicit, None, Some(Implicit), Some(false));
        check(Implicit, Some(true), None, Some(false));
        check(Implicit, Some(false), None, None);
        check(Implicit, None, None, None);
    }
}
