//! In a hub: from the events of many accounts to audits of several at a time.
//!
//! the roster -> the events by account -> runs of the state machine for what changed above accounts -> the audits -> what cannot be used ->
//! people. An account that fails leaves its own records in the queue, and no others.

use std::collections::BTreeSet;

use anyhow::Context as _;
use audit::Settings;
use audit::roster::Roster;
use aws::{chain, start_execution};
use catalog::Catalog;
use futures_util::StreamExt as _;
use futures_util::stream;
use iam::{AccountId, Arn};
use lambda_runtime::Context;
use serde_json::{Value, json};
use stack::config::Hub;
use stack::error::{FailureRecord, TellFailure};
use stack::hub::{ROSTER, is_run};
use stack::{Frame, Stack, kept};
use tracing::{Instrument as _, error, info, info_span, warn};

use crate::all::All;
use crate::aside::put_aside;
use crate::batch::Batch;
use crate::by_account::{Above, ByAccount};
use crate::change::{Done, Failed, change};
use crate::door::Door;

/// Accounts that are audited at the same time.
const AT_ONCE: usize = 8;

/// Audits whom the events touched, account by account, and tells people.
pub(crate) async fn audit(
    stack: &Stack,
    event: &Value,
    (frame, context): (&Frame<'_>, &Context),
    read: (&Settings, &Catalog),
    hub: &Hub,
) -> anyhow::Result<All> {
    let roster = match load(stack, frame.own).await {
        Ok(roster) => roster,
        Err(error) => {
            let reason = chain(error.as_ref());
            stack
                .tell_failure(frame, read.0, &reason, TellFailure::EachTime)
                .await;
            return Err(error);
        }
    };
    let found = ByAccount::read(event, &roster)?;
    let mut all = All {
        events: found.total,
        foreign: found.foreign,
        unusable: found.unusable.len(),
        ..All::default()
    };
    let kept = kept::load(&stack.table, frame.own).await;
    // Before the runs that are to name them.
    let calls = &found.calls_above;
    kept::note_above(&stack.table, frame.own, kept.as_ref(), calls).await;
    let mut above = kept::calls_above(kept.as_ref());
    if let Some(above) = &mut above {
        above.note(calls.iter().cloned());
    }
    // Where it is not known which calls there were before, nobody is named.
    let above = above.unwrap_or_default();
    for (target, above) in &found.above {
        match start(stack, hub, target.as_deref(), above).await {
            Ok(()) => all.started += 1,
            Err(reason) => {
                error!(
                    reason,
                    "the accounts below could not be audited at once, so the events stay in the queue"
                );
                all.failed.extend(above.records.iter().cloned());
            }
        }
    }
    let partition = Arn::parse(&context.invoked_function_arn).map_or("aws", |arn| arn.partition);
    let audits = found.batches.iter().filter_map(|(account, batch)| {
        let member = roster.accounts.get(account)?;
        let door = Door::of_member(
            (*account, member),
            &roster,
            &above,
            hub,
            (frame.own, partition),
        );
        Some(of_account(
            stack,
            (*account, batch),
            (frame, context),
            read,
            door,
        ))
    });
    let mut audits = stream::iter(audits.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    let mut audited = BTreeSet::new();
    while let Some((account, batch, done)) = audits.next().await {
        match done {
            Ok(done) => {
                audited.extend(done.principals.map(|_| account));
                all.add(done);
            }
            Err(Failed { error, told }) => {
                // A finding is told with the others, and repeating would not mend it.
                let is_done = told == FailureRecord::Kept && !error.is_passing();
                audited.extend((told == FailureRecord::Kept).then_some(account));
                if !is_done {
                    all.failed.extend(batch.records());
                }
            }
        }
    }
    drop(audits);
    let aside = put_aside(stack, frame, read.0, &found.unusable).await;
    all.failed.extend(aside.failed);
    let tells: BTreeSet<AccountId> = audited.union(&aside.told).copied().collect();
    if let Err(error) = gather::tell(stack, frame, read.0, &tells).await {
        // What is committed is told by the next run too.
        error!(
            error = chain(&error),
            "people could not be told, so the events stay in the queue"
        );
        let batches = found.batches.iter();
        let theirs = batches.filter(|(account, _)| audited.contains(account));
        all.failed
            .extend(theirs.flat_map(|(_, batch)| batch.records()));
    }
    Ok(all)
}

async fn of_account<'b>(
    stack: &Stack,
    (account, batch): (AccountId, &'b Batch),
    (frame, context): (&Frame<'_>, &Context),
    read: (&Settings, &Catalog),
    door: Door,
) -> (AccountId, &'b Batch, Result<Done, Failed>) {
    let id = format!("{account}/{}", context.request_id);
    let frame = Frame {
        audit: &id,
        account,
        ..*frame
    };
    let span = info_span!("audit", audit = id, account = account.as_str());
    let done = change(stack, batch, &frame, read, &door);
    (account, batch, done.instrument(span).await)
}

/// The roster; an empty one where none was written yet, because then nothing was audited yet either.
async fn load(stack: &Stack, own: AccountId) -> anyhow::Result<Roster> {
    let bytes = match stack.objects(own) {
        Some(objects) => objects.get(ROSTER).await?,
        None => None,
    };
    match bytes {
        Some(bytes) => {
            Roster::read(&bytes).context("the roster in the hub's bucket cannot be used")
        }
        None => {
            warn!("there is no roster yet, so no account is known");
            Ok(Roster::default())
        }
    }
}

/// Starts the state machine for the accounts below a target. The same event twice starts it once.
async fn start(
    stack: &Stack,
    hub: &Hub,
    target: Option<&str>,
    above: &Above,
) -> Result<(), String> {
    let Some(machine) = &hub.state_machine else {
        warn!("no state machine is named, so what changed above accounts is left to the schedule");
        return Ok(());
    };
    let run = format!("change-{}", above.event);
    if !is_run(&run) {
        return Err("the event's id cannot name a run".to_owned());
    }
    let input = json!({ "run": run, "below": target });
    let started = start_execution(&stack.session, machine, &run, &input).await;
    let started = started.map_err(|failure| chain(&failure))?;
    info!(
        run,
        target,
        ?started,
        "what is above accounts changed, so those below are audited"
    );
    Ok(())
}
