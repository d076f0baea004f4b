//! Splits: which actions may not be simulated in one call?
//!
//! AWS refuses a call that mixes actions which `require different authorization information`, and names the groups. The
//! groups are known only from such refusals, so they are kept for the process: for the next principal with the same actions,
//! the calls are split at once. If the groups in a refusal cannot be read, the batch is halved.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use iam::ActionName;

/// Actions that are asked about together, as positions in a list.
pub(super) type Part = Vec<usize>;

type Known = HashMap<Arc<[ActionName]>, Arc<[Part]>>;

/// The parts of each batch that had to be split.
#[derive(Debug, Default)]
pub(crate) struct Splits {
    known: Mutex<Known>,
}

impl Splits {
    /// The parts of a batch, if it had to be split before.
    pub(super) fn known(&self, batch: &[ActionName]) -> Option<Arc<[Part]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(batch).cloned()
    }

    /// Keeps the parts of a batch.
    pub(super) fn learn(&self, batch: &[ActionName], parts: Vec<Part>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(batch.into(), parts.into());
    }
}

/// The parts that a refusal asks for; halves if it names none. `None` if a single action is refused.
pub(super) fn parts(batch: &[ActionName], message: &str) -> Option<Vec<Part>> {
    if batch.len() < 2 {
        return None;
    }
    Some(named(batch, message).unwrap_or_else(|| {
        let middle = batch.len() / 2;
        vec![(0..middle).collect(), (middle..batch.len()).collect()]
    }))
}

/// `Invalid Input Actions: [a,b] and [c] require different authorization information.` Actions that no group names form a group
/// of their own.
fn named(batch: &[ActionName], message: &str) -> Option<Vec<Part>> {
    if !message.contains("require different authorization information") {
        return None;
    }
    let groups: Vec<HashSet<ActionName>> = message
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .map(|(inside, _)| {
            inside
                .split(',')
                .filter_map(|name| name.trim().parse().ok())
                .collect()
        })
        .collect();
    let mut parts: Vec<Part> = vec![Part::new(); groups.len() + 1];
    for (at, action) in batch.iter().enumerate() {
        let group = groups
            .iter()
            .position(|group| group.contains(action))
            .unwrap_or(groups.len());
        if let Some(part) = parts.get_mut(group) {
            part.push(at);
        }
    }
    parts.retain(|part| !part.is_empty());
    // One part alone would be the refused call again.
    (parts.len() > 1).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actions: &[&str], message: &str, expected: Option<&[&[usize]]>) {
        let batch: Vec<ActionName> = actions.iter().map(|name| name.parse().unwrap()).collect();
        let found = parts(&batch, message);
        let expected = expected.map(|parts| parts.iter().map(|part| part.to_vec()).collect());
        assert_eq!(found, expected);
    }

    const MIXED: &str = "Invalid Input Actions: [iam:PassRole] and [sts:AssumeRole, ec2:runinstances] require different authorization information.";

    #[test]
    fn the_groups_are_those_that_the_message_names() {
        check(
            &["ec2:RunInstances", "iam:PassRole", "sts:AssumeRole"],
            MIXED,
            Some(&[&[1], &[0, 2]]),
        );
    }

    #[test]
    fn what_no_group_names_is_a_part_of_its_own() {
        check(
            &["iam:PassRole", "s3:GetObject", "sts:AssumeRole"],
            MIXED,
            Some(&[&[0], &[2], &[1]]),
        );
    }

    #[test]
    fn what_cannot_be_read_is_halved() {
        for message in [
            "",
            "[ require different authorization information",
            "Invalid Input Actions: [x] and [y] require different authorization information.",
            "The action name is invalid.",
        ] {
            check(&["a:A", "b:B", "c:C"], message, Some(&[&[0], &[1, 2]]));
        }
    }

    #[test]
    fn a_single_action_cannot_be_split() {
        check(&["iam:PassRole"], MIXED, None);
    }
}
