//! The canary: does the audit still see a denial that is known to be there?
//!
//! One that nobody asked, or of which nobody knows, proves as little as one that was found to have its action.

use iam::{Cause, Principal};

use super::sorting::sort;
use crate::bind::requirement::Plan;
use crate::ports::Answer;

/// Why the canary does not prove that the audit works; `None` where it does.
pub(super) fn judge(principal: &Principal, plan: &Plan, answer: Answer) -> Option<Box<str>> {
    let name = principal.arn.name();
    let groups = match answer {
        Answer::Decided(plans) => plans.into_iter().next(),
        Answer::NotReached => None,
    };
    let Some(groups) = groups else {
        return Some(format!("the time was up before the canary {name} was asked").into());
    };
    let sorted = sort(plan, groups);
    if !sorted.missing.is_empty() {
        return None;
    }
    let Some(unknown) = sorted.unknown.first() else {
        return Some(
            format!("the canary {name} was found to have the action that it lacks").into(),
        );
    };
    let because = if let Cause::NoAnswer { reason } = &unknown.cause {
        format!(": {reason}")
    } else if unknown.keys.is_empty() {
        String::new()
    } else {
        let keys: Vec<&str> = unknown.keys.iter().map(AsRef::as_ref).collect();
        format!(": that hangs on {}", keys.join(", "))
    };
    Some(format!("nobody knows whether the canary {name} still lacks its action{because}").into())
}
