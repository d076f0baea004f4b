//! The resource side of the request to explain: what do the files on the command line say of it?
//!
//! In: paths. Out: policies, ready for [`ResourceSide`]. A policy may stand as a document, or as AWS's commands print it, as a text
//! in `Policy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use iam::evaluate::{Caller, ResourceSide, account_of};
use iam::inventory::{Fault, Principal};
use iam::policy::grant;
use iam::{AccountId, Document, Policy};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::arguments::ResourceSideArguments;
use crate::input;

/// A policy with the file that it stands in.
struct Named {
    name: Arc<str>,
    document: Document,
}

/// What is known of the resource side.
pub(super) struct ReadResourceSide {
    account: Option<AccountId>,
    policy: Option<Named>,
    grants: Vec<Named>,
    levels: Vec<Vec<Named>>,
    endpoint: Option<Named>,
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

/// Reads the files; nothing where the command line names none.
///
/// # Errors
/// Where one cannot be read, or holds something else.
pub(super) fn read(asked: &ResourceSideArguments) -> anyhow::Result<Option<ReadResourceSide>> {
    let is_given = asked.resource_policy.is_some()
        || asked.grants.is_some()
        || !asked.rcp.is_empty()
        || asked.endpoint_policy.is_some()
        || asked.resource_account.is_some();
    if !is_given {
        return Ok(None);
    }
    let of_resource = |path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| policy(path, Document::parse_resource_policy))
            .transpose()
    };
    let levels = asked.rcp.iter().map(|path| level(path));
    let grants = asked.grants.as_deref();
    Ok(Some(ReadResourceSide {
        account: asked.resource_account,
        policy: of_resource(&asked.resource_policy)?,
        grants: grants.map(of_key).transpose()?.unwrap_or_default(),
        levels: levels.collect::<anyhow::Result<_>>()?,
        endpoint: of_resource(&asked.endpoint_policy)?,
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
            document,
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
                document: Ok(&named.document),
            };
            list.iter().map(policy).collect()
        };
        ResourceSide {
            account: self.account.or_else(|| account_of(resource)),
            policy: policies(self.policy.as_slice()).pop(),
            grants: policies(&self.grants),
            resource_control: self.levels.iter().map(|level| policies(level)).collect(),
            endpoint: policies(self.endpoint.as_slice()).pop(),
            ..ResourceSide::of(Caller::of(&principal.arn, &principal.id))
        }
    }
}
