//! Reaches: on which resources is an action allowed, of one kind, of several, and of all that a request has?

use std::collections::BTreeSet;

use iam::{Cause, Decision, Outcome, StatementRef};

/// On which resources of a kind an action is allowed.
pub(super) enum Reach {
    /// On one that no policy names; not on some that policies name.
    Whole(Except),
    /// On some that policies name.
    Only(Only),
    /// On none, or nobody knows; why.
    Not(Outcome),
}

/// What is allowed on named resources only.
#[derive(Default)]
pub(super) struct Only {
    /// The statements that allow.
    pub(super) by: BTreeSet<StatementRef>,
    /// The patterns within which it is allowed.
    pub(super) resources: BTreeSet<Box<str>>,
}

/// What is denied within a kind that is allowed else.
#[derive(Default)]
pub(super) struct Except {
    /// The statements that deny.
    pub(super) by: BTreeSet<StatementRef>,
    /// The patterns within which it is denied.
    pub(super) resources: BTreeSet<Box<str>>,
}

/// What holds where a request is about one of two kinds, and nobody knows which.
pub(super) fn either(one: Reach, other: Reach) -> Reach {
    match (one, other) {
        (Reach::Not(one), Reach::Not(other)) => match one.decision {
            Decision::Undetermined => Reach::Not(one),
            Decision::Allowed | Decision::ImplicitDeny | Decision::ExplicitDeny => {
                Reach::Not(other)
            }
        },
        (Reach::Not(not), allowed) | (allowed, Reach::Not(not)) => {
            Reach::Not(undecided(not, allowed))
        }
        (Reach::Whole(mut one), Reach::Whole(other)) => {
            one.by.extend(other.by);
            one.resources.extend(other.resources);
            Reach::Whole(one)
        }
        (Reach::Only(mut one), Reach::Only(other)) => {
            one.by.extend(other.by);
            one.resources.extend(other.resources);
            Reach::Only(one)
        }
        (Reach::Only(only), Reach::Whole(_)) | (Reach::Whole(_), Reach::Only(only)) => {
            Reach::Only(only)
        }
    }
}

/// Why it is not known whether an action is allowed that is denied on one of several kinds.
fn undecided(not: Outcome, allowed: Reach) -> Outcome {
    if not.decision == Decision::Undetermined {
        return not;
    }
    let denying = not.cause.denied_by().first().cloned();
    let allowing = || match allowed {
        Reach::Only(only) => only.by.into_iter().next(),
        Reach::Whole(_) | Reach::Not(_) => None,
    };
    let reason = "it holds for some of the resources that the request can be about, and which of them Veeam uses is not known";
    Outcome {
        decision: Decision::Undetermined,
        cause: match denying.or_else(allowing) {
            Some(by) => Cause::CannotEvaluate {
                by,
                reason: reason.into(),
            },
            None => not.cause,
        },
        missing: BTreeSet::new(),
    }
}

/// What holds of all kinds together: of each that every request has; where there is none such, of any.
pub(super) fn together(reaches: Vec<(bool, Reach)>, found: Option<&Outcome>) -> Option<Outcome> {
    let some_required = reaches.iter().any(|(required, _)| *required);
    let mut sure: Option<Outcome> = None;
    let mut unknown: Option<Outcome> = None;
    let mut is_whole = false;
    let mut except = Except::default();
    let mut only = Only::default();
    for (required, reach) in reaches {
        if some_required && !required {
            continue;
        }
        match reach {
            Reach::Whole(of_kind) => {
                is_whole = true;
                except.by.extend(of_kind.by);
                except.resources.extend(of_kind.resources);
            }
            Reach::Only(of_kind) => {
                only.by.extend(of_kind.by);
                only.resources.extend(of_kind.resources);
            }
            Reach::Not(outcome) if outcome.decision == Decision::Undetermined => {
                unknown.get_or_insert(outcome);
            }
            Reach::Not(outcome) => {
                sure.get_or_insert(outcome);
            }
        }
    }
    // Where one kind is enough, nothing that is denied on others takes it away.
    let not = match some_required {
        true => sure.or(unknown),
        false if is_whole || !only.resources.is_empty() => None,
        false => unknown.or(sure),
    };
    if not.is_some() {
        return not;
    }
    if only.resources.is_empty() || (is_whole && !some_required) {
        return except_on(except);
    }
    let by = match found.map(|found| &found.cause) {
        Some(Cause::AllowedOnlyOn { by, .. } | Cause::DeniedBy(by)) => by.clone(),
        Some(_) | None => only.by.into_iter().collect(),
    };
    Some(Outcome {
        decision: match found.map(|found| found.decision) {
            Some(Decision::ExplicitDeny) => Decision::ExplicitDeny,
            Some(_) | None => Decision::ImplicitDeny,
        },
        cause: Cause::AllowedOnlyOn {
            by,
            resources: only.resources.into_iter().collect(),
        },
        missing: BTreeSet::new(),
    })
}

/// Whether an outcome of narrowing lets an action through, on some resources at least.
pub(super) fn lets_through(outcome: &Outcome) -> bool {
    outcome.decision == Decision::Allowed || matches!(outcome.cause, Cause::AllowedOnlyOn { .. })
}

/// Allowed, with what is denied; `None` where nothing is.
fn except_on(except: Except) -> Option<Outcome> {
    (!except.resources.is_empty()).then(|| Outcome {
        decision: Decision::Allowed,
        cause: Cause::DeniedOn {
            by: except.by.into_iter().collect(),
            resources: except.resources.into_iter().collect(),
        },
        missing: BTreeSet::new(),
    })
}
