//! The account: what do the files on the command line say about it?
//!
//! In: paths. Out: settings, the catalog with the user's own sets, the inventory, the SCPs level by level. A mistake in a
//! file is told with its name and line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use audit::Settings;
use audit::settings::{LoadSettingsError, NamedFile};
use catalog::{Catalog, SetFile};
use iam::simulator::ServiceControl;
use iam::{Document, Inventory, Policy};
use serde_json::value::RawValue;

use crate::input;

/// One service control policy.
#[derive(Debug)]
pub(crate) struct Scp {
    /// Its file, and its place there where the file holds several.
    pub(crate) name: Arc<str>,
    /// What it says.
    pub(crate) document: Document,
}

/// Settings from a file, or the defaults, with the catalog that they add to.
///
/// # Errors
/// Every mistake in the settings, or in the action sets that they or the command line name.
pub(crate) fn settings(
    path: Option<&Path>,
    own_sets: &[PathBuf],
) -> anyhow::Result<(Settings, Catalog)> {
    let read = |path: &Path| -> anyhow::Result<NamedFile> {
        Ok(NamedFile {
            name: input::name(path),
            text: input::text(path)?,
        })
    };
    let settings = path.map(read).transpose()?;
    let own_sets = own_sets
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let beside = path.and_then(Path::parent).unwrap_or(Path::new(""));
    let own_sets: Vec<SetFile<'_>> = own_sets.iter().map(NamedFile::as_set_file).collect();
    audit::settings::load(
        settings.as_ref().map(NamedFile::as_set_file),
        &own_sets,
        |name| read(&beside.join(name)),
    )
    .map_err(|error| match error {
        LoadSettingsError::Read(error) => error,
        LoadSettingsError::Mistakes(mistakes) => mistakes.into(),
    })
}

/// The inventory of a listing.
///
/// # Errors
/// Where the file cannot be read, or is no listing.
pub(crate) fn inventory(path: &Path) -> anyhow::Result<Inventory> {
    let bytes = input::bytes_up_to(path, iam::inventory::LIMIT)?;
    iam::inventory::read(&bytes)
        .with_context(|| format!("{} is no account listing", input::name(path)))
}

/// Adds what a credential report says of access keys; `name` is its file.
///
/// # Errors
/// Where it is no report of this account.
pub(crate) fn add_credential_report(
    inventory: &mut Inventory,
    name: &str,
    report: &[u8],
) -> anyhow::Result<()> {
    inventory
        .add_credential_report(report)
        .with_context(|| format!("{name} is no credential report"))
}

/// The SCPs of each level, from the root to the account.
///
/// # Errors
/// Where a file cannot be read, or holds something else than policy documents.
pub(crate) fn scps(paths: &[PathBuf]) -> anyhow::Result<Vec<Vec<Scp>>> {
    paths.iter().map(|path| level(path)).collect()
}

fn level(path: &Path) -> anyhow::Result<Vec<Scp>> {
    const EXPECTED: &str = "expected an SCP: a policy document, or a list of them";
    let text = input::text(path)?;
    let name = input::name(path);
    let documents: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text).with_context(|| format!("{name}: {EXPECTED}"))?
    } else {
        vec![serde_json::from_str(&text).with_context(|| format!("{name}: {EXPECTED}"))?]
    };
    let several = documents.len() > 1;
    documents
        .iter()
        .enumerate()
        .map(|(index, document)| {
            let name = if several {
                format!("{name} ({})", index + 1)
            } else {
                name.clone()
            };
            let document = Document::parse(document.get()).map_err(|fault| {
                if is_described(document) {
                    return anyhow::anyhow!(
                        "{name} is what `aws organizations describe-policy` prints: add `--query Policy.Content --output text`"
                    );
                }
                anyhow::anyhow!(
                    "{name}: line {}, column {}: {}: {EXPECTED}",
                    fault.line,
                    fault.column,
                    fault.reason
                )
            })?;
            Ok(Scp {
                name: name.into(),
                document,
            })
        })
        .collect()
}

/// Whether the document of a policy stands as a text in `Content`.
fn is_described(document: &RawValue) -> bool {
    let described: Option<serde_json::Value> = serde_json::from_str(document.get()).ok();
    described.is_some_and(|value| value.pointer("/Policy/Content").is_some())
}

/// The SCPs as the simulator takes them.
pub(crate) fn service_control(scps: &[Vec<Scp>], management_account: bool) -> ServiceControl<'_> {
    ServiceControl {
        levels: scps
            .iter()
            .map(|level| level.iter().map(Scp::policy).collect())
            .collect(),
        management_account,
    }
}

impl Scp {
    fn policy(&self) -> Policy<'_> {
        Policy {
            name: Arc::clone(&self.name),
            document: Ok(&self.document),
        }
    }
}
