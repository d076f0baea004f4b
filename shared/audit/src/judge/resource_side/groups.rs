//! Groups: how are outcomes put into the answers of a requirement?
//!
//! In: the groups of a list, and the outcomes that replace some of them. Out: the same groups as if a simulator had answered so; what is
//! plainly allowed is in none.

use std::collections::HashMap;

use iam::{Cause, Decision, Group, Outcome};

use crate::bind::requirement::Requirement;

/// Replaces outcomes in the groups of a list; what is plainly allowed now is in none.
pub(super) fn put(
    requirement: &Requirement,
    groups: &mut Vec<Group>,
    mut changed: HashMap<usize, HashMap<u16, Outcome>>,
) {
    let mut before = std::mem::take(groups).into_iter().peekable();
    for question in 0..requirement.checks.len() {
        let own = std::iter::from_fn(|| before.next_if(|group| group.question <= question));
        let mut own: Vec<Group> = own.collect();
        let Some(mut changed) = changed.remove(&question) else {
            groups.append(&mut own);
            continue;
        };
        for group in &mut own {
            group.actions.retain(|action| !changed.contains_key(action));
        }
        own.retain(|group| !group.actions.is_empty());
        changed.retain(|_, outcome| !is_plainly_allowed(outcome));
        let mut changed: Vec<(u16, Outcome)> = changed.into_iter().collect();
        changed.sort_unstable_by_key(|(action, _)| *action);
        for (action, outcome) in changed {
            match own.iter_mut().find(|group| group.outcome == outcome) {
                Some(group) => {
                    let at = group.actions.partition_point(|one| *one < action);
                    group.actions.insert(at, action);
                }
                None => own.push(Group {
                    question,
                    outcome,
                    actions: vec![action],
                }),
            }
        }
        own.sort_by_key(|group| group.actions.first().copied());
        groups.append(&mut own);
    }
    groups.extend(before);
}

/// Whether nothing is worth telling of it.
pub(super) fn is_plainly_allowed(outcome: &Outcome) -> bool {
    outcome.decision == Decision::Allowed && matches!(outcome.cause, Cause::AllowedBy(_))
}
