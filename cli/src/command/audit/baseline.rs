//! The baseline in a file: what did the last audit know, and what is the next to know?

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use audit::Baseline;
use audit::baseline::LoadBaselineError;
use audit::stored;
use iam::AccountId;

use crate::arguments::AuditArguments;
use crate::{output, whole_file};

/// The baseline to compare with; an empty one where none was named, or where the file that is to be written does not exist
/// yet.
///
/// # Errors
/// Where it cannot be read, was written by a newer release, or is of another account.
pub(super) fn load(asked: &AuditArguments, account: AccountId) -> anyhow::Result<Baseline> {
    // Without --baseline, what stands in the file to be written is still looked at: it may be another account's.
    let Some(path) = asked
        .baseline
        .as_deref()
        .or(asked.write_baseline.as_deref())
    else {
        return Ok(Baseline::empty(account));
    };
    let text = match std::fs::read_to_string(path) {
        Err(error)
            if error.kind() == ErrorKind::NotFound
                && asked.write_baseline.as_deref() == Some(path) =>
        {
            if asked.baseline.is_some() {
                output::note(&format!(
                    "`{}` does not exist yet: everything is new",
                    path.display()
                ));
            }
            return Ok(Baseline::empty(account));
        }
        read => read.with_context(|| format!("cannot read `{}`", path.display()))?,
    };
    let found =
        stored::read_file(&text).with_context(|| format!("cannot use `{}`", path.display()))?;
    if found.account != account {
        return Err(LoadBaselineError::OtherAccount {
            found: found.account,
            expected: account,
        })
        .with_context(|| format!("cannot use `{}`", path.display()));
    }
    Ok(found)
}

/// Writes a baseline, whole or not at all.
///
/// # Errors
/// Where the file cannot be written.
pub(super) fn write(path: &Path, baseline: &Baseline) -> anyhow::Result<()> {
    whole_file::write(path, |out| {
        out.write_all(stored::write_file(baseline).as_bytes())
    })
}
