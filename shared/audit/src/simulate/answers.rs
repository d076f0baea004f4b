//! Answers: what was found of each action of one question, before narrowing and after it?

use std::collections::BTreeSet;

use iam::{Group, Outcome, Question};

/// What was found of each action of a question: nothing of those that are plainly allowed.
pub(super) fn answers<'g>(
    question: &Question,
    groups: &'g [Group],
) -> impl Iterator<Item = (u16, Option<&'g Outcome>)> {
    let answered: BTreeSet<u16> = groups
        .iter()
        .flat_map(|one| &one.actions)
        .copied()
        .collect();
    let allowed = (0_u16..)
        .take(question.actions.len())
        .filter(move |position| !answered.contains(position))
        .map(|position| (position, None));
    let groups = groups.iter().flat_map(|group| {
        let outcome = Some(&group.outcome);
        group
            .actions
            .iter()
            .map(move |&position| (position, outcome))
    });
    groups.chain(allowed)
}

/// What was found of one question.
pub(crate) struct Found {
    question: usize,
    groups: Vec<Group>,
}

impl Found {
    pub(crate) fn new(question: usize) -> Self {
        Self {
            question,
            groups: Vec::new(),
        }
    }

    pub(crate) fn into_groups(mut self) -> Vec<Group> {
        self.groups
            .sort_by_key(|group| group.actions.first().copied());
        self.groups
    }

    pub(crate) fn add(&mut self, position: u16, outcome: Outcome) {
        match self.groups.iter_mut().find(|one| one.outcome == outcome) {
            Some(known) => {
                let at = known.actions.partition_point(|one| *one < position);
                known.actions.insert(at, position);
            }
            None => self.groups.push(Group {
                question: self.question,
                outcome,
                actions: vec![position],
            }),
        }
    }
}
