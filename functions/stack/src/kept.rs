//! What is kept for audits on change: the footprint of the last audit.
//!
//! It is not worth failing for: without one each event counts as one of ours.

use audit::events::Footprint;
use aws::{KeepError, Kept, Table, chain};
use iam::AccountId;
use tracing::warn;

/// How often a footprint is added to what another run wrote in the meantime.
const TRIES: usize = 3;

/// What is kept for an account: one look-up.
pub async fn load(table: &Table, account: AccountId) -> Option<Kept> {
    match table.footprint(account).await {
        Ok(kept) => kept,
        Err(failure) => {
            warn!(
                failure = chain(&failure),
                "what is kept for trail events cannot be read"
            );
            None
        }
    }
}

/// The footprint in what is kept; `None` if there is none that can be used.
#[must_use]
pub fn footprint(kept: Option<&Kept>) -> Option<Footprint> {
    match Footprint::read(&kept?.text) {
        Ok(footprint) => Some(footprint),
        Err(error) => {
            warn!(error = chain(&error), "the stored footprint cannot be used");
            None
        }
    }
}

/// Keeps the footprint of a whole audit in the place of the last one. `before`: what was kept when the audit began; what an audit on
/// change added since then stays.
pub async fn replace(table: &Table, seen: &Footprint, before: Option<&Kept>) {
    keep(table, seen, before, |_| seen.clone()).await;
}

/// Keeps what an audit on change saw besides. Without a whole audit's footprint there is nothing to add to.
pub async fn extend(table: &Table, seen: &Footprint, before: Option<&Kept>) {
    if before.is_some() {
        keep(table, seen, before, |stored| extended(stored, seen)).await;
    }
}

fn extended(stored: Option<Footprint>, seen: &Footprint) -> Footprint {
    match stored {
        Some(mut stored) => {
            stored.extend(seen.clone());
            stored
        }
        None => seen.clone(),
    }
}

async fn keep(
    table: &Table,
    seen: &Footprint,
    before: Option<&Kept>,
    wanted: impl Fn(Option<Footprint>) -> Footprint,
) {
    let account = seen.account();
    let mut before = before.cloned();
    let mut text = wanted(footprint(before.as_ref())).write();
    for _ in 0..TRIES {
        let replaced = before.as_ref();
        if replaced.is_some_and(|replaced| replaced.text == text) {
            return;
        }
        match table.keep_footprint(account, &text, replaced).await {
            Ok(()) => return,
            Err(KeepError::Moved) => {
                before = load(table, account).await;
                text = extended(footprint(before.as_ref()), seen).write();
            }
            Err(error) => {
                warn!(error = chain(&error), "the footprint was not kept");
                return;
            }
        }
    }
    warn!("the footprint was not kept: others wrote it each time");
}
