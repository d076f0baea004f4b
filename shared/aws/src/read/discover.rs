//! Discovery: which users, roles, groups and policies does the account have?
//!
//! In: a client. Out: the same [`Inventory`] that a saved listing gives, from all pages of `GetAccountAuthorizationDetails`.
//! There is no call per principal. If one page cannot be read, discovery fails: a listing without it would look as if principals
//! and policies had been deleted. An item that cannot be understood is a gap in the inventory.
//!
//! That listing has no access keys: [`access_keys`] reads those of the users that need one.

use futures_util::StreamExt;
use futures_util::stream;
use iam::inventory::{AccessKey, Gap, ReadInventoryError, Reader};
use iam::{Inventory, PrincipalArn};

use super::listing;
use crate::failure::{Failure, chain};
use crate::iam_client::Iam;

/// The most items that AWS puts on a page.
pub(crate) const ITEMS: i32 = 1000;
/// Users whose keys are asked for at the same time.
const IN_FLIGHT: usize = 4;

/// Gets each page of the listing as it comes, as JSON in the form of the AWS CLI.
pub type Sink<'a> = dyn FnMut(&[u8]) -> std::io::Result<()> + Send + 'a;

/// Why an account could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// A page could not be read.
    #[error("cannot list the account's users, roles and policies (page {page})")]
    Page {
        /// Its number, from 1.
        page: usize,
        /// What happened.
        #[source]
        failure: Failure,
    },
    /// A page says that more pages follow and has no marker, or the marker of the page before.
    #[error("AWS says that page {page} of the listing is not the last, and not how to go on")]
    NoMarker {
        /// Its number, from 1.
        page: usize,
    },
    /// The pages are no listing of one account.
    #[error("cannot use what AWS lists")]
    Listing(#[source] ReadInventoryError),
    /// The pages could not be saved.
    #[error("cannot save the listing")]
    Save(#[source] std::io::Error),
}

impl DiscoverError {
    /// Whether a later attempt may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Page { failure, .. } => failure.is_passing(),
            Self::NoMarker { .. } | Self::Save(_) => true,
            Self::Listing(_) => false,
        }
    }
}

/// Lists the account.
///
/// # Errors
/// [`DiscoverError`] unless every page was read.
pub async fn discover(iam: &Iam, sink: &mut Sink<'_>) -> Result<Inventory, DiscoverError> {
    let mut reader = Reader::new();
    let mut marker: Option<String> = None;
    let mut number = 1;
    loop {
        let page = iam
            .client
            .get_account_authorization_details()
            .max_items(ITEMS)
            .set_marker(marker.clone())
            .send()
            .await
            .map_err(|error| DiscoverError::Page {
                page: number,
                failure: Failure::of(&error),
            })?;
        let bytes = listing::page(&page).map_err(|error| DiscoverError::Save(error.into()))?;
        sink(&bytes).map_err(DiscoverError::Save)?;
        reader.page(&bytes).map_err(DiscoverError::Listing)?;
        if !page.is_truncated {
            return reader.finish().map_err(DiscoverError::Listing);
        }
        if page.marker.is_none() || page.marker == marker {
            return Err(DiscoverError::NoMarker { page: number });
        }
        marker = page.marker;
        number += 1;
    }
}

/// Adds the access keys of these users. Where AWS refuses, the inventory gets a gap and the keys stay unknown.
pub(crate) async fn access_keys(iam: &Iam, inventory: &mut Inventory, users: &[PrincipalArn]) {
    let calls: Vec<_> = users.iter().map(|user| keys_of(iam, user)).collect();
    let mut answers = stream::iter(calls).buffered(IN_FLIGHT);
    let mut users = users.iter();
    while let (Some(answer), Some(user)) = (answers.next().await, users.next()) {
        match answer {
            Ok(keys) => {
                let known = inventory.access_keys.get_or_insert_default();
                known.insert(user.clone(), keys);
            }
            Err(failure) => inventory.gaps.push(Gap::Part {
                what: format!("access keys of `{user}`").into(),
                reason: chain(&failure).into(),
            }),
        }
    }
}

async fn keys_of(iam: &Iam, user: &PrincipalArn) -> Result<Vec<AccessKey>, Failure> {
    let mut keys = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = iam
            .client
            .list_access_keys()
            .user_name(user.name())
            .set_marker(marker.clone())
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        for key in page.access_key_metadata {
            let id = key.access_key_id.unwrap_or_default();
            let tail = id.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
            keys.push(AccessKey {
                suffix: id.get(tail..).unwrap_or_default().into(),
                active: key.status.is_some_and(|status| status.as_str() == "Active"),
                created: key
                    .create_date
                    .as_ref()
                    .map(listing::date)
                    .unwrap_or_default()
                    .into(),
                // Not read: that would be one call for each key.
                last_used: Some("".into()),
            });
        }
        if !page.is_truncated {
            return Ok(keys);
        }
        if page.marker.is_none() || page.marker == marker {
            // More keys follow, and the marker does not lead there.
            return Err(Failure::Broken { code: None });
        }
        marker = page.marker;
    }
}

#[cfg(test)]
mod tests;
