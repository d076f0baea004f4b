//! Undeclared resources: what do RCPs make of requests of which nobody said which resource they are about?
//!
//! RCPs restrict every resource of the account, declared or not. In: a question about `*`, and the RCPs. Out: resources that are made up,
//! one for each kind, with the actions that a statement may deny on them. What is denied there is not known to be denied to Veeam: its
//! resource may be another account's, or a key that AWS manages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{id_prefix, meant_resources, usual_folder};
use iam::evaluate::is_covered_by_rcps;
use iam::policy::Effect;
use iam::{ActionName, Cause, Decision, Known, Outcome, Question};

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

/// An ARN of a form, with variables in `${…}`, that no policy names.
pub(super) fn made_up(form: &str, partition: &str, region: &str, account: &str) -> String {
    let mut parts = form.split("${");
    let mut arn = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap_or((part, ""));
        match variable {
            "Partition" => arn.push_str(partition),
            "Region" => arn.push_str(region),
            "Account" => arn.push_str(account),
            variable => {
                arn.push_str(id_prefix(form, variable));
                arn.push_str(usual_folder(form, variable));
                arn.push_str("permdrift");
            }
        }
        arn.push_str(rest);
    }
    arn
}

/// What is known of a request about another resource of the kind.
pub(super) fn left_open(outcome: Outcome) -> Outcome {
    match (outcome.decision, outcome.cause) {
        (Decision::ExplicitDeny, Cause::DeniedBy(by)) if !by.is_empty() => Outcome {
            decision: Decision::Undetermined,
            cause: match by.into_iter().next() {
                Some(by) => Cause::CannotEvaluate {
                    by,
                    reason: "it denies this on resources of the account, and nobody declared which resource the request is about".into(),
                },
                None => Cause::DeniedBy(Vec::new()),
            },
            missing: BTreeSet::new(),
        },
        (decision, cause) => Outcome {
            decision,
            cause,
            missing: outcome.missing,
        },
    }
}
