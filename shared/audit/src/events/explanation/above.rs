//! Calls above: which calls changed SCPs and RCPs, or where accounts are in their organisation?
//!
//! They are recorded in the account in which they are made, mostly the management account, and not in those that they are about. Whoever
//! receives the trail events of a whole organisation notes them here, in a stored form, so that audits of accounts can name them.

use std::collections::BTreeSet;

use iam::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stored::StoredCall;
use crate::events::event::{ActedOn, TrailEvent};

/// The newest format that this release knows.
const FORMAT: u32 = 1;

/// The calls above accounts that arrived, the newest [`CallsAbove::MOST`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallsAbove {
    /// By time.
    calls: Vec<TrailEvent>,
    /// When the newest call was made that is not kept any more; `None`: all are kept.
    dropped: Option<Timestamp>,
}

/// Why stored calls cannot be used. Then nobody knows who changed something above accounts.
#[derive(Debug, thiserror::Error)]
pub enum ReadCallsError {
    /// Written by a newer release.
    #[error("the calls above accounts have format {found}, newest known is {FORMAT}")]
    TooNew {
        /// Their format.
        found: u32,
    },
    /// It is no JSON, or not the JSON of such calls.
    #[error("the calls above accounts are malformed")]
    Malformed(#[source] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dropped: Option<Timestamp>,
    calls: Vec<StoredCall>,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl CallsAbove {
    /// How many calls are kept.
    pub const MOST: usize = 200;

    /// Adds calls, those about an organisation; whether one of them is new.
    pub fn note(&mut self, calls: impl IntoIterator<Item = TrailEvent>) -> bool {
        let mut known: BTreeSet<Box<str>> = self.calls.iter().map(|one| one.id.clone()).collect();
        let new = calls.into_iter().filter(|call| {
            matches!(call.acted_on, ActedOn::Organization(_))
                && self.dropped.is_none_or(|dropped| call.at > dropped)
                && known.insert(call.id.clone())
        });
        let new: Vec<TrailEvent> = new.collect();
        let is_new = !new.is_empty();
        self.calls.extend(new);
        self.calls
            .sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        let surplus = self.calls.len().saturating_sub(Self::MOST);
        let dropped = self.calls.drain(..surplus).next_back();
        self.dropped = dropped.map(|call| call.at).or(self.dropped);
        is_new
    }

    /// Those that can be about an account below these levels. Where its levels are not known: those about all accounts, or about this one.
    #[must_use]
    pub fn of(&self, account: AccountId, above: &[Box<str>]) -> Self {
        let is_of = |call: &&TrailEvent| match &call.acted_on {
            ActedOn::Organization(None) => true,
            ActedOn::Organization(Some(target)) => {
                **target == *account.as_str() || above.contains(target)
            }
            ActedOn::User(_)
            | ActedOn::RenamedUser { .. }
            | ActedOn::Role(_)
            | ActedOn::Group(_)
            | ActedOn::Policy(_)
            | ActedOn::InstanceProfile(_)
            | ActedOn::Key(_)
            | ActedOn::Bucket(_)
            | ActedOn::Vault { .. }
            | ActedOn::VaultItself { .. }
            | ActedOn::Region(_)
            | ActedOn::RegionItself(_)
            | ActedOn::Endpoints(_) => false,
        };
        Self {
            calls: self.calls.iter().filter(is_of).cloned().collect(),
            dropped: self.dropped,
        }
    }

    /// The calls, by time.
    #[must_use]
    pub fn calls(&self) -> &[TrailEvent] {
        &self.calls
    }

    /// Whether all calls since then are kept that arrived.
    pub(crate) fn are_whole_since(&self, since: Option<Timestamp>) -> bool {
        self.dropped
            .is_none_or(|dropped| since.is_some_and(|since| since > dropped))
    }

    /// The stored form: one line of JSON.
    #[must_use]
    pub fn write(&self) -> String {
        let stored = Stored {
            format: FORMAT,
            dropped: self.dropped,
            calls: self.calls.iter().map(StoredCall::of).collect(),
        };
        // Texts, times and a number: there is nothing in it that JSON cannot say.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`ReadCallsError`].
    pub fn read(text: &str) -> Result<Self, ReadCallsError> {
        let FormatOnly { format } =
            serde_json::from_str(text).map_err(ReadCallsError::Malformed)?;
        if format > FORMAT {
            return Err(ReadCallsError::TooNew { found: format });
        }
        let stored: Stored = serde_json::from_str(text).map_err(ReadCallsError::Malformed)?;
        let mut read = Self {
            calls: Vec::with_capacity(stored.calls.len()),
            dropped: stored.dropped,
        };
        for call in stored.calls {
            let at = call.at();
            match call.into_call() {
                Some(call) => read.calls.push(call),
                // It may be the one that is looked for.
                None => read.dropped = read.dropped.max(Some(at)),
            }
        }
        Ok(read)
    }
}
