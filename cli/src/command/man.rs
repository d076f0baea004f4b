//! `permdrift man`: a manual page for each command.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Writes the pages into a folder, which is made where there is none.
///
/// # Errors
/// Where they cannot be written.
pub(crate) fn write(folder: &Path) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .with_context(|| format!("cannot write the manual pages into `{}`", folder.display()))?;
    Ok(Exit::Fine)
}
