//! One simulation on the wire: what does AWS answer for some actions on some resources?
//!
//! In: a [`Request`]. Out: an [`Answer`] for each action on each resource that AWS decided, from all pages; what is not
//! among them was not decided. Nothing is concluded here but which field of the answer counts:
//!
//! - Asked without resources, the result itself is the decision. Asked with ARNs, its resource name is a template and its
//!   decision an aggregate; the truth stands in the results for each resource. Only where AWS gives none of those and one
//!   ARN was asked for is the result itself taken.
//! - The SCP flag stands at the top level only. No flag means that nothing is known, not that the layer allows.

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
/// Calls anew, with fresh attempts, where AWS refused all of them as too many.
const ROUNDS: usize = 3;

/// What is asked in one call. All actions are asked about on all resources.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) principal: &'a PrincipalArn,
    /// None: the text `*`.
    pub(super) resources: &'a [Arc<str>],
    pub(super) context: &'a [ContextEntry],
    /// Policy documents that the principal does not hold, taken as if it did.
    pub(super) added: &'a [String],
    pub(super) without: Without,
}

/// Layers that are left out to see whether they are to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Nothing,
    ServiceControl,
    Boundary,
    Both,
}

/// What AWS decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Allowed,
    Implicit,
    Explicit,
}

/// What AWS says of one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) said: Said,
    /// Context keys that policies name and nobody gave.
    pub(super) missing: Vec<Box<str>>,
    /// Whether the SCPs allow; `None` where AWS does not tell.
    pub(super) scp: Option<bool>,
    /// Whether the boundary allows; `None` where AWS does not tell.
    pub(super) boundary: Option<bool>,
    /// The policies whose statements decided, as AWS names them.
    pub(super) policies: Vec<Box<str>>,
}

/// Answers by position of the action and of the resource (0 where none was given).
pub(super) type Answers = HashMap<(usize, usize), Answer>;

/// Why there are no answers, or not all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unanswered {
    /// The principal does not exist any more.
    #[error("the principal was deleted while the audit ran")]
    Gone,
    /// AWS refuses the call as it is put together: some name in it, or some names in one call.
    #[error("AWS refused the question: {code}: {message}")]
    Invalid { code: String, message: String },
    /// Anything else.
    #[error("{0}")]
    Failed(#[from] Failure),
}

/// Asks, page by page. What came before a failure is kept.
pub(super) async fn ask(
    iam: &Iam,
    request: Request<'_>,
    actions: &[ActionName],
) -> (Answers, Option<Unanswered>) {
    let positions: HashMap<&ActionName, usize> = actions.iter().zip(0..).collect();
    let mut answers = Answers::new();
    let mut marker: Option<String> = None;
    let mut rounds = 1;
    loop {
        iam.process.pace.turn().await;
        let sent = iam
            .client
            .simulate_principal_policy()
            .policy_source_arn(request.principal.as_str())
            .set_action_names(Some(
                actions
                    .iter()
                    .map(|action| action.as_str().to_owned())
                    .collect(),
            ))
            .set_resource_arns(
                (!request.resources.is_empty())
                    .then(|| request.resources.iter().map(ToString::to_string).collect()),
            )
            .set_context_entries((!request.context.is_empty()).then(|| request.context.to_vec()))
            .set_policy_input_list((!request.added.is_empty()).then(|| request.added.to_vec()))
            .set_policy_exclusion_list(request.without.list())
            .max_items(ITEMS)
            .set_marker(marker.clone())
            .send()
            .await;
        match sent {
            Ok(page) => {
                for result in page.evaluation_results.unwrap_or_default() {
                    let action = result.eval_action_name.parse::<ActionName>().ok();
                    if let Some(&at) = action.as_ref().and_then(|name| positions.get(name)) {
                        read(&mut answers, at, request.resources, result);
                    }
                }
                if !page.is_truncated {
                    return (answers, None);
                }
                if page.marker.is_none() || page.marker == marker {
                    let failure = Failure::Broken { code: None };
                    return (answers, Some(failure.into()));
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
                return (answers, Some(unanswered(code, failure)));
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

/// The codes with which AWS refuses what a call says, or a parameter that it does not know.
fn is_invalid(code: &str) -> bool {
    code.starts_with("Invalid")
        || code.starts_with("Malformed")
        || code.starts_with("Unknown")
        || matches!(code, "ValidationError" | "ValidationException")
}

fn read(answers: &mut Answers, action: usize, resources: &[Arc<str>], result: EvaluationResult) {
    let scp = result
        .organizations_decision_detail
        .as_ref()
        .map(|detail| detail.allowed_by_organizations);
    let specific = result.resource_specific_results.unwrap_or_default();
    if specific.is_empty() {
        if resources.len() > 1 {
            return;
        }
        let Some(said) = said(&result.eval_decision) else {
            return;
        };
        answers.insert(
            (action, 0),
            Answer {
                said,
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
        let (Some(at), Some(said)) = (at, said(&one.eval_resource_decision)) else {
            continue;
        };
        answers.insert(
            (action, at),
            Answer {
                said,
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

/// `None` for a word that is none of the three: whatever it means, it is not known to be allowed.
fn said(decision: &PolicyEvaluationDecisionType) -> Option<Said> {
    match decision.as_str() {
        "allowed" => Some(Said::Allowed),
        "implicitDeny" => Some(Said::Implicit),
        "explicitDeny" => Some(Said::Explicit),
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
