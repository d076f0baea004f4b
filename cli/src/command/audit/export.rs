//! Exports: which format does a file's name ask for?

use std::path::{Path, PathBuf};

use report::machine::{asff, csv, json, junit, ocsf, sarif};
use report::{AuditReport, html, markdown};

use crate::exit::UsageError;
use crate::whole_file;

/// A format that an assessment can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command) enum Format {
    /// A page to open in a browser.
    Html,
    /// GitHub's Markdown.
    Markdown,
    /// A row for each finding and requirement.
    Csv,
    /// For code scanning.
    Sarif,
    /// For test dashboards.
    Junit,
    /// For Security Hub.
    Asff,
    /// For security lakes.
    Ocsf,
    /// The same as `--output json`.
    Json,
}

impl Format {
    /// Those with the longer suffix before those that it ends in.
    const ALL: [Self; 8] = [
        Self::Html,
        Self::Markdown,
        Self::Csv,
        Self::Sarif,
        Self::Junit,
        Self::Asff,
        Self::Ocsf,
        Self::Json,
    ];

    fn suffix(self) -> &'static str {
        match self {
            Self::Html => ".html",
            Self::Markdown => ".md",
            Self::Csv => ".csv",
            Self::Sarif => ".sarif",
            Self::Junit => ".junit.xml",
            Self::Asff => ".asff.json",
            Self::Ocsf => ".ocsf.json",
            Self::Json => ".json",
        }
    }
}

/// The format of each file.
///
/// # Errors
/// A suffix that says nothing to us.
pub(in crate::command) fn formats(paths: &[PathBuf]) -> Result<Vec<(&Path, Format)>, UsageError> {
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

/// Writes an assessment to a file, whole or not at all.
///
/// # Errors
/// Where the file cannot be written.
pub(in crate::command) fn write(
    path: &Path,
    format: Format,
    told: &AuditReport<'_>,
) -> anyhow::Result<()> {
    whole_file::write(path, |out| -> anyhow::Result<()> {
        match format {
            Format::Html => html::write(out, told)?,
            Format::Markdown => markdown::write(out, told)?,
            Format::Csv => csv::write(out, told)?,
            Format::Sarif => sarif::write(out, told)?,
            Format::Junit => junit::write(out, told)?,
            Format::Asff => asff::write(out, told)?,
            Format::Ocsf => ocsf::write(out, told)?,
            Format::Json => json::assessment::write(out, told)?,
        }
        Ok(())
    })
}
