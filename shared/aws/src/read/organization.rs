//! The organisation: which accounts has it, and what stands above each?
//!
//! Its management account is answered, and whoever that delegates to.

use std::sync::Arc;
use std::time::Duration;

use iam::AccountId;
use tokio::time::Instant;

use super::resources::{self, Answers, ListedAccount, Pace, WholeOrganization};
use crate::failure::Failure;
use crate::iam_client::Iam;

/// How long an organisation is read at most.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// What AWS said of an organisation so far. Where the time does not suffice to read all of it, who reads on with this asks for the rest.
#[derive(Clone, Debug, Default)]
pub struct Answered(Arc<Answers>);

impl Answered {
    /// How many questions AWS answered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// As JSON, for [`Answered::read`].
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        self.0.write()
    }

    /// What [`Answered::write`] wrote.
    ///
    /// # Errors
    /// Where the text is something else.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(Self(Arc::new(Answers::read(text)?)))
    }
}

/// Reads the whole organisation, until a time at the latest. `account`: whose credentials the client has. `answered`: what AWS said of it
/// before, which is not asked again; what it says now is added.
///
/// # Errors
/// The first call that AWS does not answer: half an organisation says nothing of what is in force.
pub async fn organization(
    iam: &Iam,
    account: AccountId,
    until: Option<Instant>,
    answered: &Answered,
) -> Result<WholeOrganization, Failure> {
    let until = until.unwrap_or_else(|| Instant::now() + PATIENCE);
    let limits = (until, &answered.0);
    resources::whole_organization(&iam.session, account, Pace::AWS, limits).await
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
