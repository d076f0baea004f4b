//! The audit of the principals that events touched.
//!
//! listing -> who is touched -> what the listing does not show yet goes back to the queue -> the audit of the others, as in every audit.

use std::collections::BTreeSet;

use audit::Asked;
use audit::events::{Footprint, TrailEvents};
use audit::look::list;
use audit::run::{Ports, Run, RunError, run};
use aws::chain;
use stack::{Frame, Stack, StackError};
use tracing::{error, info};

use crate::back::messages;
use crate::batch::{Batch, Origin};
use crate::door::Door;
use crate::once::{LoadedBefore, Once};

/// How often an event goes back to the queue, because the listing does not show its effect.
const ATTEMPTS: u32 = 3;

/// What an audit led to.
pub(crate) struct Audited {
    /// What was told and committed; `None` where each event went back.
    pub(crate) run: Option<Run>,
    /// What later events can be about besides.
    pub(crate) footprint: Footprint,
    /// How many events went back.
    pub(crate) back: usize,
    /// The records that must stay in the queue.
    pub(crate) failed: BTreeSet<Box<str>>,
}

/// Audits whom these events touched.
pub(crate) async fn audit(
    stack: &Stack,
    frame: &Frame<'_>,
    asked: &Asked<'_>,
    (batch, mut events): (&Batch, TrailEvents),
    door: &Door,
) -> Result<Audited, StackError> {
    stack.process.begin(frame.audit);
    stack.find_bus().await?;
    let waiting = batch.origins.iter();
    let waiting = waiting.filter(|(_, origin)| origin.attempt < ATTEMPTS);
    events.waits = waiting.map(|(id, _)| id.clone()).collect();
    let (iam, organization) = door.open(stack, frame).await?;
    let (environment, pause) = stack.environment(iam, frame, asked.settings);
    let environment = Once::new(environment.with_organization(organization));
    let store = LoadedBefore::load(&stack.table, frame.account).await;
    let store = store.map_err(|error| StackError::Run(RunError::Load(error)))?;
    let asked_first = Asked {
        touched_by: Some(&events),
        ..asked.clone()
    };
    let listed = list(&asked_first, &environment).await;
    let listed = listed.map_err(StackError::Look)?;
    let pending = listed.touched.as_ref().map(|touched| &touched.pending);
    let pending = pending.into_iter().flatten();
    let pending: BTreeSet<Box<str>> = pending.map(|event| event.id.clone()).collect();
    let mut audited = Audited {
        run: None,
        footprint: listed.footprint(&asked_first),
        back: pending.len(),
        failed: BTreeSet::new(),
    };
    let origins = pending.iter().filter_map(|id| batch.origins.get(id));
    audited
        .failed
        .extend(send_back(stack, origins.collect()).await);
    // What a listing did not show is not there for the audit of the same listing.
    events.events.retain(|event| !pending.contains(&event.id));
    events.waits.clear();
    if events.events.is_empty() {
        return Ok(audited);
    }
    let asked = Asked {
        touched_by: Some(&events),
        ..asked.clone()
    };
    let telling = stack.telling(frame, asked.settings);
    let ports = Ports {
        environment: &environment,
        store: &store,
        publisher: &telling,
        pause: Some(&pause),
    };
    let run = run(&asked, &ports).await?;
    audited.footprint = run.look.listed.footprint(&asked);
    audited.failed.extend(unreached(&run, batch));
    audited.run = Some(run);
    Ok(audited)
}

/// Sends events back to the queue; the records of those that it did not take.
async fn send_back(stack: &Stack, events: Vec<&Origin>) -> Vec<Box<str>> {
    let mut failed = Vec::new();
    for back in messages(events) {
        let sent = match &stack.config.events {
            Some(queue) => {
                aws::send_later(&stack.session, queue, &back.body, stack.config.send_back).await
            }
            None => return failed,
        };
        match sent {
            Ok(()) => info!(
                events = back.records.len(),
                "the listing does not show their effect yet: sent back"
            ),
            Err(failure) => {
                error!(
                    failure = chain(&failure),
                    "events could not be sent back, so they stay in the queue"
                );
                failed.extend(back.records);
            }
        }
    }
    failed
}

/// The records of events that touched somebody whom the time did not suffice for.
fn unreached(run: &Run, batch: &Batch) -> Vec<Box<str>> {
    let touched = run.look.listed.touched.as_ref();
    let bound = touched.map(|touched| &touched.bound);
    let rest = run.remainder();
    if !rest.is_empty() {
        error!(
            principals = rest.len(),
            "the time was up, so the events that touched them stay in the queue"
        );
    }
    let events = rest
        .iter()
        .filter_map(|principal| bound?.get(principal))
        .flatten();
    events
        .filter_map(|event| batch.origins.get(&event.id))
        .map(|origin| origin.record.clone())
        .collect()
}
