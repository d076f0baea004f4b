//! Runs: in which order does an audit do its work?
//!
//! `list -> bind -> read -> simulate -> narrow -> judge -> compare -> confirm -> notify -> commit`. Publish, then commit: a crash between
//! the two repeats a message with the same id, the other order loses it. Where another audit committed the same meanwhile, `compare`,
//! `notify` and `commit` are done again from what stands there then (`conclude`).

mod conclude;
mod doubts;
mod error;
mod leaving;
mod outdated;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::PrincipalArn;

use crate::asked::{Asked, Explain, Principals};
use crate::bind::listed::Listed;
use crate::compare::no_longer_bound::is_no_longer_bound;
use crate::compare::{Change, ChangeKind, compare};
use crate::events::{Arrivals, EventSource, Explaining, LookedUp, look_ups, missing};
use crate::find::finding::{EventKind, Finding, FindingId, Item};
use crate::find::observe::{Findings, observe};
use crate::judge::assessment::Assessment;
use crate::look::{Look, judge, list, read_besides};
use crate::notify::step::Step;
use crate::ports::{BaselineStore, Environment, Pause, Publisher};
use crate::settings::Settings;
use crate::simulate::{Inquiry, Reply, inquiries};
use conclude::{Found, Since, conclude, load};
use doubts::{Doubts, confirm};

pub use error::RunError;
pub use leaving::end;

/// The outside of a run.
#[derive(Clone, Copy, Debug)]
pub struct Ports<'a, E, B, P, W> {
    /// Lists and decides.
    pub environment: &'a E,
    /// Keeps the baseline.
    pub store: &'a B,
    /// Tells.
    pub publisher: &'a P,
    /// Waits before what is newly denied is asked again; `None` where it is not, because a file gives the same answer twice.
    pub pause: Option<&'a W>,
}

/// What an audit led to.
#[derive(Clone, Debug)]
pub struct Run {
    /// All that was seen and found.
    pub look: Look,
    /// What that shows, taken by itself.
    pub findings: Findings,
    /// What was told and committed.
    pub step: Step,
    /// What was newly wrong at first, and was well again after the pause. Nobody was told of it.
    pub recovered: Vec<Finding>,
}

impl Run {
    /// Bound principals that were not reached in time; the next run takes them as its selection.
    #[must_use]
    pub fn remainder(&self) -> &[PrincipalArn] {
        &self.look.assessment.coverage.not_reached
    }

    /// The findings that were opened or got worse since the baseline.
    #[must_use]
    pub fn newly_opened(&self) -> BTreeSet<FindingId> {
        let events = self.step.events.iter();
        events
            .filter(|event| match event.kind {
                EventKind::Opened | EventKind::Worsened => true,
                EventKind::Eased | EventKind::Reminded | EventKind::Resolved(_) => false,
            })
            .map(|event| event.finding.id)
            .collect()
    }

    /// The findings about principals that the baseline knows as bound, that were looked for and that nothing binds any more, or not to all
    /// of their sets: what was lost has no verdict, and these findings are not among those that the audit shows by itself.
    pub fn no_longer_bound(&self) -> impl Iterator<Item = &Finding> {
        let selection = &self.look.assessment.coverage.selection;
        let tracked = self.step.baseline.tracked();
        tracked
            .filter(|tracked| tracked.healthy.is_none())
            .map(|tracked| &tracked.finding)
            .filter(|finding| is_no_longer_bound(finding))
            .filter(|finding| {
                let principal = finding.principal.as_ref();
                principal.is_some_and(|principal| selection.takes(principal))
            })
    }
}

/// Does a whole audit.
///
/// # Errors
/// [`RunError`], which says what was told and what was not.
pub async fn run<E, B, P, W>(
    asked: &Asked<'_>,
    ports: &Ports<'_, E, B, P, W>,
) -> Result<Run, RunError>
where
    E: Environment,
    B: BaselineStore,
    P: Publisher,
    W: Pause,
{
    let settings = asked.settings;
    // Before the listing: what is committed from now on may rest on a later listing than this audit's.
    let mut baseline = match asked.account {
        Some(account) => Some(load(ports.store, account).await?),
        None => None,
    };
    let mut listed = list(asked, ports.environment).await?;
    read_besides(asked, &mut listed, ports.environment).await;
    let baseline = match baseline.take() {
        Some(baseline) => baseline,
        None => load(ports.store, listed.account).await?,
    };
    if let (Some(touched), Some(selected)) = (&listed.touched, &mut listed.selection.principals) {
        // One that was deleted is in no listing: what the baseline knows of it is to be told.
        selected.extend(touched.gone(baseline.principals.keys()).cloned());
    }
    if let Some(touched) = &mut listed.touched
        && baseline.principals.is_empty()
    {
        Arc::make_mut(touched).miss(&settings.looks_like_veeam);
    }
    let inquiries = inquiries(&listed.bound);
    let replies = ask(&listed, ports.environment, &inquiries).await;
    let pause = ports.pause.filter(|_| !settings.confirm_pause.is_zero());
    let kept = pause.map(|_| replies.clone());
    let judged = |listed: &Listed, replies| {
        let mut assessment = judge(asked, ports.environment, listed, &inquiries, replies);
        if is_rest_of_whole(asked) {
            assessment.failure = baseline.failure().map(Box::from);
        }
        let findings = observe(&assessment, settings);
        let changes = compare(&assessment, &findings, &baseline, settings);
        (assessment, findings, changes)
    };
    let (mut assessment, mut findings, mut changes) = judged(&listed, replies);
    let mut recovered = Vec::new();
    if let (Some(pause), Some(mut replies)) = (pause, kept) {
        let doubts = Doubts::of(&changes);
        if !doubts.is_empty() {
            pause.pause(settings.confirm_pause).await;
            if !doubts.resources.is_empty() {
                let wanted = listed.wanted_of(settings, &doubts.resources);
                let second = ports.environment.resources(&wanted).await;
                listed.resources = Arc::new(listed.resources.confirmed_by(&second));
            }
            let is_doubtful = |inquiry: &Inquiry| {
                let principal = listed.inventory.principals.get(inquiry.principal);
                principal.is_some_and(|principal| doubts.actions.contains(&principal.arn))
            };
            let doubtful: Vec<usize> = (0..inquiries.len())
                .filter(|&at| inquiries.get(at).is_some_and(is_doubtful))
                .collect();
            if !doubtful.is_empty() {
                let again: Vec<Inquiry> = doubtful
                    .iter()
                    .filter_map(|&at| inquiries.get(at).cloned())
                    .collect();
                let second = ask(&listed, ports.environment, &again).await;
                confirm(&mut replies, &doubtful, second);
            }
            let second;
            (assessment, findings, second) = judged(&listed, replies);
            recovered = doubts::recovered(changes, &second);
            changes = second;
        }
    }
    let mut explaining = Explaining::new(&listed, &baseline, assessment.at, asked);
    if asked.explain == Explain::LookUp {
        let (wanted, since) = explaining.wanted(news(&changes));
        explaining.take(match wanted.as_slice() {
            [] => LookedUp::default(),
            wanted => ports.environment.look_up(wanted, since).await,
        });
    }
    if let Some(arrivals) = asked.arrivals.filter(|_| listed.selection.is_all()) {
        let missing = never_came(asked, &listed, ports.environment, &explaining, arrivals).await;
        assessment.changes.arrivals = Some(arrivals.clone());
        if !missing.is_empty() {
            assessment.changes.missing = missing;
            findings = observe(&assessment, settings);
        }
    }
    let found = Found {
        settings,
        explaining: Some(&explaining),
        since: Since::Load(&baseline),
        is_rest_of_whole: is_rest_of_whole(asked),
        vouches: is_last_of_many(asked, &assessment),
        assessment: &mut assessment,
        findings: &mut findings,
    };
    let step = conclude(ports.store, ports.publisher, found).await?;
    Ok(Run {
        look: Look { listed, assessment },
        findings,
        step,
        recovered,
    })
}

async fn ask<E: Environment>(
    listed: &Listed,
    environment: &E,
    inquiries: &[Inquiry],
) -> Vec<Reply> {
    environment
        .simulate(&listed.inventory, inquiries, &[])
        .await
}

/// The sources of which a trail event never came, as far as it was looked up: what explained news, and then as much as is left of what
/// an audit may look up.
async fn never_came<E: Environment>(
    asked: &Asked<'_>,
    listed: &Listed,
    environment: &E,
    explaining: &Explaining<'_>,
    arrivals: &Arrivals,
) -> BTreeSet<EventSource> {
    let now = asked.now;
    let mut found = missing(explaining.looked_up(), arrivals, listed, now);
    if asked.explain == Explain::LookUp {
        let (wanted, since) = look_ups(arrivals, listed, now);
        if !wanted.is_empty() {
            let looked_up = environment.look_up(&wanted, since).await;
            found.extend(missing(&looked_up.events.events, arrivals, listed, now));
        }
    }
    found
}

/// What is newly wrong, with what of it is new; empty where all of it is.
fn news(changes: &[Change]) -> impl Iterator<Item = (&Finding, &BTreeSet<Item>)> {
    const ALL: &BTreeSet<Item> = &BTreeSet::new();
    changes.iter().filter_map(|change| match &change.kind {
        ChangeKind::Appeared => Some((&change.finding, ALL)),
        ChangeKind::Worsened(items) => Some((&change.finding, items)),
        ChangeKind::Eased(_) | ChangeKind::Altered | ChangeKind::Vanished(_) => None,
    })
}

/// Tells and commits what is known without a listing: that an audit could not be done ([`failed`](crate::judge::failed)), or that trail
/// events could not be followed ([`not_followed`](crate::judge::not_followed)).
///
/// # Errors
/// [`RunError`], which says what was told and what was not.
pub async fn say<B: BaselineStore, P: Publisher>(
    settings: &Settings,
    store: &B,
    publisher: &P,
    assessment: &Assessment,
) -> Result<(), RunError> {
    let mut assessment = assessment.clone();
    let mut findings = observe(&assessment, settings);
    let found = Found {
        settings,
        explaining: None,
        since: Since::Nothing,
        is_rest_of_whole: false,
        vouches: false,
        assessment: &mut assessment,
        findings: &mut findings,
    };
    conclude(store, publisher, found).await.map(|_| ())
}

/// Whether this run goes on with an audit of the whole account. It does not ask the canary: what the run before found of the checker
/// holds. An audit of those whom events touched never asked it.
fn is_rest_of_whole(asked: &Asked<'_>) -> bool {
    matches!(asked.principals, Principals::From(_)) && asked.touched_by.is_none()
}

/// Whether this run judged the rest of what earlier runs of one audit judged: then no principal is left that other rules judged.
fn is_last_of_many(asked: &Asked<'_>, assessment: &Assessment) -> bool {
    is_rest_of_whole(asked)
        && asked.sets.is_none()
        && assessment.failure.is_none()
        && assessment.coverage.not_reached.is_empty()
}
