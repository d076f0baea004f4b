//! The hub: what does its bucket hold, and what do audits of an organisation's accounts take from it?
//!
//! `docs/lambda.md` has the forms of the objects.

use std::sync::Arc;

use audit::organization::OrganizationFile;
use audit::resources::Organization;
use aws::{GetError, Objects, chain};
use iam::AccountId;
use tokio::sync::Mutex;
use tracing::warn;

/// The [roster](audit::roster): which accounts the organisation has.
pub const ROSTER: &str = "roster.json";
/// What stands above each account, as `permdrift snapshot --organization` writes it.
pub const ORGANIZATION: &str = "organization.json";

/// The most letters of a run's name: it is part of keys and of ids.
pub const LETTERS: usize = 80;

/// Whether a text may name a run: letters, digits and `.:_-`.
#[must_use]
pub fn is_run(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".:_-".contains(&byte);
    (1..=LETTERS).contains(&text.len()) && text.bytes().all(is_of_name)
}

/// What AWS said of an organisation so far that takes longer to read than a run of the function may take.
#[must_use]
pub fn answers(run: &str) -> String {
    format!("runs/{run}/organization.json")
}

/// The accounts that a run audits.
#[must_use]
pub fn items(run: &str) -> String {
    format!("runs/{run}/accounts.json")
}

/// What the last whole audit of an account found.
#[must_use]
pub fn account(account: AccountId) -> String {
    format!("accounts/{account}.json")
}

/// What an audit of an account found so far that takes several runs of the function.
#[must_use]
pub fn parts(run: &str, account: AccountId) -> String {
    format!("runs/{run}/parts/{account}.json")
}

/// The saved organisation of one run: a process that audits many accounts reads it once.
#[derive(Debug, Default)]
pub struct SavedOrganization(Mutex<Option<(String, Arc<OrganizationFile>)>>);

impl SavedOrganization {
    /// What stands above an account, as a run of the roster read it. `None` where that is not known: then AWS is asked in the
    /// account itself, as in an audit without a hub, and reports say what was not looked at.
    ///
    /// # Errors
    /// [`GetError`]: without an answer of the bucket the causes of findings would be others for once.
    pub async fn above(
        &self,
        objects: &Objects,
        run: &str,
        account: AccountId,
    ) -> Result<Option<Organization>, GetError> {
        let Some(file) = self.file(objects, run).await? else {
            return Ok(None);
        };
        Ok(match file.above(account) {
            Ok(organization) => Some(organization),
            Err(error) => {
                warn!(
                    error = chain(&error),
                    "the saved organisation says nothing of the account"
                );
                None
            }
        })
    }

    async fn file(
        &self,
        objects: &Objects,
        run: &str,
    ) -> Result<Option<Arc<OrganizationFile>>, GetError> {
        let mut saved = self.0.lock().await;
        if let Some((of, file)) = &*saved
            && of == run
        {
            return Ok(Some(Arc::clone(file)));
        }
        let Some(bytes) = objects.get(ORGANIZATION).await? else {
            warn!("there is no saved organisation");
            return Ok(None);
        };
        match OrganizationFile::parse(&String::from_utf8_lossy(&bytes)) {
            Ok(file) => {
                let file = Arc::new(file);
                *saved = Some((run.to_owned(), Arc::clone(&file)));
                Ok(Some(file))
            }
            Err(error) => {
                warn!(
                    error = chain(&error),
                    "the saved organisation cannot be used"
                );
                Ok(None)
            }
        }
    }
}
