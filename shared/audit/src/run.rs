//! Runs: in which order does an audit do its work?
//!
//! `bind -> simulate -> judge -> compare -> confirm -> notify -> commit`, over an inventory that was discovered before.
//! Publish, then commit: a crash between the two repeats a message with the same id, the other order loses it.

use iam::{AccountId, Cause, Group, Inventory, PrincipalArn};
use jiff::Timestamp;

use crate::bind::bind;
use crate::bind::requirement::{Bound, Subject};
use crate::compare::baseline::{Baseline, CommitError, LoadBaselineError};
use crate::compare::{Change, ChangeKind, compare};
use crate::find::finding::Code;
use crate::judge::assess;
use crate::judge::assessment::{Assessment, Selection};
use crate::notify::life::{Step, advance};
use crate::ports::{
    Answer, BaselineStore, Commit, News, Pause, PublishError, Publisher, Simulator,
};
use crate::settings::Settings;

/// What an audit is about.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The account.
    pub account: AccountId,
    /// What discovery read.
    pub inventory: &'a Inventory,
    /// The action sets, the user's own included.
    pub catalog: &'a catalog::Catalog,
    /// The settings, checked against the catalog.
    pub settings: &'a Settings,
    /// What to look at.
    pub selection: &'a Selection,
    /// When the audit began.
    pub now: Timestamp,
}

/// The outside of an audit.
#[derive(Clone, Copy, Debug)]
pub struct Ports<'a, S, B, P, W> {
    /// Decides.
    pub simulator: &'a S,
    /// Keeps the baseline.
    pub store: &'a B,
    /// Tells.
    pub publisher: &'a P,
    /// Waits.
    pub pause: &'a W,
}

/// What an audit led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// All that was found.
    pub assessment: Assessment,
    /// What was told and committed.
    pub step: Step,
}

/// Why an audit ended before its work was committed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no telling what is new; nothing was told.
    #[error("the last audit's baseline cannot be used")]
    Load(#[source] LoadBaselineError),
    /// Something may not have arrived; nothing was committed, so the next audit tells it again.
    #[error("not everything could be told")]
    Publish(#[source] PublishError),
    /// Everything was told; the next audit tells it again, under the same ids.
    #[error("the new baseline was not written")]
    Commit(#[source] CommitError),
}

impl Run {
    /// Bound principals that were not reached in time; the next run takes them as its selection.
    #[must_use]
    pub fn remainder(&self) -> &[PrincipalArn] {
        &self.assessment.coverage.not_reached
    }
}

/// Does a whole audit.
///
/// # Errors
/// [`RunError`], which says what was told and what was not.
pub async fn run<S, B, P, W>(
    task: &Task<'_>,
    ports: &Ports<'_, S, B, P, W>,
) -> Result<Run, RunError>
where
    S: Simulator,
    B: BaselineStore,
    P: Publisher,
    W: Pause,
{
    let bound = bind(
        task.inventory,
        task.catalog,
        task.settings,
        task.selection,
        task.now,
    );
    let baseline = ports
        .store
        .load(task.account)
        .await
        .map_err(RunError::Load)?;
    let mut answers = ports
        .simulator
        .simulate(task.inventory, &bound.subjects)
        .await;
    let mut assessment = task.assess(&bound, answers.clone(), &baseline);
    let changes = compare(&assessment, &baseline, task.settings);
    let doubtful = newly_denied(&bound, task.inventory, &changes);
    if !doubtful.is_empty() && !task.settings.confirm_pause.is_zero() {
        ports.pause.pause(task.settings.confirm_pause).await;
        let subjects: Vec<Subject> = doubtful
            .iter()
            .filter_map(|&at| bound.subjects.get(at).cloned())
            .collect();
        let second = ports.simulator.simulate(task.inventory, &subjects).await;
        confirm(&mut answers, &doubtful, second);
        assessment = task.assess(&bound, answers, &baseline);
    }
    finish(
        task.settings,
        ports.store,
        ports.publisher,
        baseline,
        assessment,
    )
    .await
}

/// Tells and commits what an assessment changed; also for one that [`failed`](crate::judge::failed).
///
/// # Errors
/// [`RunError`], which says what was told and what was not.
pub async fn finish<B: BaselineStore, P: Publisher>(
    settings: &Settings,
    store: &B,
    publisher: &P,
    baseline: Baseline,
    assessment: Assessment,
) -> Result<Run, RunError> {
    let expected = baseline.generation;
    let changes = compare(&assessment, &baseline, settings);
    let step = advance(baseline, &assessment, changes, settings);
    let news = News {
        assessment: &assessment,
        events: &step.events,
        messages: &step.messages,
        baseline: &step.baseline,
        mutes: &step.mutes,
    };
    publisher.publish(&news).await.map_err(RunError::Publish)?;
    let commit = Commit {
        expected,
        baseline: &step.baseline,
        touched: &step.touched,
    };
    store.commit(&commit).await.map_err(RunError::Commit)?;
    Ok(Run { assessment, step })
}

impl Task<'_> {
    fn assess(&self, bound: &Bound, answers: Vec<Answer>, baseline: &Baseline) -> Assessment {
        let mut assessment = assess(
            self.account,
            self.inventory,
            bound,
            answers,
            self.settings,
            self.selection,
            self.now,
        );
        // Whoever looks at a part does not ask the canary: what the run before found of the checker holds.
        if !self.selection.is_all() {
            assessment.failure = baseline.failure().map(Box::from);
        }
        assessment
    }
}

/// Positions of the subjects that would be told of as newly denied, ascending.
#[must_use]
pub fn newly_denied(bound: &Bound, inventory: &Inventory, changes: &[Change]) -> Vec<usize> {
    let told: std::collections::BTreeSet<&PrincipalArn> = changes
        .iter()
        .filter(|change| match change.kind {
            ChangeKind::Appeared | ChangeKind::Worsened(_) => {
                change.finding.code == Code::MissingActions
            }
            ChangeKind::Eased(_) | ChangeKind::Altered | ChangeKind::Vanished(_) => false,
        })
        .filter_map(|change| change.finding.principal.as_ref())
        .collect();
    if told.is_empty() {
        return Vec::new();
    }
    bound
        .subjects
        .iter()
        .enumerate()
        .filter(|(_, subject)| {
            let principal = inventory.principals.get(subject.principal);
            principal.is_some_and(|principal| told.contains(&principal.arn))
        })
        .map(|(at, _)| at)
        .collect()
}

/// Puts second answers in the place of first ones; what was not answered again stays as it was.
pub fn confirm(answers: &mut [Answer], doubtful: &[usize], second: Vec<Answer>) {
    for (&at, answer) in doubtful.iter().zip(second) {
        if let (Some(Answer::Decided(first)), Answer::Decided(second)) =
            (answers.get_mut(at), answer)
        {
            for (first, second) in first.iter_mut().zip(second) {
                *first = merged(first, second);
            }
        }
    }
}

/// The second answers to a plan, with the first ones where there is no second: a look that was cut off takes no denial back.
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
