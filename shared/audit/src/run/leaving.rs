//! Leaving: the findings of an account that left the organisation end, once.

use iam::AccountId;
use jiff::Timestamp;

use super::conclude::load;
use super::error::RunError;
use crate::compare::baseline::CommitError;
use crate::find::observe::Findings;
use crate::judge::failed;
use crate::notify::life::leave;
use crate::ports::{BaselineStore, Commit, News, Publisher};

/// How often it is tried to commit: each time an audit of the account was faster.
const ATTEMPTS: usize = 6;

/// Tells and commits that nobody audits an account any more. How many findings ended by that: none, where it was done before.
///
/// # Errors
/// [`RunError`], which says what was told and what was not.
pub async fn end<B: BaselineStore, P: Publisher>(
    store: &B,
    publisher: &P,
    account: AccountId,
    now: Timestamp,
) -> Result<usize, RunError> {
    let assessment = failed(account, "the account left the organisation", now);
    let findings = Findings::new();
    let mut attempt = 1;
    loop {
        let step = leave(load(store, account).await?, now);
        if step.account.is_none() && step.touched.is_empty() {
            return Ok(0);
        }
        let news = News {
            assessment: &assessment,
            findings: &findings,
            events: &step.events,
            messages: &step.messages,
            baseline: &step.baseline,
            mutes: &step.mutes,
        };
        publisher.publish(&news).await.map_err(RunError::Publish)?;
        let commit = Commit {
            baseline: &step.baseline,
            account: step.account,
            principals: &step.touched,
        };
        match store.commit(&commit).await {
            Ok(()) => return Ok(step.events.len()),
            Err(CommitError::Moved { .. }) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(RunError::Commit(error)),
        }
    }
}
