//! Absent: which accounts were not audited in this run, and what becomes of that?
//!
//! An account that the run was to audit, and whose outcome is not known, gets a finding with the reason; so does one that cannot be
//! audited. The findings of an account that left the organisation end.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::Settings;
use audit::ports::BaselineStore as _;
use audit::resources::{Organization, Reading, Resources};
use audit::roster::{Member, Roster, Skipped};
use audit::run::{RunError, end, say};
use aws::{GetError, Objects};
use iam::AccountId;
use serde::Deserialize;
use stack::hub;
use stack::{Frame, Stack};

use crate::reports::Summaries;

/// The reason where the audit of an account failed without one.
const NO_END: &str = "the audit of this account did not come to its end in a run of the organization: see the state machine's log of that run";

#[derive(Deserialize)]
struct Item {
    account: String,
}

/// Why it is not known which accounts a run was to audit. Then nobody knows which of them were not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ItemsError {
    /// The bucket did not answer.
    #[error(transparent)]
    Get(#[from] GetError),
    /// The roster did not write it, or it was deleted.
    #[error("the list of accounts of this run, `{0}`, is not in the hub's bucket")]
    Missing(String),
    /// It is no list of accounts.
    #[error("the list of accounts of this run, `{key}`, cannot be used")]
    Malformed {
        /// Where it is.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The accounts that a run was to audit.
pub(crate) async fn items(objects: &Objects, run: &str) -> Result<BTreeSet<AccountId>, ItemsError> {
    let key = hub::items(run);
    let Some(text) = objects.get(&key).await? else {
        return Err(ItemsError::Missing(key));
    };
    let items: Vec<Item> =
        serde_json::from_slice(&text).map_err(|source| ItemsError::Malformed { key, source })?;
    let accounts = items.iter();
    Ok(accounts
        .filter_map(|item| item.account.parse().ok())
        .collect())
}

/// Why an account of the roster is not audited, as a sentence that is the same in every run.
pub(crate) fn skipped(why: Skipped) -> &'static str {
    match why {
        Skipped::Suspended => "the account is suspended, so nothing in it is audited",
        Skipped::Closed => "the account is closed, so nothing in it is audited",
        Skipped::PendingClosure => "the account is being closed, so nothing in it is audited",
        Skipped::PendingActivation => {
            "the account is not activated yet, so nothing in it is audited"
        }
    }
}

/// Why it is not known how the audit of an account ended. `unusable`: why what it kept cannot be used.
fn no_end(unusable: Option<&str>) -> Cow<'static, str> {
    match unusable {
        None => NO_END.into(),
        Some(why) => format!(
            "what the last audit of this account kept in the hub's bucket cannot be used: {why}"
        )
        .into(),
    }
}

/// Makes a finding of each account that has none yet: those that the roster skips, and of `items` those that are not in `audited`. The reason of
/// each account that was not audited, whoever found it.
pub(crate) async fn note(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    (roster, items): (&Roster, &BTreeSet<AccountId>),
    (summaries, audited): (&Summaries, &BTreeSet<AccountId>),
) -> Result<BTreeMap<AccountId, Box<str>>, RunError> {
    let mut reasons = BTreeMap::new();
    for (account, member) in &roster.accounts {
        let reason: Cow<'_, str> = match member.skipped {
            Some(why) => skipped(why).into(),
            None if items.contains(account) && !audited.contains(account) => {
                no_end(summaries.unusable.get(account).map(AsRef::as_ref))
            }
            None => continue,
        };
        let reason: &str = &reason;
        let baseline = stack.table.load(*account).await.map_err(RunError::Load)?;
        let known = match (baseline.failure(), member.skipped) {
            // The audit itself said why.
            (Some(known), None) => Some(known),
            (Some(known), Some(_)) => Some(known).filter(|known| *known == reason),
            (None, _) => None,
        };
        if let Some(known) = known {
            reasons.insert(*account, known.into());
            continue;
        }
        let of_account = Frame {
            account: *account,
            ..*frame
        };
        let telling = stack.telling(&of_account, settings);
        let mut assessment = audit::judge::failed(*account, reason, frame.now);
        assessment.coverage.resources = Arc::new(above(member));
        say(settings, &stack.table, &telling, &assessment).await?;
        reasons.insert(*account, reason.into());
    }
    Ok(reasons)
}

/// What mutes by OU look at.
fn above(member: &Member) -> Resources {
    Resources {
        organization: Reading::Read(Some(Organization {
            path: member.path.clone(),
            ..Organization::default()
        })),
        ..Resources::default()
    }
}

/// Ends what is open of accounts that left the organisation.
pub(crate) async fn leave(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    left: &BTreeSet<AccountId>,
) -> Result<(), RunError> {
    for account in left {
        let of_account = Frame {
            account: *account,
            ..*frame
        };
        let telling = stack.telling(&of_account, settings);
        let ended = end(&stack.table, &telling, *account, frame.now).await?;
        tracing::info!(
            account = account.as_str(),
            ended,
            "the account left the organisation"
        );
    }
    Ok(())
}
