//! Whole files: how is a file written so that nobody ever reads half of it?
//!
//! Into a new file beside it, which takes its name once all is written. Where that fails, what stood there still stands. The new file
//! has the mode and the owner of the old one; where this user may not give it that owner, the old file is written itself. A symbolic
//! link goes on to point where it did. A device or a pipe is written as it is.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
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
    let cannot_write = || format!("cannot write `{}`", path.display());
    let target = target(path).with_context(cannot_write)?;
    match target {
        Target::Stream => OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(anyhow::Error::from)
            .and_then(|file| fill(file, write).map(drop)),
        Target::File { path, old } => replace(&path, old.as_ref(), write),
    }
    .with_context(cannot_write)
}

/// What a name stands for.
enum Target {
    /// A device or a pipe.
    Stream,
    /// A file, after all symbolic links.
    File {
        path: PathBuf,
        /// What stands there; `None` where nothing does.
        old: Option<Metadata>,
    },
}

fn target(path: &Path) -> io::Result<Target> {
    let old = match fs::metadata(path) {
        Ok(old) if old.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(old) if !old.is_file() => return Ok(Target::Stream),
        // The root user could write it all the same.
        Ok(old) if old.permissions().readonly() => {
            return Err(io::Error::new(
                ErrorKind::PermissionDenied,
                "the file is read-only",
            ));
        }
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let path = match (&old, fs::read_link(path)) {
        (Some(_), _) => fs::canonicalize(path)?,
        // A link to a file that is not there yet.
        (None, Ok(link)) => path.parent().unwrap_or(Path::new("")).join(link),
        (None, Err(_)) => path.to_owned(),
    };
    Ok(Target::File { path, old })
}

fn replace<E: Into<anyhow::Error>>(
    path: &Path,
    old: Option<&Metadata>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> anyhow::Result<()> {
    let new = beside(path);
    let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    let kept = old.map_or(Ok(()), |old| keep(&file, old));
    let written = match kept {
        // Nobody but the root user gives files away.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let old = OpenOptions::new().write(true).truncate(true).open(path);
            let written = old.map_err(anyhow::Error::from);
            let written = written.and_then(|file| fill(file, write).map(drop));
            let _ = fs::remove_file(&new);
            return written;
        }
        kept => kept.map_err(anyhow::Error::from),
    };
    let written = written.and_then(|()| {
        fill(file, write)?.sync_all()?;
        Ok(fs::rename(&new, path)?)
    });
    if written.is_err() {
        // The error to tell is the one above.
        let _ = fs::remove_file(&new);
    }
    written
}

/// Gives a new file the mode of the old one and its owner.
fn keep(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())?;
    keep_owner(file, old)
}

#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(file, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

fn fill<E: Into<anyhow::Error>>(
    file: File,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> anyhow::Result<File> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out).map_err(Into::into)?;
    Ok(out.into_inner()?)
}

/// A name of this process's own, so that two that write the same file do not mix.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    name.into()
}
