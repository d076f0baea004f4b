//! Concluding: how is what an audit found told and committed, while other audits commit too?
//!
//! In: what was found, and what the baseline was before the listing. What stands there now is loaded, compared with, told, and
//! committed, each principal on its own generation. Where another audit committed one of them meanwhile, the same is done again from what
//! stands there then: what was committed is no news any more, and what the other audit saw later than this one stays as it is.

use iam::AccountId;

use super::error::RunError;
use super::outdated::Outdated;
use crate::compare::baseline::{Baseline, CommitError};
use crate::compare::compare;
use crate::events::Explaining;
use crate::find::observe::{Findings, observe};
use crate::judge::assessment::Assessment;
use crate::notify::life::advance_from;
use crate::notify::notices::Notices;
use crate::notify::step::Step;
use crate::notify::told::Told;
use crate::ports::{BaselineStore, Commit, News, Publisher};
use crate::settings::Settings;

/// How often it is tried to commit: each time another audit was faster.
const ATTEMPTS: usize = 6;

/// How often it is looked whether what was told is still true: each time something was told then.
const SETTLING: usize = 3;

/// What an audit found, and how it is to be concluded.
pub(super) struct Found<'a> {
    pub(super) settings: &'a Settings,
    /// What explains news; `None` where there is nothing that could.
    pub(super) explaining: Option<&'a Explaining<'a>>,
    /// Since when other audits may have committed what they saw later.
    pub(super) since: Since<'a>,
    /// Whether what the baseline says of the checker holds for this run too.
    pub(super) is_rest_of_whole: bool,
    /// Whether after this run no principal is left that other rules judged.
    pub(super) vouches: bool,
    pub(super) assessment: &'a mut Assessment,
    pub(super) findings: &'a mut Findings,
}

/// Since when other audits may have committed what they saw later.
#[derive(Clone, Copy)]
pub(super) enum Since<'a> {
    /// This was loaded before the account was listed.
    Load(&'a Baseline),
    /// The account was not listed, so that nothing that is found can be out of date.
    Nothing,
}

/// Loads a baseline.
pub(super) async fn load<B: BaselineStore>(
    store: &B,
    account: AccountId,
) -> Result<Baseline, RunError> {
    store.load(account).await.map_err(RunError::Load)
}

/// Tells, then commits.
pub(super) async fn conclude<B: BaselineStore, P: Publisher>(
    store: &B,
    publisher: &P,
    mut found: Found<'_>,
) -> Result<Step, RunError> {
    let account = found.assessment.account;
    let mut told = Told::default();
    for _ in 1..ATTEMPTS {
        let baseline = load(store, account).await?;
        match attempt(store, publisher, &mut found, baseline, &mut told).await {
            Err(RunError::Commit(CommitError::Moved { .. })) => {}
            Ok(step) => return settle(store, publisher, &found, step, &mut told).await,
            Err(error) => return Err(error),
        }
    }
    let baseline = load(store, account).await?;
    let step = attempt(store, publisher, &mut found, baseline, &mut told).await?;
    settle(store, publisher, &found, step, &mut told).await
}

/// One attempt, from what stands there now.
async fn attempt<B: BaselineStore, P: Publisher>(
    store: &B,
    publisher: &P,
    found: &mut Found<'_>,
    baseline: Baseline,
    told: &mut Told,
) -> Result<Step, RunError> {
    if found.is_rest_of_whole && found.assessment.failure.as_deref() != baseline.failure() {
        found.assessment.failure = baseline.failure().map(Box::from);
        *found.findings = observe(found.assessment, found.settings);
    }
    let mut step = step(found, baseline, told);
    told.correct(&mut step);
    if let Some(explaining) = found.explaining {
        explaining.explain(&mut step.events, &mut step.baseline);
    }
    publish(publisher, found, &step).await?;
    told.note(&step);
    let commit = Commit {
        baseline: &step.baseline,
        account: step.account,
        principals: &step.touched,
    };
    store.commit(&commit).await.map_err(RunError::Commit)?;
    Ok(step)
}

/// What is to be told and committed.
fn step(found: &Found<'_>, baseline: Baseline, told: &Told) -> Step {
    let settings = found.settings;
    let notices = |assessment: &Assessment| match found.is_rest_of_whole {
        true => Notices::of_rest(&baseline, assessment, settings),
        false => Notices::of_audit(&baseline, assessment, settings),
    };
    let outdated = match found.since {
        Since::Load(before) => Outdated::of(before, &baseline, found.assessment.at),
        Since::Nothing => Outdated::default(),
    };
    let mut step = if outdated.is_empty() {
        let changes = compare(found.assessment, found.findings, &baseline, settings);
        let notices = notices(found.assessment);
        advance_from(
            baseline,
            found.assessment,
            changes,
            settings,
            (told, notices),
        )
    } else {
        let assessment = outdated.leave_out(found.assessment, &baseline);
        let findings = observe(&assessment, settings);
        let mut changes = compare(&assessment, &findings, &baseline, settings);
        changes.retain(|change| !outdated.covers(&change.finding));
        let notices = notices(&assessment);
        advance_from(baseline, &assessment, changes, settings, (told, notices))
    };
    let rules = &found.assessment.rules;
    if found.vouches && step.baseline.rules.as_ref() != Some(rules) {
        step.baseline.rules = Some(rules.clone());
        step.write_account();
    }
    step
}

/// Sees to it that what was told in threads is true together with what other audits told in them at the same time.
async fn settle<B: BaselineStore, P: Publisher>(
    store: &B,
    publisher: &P,
    found: &Found<'_>,
    mut step: Step,
    told: &mut Told,
) -> Result<Step, RunError> {
    for _ in 0..SETTLING {
        if !told.is_of_threads() {
            break;
        }
        let now = load(store, found.assessment.account).await?;
        let Some(rest) = told.settle(&step, now) else {
            break;
        };
        publish(publisher, found, &rest).await?;
        told.note(&rest);
    }
    told.add_earlier(&mut step);
    Ok(step)
}

async fn publish<P: Publisher>(
    publisher: &P,
    found: &Found<'_>,
    step: &Step,
) -> Result<(), RunError> {
    let news = News {
        assessment: found.assessment,
        findings: found.findings,
        events: &step.events,
        messages: &step.messages,
        baseline: &step.baseline,
        mutes: &step.mutes,
    };
    publisher.publish(&news).await.map_err(RunError::Publish)
}
