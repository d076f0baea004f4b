//! One batch: from the records of the queue to what is left of them.
//!
//! read the records -> which can concern the account -> audit whom they touched -> tell what cannot be used -> keep what arrived. A run that
//! fails leaves every record in the queue, where Lambda takes it again.

use std::collections::BTreeSet;

use audit::events::TrailEvents;
use audit::{Asked, Explain, Settings};
use aws::{Counts, chain};
use catalog::Catalog;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use stack::error::TellFailure;
use stack::metrics::{COUNT, line};
use stack::{Begun, Frame, Stack, StackError, kept, own_account, settings};
use tokio::time::timeout_at;
use tracing::{Instrument as _, error, info, info_span};

use crate::audited::{Audited, audit};
use crate::batch::{Batch, Unusable};

/// What a batch came to.
#[derive(Debug, Default)]
struct Done {
    /// Events that concern the account.
    ours: usize,
    /// Events that went back to the queue.
    back: usize,
    /// Principals that were audited; `None` where nothing was.
    principals: Option<usize>,
    /// The records that must stay in the queue.
    failed: BTreeSet<Box<str>>,
}

/// Does one batch. The answer names the records that stay in the queue; with an error all of them do.
///
/// # Errors
/// Why the run failed; it was told before this returns.
pub async fn handle(stack: &Stack, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    let (event, context) = event.into_parts();
    let begun = Begun::of(&context);
    let account = own_account(&context)?;
    let id = format!("{account}/{}", context.request_id);
    let frame = begun.frame(&id, account, account);
    let batch = Batch::read(&event)?;
    let before = stack.process.tally().counts();
    let span = info_span!("audit", audit = id, account = account.as_str());
    let done = change(stack, &batch, &frame).instrument(span).await;
    let counts = stack.process.tally().counts().since(&before);
    let name = &stack.config.stack;
    match done {
        Ok(done) => {
            info!(
                audit = id,
                events = batch.events.total,
                ours = done.ours,
                back = done.back,
                unusable = batch.unusable.len(),
                principals = done.principals,
                "done"
            );
            if let Some(principals) = done.principals {
                println!("{}", metrics(name, &frame, &done, principals, counts));
            }
            let failed = done.failed.iter();
            let failed: Vec<Value> = failed
                .map(|record| json!({ "itemIdentifier": record }))
                .collect();
            Ok(json!({ "batchItemFailures": failed }))
        }
        Err(error) => {
            println!(
                "{}",
                line(
                    name,
                    &frame,
                    frame.millis(),
                    vec![("AuditsFailed", COUNT, 1)],
                    counts
                )
            );
            Err(error.into())
        }
    }
}

/// The line of a batch that led to an audit. Others write none: each metric costs by the hour.
fn metrics(
    stack: &str,
    frame: &Frame<'_>,
    done: &Done,
    principals: usize,
    counts: Counts,
) -> String {
    let values = vec![
        ("ChangeAudits", COUNT, 1),
        ("ChangePrincipals", COUNT, principals as u64),
        ("ChangeEvents", COUNT, done.ours as u64),
        ("ChangeEventsSentBack", COUNT, done.back as u64),
    ];
    line(stack, frame, frame.millis(), values, counts)
}

async fn change(stack: &Stack, batch: &Batch, frame: &Frame<'_>) -> Result<Done, StackError> {
    let kept = kept::load(&stack.table, frame.account).await;
    let (settings, catalog) = match load_settings(stack).await {
        Ok(read) => read,
        Err(error) => {
            let settings = Settings::default();
            stack
                .tell_failure(frame, &settings, &chain(&error), error.telling())
                .await;
            return Err(error);
        }
    };
    let asked = Asked {
        account: Some(frame.account),
        explain: Explain::Arrived,
        ..Asked::new(&catalog, &settings, frame.now)
    };
    let mut footprint = kept::footprint(kept.as_ref());
    let ours = match &mut footprint {
        Some(footprint) => footprint.select(batch.events.clone(), &asked.binding_rules()),
        None => batch.events.clone(),
    };
    let mut done = Done {
        ours: ours.events.len(),
        ..Done::default()
    };
    if !ours.events.is_empty() {
        let audited = audit_ours(stack, frame, &asked, batch, ours).await?;
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
            kept::extend(&stack.table, &footprint, kept.as_ref()).await;
        }
    }
    done.failed
        .extend(put_aside(stack, frame, &settings, &batch.unusable).await);
    Ok(done)
}

/// The settings, with the pause of an audit on change.
async fn load_settings(stack: &Stack) -> Result<(Settings, Catalog), StackError> {
    let (mut settings, catalog) =
        settings::load(&stack.session, stack.config.settings.as_deref()).await?;
    settings.confirm_pause = settings.change_confirm_pause;
    Ok((settings, catalog))
}

/// The audit; a failure was told before this returns.
async fn audit_ours(
    stack: &Stack,
    frame: &Frame<'_>,
    asked: &Asked<'_>,
    batch: &Batch,
    ours: TrailEvents,
) -> Result<Audited, StackError> {
    let audited = audit(stack, frame, asked, batch, ours);
    let audited = timeout_at(stack.ends(frame).run, audited).await;
    match audited.unwrap_or(Err(StackError::OutOfTime)) {
        Ok(audited) => Ok(audited),
        Err(error) => {
            stack
                .tell_failure(frame, asked.settings, &chain(&error), error.telling())
                .await;
            Err(error)
        }
    }
}

/// Tells what cannot be used, and moves it to the dead letters, where it lies for a day; the records that could not be moved.
async fn put_aside(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    unusable: &[Unusable],
) -> Vec<Box<str>> {
    let reasons: BTreeSet<String> = unusable.iter().map(|one| one.reason.to_string()).collect();
    if reasons.is_empty() {
        return Vec::new();
    }
    let reasons: Vec<String> = reasons.into_iter().collect();
    let reason = format!(
        "what started an audit on change cannot be used ({}). Scheduled audits go on, and the next one looks at everybody",
        reasons.join("; ")
    );
    stack
        .tell_failure(frame, settings, &reason, TellFailure::AsFinding)
        .await;
    let mut failed = Vec::new();
    for one in unusable {
        let sent = match &stack.config.dead_events {
            Some(queue) => aws::send(&stack.session, queue, &one.body).await,
            // It is one there after Lambda's attempts.
            None => {
                failed.push(one.record.clone());
                continue;
            }
        };
        if let Err(failure) = sent {
            error!(
                failure = chain(&failure),
                "a record could not be put aside, so it stays in the queue"
            );
            failed.push(one.record.clone());
        }
    }
    failed
}
