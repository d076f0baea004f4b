//! The account: what do the files on the command line say about it?
//!
//! In: paths. Out: settings, the catalog with the user's own sets, the SCPs level by level. A mistake in a
//! file is told with its name and line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use audit::Settings;
use audit::settings::{LoadSettingsError, NamedFile};
use catalog::{Catalog, SetFile};
use iam::inventory::{Fault, powershell};
use iam::policy::Effect;
use iam::policy::validate::{DocumentKind, validate};
use iam::simulator::ServiceControl;
use iam::{Document, Inventory, Policy};
use serde_json::value::RawValue;

use crate::arguments::Rules;
use crate::{input, output};

/// One service control policy.
#[derive(Debug)]
struct Scp {
    /// Its file, and its place there where the file holds several.
    name: Arc<str>,
    /// What it says.
    document: Document,
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

/// The SCPs that the command line gives.
#[derive(Debug, Default)]
pub(crate) struct GivenScps {
    /// Level by level, from the root to the account.
    levels: Vec<Vec<Scp>>,
    /// Whether the account manages its organisation, so that no SCP holds in it.
    management_account: bool,
}

/// Reads the SCPs.
///
/// # Errors
/// Where a file cannot be read, or holds something else than policy documents that AWS Organizations takes.
pub(crate) fn scps(rules: &Rules) -> anyhow::Result<GivenScps> {
    let paths = rules.scp.iter();
    let levels: Vec<Vec<Scp>> = paths
        .map(|path| level(path))
        .collect::<anyhow::Result<_>>()?;
    if !rules.management_account {
        for (path, level) in rules.scp.iter().zip(&levels) {
            note_without_allow(&input::name(path), level);
        }
    }
    Ok(GivenScps {
        levels,
        management_account: rules.management_account,
    })
}

/// Notes a level that allows nothing at all, which denies every action in the account.
fn note_without_allow(name: &str, level: &[Scp]) {
    let mut statements = level.iter().flat_map(|scp| &scp.document.statements);
    if !statements.any(|statement| statement.effect == Effect::Allow) {
        output::note(&format!(
            "{name}: no policy of this level allows anything, so it denies every action: AWS attaches FullAWSAccess to each root, OU and account, so add that policy to the file unless somebody detached it"
        ));
    }
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
            let place = |fault: &Fault| {
                let (line, column) = place_in(&text, document.get(), fault);
                format!("line {line}, column {column}: {}", fault.reason)
            };
            let refused = |fault: &Fault| {
                if is_described(document) {
                    return anyhow::anyhow!(
                        "{name} is what `aws organizations describe-policy` prints: add `--query Policy.Content --output text`"
                    );
                }
                if let Some(value) = powershell::cut_off(document.get()) {
                    return anyhow::anyhow!(
                        "{name}: `{value}` stands where {}",
                        powershell::ADVICE
                    );
                }
                anyhow::anyhow!("{name}: {}: {EXPECTED}", place(fault))
            };
            let parsed = Document::parse(document.get()).map_err(|fault| refused(&fault))?;
            let faults = validate(document.get(), DocumentKind::ServiceControl);
            if !faults.is_empty() {
                let faults: Vec<String> = faults.iter().map(place).collect();
                anyhow::bail!("{name}: AWS Organizations refuses the SCP: {}", faults.join("; "));
            }
            let name = match several {
                true => format!("{name} ({})", index + 1),
                false => name.clone(),
            };
            Ok(Scp {
                name: name.into(),
                document: parsed,
            })
        })
        .collect()
}

/// Line and column in a text of a fault in a part of it.
fn place_in(text: &str, part: &str, fault: &Fault) -> (usize, usize) {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = match fault.line {
        0 | 1 => fault.column + start - line_start,
        _ => fault.column,
    };
    (before.matches('\n').count() + fault.line.max(1), column)
}

/// Whether the document of a policy stands as a text in `Content`.
fn is_described(document: &RawValue) -> bool {
    let described: Option<serde_json::Value> = serde_json::from_str(document.get()).ok();
    described.is_some_and(|value| value.pointer("/Policy/Content").is_some())
}

impl GivenScps {
    /// As the simulator takes them.
    pub(crate) fn service_control(&self) -> ServiceControl<'_> {
        let levels = self.levels.iter();
        ServiceControl {
            levels: levels
                .map(|level| level.iter().map(Scp::policy).collect())
                .collect(),
            management_account: self.management_account,
        }
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
