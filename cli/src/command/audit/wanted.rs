//! What is wanted: what does the command line ask of an account, and which files does it read and write?

use std::path::PathBuf;

use ::catalog::Catalog;
use audit::{Asked, Principals, Settings};
use jiff::Timestamp;

use crate::arguments::AuditArguments;
use crate::command::{bindings, catalog};
use crate::exit::UsageError;
use crate::outputs::{self, named};

/// What the command line asks of an account, whichever it is.
///
/// # Errors
/// An action set or a binding that is none.
pub(super) fn of<'a>(
    asked: &AuditArguments,
    known: &'a Catalog,
    settings: &'a Settings,
    now: Timestamp,
) -> anyhow::Result<Asked<'a>> {
    Ok(Asked {
        principals: match asked.principal.is_empty() {
            true => Principals::All,
            false => Principals::Named(asked.principal.clone()),
        },
        sets: catalog::ids(known, &asked.action_set)?,
        bindings: bindings::read(&asked.bind, known)?,
        version: asked.version.product_version,
        require: settings
            .require
            .iter()
            .chain(&asked.require)
            .copied()
            .collect(),
        excess: asked.excess.or(settings.excess),
        ..Asked::new(known, settings, now)
    })
}

/// Whether no file that is written is read as well, or written twice. The baseline may be kept where it was.
///
/// # Errors
/// [`UsageError`] with both options.
pub(super) fn check_files(asked: &AuditArguments, snapshots: &[PathBuf]) -> Result<(), UsageError> {
    let rules = &asked.account.rules;
    let read = [
        named("--auth-details", asked.account.auth_details.as_slice()),
        named("--snapshot", snapshots),
        named("--events", asked.events.as_slice()),
        named("--credential-report", asked.credential_report.as_slice()),
        named("--settings", rules.settings.as_slice()),
        named("--scp", &rules.scp),
        named("--organization", rules.organization.as_slice()),
        named("--action-sets", &asked.action_sets),
    ];
    let export = named("--export", &asked.export);
    let keep = named("--write-baseline", asked.write_baseline.as_slice());
    let before = named("--baseline", asked.baseline.as_slice());
    let read = || read.iter().flatten().copied();
    outputs::check(export.iter().copied(), read().chain(before))?;
    outputs::check(export.iter().copied().chain(keep), read())
}
