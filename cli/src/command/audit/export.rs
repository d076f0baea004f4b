//! Exports: which format does a file's name ask for?

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use report::assessment_json::{self, Told};

use crate::exit::UsageError;

/// A format that an assessment can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The same as `--output json`.
    Json,
}

impl Format {
    const ALL: [Self; 1] = [Self::Json];

    fn suffix(self) -> &'static str {
        match self {
            Self::Json => ".json",
        }
    }
}

/// The format of each file.
///
/// # Errors
/// A suffix that says nothing to us.
pub(super) fn formats(paths: &[PathBuf]) -> Result<Vec<(&Path, Format)>, UsageError> {
    paths
        .iter()
        .map(|path| Ok((path.as_path(), format(path)?)))
        .collect()
}

fn format(path: &Path) -> Result<Format, UsageError> {
    let name = path.to_string_lossy();
    let mut known = Format::ALL.into_iter();
    known
        .find(|format| name.ends_with(format.suffix()))
        .ok_or_else(|| {
            let suffixes: Vec<&str> = Format::ALL.into_iter().map(Format::suffix).collect();
            UsageError(format!(
                "`{name}` says no format that is known: expected a name that ends in {}",
                suffixes.join(", ")
            ))
        })
}

/// Writes an assessment to a file.
///
/// # Errors
/// Where the file cannot be written.
pub(super) fn write(path: &Path, format: Format, told: &Told<'_>) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        match format {
            Format::Json => assessment_json::write(&mut out, told)?,
        }
        Ok(out.flush()?)
    };
    written().with_context(|| format!("cannot write `{}`", path.display()))
}
