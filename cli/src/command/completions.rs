//! `permdrift completions`: a script that lets a shell complete our commands and options.

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

/// Prints the script for one shell.
///
/// # Errors
/// Where standard output takes no more.
pub(crate) fn print(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "permdrift", &mut script);
    output::bytes(|out| out.write_all(&script))?;
    Ok(Exit::Fine)
}
