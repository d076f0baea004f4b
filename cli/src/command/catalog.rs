//! `permdrift catalog`: which actions does each Veeam operation need?

mod chosen;
mod policy;
mod upgrade;

use std::path::{Path, PathBuf};

use catalog::{Catalog, ProductVersion, SetFile};
pub(crate) use chosen::{find, ids};
use report::machine::json;
use report::screen;
use report::words::plain::plain;

use crate::arguments::{CatalogArguments, CatalogCommand, Output};
use crate::exit::{Exit, UsageError};
use crate::{input, output};

/// Does what was asked. `is_typed` tells whether an option, by clap's id, stands on the command line.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(
    asked: &CatalogArguments,
    is_typed: impl Fn(&str) -> bool,
) -> anyhow::Result<Exit> {
    let catalog = with_own_sets(Catalog::embedded(), &asked.action_sets)?;
    match &asked.command {
        CatalogCommand::List { form, version } => {
            let version = version.product_version;
            match form.output {
                Output::Table => {
                    output::people(|pen| screen::catalog::list(pen, &catalog, version))?;
                }
                Output::Json => output::bytes(|out| json::catalog::list(out, &catalog, version))?,
            }
        }
        CatalogCommand::Show { id, form, version } => {
            let set = find(&catalog, id)?;
            let version = version.product_version;
            match form.output {
                Output::Table => {
                    output::people(|pen| screen::catalog::show(pen, &catalog, set, version))?;
                }
                Output::Json => {
                    output::bytes(|out| json::catalog::show(out, &catalog, set, version))?;
                }
            }
        }
        CatalogCommand::Diff {
            id,
            range,
            form,
            account,
        } => {
            let (from, to) = versions(range)?;
            if account.auth_details.is_some() || !account.snapshot.is_empty() {
                if to <= from {
                    return Err(UsageError(format!(
                        "`{range}` is no upgrade: expected the older version first, such as v10..v11"
                    ))
                    .into());
                }
                return upgrade::tell(
                    account,
                    &asked.action_sets,
                    id.as_deref(),
                    (from, to),
                    form.output,
                );
            }
            needs_an_account(is_typed)?;
            let sets = chosen::changes(&catalog, id.as_deref(), from, to)?;
            match form.output {
                Output::Table => output::people(|pen| screen::catalog::diff(pen, from, to, &sets))?,
                Output::Json => {
                    output::bytes(|out| json::catalog::diff(out, from, to, &sets, None))?;
                }
            }
        }
        CatalogCommand::Policy(asked) => policy::print(&catalog, asked)?,
        CatalogCommand::Lint { files } => return lint(&catalog, files),
    }
    Ok(Exit::Fine)
}

/// Refuses options about an account where no account is given. What environment or `permdrift.toml` set is for other commands too.
fn needs_an_account(is_typed: impl Fn(&str) -> bool) -> Result<(), UsageError> {
    const OPTIONS: [&str; 6] = [
        "bind",
        "scope",
        "scp",
        "management_account",
        "organization",
        "settings",
    ];
    let typed: Vec<String> = OPTIONS
        .iter()
        .filter(|id| is_typed(id))
        .map(|id| format!("--{}", id.replace('_', "-")))
        .collect();
    if typed.is_empty() {
        return Ok(());
    }
    Err(UsageError(format!(
        "without an account, two versions of the catalog are compared, and {} would have no effect: add --auth-details FILE or --snapshot FILE to be told who will lack it",
        typed.join(", ")
    )))
}

/// A catalog with the action sets of some files besides.
///
/// # Errors
/// Where a file cannot be read, or a set in it cannot be relied on.
pub(crate) fn with_own_sets(catalog: Catalog, files: &[PathBuf]) -> anyhow::Result<Catalog> {
    if files.is_empty() {
        return Ok(catalog);
    }
    let read = read(files)?;
    Ok(catalog.with_own_sets(&set_files(&read))?)
}

fn read(files: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    let read = |path: &PathBuf| Ok((input::name(path), input::text(Path::new(path))?));
    files.iter().map(read).collect()
}

fn set_files(read: &[(String, String)]) -> Vec<SetFile<'_>> {
    read.iter()
        .map(|(file, text)| SetFile { file, text })
        .collect()
}

fn versions(range: &str) -> Result<(ProductVersion, ProductVersion), UsageError> {
    let refuse = || {
        UsageError(format!(
            "`{range}` is no range of versions: expected two of them, such as v10..v11"
        ))
    };
    let (from, to) = range.split_once("..").ok_or_else(refuse)?;
    let version = |text: &str| {
        text.parse::<ProductVersion>()
            .map_err(|error| UsageError(error.to_string()))
    };
    Ok((version(from)?, version(to)?))
}

/// Prints every problem in the files.
fn lint(catalog: &Catalog, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let read = read(files)?;
    let problems = catalog::lint(&set_files(&read), catalog);
    output::bytes(|out| {
        for problem in &problems {
            writeln!(out, "{}", plain(&problem.to_string()))?;
        }
        std::io::Result::Ok(())
    })?;
    if problems.is_empty() {
        for (file, _) in &read {
            output::note(&format!("{file}: nothing is wrong"));
        }
        Ok(Exit::Fine)
    } else {
        Ok(Exit::Failed)
    }
}
