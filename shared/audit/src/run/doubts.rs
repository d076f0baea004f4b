//! Doubts: what is newly wrong, and so asked once more before people are told?

use std::collections::BTreeSet;

use iam::{Cause, Group, Layer, PrincipalArn};

use crate::compare::{Change, ChangeKind};
use crate::find::finding::{Code, Finding, FindingId};
use crate::simulate::Reply;

/// What people would be told that is newly wrong, and that a second look may find well.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Who is denied something: the simulator is asked again.
    pub(super) actions: BTreeSet<PrincipalArn>,
    /// Whose keys, buckets, vaults, regions or organisation are the reason: they are read again.
    pub(super) resources: BTreeSet<PrincipalArn>,
}

impl Doubts {
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut doubts = Self::default();
        for change in changes {
            let finding = &change.finding;
            let Some(principal) = finding.principal.as_ref().filter(|_| is_news(change)) else {
                continue;
            };
            match finding.code {
                Code::MissingActions => {
                    doubts.actions.insert(principal.clone());
                    let lacks = finding.lacks.iter();
                    let mut layers = lacks.flat_map(|lack| lack.cause.layers());
                    if layers.any(is_read_besides) {
                        doubts.resources.insert(principal.clone());
                    }
                }
                Code::KeyState | Code::ResourceSettings => {
                    doubts.resources.insert(principal.clone());
                }
                Code::MissingTrust
                | Code::MissingInstanceProfile
                | Code::AccessKey
                | Code::UnknownActionSet
                | Code::AllowedOnlyOn
                | Code::ExcessAccess
                | Code::Coverage
                | Code::Undetermined
                | Code::ChangesNotArriving
                | Code::ChangeNotFollowed
                | Code::AuditFailed => {}
            }
        }
        doubts
    }

    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.resources.is_empty()
    }
}

/// What was newly wrong at the first look and is not at the second.
pub(super) fn recovered(first: Vec<Change>, second: &[Change]) -> Vec<Finding> {
    let still: BTreeSet<FindingId> = second
        .iter()
        .filter(|change| is_news(change))
        .map(|change| change.finding.id)
        .collect();
    let gone = first
        .into_iter()
        .filter(|change| is_news(change) && !still.contains(&change.finding.id));
    gone.map(|change| change.finding).collect()
}

fn is_news(change: &Change) -> bool {
    match change.kind {
        ChangeKind::Appeared | ChangeKind::Worsened(_) => true,
        ChangeKind::Eased(_) | ChangeKind::Altered | ChangeKind::Vanished(_) => false,
    }
}

/// Whether a layer is read: AWS's simulator applies the others.
fn is_read_besides(layer: Layer) -> bool {
    match layer {
        Layer::Identity | Layer::Boundary | Layer::Session | Layer::ServiceControl { .. } => false,
        Layer::ResourceControl { .. } | Layer::Resource | Layer::Grant | Layer::Endpoint => true,
    }
}

/// Puts second replies in the place of first ones; what was not answered again stays as it was, and so does a reply to another
/// number of lists, because nobody can tell which lists it leaves out.
pub(super) fn confirm(replies: &mut [Reply], doubtful: &[usize], second: Vec<Reply>) {
    for (&at, reply) in doubtful.iter().zip(second) {
        if let (Some(Reply::Decided(first)), Reply::Decided(second)) = (replies.get_mut(at), reply)
            && first.len() == second.len()
        {
            for (first, second) in first.iter_mut().zip(second) {
                *first = merged(first, second);
            }
        }
    }
}

/// The second answers to a list of questions, with the first ones where there is no second: a look that was cut off takes no
/// denial back.
fn merged(first: &[Group], second: Vec<Group>) -> Vec<Group> {
    let mut merged = Vec::with_capacity(second.len());
    for group in second {
        if !matches!(group.outcome.cause, Cause::NoAnswer { .. }) {
            merged.push(group);
            continue;
        }
        for before in first.iter().filter(|one| one.question == group.question) {
            let mut kept = before.clone();
            kept.actions.retain(|action| group.actions.contains(action));
            if !kept.actions.is_empty() {
                merged.push(kept);
            }
        }
    }
    merged
}
