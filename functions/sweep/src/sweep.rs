//! The sweep: one run of an audit, from an order to what it led to.
//!
//! settings -> discover -> audit (bind, simulate, judge, compare, confirm, tell, commit) -> hand on the rest, or say that the
//! audit is complete. What goes wrong is told on both channels and fails the run.
//!
//! Nothing here reads the environment or a clock; what AWS answers is the only other input.

use std::collections::BTreeSet;
use std::sync::Mutex;

use audit::events::{Arrivals, CallsAbove};
use audit::resources::Organization;
use audit::roster::Roster;
use audit::run::{Ports, Run, run};
use audit::{Asked, Explain, Principals, Settings, SettingsOf, VerdictCounts};
use aws::{Counts, Iam, KeptForEvents, chain};
use catalog::Catalog;
use iam::AccountId;
use jiff::Timestamp;
use report::Header;
use report::machine::event::Outcome;
use serde_json::Value;
use stack::enter::enter;
use stack::error::FailureRecord;
use stack::hub::ROSTER;
use stack::telling::Telling;
use stack::{Frame, Stack, StackError, kept, settings};
use tokio::time::timeout_at;
use tracing::{info, warn};

use crate::error::SweepError;
use crate::order::{Order, OrderError, Position};
use crate::summary;
use crate::totals::Totals;

/// What a run led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Done {
    /// What this run counted.
    pub(crate) run: Totals,
    /// What the audit counted so far.
    pub(crate) audit: Totals,
    /// Whether this run was the last of the audit.
    pub(crate) completed: bool,
    /// Principals left to the next run, or to nobody.
    pub(crate) remainder: usize,
    /// Steps of findings: opened, worsened, eased, reminded, resolved.
    pub(crate) steps: [usize; 5],
    pub(crate) counts: Counts,
    /// In a hub: what the next run is given, where the audit is not complete.
    pub(crate) next: Option<Value>,
    /// In a hub: why the account could not be audited, which is a finding now.
    pub(crate) failed: Option<String>,
}

/// Does one run, or none if the event gave no order. A failure was told before this returns. In a hub one that a repetition does not mend
/// is a finding of the account, and the run is done.
pub(crate) async fn sweep(
    stack: &Stack,
    order: Result<Order, OrderError>,
    frame: &Frame<'_>,
) -> Result<Done, SweepError> {
    let prepared = match order {
        Ok(order) => settings::load(&stack.session, stack.config.settings.as_deref())
            .await
            .map(|read| (order, read))
            .map_err(SweepError::Stack),
        Err(error) => Err(error.into()),
    };
    let (order, (settings, catalog)) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            let settings = Settings::default();
            return failed(stack, frame, &settings, error).await;
        }
    };
    let audit = audit(stack, &order, frame, &settings, &catalog);
    let done = timeout_at(stack.ends(frame).run, audit).await;
    match done.unwrap_or(Err(StackError::OutOfTime.into())) {
        Ok(done) => Ok(done),
        Err(error) => failed(stack, frame, &settings, error).await,
    }
}

async fn failed(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    error: SweepError,
) -> Result<Done, SweepError> {
    let reason = chain(&error);
    let told = stack
        .tell_failure(frame, settings, &reason, error.telling())
        .await;
    let is_done = match told {
        FailureRecord::Kept => stack.config.hub.is_some() && !error.is_passing(),
        FailureRecord::NotKept => false,
    };
    match is_done {
        true => Ok(Done {
            completed: true,
            failed: Some(reason),
            ..Done::default()
        }),
        false => Err(error),
    }
}

async fn audit(
    stack: &Stack,
    order: &Order,
    frame: &Frame<'_>,
    settings: &Settings,
    catalog: &Catalog,
) -> Result<Done, SweepError> {
    let before = stack.process.tally().counts();
    let kept = kept::load(&stack.table, frame.account).await;
    match order.position {
        None => stack.process.begin(frame.audit),
        Some(_) => stack.process.resume(frame.audit),
    }
    stack.find_bus().await?;
    let iam = match &order.target {
        None => Iam::new(&stack.session, &stack.process),
        Some(target) => {
            let session = enter(stack, frame, &target.role, order.facts).await?;
            Iam::new(&session, &stack.process)
        }
    };
    let organization = stack.above(&order.key, frame).await?;
    let above = match &stack.config.hub {
        Some(_) => Some(above(stack, frame, kept.as_ref(), organization.as_ref()).await),
        None => None,
    };
    let accounts = accounts(stack, frame).await?;
    let settings_of = match (&stack.config.hub, &accounts) {
        (None, _) => SettingsOf::Account,
        (Some(_), None) => SettingsOf::Organization,
        (Some(_), Some(accounts)) => SettingsOf::Accounts(accounts),
    };
    let (environment, pause) = stack.environment(iam, frame, settings);
    let environment = environment.with_organization(organization);
    // Without a hub the events of other accounts go to stacks of their own.
    let events_arrive_here = stack.config.hub.is_some() || frame.is_own() && order.target.is_none();
    let is_asked = events_arrive_here && order.position.is_none();
    let mut arrivals = kept::arrivals(kept.as_ref()).filter(|_| is_asked);
    let is_switched = arrivals
        .as_mut()
        .is_some_and(|arrivals| expect(stack, arrivals, frame.now));
    let asked = Asked {
        account: Some(frame.account),
        arrivals: arrivals.as_ref(),
        above: above.as_ref(),
        settings_of,
        principals: match &order.position {
            None => Principals::All,
            Some(position) => Principals::From(position.from.clone()),
        },
        explain: match settings.look_up_callers {
            true => Explain::LookUp,
            false => Explain::Given,
        },
        ..Asked::new(catalog, settings, frame.now)
    };
    let refused = order.position.as_ref();
    let refused = refused.and_then(|position| position.refused.clone());
    let telling = Telling {
        refused: Mutex::new(refused),
        ..stack.telling(frame, settings)
    };
    let ports = Ports {
        environment: &environment,
        store: &stack.table,
        publisher: &telling,
        pause: Some(&pause),
    };
    let run = run(&asked, &ports).await.map_err(StackError::from)?;
    if order.position.is_none() {
        // The first run of an audit lists and binds the whole account, whatever it has time to judge.
        let seen = run.look.listed.footprint(&asked);
        kept::replace(&stack.table, &seen, kept.as_ref()).await;
    }
    if is_switched {
        let change = |arrivals: &mut Arrivals| expect(stack, arrivals, frame.now);
        kept::change_arrivals(&stack.table, frame.account, kept.as_ref(), change).await;
    }
    end(stack, order, frame, &telling, &run, before).await
}

/// In a hub, where its own account is audited: all accounts of the organisation, which settings may name. `None` without a roster.
async fn accounts(
    stack: &Stack,
    frame: &Frame<'_>,
) -> Result<Option<BTreeSet<AccountId>>, StackError> {
    let Some(objects) = stack.objects(frame.own).filter(|_| frame.is_own()) else {
        return Ok(None);
    };
    let text = objects.get(ROSTER).await.map_err(StackError::Bucket)?;
    let roster = text.map(|text| Roster::read(&text)).transpose();
    let roster = roster.map_err(StackError::Roster)?;
    Ok(roster.map(|roster| roster.accounts.into_keys().collect()))
}

/// In a hub: the calls that changed what stands above the account. `kept`: what is kept for the account.
async fn above(
    stack: &Stack,
    frame: &Frame<'_>,
    kept: Option<&KeptForEvents>,
    organization: Option<&Organization>,
) -> CallsAbove {
    let of_hub;
    let kept = match frame.is_own() {
        true => kept,
        false => {
            of_hub = kept::load(&stack.table, frame.own).await;
            of_hub.as_ref()
        }
    };
    let path = organization.map_or(&[][..], |organization| &organization.path);
    let calls = kept::calls_above(kept).unwrap_or_default();
    calls.of(frame.account, path)
}

/// Whether trail events are to arrive is the stack's to say; whether that is new.
fn expect(stack: &Stack, arrivals: &mut Arrivals, now: Timestamp) -> bool {
    match stack.config.changes {
        true => arrivals.expect(now),
        false => arrivals.expect_none(),
    }
}

/// Hands on what is left, or says that the audit is complete.
async fn end(
    stack: &Stack,
    order: &Order,
    frame: &Frame<'_>,
    telling: &Telling<'_>,
    run: &Run,
    before: Counts,
) -> Result<Done, SweepError> {
    let hop = order.position.as_ref().map_or(0, |position| position.hop);
    let assessment = &run.look.assessment;
    let counts = stack.process.tally().counts().since(&before);
    let of_run = Totals {
        counts: VerdictCounts::of(assessment),
        calls: counts.calls,
        layers: assessment.coverage.layers,
    };
    let earlier = order.position.as_ref().map(|position| position.totals);
    let was_complete = order
        .position
        .as_ref()
        .is_none_or(|position| position.complete);
    let totals = match earlier {
        Some(earlier) => of_run.and(earlier),
        None => of_run,
    };
    let mut done = Done {
        run: of_run,
        audit: totals,
        completed: false,
        remainder: run.remainder().len(),
        steps: steps(run),
        counts,
        next: None,
        failed: None,
    };
    if let Some(objects) = stack.objects(frame.own) {
        summary::keep(&objects, order, frame, telling.settings, run).await?;
    }
    if let Some(from) = run.remainder().iter().min() {
        let queue = stack.config.remainder.as_deref();
        let is_handed_on = stack.config.hub.is_some() || queue.is_some();
        if is_handed_on && hop + 1 >= stack.config.max_hops {
            return Err(SweepError::Endless(hop + 1));
        }
        if is_handed_on {
            let position = Position {
                hop: hop + 1,
                from: from.clone(),
                totals: Totals {
                    counts: totals.counts.without_rest(assessment),
                    ..totals
                },
                complete: was_complete && run.look.assessment.is_complete_so_far(),
                refused: telling.refused(),
            };
            let remainder = order.remainder(&position);
            match (&stack.config.hub, queue) {
                (None, Some(queue)) => aws::send(&stack.session, queue, &remainder.to_string())
                    .await
                    .map_err(SweepError::HandOn)?,
                (Some(_), _) | (None, None) => done.next = Some(remainder),
            }
            info!(principals = done.remainder, "the rest is handed on");
            return Ok(done);
        }
        warn!(
            principals = done.remainder,
            "the time was up and there is no queue to hand the rest on to"
        );
    }
    let header = Header {
        audit: frame.audit,
        account: frame.account,
        at: run.look.assessment.at,
    };
    let outcome = Outcome {
        counts: totals.counts,
        calls: totals.calls,
        runs: hop + 1,
        complete: was_complete && run.look.assessment.is_complete(),
        layers: totals.layers,
    };
    telling
        .tell_completed(&header, &outcome, &run.step.baseline)
        .await
        .map_err(SweepError::Complete)?;
    done.completed = true;
    Ok(done)
}

fn steps(run: &Run) -> [usize; 5] {
    use audit::EventKind::{Eased, Opened, Reminded, Resolved, Worsened};
    let mut steps = [0; 5];
    for event in &run.step.events {
        let [opened, worsened, eased, reminded, resolved] = &mut steps;
        let step = match event.kind {
            Opened => opened,
            Worsened => worsened,
            Eased => eased,
            Reminded => reminded,
            Resolved(_) => resolved,
        };
        *step += 1;
    }
    steps
}
