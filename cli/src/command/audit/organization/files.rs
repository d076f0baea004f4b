//! The files of accounts: which files does a folder on the command line stand for?
//!
//! Every file in it that ends in `.json` or `.json.gz`, except hidden ones and the organisation file that another option names. Other
//! files are noted, so that nobody takes them for audited; hidden ones only if they end so, because editors and file systems put others
//! everywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit::UsageError;
use crate::output;

/// What the name of a file in a folder ends in that is read.
const SUFFIXES: [&str; 2] = [".json", ".json.gz"];
/// So many files are named in a note.
const NAMED: usize = 3;

/// The files, in the order of the command line and of names in a folder; each once.
///
/// # Errors
/// A folder that cannot be read, holds no account or something that is no file; standard input among files.
pub(super) fn of(paths: &[PathBuf], organization: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let organization = organization.map(real);
    let mut known = BTreeSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            return Err(UsageError(
                "--snapshot -: standard input holds one account; name files or folders for several"
                    .to_owned(),
            )
            .into());
        }
        let found = match path.is_dir() {
            true => folder(path)?,
            false => vec![path.clone()],
        };
        files.extend(found.into_iter().filter(|file| {
            organization.as_ref() != Some(&real(file)) && known.insert(place(file))
        }));
    }
    Ok(files)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Where a name stands. A link is not the file that it leads to: two names of one file are two files of one account.
fn place(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => {
            real(Path::new(".")).join(name)
        }
        (Some(folder), Some(name)) => real(folder).join(name),
        (Some(_) | None, Some(_) | None) => path.to_owned(),
    }
}

fn folder(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot_read = || format!("cannot read the folder `{}`", path.display());
    let (mut files, mut others, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
    for entry in fs::read_dir(path).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_read = SUFFIXES.into_iter().any(|suffix| name.ends_with(suffix));
        if name.starts_with('.') {
            hidden.extend(is_read.then_some(name));
        } else if is_read && !entry.path().is_dir() {
            // Whoever reads a pipe waits until somebody writes into it.
            if entry.path().metadata().is_ok_and(|found| !found.is_file()) {
                anyhow::bail!(
                    "`{}` is not a regular file: take it out of the folder, or name it by itself with --snapshot",
                    entry.path().display()
                );
            }
            files.push(entry.path());
        } else {
            others.push(name);
        }
    }
    files.sort();
    let folder = path.display();
    let suffixes = SUFFIXES.join(" or ");
    for (names, why) in [
        (
            others,
            format!("they do not end in {suffixes} or are folders"),
        ),
        (hidden, "hidden files are no snapshots".to_owned()),
    ] {
        if !names.is_empty() {
            output::note(&format!(
                "`{folder}`: not looked at, because {why}: {}",
                some(names)
            ));
        }
    }
    if files.is_empty() {
        anyhow::bail!("`{folder}` holds no file that ends in {suffixes}");
    }
    Ok(files)
}

/// The first of some names in their order, and how many more there are.
fn some(mut names: Vec<String>) -> String {
    names.sort();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    format!("{}{more}", names.join(", "))
}
