//! Aside: what happens to records that cannot be used?

use std::collections::BTreeSet;

use audit::Settings;
use audit::judge::not_followed;
use audit::run::{RunError, say};
use aws::chain;
use stack::{Frame, Stack};
use tokio::time::timeout_at;
use tracing::error;

use crate::batch::Unusable;

/// Tells what cannot be used, and moves it to the dead letters, where it lies for a day; the records that must stay in the queue.
pub(crate) async fn put_aside(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    unusable: &[Unusable],
) -> Vec<Box<str>> {
    if unusable.is_empty() {
        return Vec::new();
    }
    let telling = tell(stack, frame, settings, unusable);
    let told = timeout_at(stack.ends(frame).run, telling).await;
    let untold = match told {
        Ok(told) => told.err().map(|error| chain(&error)),
        Err(_) => Some("the time was up".to_owned()),
    };
    if let Some(reason) = untold {
        error!(
            reason,
            "nobody could be told of records that cannot be used, so they stay in the queue"
        );
        return unusable.iter().map(|one| one.record.clone()).collect();
    }
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

/// Tells it as a finding, which the next audit of everybody ends.
async fn tell(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    unusable: &[Unusable],
) -> Result<(), RunError> {
    let reasons = unusable.iter().map(|one| one.reason.to_string().into());
    let reasons: BTreeSet<Box<str>> = reasons.collect();
    error!(?reasons, "what started an audit on change cannot be used");
    let assessment = not_followed(frame.account, reasons, frame.now);
    let telling = stack.telling(frame, settings);
    say(settings, &stack.table, &telling, &assessment).await
}
