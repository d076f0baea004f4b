//! The resource side of the request to explain: what do the files on the command line say of it?
//!
//! In: paths, and a snapshot. Out: policies, ready for [`ResourceSide`]. A policy may stand as a document, or as AWS's commands print it, as a text
//! in `Policy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use audit::resources::Reading;
use iam::evaluate::{Caller, ExemptResource, ResourceSide, account_of};
use iam::inventory::{Fault, PolicyText, Principal};
use iam::policy::grant;
use iam::{AccountId, Document, Policy};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::in_snapshot::{self, InSnapshot, Named};
use crate::arguments::ResourceSideArguments;
use crate::exit::UsageError;
use crate::saved::SavedAccount;
use crate::{input, output};

/// What is known of the resource side.
pub(super) struct ReadResourceSide {
    account: Option<AccountId>,
    policy: Option<Named>,
    grants: Vec<Named>,
    levels: Vec<Vec<Named>>,
    endpoint: Option<Named>,
    exempt: Option<ExemptResource>,
}

type Parse = fn(&str) -> Result<Document, Fault>;

/// What `get-bucket-policy`, `get-key-policy` and `get-backup-vault-access-policy` print.
#[derive(Deserialize)]
struct Printed {
    #[serde(rename = "Policy")]
    policy: String,
}

/// What `list-grants` prints.
#[derive(Deserialize)]
struct PrintedGrants<'a> {
    #[serde(rename = "Grants", borrow)]
    grants: Vec<&'a RawValue>,
}

/// Reads the files, and what a snapshot says of the resource; nothing where neither says anything.
///
/// # Errors
/// Where a file cannot be read, or holds something else; where a file and the snapshot say the same thing.
pub(super) fn read(
    asked: &ResourceSideArguments,
    resource: &str,
    saved: Option<&SavedAccount>,
) -> anyhow::Result<Option<ReadResourceSide>> {
    let is_given = asked.resource_policy.is_some()
        || asked.grants.is_some()
        || !asked.rcp.is_empty()
        || asked.endpoint_policy.is_some()
        || asked.resource_account.is_some();
    let snapshot = saved.filter(|saved| saved.is_snapshot && resource != "*");
    if !is_given && snapshot.is_none() {
        return Ok(None);
    }
    let of_resource = |path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| policy(path, Document::parse_resource_policy))
            .transpose()
    };
    let levels = asked.rcp.iter().map(|path| level(path));
    let grants = asked.grants.as_deref();
    let side = ReadResourceSide {
        account: asked.resource_account,
        policy: of_resource(&asked.resource_policy)?,
        grants: grants.map(of_key).transpose()?.unwrap_or_default(),
        levels: levels.collect::<anyhow::Result<_>>()?,
        endpoint: of_resource(&asked.endpoint_policy)?,
        exempt: None,
    };
    let Some(saved) = snapshot else {
        return Ok(Some(side));
    };
    let found = in_snapshot::find(saved, resource, asked.resource_account)?;
    with_snapshot(side, asked, saved, found).map(Some)
}

/// Adds what a snapshot says, and notes what it does not say.
fn with_snapshot(
    mut side: ReadResourceSide,
    asked: &ResourceSideArguments,
    saved: &SavedAccount,
    found: InSnapshot,
) -> anyhow::Result<ReadResourceSide> {
    let file = &saved.name;
    let named = |what: &str, document: PolicyText| Named {
        name: format!("{file} ({what})").into(),
        document,
    };
    let refused = |what: &str, reason: String| named(what, unreadable(reason));
    let failed = |command: &str, code: &str| format!("`{command}` failed with {code}");
    let both = |option: &str, what: &str| {
        UsageError(format!(
            "{option} and {what} in {file} both say the same of the resource: take one of them out"
        ))
    };
    let is_foreign = found.account != saved.inventory.account;
    let mut lacking: Vec<String> = Vec::new();
    side.account = side.account.or(found.account);
    side.exempt = found.exempt;
    if let Some(command) = found.policy_command {
        let is_known = found.policy != Reading::NotRead;
        if side.policy.is_some() && is_known {
            return Err(both("--resource-policy", &format!("`{command}`")).into());
        }
        match found.policy {
            Reading::Read(policy) => side.policy = policy.map(|policy| named(command, policy)),
            Reading::Refused(code) => {
                side.policy = Some(refused(command, failed(command, &code)));
            }
            Reading::NotRead if side.policy.is_some() => {}
            // Across accounts nothing is allowed without it.
            Reading::NotRead if is_foreign => {
                let reason = format!("`{command}` is not in {file}");
                side.policy = Some(refused(command, reason));
            }
            Reading::NotRead => lacking.push(format!("`{command}`")),
        }
    }
    if found.is_key {
        const COMMAND: &str = "list-grants";
        match found.grants {
            Reading::Read(_) | Reading::Refused(_) if asked.grants.is_some() => {
                return Err(both("--grants", "`list-grants`").into());
            }
            Reading::Read(grants) => {
                let grants = grants.into_iter().enumerate();
                side.grants = grants
                    .map(|(at, grant)| {
                        let grant = match &*grant {
                            Ok(_) => grant,
                            Err(fault) => Arc::new(Ok(grant::unread(&fault.to_string()))),
                        };
                        named(&format!("{COMMAND}, {}", at + 1), grant)
                    })
                    .collect();
            }
            Reading::Refused(code) => {
                let unread = grant::unread(&failed(COMMAND, &code));
                side.grants = vec![named(COMMAND, Arc::new(Ok(unread)))];
            }
            Reading::NotRead if asked.grants.is_some() => {}
            Reading::NotRead => lacking.push(format!("`{COMMAND}`")),
        }
    }
    match found.resource_control {
        Reading::Read(_) | Reading::Refused(_) if !asked.rcp.is_empty() => {
            return Err(both("--rcp", "`organization`").into());
        }
        Reading::Read(levels) => side.levels = levels,
        Reading::Refused(code) => {
            let reason = format!("the RCPs could not be read: {code}");
            side.levels = vec![vec![refused("RCPs", reason)]];
        }
        Reading::NotRead if !asked.rcp.is_empty() => {}
        Reading::NotRead => lacking.push("RCPs".to_owned()),
    }
    if !lacking.is_empty() {
        output::note(&format!(
            "not in {file}, so not looked at: {}",
            lacking.join(", ")
        ));
    }
    Ok(side)
}

/// A policy that is there and that nobody could read.
fn unreadable(reason: String) -> PolicyText {
    Arc::new(Err(Fault {
        reason: reason.into(),
        line: 0,
        column: 0,
    }))
}

fn policy(path: &Path, parse: Parse) -> anyhow::Result<Named> {
    let text = input::text(path)?;
    let printed: Option<Printed> = serde_json::from_str(&text).ok();
    let text = printed.map_or(text, |printed| printed.policy);
    one(&input::name(path), &text, parse)
}

/// One policy document or a list of them.
fn level(path: &Path) -> anyhow::Result<Vec<Named>> {
    let text = input::text(path)?;
    let name = input::name(path);
    let parse = Document::parse_resource_control_policy;
    if !text.trim_start().starts_with('[') {
        return Ok(vec![one(&name, &text, parse)?]);
    }
    let documents: Vec<&RawValue> = serde_json::from_str(&text).with_context(|| {
        format!("{name}: expected an RCP: a policy document, or a list of them")
    })?;
    several(&name, &documents, parse)
}

fn of_key(path: &Path) -> anyhow::Result<Vec<Named>> {
    let text = input::text(path)?;
    let name = input::name(path);
    let printed: PrintedGrants<'_> = serde_json::from_str(&text)
        .with_context(|| format!("{name}: expected what `aws kms list-grants` prints"))?;
    several(&name, &printed.grants, grant::read)
}

fn several(name: &str, documents: &[&RawValue], parse: Parse) -> anyhow::Result<Vec<Named>> {
    let numbered = documents.iter().enumerate();
    numbered
        .map(|(at, json)| one(&format!("{name} ({})", at + 1), json.get(), parse))
        .collect()
}

fn one(name: &str, text: &str, parse: Parse) -> anyhow::Result<Named> {
    match parse(text) {
        Ok(document) => Ok(Named {
            name: name.into(),
            document: Arc::new(Ok(document)),
        }),
        Err(fault) if fault.line == 0 => bail!("{name}: {}", fault.reason),
        Err(fault) => bail!(
            "{name}: line {}, column {}: {}",
            fault.line,
            fault.column,
            fault.reason
        ),
    }
}

impl ReadResourceSide {
    /// What the request of a principal on a resource meets.
    pub(super) fn of<'s>(&'s self, principal: &Principal, resource: &str) -> ResourceSide<'s> {
        let policies = |list: &'s [Named]| -> Vec<Policy<'s>> {
            let policy = |named: &'s Named| Policy {
                name: Arc::clone(&named.name),
                document: (*named.document).as_ref(),
            };
            list.iter().map(policy).collect()
        };
        ResourceSide {
            account: self.account.or_else(|| account_of(resource)),
            policy: policies(self.policy.as_slice()).pop(),
            grants: policies(&self.grants),
            resource_control: self.levels.iter().map(|level| policies(level)).collect(),
            endpoint: policies(self.endpoint.as_slice()).pop(),
            exempt: self.exempt,
            ..ResourceSide::of(Caller::of(&principal.arn, &principal.id))
        }
    }
}
