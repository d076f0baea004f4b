//! Blame: which layer turned a request away?
//!
//! In: what AWS said of it, and what it said again with a layer left out. Out: the [`Cause`] in the words that the embedded
//! simulator uses too. A layer is to blame alone if the request is allowed without it. Where nothing was left out (AWS
//! refused to), AWS's own flags are what there is.
//!
//! One cause is named where several hold; an explicit denial comes before a missing allow.

use std::sync::Arc;

use iam::{Cause, Layer, StatementRef};

use super::wire::{Answer, Said};

pub(super) const SERVICE_CONTROL: Layer = Layer::ServiceControl { level: None };

/// What is known of a denied request.
#[derive(Clone, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) answer: &'a Answer,
    /// What AWS says without the SCPs; `None` if it was not asked.
    pub(super) without_scp: Option<Said>,
    /// What AWS says without the boundary; `None` if it was not asked or there is none.
    pub(super) without_boundary: Option<Said>,
    /// What AWS says without both; `None` if it was not asked.
    pub(super) without_both: Option<Said>,
}

/// Why the request is denied.
pub(super) fn blame(evidence: &Evidence<'_>) -> Cause {
    let answer = evidence.answer;
    if evidence.without_scp == Some(Said::Allowed) {
        return alone(answer, SERVICE_CONTROL);
    }
    if evidence.without_boundary == Some(Said::Allowed) {
        return alone(answer, Layer::Boundary);
    }
    let explicit = answer.said == Said::Explicit;
    if evidence.without_both == Some(Said::Allowed) {
        return match explicit {
            true => Cause::DeniedInLayer(explicit_layer(evidence).unwrap_or(Layer::Boundary)),
            false => Cause::NotAllowedIn(vec![Layer::Boundary, SERVICE_CONTROL]),
        };
    }
    if explicit {
        return match explicit_layer(evidence) {
            Some(layer) => Cause::DeniedInLayer(layer),
            None => Cause::DeniedBy(statements(answer)),
        };
    }
    let flagged = [
        (answer.boundary == Some(false), Layer::Boundary),
        (answer.scp == Some(false), SERVICE_CONTROL),
    ];
    let flagged = flagged.into_iter().filter(|(flag, _)| *flag);
    let mut layers: Vec<Layer> = flagged.map(|(_, layer)| layer).collect();
    let probed = evidence.without_scp.is_some() || evidence.without_boundary.is_some();
    if probed || layers.is_empty() {
        layers.insert(0, Layer::Identity);
    }
    Cause::NotAllowedIn(layers)
}

/// The layer whose absence takes the explicit denial away; `None` if it is the principal's own policies.
fn explicit_layer(evidence: &Evidence<'_>) -> Option<Layer> {
    let answer = evidence.answer;
    if evidence.without_scp == Some(Said::Implicit) {
        return Some(SERVICE_CONTROL);
    }
    if evidence.without_boundary == Some(Said::Implicit) {
        return Some(Layer::Boundary);
    }
    // AWS names the statements of the principal's own policies, and none of other layers.
    if evidence.without_scp.is_some() || !answer.policies.is_empty() {
        return None;
    }
    if answer.scp == Some(false) {
        return Some(SERVICE_CONTROL);
    }
    (answer.boundary == Some(false)).then_some(Layer::Boundary)
}

fn alone(answer: &Answer, layer: Layer) -> Cause {
    match answer.said {
        Said::Explicit => Cause::DeniedInLayer(layer),
        Said::Implicit | Said::Allowed => Cause::NotAllowedIn(vec![layer]),
    }
}

fn statements(answer: &Answer) -> Vec<StatementRef> {
    let policies = answer.policies.iter();
    policies
        .map(|policy| StatementRef {
            layer: Layer::Identity,
            policy: Arc::from(policy.as_ref()),
            index: None,
            sid: None,
        })
        .collect()
}

/// Whether the request is allowed with the SCPs left out; that is what the embedded simulator, which sees none, decides.
/// `None` if it is not known.
pub(super) fn allowed_without_scp(evidence: &Evidence<'_>) -> Option<bool> {
    let answer = evidence.answer;
    match (answer.said, evidence.without_scp, answer.scp) {
        (Said::Allowed, _, _) => Some(true),
        (_, Some(said), _) => Some(said == Said::Allowed),
        (_, None, Some(true)) => Some(false),
        (_, None, Some(false) | None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Said::{Allowed, Explicit, Implicit};
    use super::*;

    /// The answer: what AWS said, SCP flag, boundary flag, policies named. Then: without SCPs, boundary, both.
    type Case<'a> = (Said, Option<bool>, Option<bool>, &'a [&'a str]);
    type Probes = (Option<Said>, Option<Said>, Option<Said>);

    #[track_caller]
    fn check((said, scp, boundary, policies): Case<'_>, probes: Probes, expected: &Cause) {
        let answer = Answer {
            said,
            missing: Vec::new(),
            scp,
            boundary,
            policies: policies.iter().map(|&name| name.into()).collect(),
        };
        let evidence = Evidence {
            answer: &answer,
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
        let check = |said, scp, without, expected| {
            let answer = Answer {
                said,
                missing: Vec::new(),
                scp,
                boundary: None,
                policies: Vec::new(),
            };
            let evidence = Evidence {
                answer: &answer,
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
