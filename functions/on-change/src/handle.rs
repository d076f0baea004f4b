//! One invocation: from the records of the queue to those that stay in it.
//!
//! read the records -> audit whom they touched -> tell what cannot be used. A run that fails leaves every record in the queue, where Lambda
//! takes it again.

use audit::Settings;
use aws::{Counts, chain};
use catalog::Catalog;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use stack::metrics::{COUNT, line};
use stack::{Begun, Frame, Stack, StackError, own_account, settings};
use tracing::{Instrument as _, info, info_span};

use crate::all::All;
use crate::aside::put_aside;
use crate::batch::Batch;
use crate::change::change;
use crate::door::Door;
use crate::of_hub;

/// Does one invocation. The answer names the records that stay in the queue; with an error all of them do.
///
/// # Errors
/// Why the run failed; it was told before this returns.
pub async fn handle(stack: &Stack, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    let (event, context) = event.into_parts();
    let begun = Begun::of(&context);
    let account = own_account(&context)?;
    let id = format!("{account}/{}", context.request_id);
    let frame = begun.frame(&id, account, account);
    let before = stack.process.tally().counts();
    let span = info_span!("audit", audit = id, account = account.as_str());
    let done = all(stack, &event, &context, &frame).instrument(span).await;
    let counts = stack.process.tally().counts().since(&before);
    let name = &stack.config.stack;
    match done {
        Ok(done) => {
            info!(
                audit = id,
                events = done.events,
                ours = done.ours,
                foreign = done.foreign,
                started = done.started,
                back = done.back,
                unusable = done.unusable,
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
            let failed = vec![("AuditsFailed", COUNT, 1)];
            println!("{}", line(name, &frame, frame.millis(), failed, counts));
            Err(error)
        }
    }
}

async fn all(
    stack: &Stack,
    event: &Value,
    context: &Context,
    frame: &Frame<'_>,
) -> anyhow::Result<All> {
    let (settings, catalog) = load_settings(stack, frame).await?;
    let read = (&settings, &catalog);
    match &stack.config.hub {
        Some(hub) => of_hub::audit(stack, event, (frame, context), read, hub).await,
        None => {
            let batch = Batch::read(event)?;
            let mut all = All {
                events: batch.events.total,
                ..All::default()
            };
            let done = change(stack, &batch, frame, read, &Door::default()).await;
            all.add(done.map_err(|failed| failed.error)?);
            all.unusable = batch.unusable.len();
            let aside = put_aside(stack, frame, &settings, &batch.unusable).await;
            all.failed.extend(aside.failed);
            Ok(all)
        }
    }
}

/// The line of an invocation that led to an audit. Others write none: each metric costs by the hour.
fn metrics(stack: &str, frame: &Frame<'_>, all: &All, principals: usize, counts: Counts) -> String {
    let values = vec![
        ("ChangeAudits", COUNT, all.accounts),
        ("ChangePrincipals", COUNT, principals as u64),
        ("ChangeEvents", COUNT, all.ours as u64),
        ("ChangeEventsSentBack", COUNT, all.back as u64),
    ];
    line(stack, frame, frame.millis(), values, counts)
}

/// The settings, with the pause of an audit on change. That they cannot be read was told before this returns.
async fn load_settings(
    stack: &Stack,
    frame: &Frame<'_>,
) -> Result<(Settings, Catalog), StackError> {
    match settings::load(&stack.session, stack.config.settings.as_deref()).await {
        Ok((mut settings, catalog)) => {
            settings.confirm_pause = settings.change_confirm_pause;
            Ok((settings, catalog))
        }
        Err(error) => {
            let settings = Settings::default();
            stack
                .tell_failure(frame, &settings, &chain(&error), error.telling())
                .await;
            Err(error)
        }
    }
}
