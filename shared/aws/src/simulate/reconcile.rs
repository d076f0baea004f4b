//! Reconciling: which outcome follows from both simulators, and do they agree?
//!
//! In a live audit AWS's decision counts. The embedded simulator adds what AWS does not say: which statement denied, that the
//! action is allowed on narrower resources, and whether a context key that AWS reports as missing matters at all (AWS
//! lists the keys of all statements, related to the action or not). A decision that AWS made without a key that matters is
//! undetermined.
//!
//! The embedded simulator is given no SCPs, so it is compared with AWS's decision without SCPs.

use std::collections::BTreeSet;

use iam::{Cause, Decision, Layer, Outcome, StatementRef};

use super::blame::{self, Evidence, SERVICE_CONTROL};
use super::wire::AwsDecision;

/// The outcome of one request, from both simulators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    /// `None`: plainly allowed.
    pub(super) outcome: Option<Outcome>,
    /// Whether the simulators disagree, so that one of them is wrong.
    pub(super) disagreement: bool,
}

/// `embedded` is `None` where the embedded simulator plainly allows. `unsent` are keys that requests have and that were not sent to
/// AWS, which takes them as absent. As AWS does not list the keys that SCPs name, a denial by an SCP then decides nothing by itself: where
/// the SCPs were read, `audit` looks whether they deny whatever these keys are.
pub(super) fn settle(
    evidence: &Evidence<'_>,
    embedded: Option<&Outcome>,
    unsent: &BTreeSet<Box<str>>,
) -> Settled {
    let evaluation = evidence.evaluation;
    let embedded_allows = match embedded.map(|outcome| outcome.decision) {
        None | Some(Decision::Allowed) => Some(true),
        Some(Decision::ImplicitDeny | Decision::ExplicitDeny) => Some(false),
        Some(Decision::Undetermined) => None,
    };
    let without_scp = blame::allowed_without_scp(evidence);
    let agree = match (without_scp, embedded_allows) {
        (Some(aws), Some(embedded)) => Some(aws == embedded),
        _ => None,
    };
    // Keys that only the embedded simulator was given may be why the two differ.
    let comparable = !evaluation.missing.iter().any(|key| {
        let mut unsent = unsent.iter();
        unsent.any(|unsent| unsent.eq_ignore_ascii_case(key))
    });
    let settled = |outcome| Settled {
        outcome,
        disagreement: agree == Some(false) && comparable,
    };

    // AWS lacked a key, and the embedded simulator does not confirm that it does not matter.
    if !evaluation.missing.is_empty() && agree != Some(true) {
        return settled(Some(unknown_keys(evidence, embedded)));
    }
    if evaluation.decision == AwsDecision::Allowed {
        return settled(None);
    }
    let cause = blame::blame(evidence);
    if !unsent.is_empty() && cause.layers().contains(&SERVICE_CONTROL) {
        return settled(Some(Outcome {
            decision: Decision::Undetermined,
            cause: Cause::MissingContext {
                by: vec![StatementRef::in_force(SERVICE_CONTROL)],
            },
            missing: unsent.clone(),
        }));
    }
    settled(Some(Outcome {
        decision: match evaluation.decision {
            AwsDecision::Explicit => Decision::ExplicitDeny,
            AwsDecision::Implicit | AwsDecision::Allowed => Decision::ImplicitDeny,
        },
        cause: explained(cause, embedded),
        missing: embedded
            .map(|outcome| outcome.missing.clone())
            .unwrap_or_default(),
    }))
}

fn unknown_keys(evidence: &Evidence<'_>, embedded: Option<&Outcome>) -> Outcome {
    let mut by = Vec::new();
    let mut missing: BTreeSet<Box<str>> = evidence.evaluation.missing.iter().cloned().collect();
    if let Some(embedded) = embedded
        && let Cause::MissingContext { by: statements } = &embedded.cause
    {
        by = statements.clone();
        // The embedded simulator knows which keys belong to the action; AWS lists those of all statements.
        if !embedded.missing.is_empty() {
            missing = embedded.missing.clone();
        }
    }
    Outcome {
        decision: Decision::Undetermined,
        cause: Cause::MissingContext { by },
        missing,
    }
}

/// AWS's cause with the statements that the embedded simulator names for the same one.
fn explained(cause: Cause, embedded: Option<&Outcome>) -> Cause {
    let Some(embedded) = embedded else {
        return cause;
    };
    let narrower = matches!(embedded.cause, Cause::AllowedOnlyOn { .. });
    let denying: &[StatementRef] = if let Cause::DeniedBy(by) = &embedded.cause {
        by.as_slice()
    } else {
        &[]
    };
    match cause {
        Cause::NotAllowedIn(layers) if narrower && layers == [Layer::Identity] => {
            embedded.cause.clone()
        }
        Cause::DeniedBy(_) if !denying.is_empty() => Cause::DeniedBy(denying.to_vec()),
        Cause::DeniedInLayer(layer) => {
            let of_layer: Vec<_> = denying
                .iter()
                .filter(|statement| statement.layer == layer)
                .cloned()
                .collect();
            if of_layer.is_empty() {
                Cause::DeniedInLayer(layer)
            } else {
                Cause::DeniedBy(of_layer)
            }
        }
        Cause::AllowedBy(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::CannotEvaluate { .. }
        | Cause::DeniedBy(_)
        | Cause::MissingContext { .. }
        | Cause::NoAnswer { .. }
        | Cause::NotAllowedIn(_)
        | Cause::Unreadable { .. }
        | Cause::NotChecked { .. } => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::AwsDecision::{Allowed, Explicit, Implicit};
    use super::*;
    use crate::simulate::wire::Evaluation;

    fn evaluation(decision: AwsDecision, missing: &[&str], scp: Option<bool>) -> Evaluation {
        Evaluation {
            decision,
            missing: missing.iter().map(|&key| key.into()).collect(),
            scp,
            boundary: None,
            policies: Vec::new(),
        }
    }

    fn outcome(decision: Decision, cause: Cause, missing: &[&str]) -> Outcome {
        Outcome {
            decision,
            cause,
            missing: missing.iter().map(|&key| key.into()).collect(),
        }
    }

    fn own(layer: Layer) -> StatementRef {
        StatementRef {
            layer,
            policy: "inline backup".into(),
            index: Some(1),
            sid: None,
        }
    }

    fn lacking() -> Outcome {
        outcome(
            Decision::ImplicitDeny,
            Cause::NotAllowedIn(vec![Layer::Identity]),
            &[],
        )
    }

    struct Case<'a> {
        aws: Evaluation,
        without_scp: Option<AwsDecision>,
        embedded: Option<&'a Outcome>,
        unsent: &'a [&'a str],
    }

    #[track_caller]
    fn check(case: &Case<'_>, expected: Option<&Outcome>, disagreement: bool) {
        let evidence = Evidence {
            evaluation: &case.aws,
            without_scp: case.without_scp,
            without_boundary: None,
            without_both: None,
        };
        let unsent = case.unsent.iter().map(|&key| key.into()).collect();
        let found = settle(&evidence, case.embedded, &unsent);
        assert_eq!(found.outcome.as_ref(), expected);
        assert_eq!(found.disagreement, disagreement);
    }

    #[test]
    fn aws_counts_and_a_disagreement_is_reported() {
        let lacking = lacking();
        check(
            &Case {
                aws: evaluation(Allowed, &[], None),
                without_scp: None,
                embedded: Some(&lacking),
                unsent: &[],
            },
            None,
            true,
        );
        check(
            &Case {
                aws: evaluation(Implicit, &[], Some(true)),
                without_scp: None,
                embedded: None,
                unsent: &[],
            },
            Some(&lacking),
            true,
        );
    }

    #[test]
    fn a_denial_by_an_scp_is_no_disagreement() {
        let expected = outcome(
            Decision::ImplicitDeny,
            Cause::NotAllowedIn(vec![SERVICE_CONTROL]),
            &[],
        );
        let case = |unsent| Case {
            aws: evaluation(Implicit, &[], Some(false)),
            without_scp: Some(Allowed),
            embedded: None,
            unsent,
        };
        check(&case(&[]), Some(&expected), false);
        let unsent = ["aws:RequestedRegion", "aws:sourceip"];
        let unknown = outcome(
            Decision::Undetermined,
            Cause::MissingContext {
                by: vec![StatementRef::in_force(SERVICE_CONTROL)],
            },
            &unsent,
        );
        check(&case(&unsent), Some(&unknown), false);
    }

    #[test]
    fn a_key_that_was_not_sent_makes_no_disagreement() {
        let denied = outcome(
            Decision::ExplicitDeny,
            Cause::DeniedBy(vec![own(Layer::Identity)]),
            &[],
        );
        let unknown = outcome(
            Decision::Undetermined,
            Cause::MissingContext { by: Vec::new() },
            &["aws:SourceIp"],
        );
        check(
            &Case {
                aws: evaluation(Allowed, &["aws:SourceIp"], None),
                without_scp: None,
                embedded: Some(&denied),
                unsent: &["aws:sourceip"],
            },
            Some(&unknown),
            false,
        );
    }

    #[test]
    fn a_missing_key_that_cannot_matter_changes_nothing() {
        check(
            &Case {
                aws: evaluation(Allowed, &["ec2:Vpc"], None),
                without_scp: None,
                embedded: None,
                unsent: &[],
            },
            None,
            false,
        );
        let lacking = lacking();
        check(
            &Case {
                aws: evaluation(Implicit, &["ec2:Vpc"], None),
                without_scp: Some(Implicit),
                embedded: Some(&lacking),
                unsent: &[],
            },
            Some(&lacking),
            false,
        );
    }

    #[test]
    fn a_missing_key_that_may_matter_leaves_it_unknown() {
        let by = vec![own(Layer::Identity)];
        let embedded = outcome(
            Decision::Undetermined,
            Cause::MissingContext { by: by.clone() },
            &["ec2:ResourceTag/backup"],
        );
        for said in [Allowed, Implicit, Explicit] {
            check(
                &Case {
                    aws: evaluation(said, &["ec2:ResourceTag/backup", "ec2:Vpc"], Some(true)),
                    without_scp: None,
                    embedded: Some(&embedded),
                    unsent: &[],
                },
                Some(&embedded),
                false,
            );
        }
        // AWS allows with keys missing, the embedded simulator denies for certain: one is wrong, and nobody knows which.
        let lacking = lacking();
        let unknown = outcome(
            Decision::Undetermined,
            Cause::MissingContext { by: Vec::new() },
            &["ec2:Vpc"],
        );
        check(
            &Case {
                aws: evaluation(Allowed, &["ec2:Vpc"], None),
                without_scp: None,
                embedded: Some(&lacking),
                unsent: &[],
            },
            Some(&unknown),
            true,
        );
    }

    #[test]
    fn the_embedded_simulator_names_the_statement() {
        let embedded = outcome(
            Decision::ExplicitDeny,
            Cause::DeniedBy(vec![own(Layer::Identity)]),
            &[],
        );
        check(
            &Case {
                aws: evaluation(Explicit, &[], Some(true)),
                without_scp: None,
                embedded: Some(&embedded),
                unsent: &[],
            },
            Some(&embedded),
            false,
        );
    }

    #[test]
    fn narrower_resources_are_named_where_no_other_layer_denies() {
        let embedded = outcome(
            Decision::ImplicitDeny,
            Cause::AllowedOnlyOn {
                by: vec![own(Layer::Identity)],
                resources: vec!["arn:aws:s3:::backup/*".into()],
            },
            &[],
        );
        check(
            &Case {
                aws: evaluation(Implicit, &[], Some(true)),
                without_scp: None,
                embedded: Some(&embedded),
                unsent: &[],
            },
            Some(&embedded),
            false,
        );
        let both = outcome(
            Decision::ImplicitDeny,
            Cause::NotAllowedIn(vec![Layer::Identity, SERVICE_CONTROL]),
            &[],
        );
        check(
            &Case {
                aws: evaluation(Implicit, &[], Some(false)),
                without_scp: Some(Implicit),
                embedded: Some(&embedded),
                unsent: &[],
            },
            Some(&both),
            false,
        );
    }
}
