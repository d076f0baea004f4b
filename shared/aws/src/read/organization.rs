//! The organisation: which accounts has it, and what stands above each?
//!
//! Its management account is answered, and whoever that delegates to.

use std::time::Duration;

use iam::AccountId;
use tokio::time::Instant;

use super::resources::{self, ListedAccount, Pace, WholeOrganization};
use crate::failure::Failure;
use crate::iam_client::Iam;

/// How long an organisation is read at most.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Reads the whole organisation, until a time at the latest. `account`: whose credentials the client has.
///
/// # Errors
/// The first call that AWS does not answer: half an organisation says nothing of what is in force.
pub async fn organization(
    iam: &Iam,
    account: AccountId,
    until: Option<Instant>,
) -> Result<WholeOrganization, Failure> {
    let until = until.unwrap_or_else(|| Instant::now() + PATIENCE);
    resources::whole_organization(&iam.session, account, Pace::AWS, until).await
}

/// Lists the accounts of the organisation, in the order of their ids.
///
/// # Errors
/// The first call that AWS does not answer.
pub async fn listed_accounts(
    iam: &Iam,
    account: AccountId,
    until: Instant,
) -> Result<Vec<ListedAccount>, Failure> {
    resources::listed_accounts(&iam.session, account, until).await
}

/// Whether the organisation has a root, an OU or an account of that id.
///
/// # Errors
/// Where AWS does not say.
pub async fn is_in_organization(
    iam: &Iam,
    account: AccountId,
    id: &str,
    until: Instant,
) -> Result<bool, Failure> {
    resources::is_in_organization(&iam.session, account, id, until).await
}
