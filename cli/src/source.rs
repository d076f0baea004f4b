//! The source: does an account come from files, or from AWS?

use std::path::PathBuf;

use iam::Inventory;

use crate::account;
use crate::arguments::Account;
use crate::live::Live;
use crate::progress::Progress;

/// Where an account is read from.
pub(crate) enum Source {
    /// A saved listing.
    File(PathBuf),
    /// AWS.
    Aws(Box<Live>),
}

impl Source {
    /// As the command line says; connects to AWS where it names no file.
    ///
    /// # Errors
    /// As [`Live::connect`].
    pub(crate) fn of(asked: &Account) -> anyhow::Result<Self> {
        Ok(match &asked.auth_details {
            Some(path) => Self::File(path.clone()),
            None => Self::Aws(Box::new(Live::connect(&asked.aws)?)),
        })
    }

    /// The account's inventory.
    ///
    /// # Errors
    /// Where the listing cannot be had, or is none.
    pub(crate) fn inventory(&self, progress: &Progress) -> anyhow::Result<Inventory> {
        match self {
            Self::File(path) => {
                progress.now("reading the listing");
                account::inventory(path)
            }
            Self::Aws(live) => live.discover(progress, &mut |_| Ok(())),
        }
    }
}
