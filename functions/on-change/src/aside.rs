//! Aside: what happens to records that cannot be used?

use std::collections::BTreeSet;

use audit::Settings;
use aws::chain;
use stack::error::TellFailure;
use stack::{Frame, Stack};
use tracing::error;

use crate::batch::Unusable;

/// Tells what cannot be used, and moves it to the dead letters, where it lies for a day; the records that could not be moved.
pub(crate) async fn put_aside(
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
