//! The stored form of a footprint: one JSON object with its format. A newer format is refused before anything else of it is read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Footprint, Names};

/// The newest format that this release knows.
const FORMAT: u32 = 1;

/// Why a stored footprint cannot be used. Every event concerns the account then.
#[derive(Debug, thiserror::Error)]
pub enum ReadFootprintError {
    /// Written by a newer release: it may name what this one does not know.
    #[error("the footprint has format {found}, newest known is {FORMAT}")]
    TooNew {
        /// Its format.
        found: u32,
    },
    /// It is no JSON, or not the JSON of a footprint.
    #[error("the footprint is malformed")]
    Malformed(#[source] serde_json::Error),
    /// Its account is no account id.
    #[error("the footprint is of `{0}`, which is no account id")]
    Account(Box<str>),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    account: Box<str>,
    rules: Box<str>,
    whole: bool,
    unknown_keys: bool,
    users: BTreeSet<Box<str>>,
    roles: BTreeSet<Box<str>>,
    groups: BTreeSet<Box<str>>,
    instance_profiles: BTreeSet<Box<str>>,
    policies: BTreeSet<Box<str>>,
    keys: BTreeSet<Box<str>>,
    buckets: BTreeSet<Box<str>>,
    vaults: BTreeSet<Box<str>>,
    regions: BTreeSet<Box<str>>,
    vault_regions: BTreeSet<Box<str>>,
    private_regions: BTreeSet<Box<str>>,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Footprint {
    /// The stored form: one line of JSON.
    #[must_use]
    pub fn write(&self) -> String {
        let names = self.names.clone();
        let stored = Stored {
            format: FORMAT,
            account: self.account.as_str().into(),
            rules: self.rules.clone(),
            whole: self.is_whole,
            unknown_keys: self.has_unknown_keys,
            users: names.users,
            roles: names.roles,
            groups: names.groups,
            instance_profiles: names.instance_profiles,
            policies: names.policies,
            keys: names.keys,
            buckets: names.buckets,
            vaults: names.vaults,
            regions: names.regions,
            vault_regions: names.vault_regions,
            private_regions: names.private_regions,
        };
        // Texts, booleans and lists of texts: there is nothing in it that JSON cannot say.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`ReadFootprintError`].
    pub fn read(text: &str) -> Result<Self, ReadFootprintError> {
        let FormatOnly { format } =
            serde_json::from_str(text).map_err(ReadFootprintError::Malformed)?;
        if format > FORMAT {
            return Err(ReadFootprintError::TooNew { found: format });
        }
        let stored: Stored = serde_json::from_str(text).map_err(ReadFootprintError::Malformed)?;
        let account = stored.account.parse();
        Ok(Self {
            account: account.map_err(|_| ReadFootprintError::Account(stored.account))?,
            rules: stored.rules,
            is_whole: stored.whole,
            has_unknown_keys: stored.unknown_keys,
            names: Names {
                users: stored.users,
                roles: stored.roles,
                groups: stored.groups,
                instance_profiles: stored.instance_profiles,
                policies: stored.policies,
                keys: stored.keys,
                buckets: stored.buckets,
                vaults: stored.vaults,
                regions: stored.regions,
                vault_regions: stored.vault_regions,
                private_regions: stored.private_regions,
            },
        })
    }
}
