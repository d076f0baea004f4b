//! One batch: what is done with the trail events of one account?
//!
//! pass over what cannot concern the account -> audit whom the others touched -> note which events arrived.

use std::collections::BTreeSet;

use audit::events::{Arrivals, TrailEvents};
use audit::{Asked, Explain, Settings, SettingsOf};
use aws::{KeptForEvents, chain};
use catalog::Catalog;
use stack::error::FailureRecord;
use stack::{Frame, Stack, StackError, kept};
use tokio::time::timeout_at;
use tracing::{info, warn};

use crate::audited::{Audited, audit};
use crate::batch::Batch;
use crate::door::Door;

/// What a batch came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Events that concern the account.
    pub(crate) ours: usize,
    /// Events that went back to the queue.
    pub(crate) back: usize,
    /// Principals that were audited; `None` where nothing was.
    pub(crate) principals: Option<usize>,
    /// The records that must stay in the queue.
    pub(crate) failed: BTreeSet<Box<str>>,
}

/// Why an account was not audited, and what became of that.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: StackError,
    pub(crate) told: FailureRecord,
}

/// Audits whom the events of one account touched. A failure was told before this returns.
pub(crate) async fn change(
    stack: &Stack,
    batch: &Batch,
    frame: &Frame<'_>,
    (settings, catalog): (&Settings, &Catalog),
    door: &Door,
) -> Result<Done, Failed> {
    let kept = kept::load(&stack.table, frame.account).await;
    let kept = kept.as_ref();
    let done = change_from(stack, batch, frame, (settings, catalog, kept), door).await;
    if frame.is_own() || stack.config.hub.is_some() {
        // They arrived, whatever came of it.
        let note = |arrivals: &mut Arrivals| arrivals.note(&batch.events.newest, frame.now);
        let noting = kept::change_arrivals(&stack.table, frame.account, kept, note);
        if timeout_at(stack.ends(frame).failing, noting).await.is_err() {
            warn!("there was no time to note which events arrived");
        }
    }
    done
}

/// The same from what was kept before.
async fn change_from(
    stack: &Stack,
    batch: &Batch,
    frame: &Frame<'_>,
    (settings, catalog, kept): (&Settings, &Catalog, Option<&KeptForEvents>),
    door: &Door,
) -> Result<Done, Failed> {
    let asked = Asked {
        account: Some(frame.account),
        explain: Explain::Arrived,
        above: door.above.as_ref(),
        settings_of: match stack.config.hub {
            Some(_) => SettingsOf::Organization,
            None => SettingsOf::Account,
        },
        ..Asked::new(catalog, settings, frame.now)
    };
    let mut footprint = kept::footprint(kept);
    let ours = match &mut footprint {
        Some(footprint) => footprint.select(batch.events.clone(), &asked.binding_rules()),
        None => batch.events.clone(),
    };
    let mut done = Done {
        ours: ours.events.len(),
        ..Done::default()
    };
    if !ours.events.is_empty() {
        let audited = audit_ours(stack, frame, &asked, (batch, ours), door).await?;
        done.back = audited.back;
        done.failed = audited.failed;
        if let Some(run) = audited.run {
            done.principals = Some(run.look.listed.bound.subjects.len());
            for finding in &run.recovered {
                let principal = finding.principal.as_ref().map(ToString::to_string);
                info!(
                    principal,
                    "was newly wrong, and well again after the pause: nobody is told"
                );
            }
        }
        if let Some(mut footprint) = footprint {
            footprint.extend(audited.footprint);
            kept::extend(&stack.table, &footprint, kept).await;
        }
    }
    Ok(done)
}

/// The audit; a failure was told before this returns.
async fn audit_ours(
    stack: &Stack,
    frame: &Frame<'_>,
    asked: &Asked<'_>,
    events: (&Batch, TrailEvents),
    door: &Door,
) -> Result<Audited, Failed> {
    let audited = audit(stack, frame, asked, events, door);
    let audited = timeout_at(stack.ends(frame).run, audited).await;
    match audited.unwrap_or(Err(StackError::OutOfTime)) {
        Ok(audited) => Ok(audited),
        Err(error) => {
            let told = stack
                .tell_failure(frame, asked.settings, &chain(&error), error.telling())
                .await;
            Err(Failed { error, told })
        }
    }
}
