//! Summaries: what does the hub's bucket keep of what an audit found?
//!
//! The report on the organisation is made of them. An audit that takes several runs keeps its parts apart until it is whole; until then
//! the summary of the last whole audit stands.

use audit::Settings;
use audit::run::Run;
use aws::{GetError, Objects, StoreError, chain};
use report::organization::stored::{self, ReadSummaryError};
use report::organization::{AccountSummary, Audited};
use stack::{Frame, hub};
use tracing::{info, warn};

use crate::order::Order;

/// Why a summary was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepSummaryError {
    #[error(transparent)]
    Get(#[from] GetError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not overwritten.
    #[error("the summary of the account in the hub's bucket is not overwritten")]
    TooNew(#[source] ReadSummaryError),
}

impl KeepSummaryError {
    /// Whether a repetition may succeed without anybody's doing.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Get(GetError::Call { .. }) | Self::Store(_) => true,
            Self::Get(GetError::TooLong { .. }) | Self::TooNew(_) => false,
        }
    }
}

/// Keeps what a run found: as a part if others follow, else with the parts before it as what a whole audit found.
pub(crate) async fn keep(
    objects: &Objects,
    order: &Order,
    frame: &Frame<'_>,
    settings: &Settings,
    run: &Run,
) -> Result<(), KeepSummaryError> {
    let mut summary = AccountSummary::of(&Audited {
        audit: frame.audit,
        assessment: &run.look.assessment,
        findings: &run.findings,
        baseline: Some(&run.step.baseline),
        settings,
        provenance: None,
    });
    let parts = hub::parts(&order.key, frame.account);
    if order.position.is_some()
        && let Some(before) = read(objects, &parts, frame).await?
    {
        summary = match before.merge(summary.clone()) {
            Ok(merged) => merged,
            Err(error) => {
                warn!(
                    error = chain(&error),
                    "the parts before are not of this audit"
                );
                summary
            }
        };
    }
    if !run.remainder().is_empty() {
        return put(objects, &parts, &summary).await;
    }
    let key = hub::account(frame.account);
    if let Some(known) = read(objects, &key, frame).await?
        && known.at > summary.at
        && known.audit != summary.audit
    {
        info!("a later audit of the account was done before: its summary stays");
        return Ok(());
    }
    put(objects, &key, &summary).await
}

/// A summary that is there; `None` where there is none that can be used.
async fn read(
    objects: &Objects,
    key: &str,
    frame: &Frame<'_>,
) -> Result<Option<AccountSummary>, KeepSummaryError> {
    let Some(bytes) = objects.get(key).await? else {
        return Ok(None);
    };
    match stored::read(&String::from_utf8_lossy(&bytes), frame.account) {
        Ok(summary) => Ok(Some(summary)),
        Err(error @ ReadSummaryError::TooNew { .. }) => Err(KeepSummaryError::TooNew(error)),
        Err(error) => {
            warn!(
                key,
                error = chain(&error),
                "a summary cannot be used, and is written anew"
            );
            Ok(None)
        }
    }
}

async fn put(
    objects: &Objects,
    key: &str,
    summary: &AccountSummary,
) -> Result<(), KeepSummaryError> {
    let mut bytes = Vec::new();
    // Memory takes everything, and a summary is texts and numbers.
    let _ = stored::write(&mut bytes, summary);
    Ok(objects.put(key, "application/json", bytes).await?)
}
