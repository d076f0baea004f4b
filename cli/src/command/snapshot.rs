//! `permdrift snapshot`: what AWS lists of an account, in a file.

use aws::Snapshot;

use crate::arguments::SnapshotArguments;
use crate::exit::Exit;
use crate::live::Live;
use crate::progress::Progress;
use crate::{output, whole_file};

/// Saves the listing, whole or not at all.
///
/// # Errors
/// Where it cannot be had or written.
pub(crate) fn run(asked: &SnapshotArguments) -> anyhow::Result<Exit> {
    let live = Live::connect(&asked.aws)?;
    let mut snapshot = Snapshot::default();
    let progress = Progress::start();
    let inventory = live.discover(&progress, &mut |page| snapshot.add(page))?;
    drop(progress);
    if asked.out.as_os_str() == "-" {
        output::bytes(|out| snapshot.write(out))?;
    } else {
        whole_file::write(&asked.out, |out| snapshot.write(out))?;
    }
    output::note(&format!(
        "{} users and roles saved",
        inventory.principals.len()
    ));
    Ok(Exit::Fine)
}
