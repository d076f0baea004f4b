//! Aside: what happens to records that cannot be used?

use std::collections::{BTreeMap, BTreeSet};

use audit::Settings;
use audit::judge::not_followed;
use audit::run::{RunError, say};
use aws::chain;
use iam::AccountId;
use stack::{Frame, Stack};
use tokio::time::timeout_at;
use tracing::error;

use crate::batch::Unusable;

/// What became of them.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    /// The records that must stay in the queue.
    pub(crate) failed: Vec<Box<str>>,
    /// The accounts of which it was told.
    pub(crate) told: BTreeSet<AccountId>,
}

/// Tells what cannot be used, and moves it to the dead letters, where it lies for a day. It is told of the account that it is of; of the
/// function's own, where that is not known.
pub(crate) async fn put_aside(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    unusable: &[Unusable],
) -> Aside {
    let mut aside = Aside::default();
    let mut by_account: BTreeMap<AccountId, Vec<&Unusable>> = BTreeMap::new();
    for one in unusable {
        let account = one.account.unwrap_or(frame.account);
        by_account.entry(account).or_default().push(one);
    }
    for (account, unusable) in by_account {
        let of_account = Frame { account, ..*frame };
        let telling = tell(stack, &of_account, settings, &unusable);
        let told = timeout_at(stack.ends(frame).run, telling).await;
        let untold = match told {
            Ok(told) => told.err().map(|error| chain(&error)),
            Err(_) => Some("the time was up".to_owned()),
        };
        if let Some(reason) = untold {
            error!(
                reason,
                account = account.as_str(),
                "nobody could be told of records that cannot be used, so they stay in the queue"
            );
            let records = unusable.iter().map(|one| one.record.clone());
            aside.failed.extend(records);
            continue;
        }
        aside.told.insert(account);
        aside.failed.extend(bury(stack, &unusable).await);
    }
    aside
}

/// Moves records to the dead letters; those that must stay in the queue.
async fn bury(stack: &Stack, unusable: &[&Unusable]) -> Vec<Box<str>> {
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

/// Tells it as a finding, which the next audit of everybody in that account ends.
async fn tell(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    unusable: &[&Unusable],
) -> Result<(), RunError> {
    let reasons = unusable.iter().map(|one| one.reason.to_string().into());
    let reasons: BTreeSet<Box<str>> = reasons.collect();
    error!(
        ?reasons,
        account = frame.account.as_str(),
        "what started an audit on change cannot be used"
    );
    let mut assessment = not_followed(frame.account, reasons, frame.now);
    stack.place(frame, &mut assessment).await;
    let telling = stack.telling(frame, settings);
    say(settings, &stack.table, &telling, &assessment).await
}
