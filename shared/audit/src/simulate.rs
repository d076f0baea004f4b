//! Simulation: what would IAM decide about the requests that requirements name?
//!
//! In: an inventory and an [`Inquiry`] for each principal. Out: a [`Reply`] for each inquiry. AWS's simulator and the
//! [`embedded`] one answer the same inquiries in the same form, behind the port [`Simulate`](crate::ports::Simulate). What
//! holds on the resources of one kind, where no scope was declared, is found out by [`narrow`] afterwards.

pub(crate) mod answers;
pub(crate) mod below;
pub mod embedded;
mod form;
pub(crate) mod kinds;
mod named;
pub mod narrow;
pub mod proof;
mod reach;
mod regions;
mod sample;
mod settled;
pub(crate) mod shares;
mod witness;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use iam::{Cause, Decision, Group, Outcome, Question};

use crate::bind::requirement::{Bound, Requirement};

/// Lists of questions, each answered for itself.
pub type Lists = Arc<[Arc<[Question]>]>;

/// What is asked about one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// The position in `inventory.principals`.
    pub principal: usize,
    /// Inquiries about similar principals share their lists.
    pub lists: Lists,
    /// How many of the lists are of requirements; these come first.
    pub requirements: usize,
    /// For each of these the ARN that its recovery points have, as the catalog writes it; `None`, or nothing at all, where nobody
    /// knows.
    pub points: Arc<[Option<&'static str>]>,
}

/// The answer to one inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// For each list of the inquiry, in order: the groups of actions that are not plainly allowed.
    Decided(Vec<Vec<Group>>),
    /// The time was up; nothing was asked.
    NotReached,
}

/// Why nothing is known of what a simulator was not asked, or what its reply leaves out.
const NOT_ASKED: &str = "the simulator was not asked, or its reply leaves this out";

impl Reply {
    /// The groups of each of `lists`, in their order; every action that was not answered is undetermined.
    #[must_use]
    pub fn into_groups_or_undetermined(self, lists: &[Arc<[Question]>]) -> Vec<Vec<Group>> {
        let unknown = |questions: &Arc<[Question]>| not_asked(questions.iter());
        self.into_groups(lists)
            .unwrap_or_else(|| lists.iter().map(unknown).collect())
    }

    /// The groups of each of `lists`; `None` if it was not reached.
    ///
    /// A simulator that answers about another number of lists than it was asked about has answered about none: every action
    /// is undetermined then.
    #[must_use]
    pub fn into_groups(self, lists: &[Arc<[Question]>]) -> Option<Vec<Vec<Group>>> {
        match self {
            Self::NotReached => None,
            Self::Decided(groups) if groups.len() == lists.len() => Some(groups),
            Self::Decided(groups) => {
                let (asked, found) = (lists.len(), groups.len());
                let reason =
                    format!("the simulator answered {found} of {asked} lists of questions");
                let cause = Cause::NoAnswer {
                    reason: reason.into(),
                };
                let unknown =
                    |questions: &Arc<[Question]>| all_undetermined(questions.iter(), &cause);
                Some(lists.iter().map(unknown).collect())
            }
        }
    }
}

/// Groups that say of every action that the simulator did not answer.
pub(crate) fn not_asked<'q>(questions: impl IntoIterator<Item = &'q Question>) -> Vec<Group> {
    let cause = Cause::NoAnswer {
        reason: NOT_ASKED.into(),
    };
    all_undetermined(questions, &cause)
}

/// Groups that say of every action that it could not be decided.
#[must_use]
pub fn all_undetermined<'q>(
    questions: impl IntoIterator<Item = &'q Question>,
    cause: &Cause,
) -> Vec<Group> {
    let groups = questions
        .into_iter()
        .enumerate()
        .map(|(at, question)| Group {
            question: at,
            outcome: Outcome {
                decision: Decision::Undetermined,
                cause: cause.clone(),
                missing: BTreeSet::new(),
            },
            actions: (0_u16..).take(question.actions.len()).collect(),
        });
    groups.collect()
}

/// The ARNs that the recovery points of requirements have.
pub(crate) fn points(requirements: &[Arc<Requirement>]) -> Arc<[Option<&'static str>]> {
    let sets = requirements.iter().map(|requirement| &requirement.set);
    sets.map(|set| catalog::recovery_point(set)).collect()
}

/// What is asked for all that was bound: the canary first, if there is one, then each subject in order. The lists of a subject
/// are those of its requirements, then the one about excess.
#[must_use]
pub fn inquiries(bound: &Bound) -> Vec<Inquiry> {
    let canary = bound.canary.iter().map(|canary| Inquiry {
        principal: canary.principal,
        lists: [Arc::clone(&canary.questions)].into(),
        requirements: 0,
        points: Arc::default(),
    });
    let mut questions: HashMap<*const Requirement, Arc<[Question]>> = HashMap::new();
    let mut shared: HashMap<*const Arc<Requirement>, (Lists, Arc<[_]>)> = HashMap::new();
    let subjects = bound.subjects.iter().map(|subject| {
        let (lists, points) = shared
            .entry(subject.requirements.as_ptr())
            .or_insert_with(|| {
                let own = subject.requirements.iter().map(|requirement| {
                    let questions = questions.entry(Arc::as_ptr(requirement));
                    Arc::clone(
                        questions.or_insert_with(|| requirement.questions().cloned().collect()),
                    )
                });
                let lists = own.chain(bound.excess.clone()).collect();
                (lists, points(&subject.requirements))
            });
        Inquiry {
            principal: subject.principal,
            lists: Arc::clone(lists),
            requirements: subject.requirements.len(),
            points: Arc::clone(points),
        }
    });
    canary.chain(subjects).collect()
}
