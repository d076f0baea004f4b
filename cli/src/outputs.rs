//! Outputs: may the files that a command line names be written?
//!
//! In: what is written and what is read, each with its option. A file that two outputs name would hold only the last of them, and
//! one that is read as well would be lost. Files are compared as the file system has them, so `a.json` and `./a.json`
//! are one.

use std::path::{Path, PathBuf};

use crate::exit::UsageError;

/// A file, with the option that names it.
pub(crate) type Named<'a> = (&'static str, &'a Path);

/// Files that one option names.
pub(crate) fn named<'a>(option: &'static str, paths: &'a [PathBuf]) -> Vec<Named<'a>> {
    let paths = paths.iter().map(PathBuf::as_path);
    paths.map(|path| (option, path)).collect()
}

/// Whether each file that is written is named once, and not read.
///
/// # Errors
/// [`UsageError`] with both options.
pub(crate) fn check<'a>(
    written: impl IntoIterator<Item = Named<'a>>,
    read: impl IntoIterator<Item = Named<'a>>,
) -> Result<(), UsageError> {
    let read: Vec<(&'static str, PathBuf)> = read
        .into_iter()
        .filter(|(_, path)| path.as_os_str() != "-")
        .map(|(option, path)| (option, real(path)))
        .collect();
    let mut seen: Vec<(&'static str, PathBuf)> = Vec::new();
    for (option, path) in written {
        let name = path.display();
        let real = real(path);
        let find = |files: &[(&'static str, PathBuf)]| {
            let same = files.iter().find(|(_, known)| *known == real);
            same.map(|(option, _)| *option)
        };
        if let Some(other) = find(&read) {
            return Err(UsageError(format!(
                "{option} {name}: the file is read by {other} and would be overwritten; name another file"
            )));
        }
        if let Some(other) = find(&seen) {
            return Err(UsageError(format!(
                "{option} {name}: {other} writes the same file; name another one"
            )));
        }
        seen.push((option, real));
    }
    Ok(())
}

/// The file as the file system has it; one that is not there yet, in its folder.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
