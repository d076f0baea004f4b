//! Reconciling: AWS decided, the embedded simulator explains. What is the outcome, and do the two agree?
//!
//! On a live audit AWS's answer counts. The embedded simulator adds what AWS does not say: which statement denied, that the
//! action is allowed on narrower resources, and whether a context key that AWS reports as missing matters at all (AWS
//! lists the keys of all statements, related to the action or not). What AWS decided without a key that matters is not
//! known.
//!
//! The embedded simulator sees no SCP, so the two are compared on what AWS says without SCPs.

use std::collections::BTreeSet;

use iam::{Cause, Decision, Layer, Outcome};

use super::blame::{self, Evidence, SERVICE_CONTROL};
use super::wire::Said;

/// What both simulators make of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    /// `None`: plainly allowed.
    pub(super) outcome: Option<Outcome>,
    /// One of the two is wrong.
    pub(super) disagreement: bool,
}

/// `embedded` is `None` where the embedded simulator plainly allows. `untold` are keys that AWS takes as absent though requests
/// bear them; as it does not list the keys that SCPs name, a denial by an SCP then says nothing.
pub(super) fn settle(
    evidence: &Evidence<'_>,
    embedded: Option<&Outcome>,
    untold: &BTreeSet<Box<str>>,
) -> Settled {
    let answer = evidence.answer;
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
    // What only the embedded simulator was told may well make them differ.
    let told = !answer.missing.iter().any(|key| {
        let mut untold = untold.iter();
        untold.any(|untold| untold.eq_ignore_ascii_case(key))
    });
    let settled = |outcome| Settled {
        outcome,
        disagreement: agree == Some(false) && told,
    };

    // A key that AWS was not given, and nobody to confirm that it does not matter.
    if !answer.missing.is_empty() && agree != Some(true) {
        return settled(Some(unknown_keys(evidence, embedded)));
    }
    if answer.said == Said::Allowed {
        return settled(None);
    }
    let cause = blame::blame(evidence);
    if !untold.is_empty() && cause.layers().contains(&SERVICE_CONTROL) {
        return settled(Some(Outcome {
            decision: Decision::Undetermined,
            cause: Cause::MissingContext { by: Vec::new() },
            missing: untold.clone(),
        }));
    }
    settled(Some(Outcome {
        decision: match answer.said {
            Said::Explicit => Decision::ExplicitDeny,
            Said::Implicit | Said::Allowed => Decision::ImplicitDeny,
        },
        cause: explained(cause, embedded),
        missing: embedded
            .map(|outcome| outcome.missing.clone())
            .unwrap_or_default(),
    }))
}

fn unknown_keys(evidence: &Evidence<'_>, embedded: Option<&Outcome>) -> Outcome {
    let (by, known) = match embedded {
        Some(Outcome {
            cause: Cause::MissingContext { by },
            missing,
            ..
        }) => (by.clone(), Some(missing)),
        _ => (Vec::new(), None),
    };
    Outcome {
        decision: Decision::Undetermined,
        cause: Cause::MissingContext { by },
        missing: match known {
            // The embedded simulator knows which keys belong to the action; AWS lists those of all statements.
            Some(keys) if !keys.is_empty() => keys.clone(),
            _ => evidence.answer.missing.iter().cloned().collect(),
        },
    }
}

/// AWS's cause with the statements that the embedded simulator names for the same one.
fn explained(cause: Cause, embedded: Option<&Outcome>) -> Cause {
    let Some(embedded) = embedded else {
        return cause;
    };
    match (&cause, &embedded.cause) {
        (Cause::NotAllowedIn(layers), Cause::AllowedOnlyOn { .. })
            if layers.as_slice() == [Layer::Identity] =>
        {
            embedded.cause.clone()
        }
        (Cause::DeniedBy(_), Cause::DeniedBy(by)) if !by.is_empty() => embedded.cause.clone(),
        (Cause::DeniedInLayer(layer), Cause::DeniedBy(by)) => {
            let there: Vec<_> = by.iter().filter(|at| at.layer == *layer).cloned().collect();
            if there.is_empty() {
                cause
            } else {
                Cause::DeniedBy(there)
            }
        }
        _ => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::Said::{Allowed, Explicit, Implicit};
    use super::*;
    use crate::simulate::wire::Answer;
    use iam::StatementRef;

    fn answer(said: Said, missing: &[&str], scp: Option<bool>) -> Answer {
        Answer {
            said,
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
        aws: Answer,
        without_scp: Option<Said>,
        embedded: Option<&'a Outcome>,
        untold: &'a [&'a str],
    }

    #[track_caller]
    fn check(case: &Case<'_>, expected: Option<&Outcome>, disagreement: bool) {
        let evidence = Evidence {
            answer: &case.aws,
            without_scp: case.without_scp,
            without_boundary: None,
            without_both: None,
        };
        let untold = case.untold.iter().map(|&key| key.into()).collect();
        let found = settle(&evidence, case.embedded, &untold);
        assert_eq!(found.outcome.as_ref(), expected);
        assert_eq!(found.disagreement, disagreement);
    }

    #[test]
    fn aws_counts_and_a_disagreement_is_seen() {
        let lacking = lacking();
        check(
            &Case {
                aws: answer(Allowed, &[], None),
                without_scp: None,
                embedded: Some(&lacking),
                untold: &[],
            },
            None,
            true,
        );
        check(
            &Case {
                aws: answer(Implicit, &[], Some(true)),
                without_scp: None,
                embedded: None,
                untold: &[],
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
        let case = |untold| Case {
            aws: answer(Implicit, &[], Some(false)),
            without_scp: Some(Allowed),
            embedded: None,
            untold,
        };
        check(&case(&[]), Some(&expected), false);
        let untold = ["aws:RequestedRegion", "aws:sourceip"];
        let unknown = outcome(
            Decision::Undetermined,
            Cause::MissingContext { by: Vec::new() },
            &untold,
        );
        check(&case(&untold), Some(&unknown), false);
    }

    #[test]
    fn what_aws_was_not_told_makes_no_disagreement() {
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
                aws: answer(Allowed, &["aws:SourceIp"], None),
                without_scp: None,
                embedded: Some(&denied),
                untold: &["aws:sourceip"],
            },
            Some(&unknown),
            false,
        );
    }

    #[test]
    fn a_missing_key_that_cannot_matter_changes_nothing() {
        check(
            &Case {
                aws: answer(Allowed, &["ec2:Vpc"], None),
                without_scp: None,
                embedded: None,
                untold: &[],
            },
            None,
            false,
        );
        let lacking = lacking();
        check(
            &Case {
                aws: answer(Implicit, &["ec2:Vpc"], None),
                without_scp: Some(Implicit),
                embedded: Some(&lacking),
                untold: &[],
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
                    aws: answer(said, &["ec2:ResourceTag/backup", "ec2:Vpc"], Some(true)),
                    without_scp: None,
                    embedded: Some(&embedded),
                    untold: &[],
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
                aws: answer(Allowed, &["ec2:Vpc"], None),
                without_scp: None,
                embedded: Some(&lacking),
                untold: &[],
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
                aws: answer(Explicit, &[], Some(true)),
                without_scp: None,
                embedded: Some(&embedded),
                untold: &[],
            },
            Some(&embedded),
            false,
        );
    }

    #[test]
    fn narrower_resources_are_told_where_no_other_layer_objects() {
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
                aws: answer(Implicit, &[], Some(true)),
                without_scp: None,
                embedded: Some(&embedded),
                untold: &[],
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
                aws: answer(Implicit, &[], Some(false)),
                without_scp: Some(Implicit),
                embedded: Some(&embedded),
                untold: &[],
            },
            Some(&both),
            false,
        );
    }
}
