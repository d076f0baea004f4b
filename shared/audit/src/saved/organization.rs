//! Organisation files: which SCPs and RCPs stand above one account of a saved organisation?
//!
//! In: the text of a file as in `docs/schemas/organization-1.json`, which `permdrift snapshot --organization` writes. Out: what a snapshot of
//! the account would say of its organisation, read by the same reader.

use std::collections::BTreeMap;

use iam::{AccountId, ParseArnError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::snapshot::{self, ReadSnapshotError};
use crate::resources::{Organization, Reading};

/// The newest form that is known.
const SCHEMA_VERSION: u32 = 1;

/// Why an organisation file says nothing of an account.
#[derive(Debug, thiserror::Error)]
pub enum ReadOrganizationError {
    /// It is something else, or was cut off.
    #[error("this is no organisation file, which `permdrift snapshot --organization` writes")]
    Form(#[source] serde_json::Error),
    /// A newer release wrote it.
    #[error(
        "this has schema version {found}, and the newest known is {SCHEMA_VERSION}: a newer release wrote it"
    )]
    TooNew {
        /// Its version.
        found: u32,
    },
    /// The organisation has no such account, or had none when it was saved.
    #[error(
        "account {account} is not in this organisation: take the file of its own organisation, or save it again if the account is new"
    )]
    NoAccount {
        /// The account.
        account: AccountId,
    },
    /// What stands for an account is no account id.
    #[error("an account in it is none")]
    Account(#[source] ParseArnError),
    /// A level has policies that the file does not hold.
    #[error(
        "`{level}` has the policy `{policy}`, which is not in `policies`: save the organisation again"
    )]
    NoPolicy {
        /// The root, OU or account.
        level: String,
        /// The policy's id.
        policy: String,
    },
    /// A policy or a level is not what it must be.
    #[error("what stands above account {account} is not understood")]
    Mistakes {
        /// The account.
        account: AccountId,
        /// What is wrong.
        #[source]
        mistakes: ReadSnapshotError,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    schema_version: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[serde(rename = "schemaVersion")]
    _schema_version: u32,
    #[serde(rename = "takenAt")]
    _taken_at: Option<Box<str>>,
    #[serde(rename = "describe-organization")]
    described: Value,
    accounts: BTreeMap<String, Vec<String>>,
    /// Absent where an earlier edition wrote it.
    #[serde(default)]
    account_names: BTreeMap<String, Box<str>>,
    policies: BTreeMap<String, Value>,
    service_control_policies: Attached,
    resource_control_policies: Attached,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Attached {
    None { error: Value },
    Levels(BTreeMap<String, Vec<String>>),
}

/// Whether a text has a form that this release knows, which is all that is looked at.
///
/// # Errors
/// [`ReadOrganizationError::TooNew`] and [`ReadOrganizationError::Form`].
pub fn check_version(text: &[u8]) -> Result<(), ReadOrganizationError> {
    let Versioned { schema_version } =
        serde_json::from_slice(text).map_err(ReadOrganizationError::Form)?;
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
    written: Written,
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
        let written: Written = serde_json::from_str(text).map_err(ReadOrganizationError::Form)?;
        let mut accounts = BTreeMap::new();
        for (id, path) in &written.accounts {
            let account: AccountId = id.parse().map_err(ReadOrganizationError::Account)?;
            let above = path.iter().filter(|level| *level != id);
            let place = OrganizationPlace {
                name: written.account_names.get(id).cloned(),
                above: above.map(|level| level.as_str().into()).collect(),
            };
            accounts.insert(account, place);
        }
        Ok(Self { written, accounts })
    }

    /// The organisation's id, where the file says it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.written.described.pointer("/Organization/Id")?.as_str()
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
        let written = &self.written;
        let Some(path) = written.accounts.get(account.as_str()) else {
            return Err(ReadOrganizationError::NoAccount { account });
        };
        let mut levels = Vec::with_capacity(path.len());
        for id in path {
            levels.push(json!({
                "id": id,
                "serviceControlPolicies": written.of_level(&written.service_control_policies, id)?,
                "resourceControlPolicies": written.of_level(&written.resource_control_policies, id)?,
            }));
        }
        let snapshot = json!({
            "schemaVersion": snapshot::SCHEMA_VERSION,
            "account": account.as_str(),
            "organization": { "describe-organization": written.described, "path": levels },
        });
        let mistakes = match snapshot::read_resources(&snapshot.to_string()) {
            Ok(resources) => match resources.organization {
                Reading::Read(Some(organization)) => return Ok(organization),
                Reading::Read(None) | Reading::NotRead | Reading::Refused(_) => {
                    return Err(ReadOrganizationError::NoAccount { account });
                }
            },
            Err(mistakes) => mistakes,
        };
        Err(ReadOrganizationError::Mistakes { account, mistakes })
    }
}

impl Written {
    /// The policies of a level, as `aws organizations describe-policy` prints them.
    fn of_level(&self, attached: &Attached, level: &str) -> Result<Value, ReadOrganizationError> {
        let levels = match attached {
            Attached::None { error } => return Ok(json!({ "error": error })),
            Attached::Levels(levels) => levels,
        };
        // Where none is named the reader says that there must be one.
        let ids = levels.get(level).map_or(&[][..], Vec::as_slice);
        let policies = ids.iter().map(|id| {
            let policy = self.policies.get(id);
            policy.ok_or_else(|| ReadOrganizationError::NoPolicy {
                level: level.to_owned(),
                policy: id.clone(),
            })
        });
        Ok(json!(policies.collect::<Result<Vec<_>, _>>()?))
    }
}
