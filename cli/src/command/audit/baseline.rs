//! The baseline in a file: what did the last audit know, and what is the next to know?

use std::path::Path;

use anyhow::Context as _;
use audit::baseline::{CommitError, LoadBaselineError};
use audit::drift::saved::{DocumentKind, kind_of};
use audit::ports::{BaselineStore, Commit};
use audit::stored;
use audit::{Baseline, RunError};
use iam::AccountId;

use crate::arguments::AuditArguments;
use crate::source::not_looked;
use crate::{input, output, whole_file};

/// The file that the command line names, read before anything else is done.
pub(super) struct BaselineFile<'a> {
    /// `None` where none was named, or where the file that is to be written does not exist yet.
    found: Option<(&'a Path, Baseline)>,
    /// What stands in the file that is to be written, where that is another one.
    overwritten: Option<(&'a Path, Baseline)>,
    /// Whether it is to be compared with, and not only kept.
    is_compared: bool,
    write: Option<&'a Path>,
}

impl<'a> BaselineFile<'a> {
    /// Reads the file. What stands in the file to be written is looked at, too: it may be no baseline, or another
    /// account's.
    ///
    /// # Errors
    /// Where one of them cannot be read, is no baseline, or was written by a newer release.
    pub(super) fn open(asked: &'a AuditArguments) -> anyhow::Result<Self> {
        let write = asked.write_baseline.as_deref();
        let path = asked.baseline.as_deref().or(write);
        let found = path
            .map(|path| match write == Some(path) {
                true => read_if_there(path),
                false => read(path).map(Some),
            })
            .transpose()?;
        let found = path.zip(found.flatten());
        let other = write.filter(|_| write != path);
        let overwritten = other.map(read_if_there).transpose()?;
        let overwritten = other.zip(overwritten.flatten());
        if let (Some(path), None) = (&asked.baseline, &found) {
            let path = path.display();
            output::note(&format!("`{path}` does not exist yet: everything is new"));
        }
        Ok(Self {
            is_compared: asked.baseline.is_some(),
            found,
            overwritten,
            write,
        })
    }

    /// Whether there is an earlier audit to compare with.
    pub(super) fn is_known(&self) -> bool {
        self.is_compared && self.found.is_some()
    }

    /// Why an audit was not done to its end, with the file where that is to blame.
    pub(super) fn not_run(&self, error: RunError) -> anyhow::Error {
        match error {
            RunError::Look(error) => not_looked(error),
            RunError::Load(error) => {
                let path = self.path_of(&error);
                let error = anyhow::Error::from(error);
                match path {
                    Some(path) => error.context(format!("cannot use `{}`", path.display())),
                    None => error,
                }
            }
            RunError::Publish(error) => anyhow::Error::from_boxed(error.0),
            RunError::Commit(CommitError::Store(error)) => anyhow::Error::from_boxed(error),
            RunError::Commit(error) => error.into(),
        }
    }

    /// The file that an error of [`load`](BaselineStore::load) is about: they were read before, so it is of another account.
    fn path_of(&self, error: &LoadBaselineError) -> Option<&Path> {
        let LoadBaselineError::OtherAccount { found, .. } = error else {
            return None;
        };
        let mut files = self.files();
        files
            .find(|(_, baseline)| baseline.account == *found)
            .map(|(path, _)| *path)
    }

    fn files(&self) -> impl Iterator<Item = &(&'a Path, Baseline)> {
        self.found.iter().chain(&self.overwritten)
    }
}

/// A file that the audit writes may not be there yet.
///
/// # Errors
/// As [`read`].
pub(super) fn read_if_there(path: &Path) -> anyhow::Result<Option<Baseline>> {
    path.exists().then(|| read(path)).transpose()
}

/// A baseline in a file.
///
/// # Errors
/// Where it cannot be read, is no baseline, or was written by a newer release.
pub(super) fn read(path: &Path) -> anyhow::Result<Baseline> {
    let text = input::long_text(path)?;
    let found = stored::read_file(&text).map_err(|error| match other_kind(path, &text) {
        Some(kind) => anyhow::anyhow!(
            "it is {kind}, not a baseline: a baseline is what `permdrift audit --write-baseline FILE` writes"
        ),
        None => error.into(),
    });
    found.with_context(|| format!("cannot use `{}`", path.display()))
}

/// What a file is that is no baseline, where that can be told.
fn other_kind(path: &Path, text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let account = crate::saved::read(&input::name(path), bytes).ok();
    match account.and_then(Result::ok) {
        Some(account) if account.is_snapshot => return Some("a snapshot"),
        Some(_) => return Some("an account listing"),
        None => {}
    }
    match kind_of(bytes) {
        DocumentKind::Audit => Some("a saved audit"),
        DocumentKind::Baseline | DocumentKind::Other => None,
    }
}

impl BaselineStore for BaselineFile<'_> {
    async fn load(&self, account: AccountId) -> Result<Baseline, LoadBaselineError> {
        for (_, baseline) in self.files() {
            baseline.check_account(account)?;
        }
        let found = self.found.as_ref();
        Ok(found.map_or_else(
            || Baseline::empty(account),
            |(_, baseline)| baseline.clone(),
        ))
    }

    /// Writes the file, whole or not at all.
    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        let Some(path) = self.write else {
            return Ok(());
        };
        let written = whole_file::write(path, |out| {
            out.write_all(stored::write_file(commit.baseline).as_bytes())
        });
        written.map_err(|error| CommitError::Store(error.into()))
    }
}
