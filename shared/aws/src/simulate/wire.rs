//! The call `SimulatePrincipalPolicy`: what does AWS decide for some actions on some resources?
//!
//! In: a [`Query`]. Out: an [`Evaluation`] for each action on each resource that AWS decided, from all pages; what has none
//! was not decided. The only rule here is which field of AWS's result counts:
//!
//! - Without resources in the query, the result itself is the decision. With ARNs, its resource name is a template and its
//!   decision an aggregate; the decisions are the results for each resource. Only where AWS sends none of those and the query
//!   has one ARN, the result itself is used.
//! - The SCP flag is at the top level only. No flag means that nothing is known, not that the layer allows.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_iam::types::{
    ContextEntry, EvaluationResult, PolicyEvaluationDecisionType, PolicyIdentifier,
    PolicyIdentifierPolicyType,
};
use iam::{ActionName, PrincipalArn};

use crate::failure::Failure;
use crate::iam_client::Iam;

/// The most results that AWS puts on a page.
const ITEMS: i32 = 1000;
/// How often a call is made again, with fresh attempts, where AWS throttled every attempt.
const ROUNDS: usize = 3;

/// One simulation: every action of the call on all these resources.
#[derive(Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) principal: &'a PrincipalArn,
    /// Empty: the text `*`.
    pub(super) resources: &'a [Arc<str>],
    pub(super) context: &'a [ContextEntry],
    /// Policy documents that are simulated as if the principal held them as well.
    pub(super) added: &'a [String],
    pub(super) without: Without,
}

/// Layers that are left out of a simulation, to see whether they deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Nothing,
    ServiceControl,
    Boundary,
    Both,
}

/// What AWS decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AwsDecision {
    Allowed,
    Implicit,
    Explicit,
}

/// AWS's decision for one action on one resource, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evaluation {
    pub(super) decision: AwsDecision,
    /// Context keys that policies name and the query lacks.
    pub(super) missing: Vec<Box<str>>,
    /// Whether the SCPs allow; `None` where AWS does not say.
    pub(super) scp: Option<bool>,
    /// Whether the boundary allows; `None` where AWS does not say.
    pub(super) boundary: Option<bool>,
    /// The policies whose statements decided, as AWS names them.
    pub(super) policies: Vec<Box<str>>,
}

/// By position of the action and of the resource (0 where the query has none).
pub(super) type Evaluations = HashMap<(usize, usize), Evaluation>;

/// Why evaluations are missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unanswered {
    /// The principal does not exist any more.
    #[error("the principal was deleted while the audit ran")]
    Gone,
    /// AWS refuses the content of the call: a name in it, or names that may not be in one call.
    #[error("AWS refused the question: {code}: {message}")]
    Invalid { code: String, message: String },
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Reads all pages. What came before a failure is kept.
pub(super) async fn ask(
    iam: &Iam,
    query: Query<'_>,
    actions: &[ActionName],
) -> (Evaluations, Option<Unanswered>) {
    let positions: HashMap<&ActionName, usize> = actions.iter().zip(0..).collect();
    let mut evaluations = Evaluations::new();
    let mut marker: Option<String> = None;
    let mut rounds = 1;
    loop {
        iam.process.pace.turn().await;
        let sent = iam
            .client
            .simulate_principal_policy()
            .policy_source_arn(query.principal.as_str())
            .set_action_names(Some(
                actions
                    .iter()
                    .map(|action| action.as_str().to_owned())
                    .collect(),
            ))
            .set_resource_arns(
                (!query.resources.is_empty())
                    .then(|| query.resources.iter().map(ToString::to_string).collect()),
            )
            .set_context_entries((!query.context.is_empty()).then(|| query.context.to_vec()))
            .set_policy_input_list((!query.added.is_empty()).then(|| query.added.to_vec()))
            .set_policy_exclusion_list(query.without.list())
            .max_items(ITEMS)
            .set_marker(marker.clone())
            .send()
            .await;
        match sent {
            Ok(page) => {
                for result in page.evaluation_results.unwrap_or_default() {
                    let action = result.eval_action_name.parse::<ActionName>().ok();
                    if let Some(&at) = action.as_ref().and_then(|name| positions.get(name)) {
                        read(&mut evaluations, at, query.resources, result);
                    }
                }
                if !page.is_truncated {
                    return (evaluations, None);
                }
                if page.marker.is_none() || page.marker == marker {
                    let failure = Failure::Broken { code: None };
                    return (evaluations, Some(failure.into()));
                }
                marker = page.marker;
                rounds = 1;
            }
            Err(error) => {
                let failure = Failure::of(&error);
                if failure == Failure::Throttled && rounds < ROUNDS {
                    rounds += 1;
                    continue;
                }
                let code = error.code();
                return (evaluations, Some(unanswered(code, failure)));
            }
        }
    }
}

fn unanswered(code: Option<&str>, failure: Failure) -> Unanswered {
    match (code, failure) {
        (Some("NoSuchEntity" | "NoSuchEntityException"), _) => Unanswered::Gone,
        (_, Failure::Refused { code, message }) if is_invalid(&code) => {
            Unanswered::Invalid { code, message }
        }
        (_, failure) => Unanswered::Failed(failure),
    }
}

/// The codes with which AWS refuses the content of a call, or a parameter that it does not know.
fn is_invalid(code: &str) -> bool {
    code.starts_with("Invalid")
        || code.starts_with("Malformed")
        || code.starts_with("Unknown")
        || matches!(code, "ValidationError" | "ValidationException")
}

fn read(
    evaluations: &mut Evaluations,
    action: usize,
    resources: &[Arc<str>],
    result: EvaluationResult,
) {
    let scp = result
        .organizations_decision_detail
        .as_ref()
        .map(|detail| detail.allowed_by_organizations);
    let specific = result.resource_specific_results.unwrap_or_default();
    if specific.is_empty() {
        if resources.len() > 1 {
            return;
        }
        let Some(decision) = decision(&result.eval_decision) else {
            return;
        };
        evaluations.insert(
            (action, 0),
            Evaluation {
                decision,
                missing: keys(result.missing_context_values),
                scp,
                boundary: result
                    .permissions_boundary_decision_detail
                    .map(|detail| detail.allowed_by_permissions_boundary),
                policies: policies(result.matched_statements),
            },
        );
        return;
    }
    for one in specific {
        let at = if resources.is_empty() {
            (one.eval_resource_name == "*").then_some(0)
        } else {
            resources
                .iter()
                .position(|arn| **arn == *one.eval_resource_name)
        };
        let (Some(at), Some(decision)) = (at, decision(&one.eval_resource_decision)) else {
            continue;
        };
        evaluations.insert(
            (action, at),
            Evaluation {
                decision,
                missing: keys(one.missing_context_values),
                scp,
                boundary: one
                    .permissions_boundary_decision_detail
                    .map(|detail| detail.allowed_by_permissions_boundary),
                policies: policies(one.matched_statements),
            },
        );
    }
}

/// `None` for any other word: whatever it means, it is not known to be allowed.
fn decision(decision: &PolicyEvaluationDecisionType) -> Option<AwsDecision> {
    match decision.as_str() {
        "allowed" => Some(AwsDecision::Allowed),
        "implicitDeny" => Some(AwsDecision::Implicit),
        "explicitDeny" => Some(AwsDecision::Explicit),
        _ => None,
    }
}

fn keys(missing: Option<Vec<String>>) -> Vec<Box<str>> {
    missing
        .unwrap_or_default()
        .into_iter()
        .map(Into::into)
        .collect()
}

fn policies(matched: Option<Vec<aws_sdk_iam::types::Statement>>) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = matched
        .unwrap_or_default()
        .into_iter()
        .filter_map(|statement| statement.source_policy_id)
        .map(Into::into)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

impl Without {
    fn list(self) -> Option<Vec<PolicyIdentifier>> {
        let scp = PolicyIdentifier::PolicyType(PolicyIdentifierPolicyType::Scp);
        let boundary = PolicyIdentifier::PolicyType(PolicyIdentifierPolicyType::PermissionBoundary);
        match self {
            Self::Nothing => None,
            Self::ServiceControl => Some(vec![scp]),
            Self::Boundary => Some(vec![boundary]),
            Self::Both => Some(vec![scp, boundary]),
        }
    }
}
