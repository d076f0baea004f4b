//! Baselines of several accounts: a folder with one file an account, called by the account's number.
//!
//! They are written after the report: if the report could not be written, the next audit has to show the same news again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context as _;
use audit::baseline::{CommitError, LoadBaselineError};
use audit::ports::{BaselineStore, Commit};
use audit::{Baseline, stored};
use iam::AccountId;

use crate::arguments::AuditArguments;
use crate::command::audit::baseline::{read, read_if_there};
use crate::exit::UsageError;
use crate::{output, whole_file};

/// The folders that a command line names.
pub(super) struct Baselines<'a> {
    /// To be compared with.
    before: Option<&'a Path>,
    /// To be written.
    after: Option<&'a Path>,
}

impl<'a> Baselines<'a> {
    /// The folders, with nothing in them read.
    ///
    /// # Errors
    /// Where one of them is none, or holds snapshots.
    pub(super) fn of(asked: &'a AuditArguments, snapshots: &[PathBuf]) -> anyhow::Result<Self> {
        let folders = Self {
            before: asked.baseline.as_deref(),
            after: asked.write_baseline.as_deref(),
        };
        for (option, folder) in [
            ("--baseline", folders.before),
            ("--write-baseline", folders.after),
        ] {
            let Some(folder) = folder else { continue };
            let name = folder.display();
            if folder.exists() && !folder.is_dir() {
                return Err(UsageError(format!(
                    "{option} {name}: this is a file, and --snapshot names several accounts or a folder: name a folder, in which each account has a file such as {name}.d/111122223333.json"
                ))
                .into());
            }
            let real = |path: &Path| path.canonicalize().ok();
            let mut of_snapshots = snapshots.iter().filter_map(|file| real(file.parent()?));
            if real(folder).is_some_and(|folder| of_snapshots.any(|of| of == folder)) {
                return Err(UsageError(format!(
                    "{option} {name}: snapshots are read from there, and a baseline has the name that a snapshot may have: name a folder of its own"
                ))
                .into());
            }
        }
        match folders.before {
            Some(before) if !before.exists() && folders.after == Some(before) => {
                let before = before.display();
                output::note(&format!("`{before}` does not exist yet: everything is new"));
            }
            Some(before) if !before.exists() => anyhow::bail!(
                "there is no folder `{0}`: `permdrift audit --write-baseline {0}` makes it",
                before.display()
            ),
            Some(_) | None => {}
        }
        Ok(folders)
    }

    /// Whether there is anything to compare with.
    pub(super) fn is_compared(&self) -> bool {
        self.before.is_some()
    }

    /// The accounts of which there is something to compare with.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub(super) fn accounts(&self) -> anyhow::Result<BTreeSet<AccountId>> {
        let mut accounts = BTreeSet::new();
        let Some(folder) = self.before.filter(|folder| folder.exists()) else {
            return Ok(accounts);
        };
        let cannot_read = || format!("cannot read the folder `{}`", folder.display());
        for entry in fs::read_dir(folder).with_context(cannot_read)? {
            let name = entry.with_context(cannot_read)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json"));
            accounts.extend(number.and_then(|number| number.parse::<AccountId>().ok()));
        }
        Ok(accounts)
    }

    /// What is kept of one account.
    ///
    /// # Errors
    /// Where a file cannot be read, is no baseline, or was written by a newer release.
    pub(super) fn open(&self, account: AccountId) -> anyhow::Result<AccountBaseline> {
        let file = |folder: &Path| folder.join(format!("{account}.json"));
        let after = self.after.map(file);
        let overwritten = after.as_deref().map(read_if_there).transpose()?.flatten();
        let before = match self.before.map(file) {
            // Without a baseline to compare with, the one that is written continues the file that is there, as with one account.
            None => overwritten.clone(),
            Some(before) if Some(&before) == after.as_ref() => overwritten.clone(),
            Some(before) if before.exists() => Some(read(&before)?),
            Some(_) => None,
        };
        Ok(AccountBaseline {
            before,
            overwritten,
            after,
            kept: Mutex::default(),
        })
    }
}

/// The baseline of one account.
pub(super) struct AccountBaseline {
    before: Option<Baseline>,
    /// What stands in the file that is to be written.
    overwritten: Option<Baseline>,
    after: Option<PathBuf>,
    kept: Mutex<Option<String>>,
}

/// A file that is to be written once the report is.
pub(super) struct KeptBaseline {
    path: PathBuf,
    text: String,
}

impl AccountBaseline {
    /// What is to be written.
    pub(super) fn kept(self) -> Option<KeptBaseline> {
        let text = self.kept.into_inner().ok()??;
        Some(KeptBaseline {
            path: self.after?,
            text,
        })
    }
}

impl KeptBaseline {
    /// Writes the file, whole or not at all, and its folder where there is none.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        if let Some(folder) = self.path.parent() {
            let cannot_make = || format!("cannot make the folder `{}`", folder.display());
            fs::create_dir_all(folder).with_context(cannot_make)?;
        }
        whole_file::write(&self.path, |out| out.write_all(self.text.as_bytes()))
    }
}

impl BaselineStore for AccountBaseline {
    async fn load(&self, account: AccountId) -> Result<Baseline, LoadBaselineError> {
        for baseline in self.before.iter().chain(&self.overwritten) {
            baseline.check_account(account)?;
        }
        let before = self.before.clone();
        Ok(before.unwrap_or_else(|| Baseline::empty(account)))
    }

    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        if self.after.is_some()
            && let Ok(mut kept) = self.kept.lock()
        {
            *kept = Some(stored::write_file(commit.baseline));
        }
        Ok(())
    }
}
