//! Organisation files: which SCPs and RCPs stand above one account of a saved organisation?
//!
//! In: the text of a file as in `docs/schemas/organization-1.json`, which `permdrift snapshot --organization` writes. Out: what a snapshot of
//! the account would say of its organisation. What stands in a file, and what is a mistake in it, is read where snapshots are.

use std::collections::BTreeMap;

use iam::AccountId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::error::Category;

pub use super::contradiction::{Contradiction, contradiction};
use super::snapshot::organization_file::{self, Attached, OrganizationParts};
use super::snapshot::{Lines, SnapshotMistake};
use crate::resources::{NamedPolicy, Organization, Reading};

/// The newest form that is known.
const SCHEMA_VERSION: u32 = 1;

/// Why an organisation file says nothing of an account.
#[derive(Debug, thiserror::Error)]
pub enum ReadOrganizationError {
    /// There is nothing in it.
    #[error("this is empty: expected what `permdrift snapshot --organization` writes")]
    Empty,
    /// JSON that ends too early.
    #[error(
        "this ends in the middle: it was cut off, so save the organisation again and let that finish"
    )]
    CutOff(#[source] serde_json::Error),
    /// It is something else.
    #[error("this is no organisation file, which `permdrift snapshot --organization` writes")]
    Form(#[source] serde_json::Error),
    /// It is an object of another form.
    #[error(
        "this is no organisation file: it has neither `accounts` nor `policies`, which `permdrift snapshot --organization` writes"
    )]
    Other,
    /// A newer release wrote it.
    #[error(
        "this has schema version {found}, and the newest known is {SCHEMA_VERSION}: a newer release wrote it, so use a newer permdrift"
    )]
    TooNew {
        /// Its version.
        found: u32,
    },
    /// Something in it is not as it must be.
    #[error("this is no organisation file that can be relied on:\n{}", Lines(.0))]
    Mistakes(Vec<SnapshotMistake>),
    /// The organisation has no such account, or had none when it was saved.
    #[error(
        "account {account} is not in this organisation: take the file of its own organisation, or save it again if the account is new"
    )]
    NoAccount {
        /// The account.
        account: AccountId,
    },
    /// A level of the account has no entry among the policies of a kind.
    #[error("level `{level}` has no entry in `{key}`: save the organisation again")]
    NoLevel {
        /// The root, OU or account.
        level: Box<str>,
        /// Where it is missed.
        key: &'static str,
    },
    /// A level has policies that the file does not hold.
    #[error(
        "`{level}` has the policy `{policy}`, which is not in `policies`: save the organisation again"
    )]
    NoPolicy {
        /// The root, OU or account.
        level: Box<str>,
        /// The policy's id.
        policy: Box<str>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    schema_version: u32,
}

/// Whether a text has a form that this release knows, which is all that is looked at.
///
/// # Errors
/// [`ReadOrganizationError`]: it is no JSON, or of a newer form.
pub fn check_version(text: &[u8]) -> Result<(), ReadOrganizationError> {
    if text.trim_ascii().is_empty() {
        return Err(ReadOrganizationError::Empty);
    }
    let Versioned { schema_version } =
        serde_json::from_slice(text).map_err(|error| match error.classify() {
            Category::Eof => ReadOrganizationError::CutOff(error),
            Category::Io | Category::Syntax | Category::Data => ReadOrganizationError::Form(error),
        })?;
    match schema_version > SCHEMA_VERSION {
        true => Err(ReadOrganizationError::TooNew {
            found: schema_version,
        }),
        false => Ok(()),
    }
}

/// An organisation file, read once for all the accounts that it is asked about.
#[derive(Debug)]
pub struct OrganizationFile {
    parts: OrganizationParts,
    accounts: BTreeMap<AccountId, OrganizationPlace>,
}

/// Where an account stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationPlace {
    /// The account's name, where the file says it.
    pub name: Option<Box<str>>,
    /// The ids of what lies above it, root first.
    pub above: Vec<Box<str>>,
}

/// What stands above an account.
///
/// # Errors
/// [`ReadOrganizationError`].
pub fn read(text: &str, account: AccountId) -> Result<Organization, ReadOrganizationError> {
    OrganizationFile::parse(text)?.above(account)
}

impl OrganizationFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ReadOrganizationError`] where it is none that can be relied on.
    pub fn parse(text: &str) -> Result<Self, ReadOrganizationError> {
        check_version(text.as_bytes())?;
        let parts =
            organization_file::read(text).map_err(|mistakes| match organization_file::is_meant(
                text,
            ) {
                true => ReadOrganizationError::Mistakes(mistakes),
                false => ReadOrganizationError::Other,
            })?;
        let accounts = parts.accounts.iter().map(|(account, levels)| {
            let place = OrganizationPlace {
                name: parts.names.get(account).cloned(),
                above: above(levels).to_vec(),
            };
            (*account, place)
        });
        Ok(Self {
            accounts: accounts.collect(),
            parts,
        })
    }

    /// The organisation's id, where the file says it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        Some(&self.parts.described.id)
    }

    /// When the file was saved, where it says so.
    #[must_use]
    pub fn taken(&self) -> Option<Timestamp> {
        self.parts.taken
    }

    /// The partition that it is in, such as `aws`, where the file says it.
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.parts.partition.as_deref()
    }

    /// All its accounts.
    #[must_use]
    pub fn accounts(&self) -> &BTreeMap<AccountId, OrganizationPlace> {
        &self.accounts
    }

    /// What stands above an account.
    ///
    /// # Errors
    /// [`ReadOrganizationError`] where the file does not say it.
    pub fn above(&self, account: AccountId) -> Result<Organization, ReadOrganizationError> {
        let parts = &self.parts;
        let Some(levels) = parts.accounts.get(&account) else {
            return Err(ReadOrganizationError::NoAccount { account });
        };
        Ok(Organization {
            path: above(levels).to_vec(),
            service_control: stack(parts.service_control.as_ref(), levels)?,
            resource_control: stack(parts.resource_control.as_ref(), levels)?,
            ..parts.described.clone()
        })
    }
}

/// The levels of an account without itself.
fn above(levels: &[Box<str>]) -> &[Box<str>] {
    levels.split_last().map_or(&[], |(_, above)| above)
}

/// The policies of a kind on these levels; none where the organisation has none.
fn stack(
    attached: Option<&Attached>,
    levels: &[Box<str>],
) -> Result<Reading<Vec<Vec<NamedPolicy>>>, ReadOrganizationError> {
    let Some(attached) = attached else {
        return Ok(Reading::Read(Vec::new()));
    };
    let stack = levels.iter().map(|level| {
        let Some(ids) = attached.levels.get(level) else {
            return Err(ReadOrganizationError::NoLevel {
                level: level.clone(),
                key: attached.key,
            });
        };
        let policies = ids.iter().map(|id| {
            let policy = attached.policies.get(id).cloned();
            policy.ok_or_else(|| ReadOrganizationError::NoPolicy {
                level: level.clone(),
                policy: id.clone(),
            })
        });
        policies.collect()
    });
    Ok(Reading::Read(stack.collect::<Result<_, _>>()?))
}
