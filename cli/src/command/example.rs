//! `permdrift example`: the files that the README and the task pages use, for whoever installed the program without a checkout.
//!
//! The account is made up. It has one of each finding that an audit can make.

use std::path::Path;

use anyhow::Context as _;

use crate::exit::Exit;
use crate::output;

/// The files, by their path in the folder `examples` of the source.
macro_rules! files {
    ($($path:literal,)+) => {
        &[$(($path, include_bytes!(concat!("../../../examples/", $path)))),+]
    };
}

const FILES: &[(&str, &[u8])] = files![
    "account.json",
    "credential-report.csv",
    "deployment/backup-roles.yaml",
    "deployment/plan.json",
    "deployment/repository-policy.json",
    "events.json",
    "scp-account.json",
    "scp-root.json",
    "settings.toml",
    "snapshot.json",
];

/// Writes the files into a folder, which must be empty or not there yet.
///
/// # Errors
/// Where the folder has something in it already, or cannot be written.
pub(crate) fn write(folder: &Path) -> anyhow::Result<Exit> {
    let shown = folder.display();
    let has_files = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if has_files {
        anyhow::bail!(
            "`{shown}` is not empty: name a folder that is empty or does not exist, so that nothing is overwritten"
        );
    }
    for (path, bytes) in FILES {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, bytes))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    output::note(&format!("wrote the example account into `{shown}`"));
    Ok(Exit::Fine)
}
