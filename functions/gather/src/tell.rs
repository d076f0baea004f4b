//! Telling people of some accounts: those that `on-change` audited because something in them changed.

use std::collections::BTreeSet;

use audit::Settings;
use audit::events::CallsAbove;
use audit::threads::{self, Outside, SentMessages, TellError};
use iam::AccountId;
use stack::telling::Audience;
use stack::{Frame, Stack, kept};

use crate::people::{Around, Baselines, People};
use crate::reports::address;
use crate::roster::{self, RosterError};

/// Why not everything was told.
#[derive(Debug, thiserror::Error)]
pub enum TellAccountsError {
    /// The function is part of no hub.
    #[error("the environment variable `PERMDRIFT_HUB_BUCKET` is missing")]
    NoHub,
    /// It is not known which accounts there are.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// Something was not told, or not written.
    #[error(transparent)]
    Tell(#[from] TellError),
}

/// Tells people what is new of these accounts, and of no others. What others have in common with them stays as it was told.
///
/// # Errors
/// [`TellAccountsError`]. Repeating it tells the rest.
pub async fn tell(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    accounts: &BTreeSet<AccountId>,
) -> Result<SentMessages, TellAccountsError> {
    if accounts.is_empty() {
        return Ok(SentMessages::default());
    }
    let objects = stack.objects(frame.own).ok_or(TellAccountsError::NoHub)?;
    let roster = roster::load(&objects).await?;
    let around = Around {
        places: roster::places(&roster),
        policies: roster::policies(&objects).await,
        report: address(stack, "report.html"),
        calls_above: calls_above(stack, frame).await,
    };
    Ok(of(stack, frame, settings, &around, accounts, &BTreeSet::new()).await?)
}

/// Who changed something above accounts; nobody where that is not known.
pub(crate) async fn calls_above(stack: &Stack, frame: &Frame<'_>) -> CallsAbove {
    let kept = kept::load(&stack.table, frame.own).await;
    kept::calls_above(kept.as_ref()).unwrap_or_default()
}

/// The same where it is known what is around. `left`: those that left the organisation.
pub(crate) async fn of(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    around: &Around,
    accounts: &BTreeSet<AccountId>,
    left: &BTreeSet<AccountId>,
) -> Result<SentMessages, TellError> {
    let baselines = Baselines {
        table: &stack.table,
        around,
        now: frame.now,
        left,
    };
    let mut telling = stack.telling(frame, settings);
    telling.audience = Audience::Everybody;
    let people = People {
        stack,
        frame,
        telling,
        around,
    };
    let outside = Outside {
        store: &stack.table,
        accounts: &baselines,
        publisher: &people,
    };
    threads::tell(&outside, accounts, settings, frame.now).await
}
