//! Undeclared resources: what do RCPs make of requests of which nobody said which resource they are about?
//!
//! RCPs restrict every resource of the account, declared or not. In: a question about `*`, and the RCPs. Out: resources that are made up,
//! one for each kind, with the actions that a statement may deny on them. What is denied there is not known to be denied to Veeam: its
//! resource may be another account's, or a key that AWS manages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::meant_resources;
use iam::evaluate::is_covered_by_rcps;
use iam::policy::Effect;
use iam::{ActionName, Cause, Decision, Known, Outcome, Question};

use super::made_up::made_up;
use super::side::Side;
use super::vaults::Actions;

/// Resources of the account that requests of a question can be about, with the actions that its RCPs may deny.
pub(super) fn restricted(
    question: &Question,
    (partition, account): (&str, &str),
    side: &Side<'_>,
) -> BTreeMap<Arc<str>, Actions> {
    let region = match question.context.get("aws:RequestedRegion") {
        Known::Values([region]) => region,
        Known::Values(_) | Known::Absent | Known::Unknown => "",
    };
    let mut found: BTreeMap<Arc<str>, Actions> = BTreeMap::new();
    for (position, action) in (0_u16..).zip(question.actions.iter()) {
        if !is_covered_by_rcps(action) || !may_be_denied(action, side) {
            continue;
        }
        let meant = meant_resources(action).unwrap_or_default();
        let required = meant.iter().find(|one| one.required);
        let form = required.or(meant.first()).and_then(|one| one.arns.first());
        if let Some(form) = form {
            let resource = made_up(form, partition, region, account);
            let actions = found.entry(resource.into()).or_default();
            actions.push((position, action.clone()));
        }
    }
    found
}

fn may_be_denied(action: &ActionName, side: &Side<'_>) -> bool {
    let mut policies = side.policies();
    policies.any(|policy| match policy.document {
        Ok(document) => {
            let mut statements = document.statements.iter();
            statements.any(|one| one.effect == Effect::Deny && one.is_about(action))
        }
        Err(_) => true,
    })
}

/// For what a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StandsFor {
    /// Itself.
    Itself,
    /// Requests on whatever resource of the kind.
    AnyResource,
    /// Those that a service may make for the principal.
    Service,
    /// Those of workers, on resources that the policy of an endpoint may name.
    Named,
}

impl StandsFor {
    /// What is known of the requests that it stands for.
    pub(super) fn outcome(self, of_request: Outcome) -> Outcome {
        let reason = match self {
            Self::Itself => return of_request,
            Self::AnyResource => {
                "it denies this on resources of the account, and nobody declared which resource the request is about"
            }
            Self::Named => {
                if matches!(
                    of_request.decision,
                    Decision::ImplicitDeny | Decision::ExplicitDeny
                ) {
                    return not_known(
                        "the policy of the endpoint names resources, and which one the request is about is not known",
                    );
                }
                return of_request;
            }
            Self::Service => {
                "it denies the role, and whether AWS Backup uses the key of the vault for the role is not known"
            }
        };
        match (self, of_request.decision, &of_request.cause) {
            (_, Decision::ExplicitDeny, Cause::DeniedBy(by)) if let [by, ..] = &**by => Outcome {
                decision: Decision::Undetermined,
                cause: Cause::CannotEvaluate {
                    by: by.clone(),
                    reason: reason.into(),
                },
                missing: BTreeSet::new(),
            },
            (Self::Service, _, _) => Outcome {
                decision: Decision::Allowed,
                cause: Cause::AllowedBy(None),
                missing: BTreeSet::new(),
            },
            (Self::Itself | Self::AnyResource | Self::Named, _, _) => of_request,
        }
    }
}

fn not_known(reason: &str) -> Outcome {
    Outcome {
        decision: Decision::Undetermined,
        cause: Cause::NoAnswer {
            reason: reason.into(),
        },
        missing: BTreeSet::new(),
    }
}
