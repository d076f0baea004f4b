//! Whole files: how is a file written so that nobody ever reads half of it?
//!
//! Into a new file beside it, which takes its name once all is written. Where that fails, what stood there still stands.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Writes a file, whole or not at all.
///
/// # Errors
/// Where it cannot be written, with its name.
pub(crate) fn write<E: Into<anyhow::Error>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> anyhow::Result<()> {
    let new = beside(path);
    let written = fill(&new, write)
        .and_then(|()| Ok(fs::rename(&new, path)?))
        .with_context(|| format!("cannot write `{}`", path.display()));
    if written.is_err() {
        // It may not even be there; the error to tell is the one above.
        let _ = fs::remove_file(&new);
    }
    written
}

fn fill<E: Into<anyhow::Error>>(
    new: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create(new)?);
    write(&mut out).map_err(Into::into)?;
    out.flush()?;
    Ok(out.get_ref().sync_all()?)
}

/// A name of this process's own, so that two that write the same file do not mix.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    name.into()
}
