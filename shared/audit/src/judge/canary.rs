//! The canary: does the audit still see a denial that is known to be there?
//!
//! One that nobody asked, or of which nobody knows, proves as little as one that was found to have its action.

use iam::{Cause, Decision, Group, Principal};

/// Why the canary does not prove that the audit works; `None` where it does. `groups`: the answer to its one question about
/// one action; `None`: nobody asked.
pub(super) fn judge(principal: &Principal, groups: Option<Vec<Vec<Group>>>) -> Option<Box<str>> {
    let name = principal.arn.name();
    let Some(groups) = groups else {
        return Some(format!("the time was up before the canary {name} was asked").into());
    };
    let has_it = || format!("the canary {name} was found to have the action that it lacks");
    // What is not mentioned is allowed.
    let Some(group) = groups.into_iter().flatten().next() else {
        return Some(has_it().into());
    };
    let because = match (group.outcome.decision, &group.outcome.cause) {
        (_, Cause::AllowedOnlyOn { .. }) | (Decision::Allowed, _) => return Some(has_it().into()),
        (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => return None,
        (Decision::Undetermined, Cause::NoAnswer { reason }) => format!(": {reason}"),
        (Decision::Undetermined, _) if group.outcome.missing.is_empty() => String::new(),
        (Decision::Undetermined, _) => {
            let keys: Vec<&str> = group.outcome.missing.iter().map(AsRef::as_ref).collect();
            format!(": that hangs on {}", keys.join(", "))
        }
    };
    Some(format!("nobody knows whether the canary {name} still lacks its action{because}").into())
}
