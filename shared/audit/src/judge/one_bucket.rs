//! One bucket: is there one on which all actions that a set needs on its bucket are allowed?
//!
//! Where no bucket was declared, each action is tried by itself, and may be allowed on some buckets only. In: a requirement and the answers
//! about it. Out: the answers, in which the actions that are allowed on no bucket together are undetermined.

use std::collections::BTreeSet;

use iam::{Cause, Decision, Group, Outcome, glob};

use crate::bind::requirement::{Need, Requirement};
use crate::simulate::kinds::any_of;

const REASON: &str = "no bucket is known on which all actions of the set are allowed that it needs on one bucket and its objects: declare the bucket";

/// Makes what is allowed on no one bucket undetermined.
pub(super) fn judge(requirement: &Requirement, groups: &mut Vec<Group>) {
    if requirement.one_bucket.is_empty() || is_there_one(requirement, groups) {
        return;
    }
    let mut apart = Vec::new();
    for group in groups.iter_mut() {
        let (on_bucket, others) = group
            .actions
            .iter()
            .partition(|at| needs_bucket(requirement, group, **at));
        let Cause::AllowedOnlyOn { by, .. } = &group.outcome.cause else {
            continue;
        };
        let reason = REASON.into();
        let cause = match by.first().cloned() {
            Some(by) => Cause::CannotEvaluate { by, reason },
            None => Cause::NoAnswer { reason },
        };
        apart.push(Group {
            question: group.question,
            outcome: Outcome {
                decision: Decision::Undetermined,
                cause,
                missing: BTreeSet::new(),
            },
            actions: on_bucket,
        });
        group.actions = others;
    }
    groups.append(&mut apart);
    groups.retain(|group| !group.actions.is_empty());
    groups.sort_by_key(|group| group.question);
}

/// Whether there may be a bucket on which all are allowed: it would be within a pattern of each of them, and these overlap.
fn is_there_one(requirement: &Requirement, groups: &[Group]) -> bool {
    let on_bucket = groups.iter().filter_map(|group| {
        let Cause::AllowedOnlyOn { resources, .. } = &group.outcome.cause else {
            return None;
        };
        let mut actions = group.actions.iter();
        actions
            .any(|at| needs_bucket(requirement, group, *at))
            .then(|| resources.iter().map(|one| bucket_of(one)).collect())
    });
    let all: Vec<BTreeSet<String>> = on_bucket.collect();
    let overlaps = |buckets: &BTreeSet<String>, one: &str| {
        let mut buckets = buckets.iter();
        buckets.any(|other| glob::overlap(one, other))
    };
    let Some(first) = all.first() else {
        return true;
    };
    first
        .iter()
        .chain(all.iter().skip(1).flatten())
        .any(|one| all.iter().all(|buckets| overlaps(buckets, one)))
}

/// Whether an action must be allowed on the bucket that nobody declared.
fn needs_bucket(requirement: &Requirement, group: &Group, at: u16) -> bool {
    let at = usize::from(at);
    let Some(check) = requirement.checks.get(group.question) else {
        return false;
    };
    let is_needed = check.needs.get(at) == Some(&Need::Required);
    let action = check.question.actions.get(at);
    is_needed && action.is_some_and(|one| requirement.one_bucket.binary_search(one).is_ok())
}

/// A pattern that matches each bucket which a pattern of buckets or objects can mean. What stands behind a wildcard may belong to the name
/// of an object.
fn bucket_of(pattern: &str) -> String {
    let pattern = any_of(pattern);
    match pattern.find(['/', '*', '?']) {
        Some(at) if pattern.get(at..).is_some_and(|rest| rest.starts_with('/')) => {
            pattern.get(..at).unwrap_or_default().to_owned()
        }
        Some(at) => format!("{}*", pattern.get(..at).unwrap_or_default()),
        None => pattern,
    }
}
