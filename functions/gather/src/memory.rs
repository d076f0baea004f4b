//! Memory: what does a run know of the runs before it, besides the threads?
//!
//! Which accounts there were, so that one that left the organisation is noticed even if none of its findings was open; and which mutes
//! people were told of. It is stored in the hub's table, beside the threads. Where it is missing, only these two things are lost: each
//! thread names its accounts itself.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Failure, Table};
use iam::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// The newest form that is known.
const SCHEMA_VERSION: u32 = 1;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The accounts that there were.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The mutes that people were told of, by what identifies them.
    pub(crate) warned: BTreeMap<Box<str>, Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    schema_version: u32,
    accounts: BTreeSet<String>,
    warned: BTreeMap<Box<str>, Timestamp>,
}

impl Memory {
    /// What runs before remembered.
    pub(crate) async fn load(table: &Table) -> Result<Self, Failure> {
        let text = table.hub_memory().await?;
        Ok(text.map(|text| Self::read(&text)).unwrap_or_default())
    }

    /// Of two runs at once the later write counts; the next run finds again what the other one saw.
    pub(crate) async fn keep(&self, table: &Table) -> Result<(), Failure> {
        table.keep_hub_memory(&self.write()).await
    }

    fn read(text: &str) -> Self {
        let stored: Stored = match serde_json::from_str(text) {
            Ok(stored) => stored,
            Err(error) => {
                let error = error.to_string();
                warn!(error, "what runs before remembered cannot be used");
                return Self::default();
            }
        };
        let accounts = stored.accounts.iter();
        Self {
            accounts: accounts.filter_map(|one| one.parse().ok()).collect(),
            warned: stored.warned,
        }
    }

    fn write(&self) -> String {
        let stored = Stored {
            schema_version: SCHEMA_VERSION,
            accounts: self.accounts.iter().map(ToString::to_string).collect(),
            warned: self.warned.clone(),
        };
        // Texts and times: there is nothing in it that JSON cannot say.
        serde_json::to_string(&stored).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let memory = Memory {
            accounts: ["111122223333".parse().unwrap()].into(),
            warned: BTreeMap::from([("a mute".into(), "2026-11-30T03:15:00Z".parse().unwrap())]),
        };
        assert_eq!(Memory::read(&memory.write()), memory);
        assert_eq!(Memory::read("{"), Memory::default());
    }
}
