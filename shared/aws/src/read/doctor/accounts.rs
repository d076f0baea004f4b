//! Many accounts: which of them can this caller enter, and what is it not permitted to do there?

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use iam::AccountId;
use tokio::time::{Instant, timeout_at};

use super::{Check, examine};
use crate::failure::Failure;
use crate::iam_client::{Iam, Process};
use crate::session::enter::EnterError;
use crate::session::{Caller, Role};

/// How the calls are named in CloudTrail.
const SESSION_NAME: &str = "permdrift-doctor";
/// How long one account takes at most.
const PATIENCE: Duration = Duration::from_secs(20);
/// Calls to one account's IAM in a second; each has its own quota.
const CALLS_PER_SECOND: f64 = 10.0;

/// What is known of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Examined {
    /// Its role was assumed, and every call tried.
    Entered(Vec<Check>),
    /// Its role could not be assumed.
    Refused(EnterError),
    /// The time was up before.
    NotReached,
}

/// Assumes each role and tries every call of an audit with it, in so many accounts at once. What has no answer by `until` is not known.
/// `done` is told after each account how many there were.
pub async fn examine_accounts(
    iam: &Iam,
    partition: &str,
    roles: Vec<(AccountId, Role)>,
    at_once: usize,
    until: Instant,
    mut done: impl FnMut(usize),
) -> BTreeMap<AccountId, Examined> {
    let examined = roles.into_iter().map(|(account, role)| async move {
        let examined = examine_account(iam, partition, account, &role, until).await;
        (account, examined)
    });
    let mut examined = stream::iter(examined).buffer_unordered(at_once.max(1));
    let mut found = BTreeMap::new();
    while let Some((account, of_account)) = examined.next().await {
        found.insert(account, of_account);
        done(found.len());
    }
    found
}

async fn examine_account(
    iam: &Iam,
    partition: &str,
    account: AccountId,
    role: &Role,
    until: Instant,
) -> Examined {
    let begun = Instant::now();
    if begun >= until {
        return Examined::NotReached;
    }
    let until = until.min(begun + PATIENCE);
    let entering = iam.session.enter(role, account, SESSION_NAME);
    let session = match timeout_at(until, entering).await {
        Ok(Ok(session)) => session,
        Ok(Err(error)) => return Examined::Refused(error),
        Err(_) => {
            return Examined::Refused(EnterError::Call {
                role: role.arn.clone(),
                failure: Failure::TimedOut,
            });
        }
    };
    let caller = Caller {
        account,
        partition: partition.into(),
        arn: role.arn.as_str().into(),
    };
    let iam = Iam::new(&session, &Process::new(CALLS_PER_SECOND));
    Examined::Entered(examine(&iam, &caller, until).await)
}
