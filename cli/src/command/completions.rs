//! `permdrift completions`: a script that lets a shell complete our commands and options, and the values that are known.

use std::sync::LazyLock;

use audit::Level;
use catalog::{Catalog, ProductVersion};
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory as _};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);

/// Prints the script for one shell.
///
/// # Errors
/// Where standard output takes no more.
pub(crate) fn print(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut command = with_values(Arguments::command());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "permdrift", &mut script);
    output::bytes(|out| out.write_all(&script))?;
    Ok(Exit::Fine)
}

/// The command whose options name the values that they may have. Only completions need them: on the command line action sets of
/// one's own count as well, and each option says by itself what is wrong.
fn with_values(command: Command) -> Command {
    command.mut_args(named).mut_subcommands(with_values)
}

fn named(arg: Arg) -> Arg {
    let values: Vec<&'static str> = match arg.get_id().as_str() {
        "fail_on" | "severity" => Level::ALL.iter().map(|level| level.as_str()).collect(),
        "product_version" => ProductVersion::ALL.iter().map(|one| one.as_str()).collect(),
        "action_set" | "id" | "ids" => CATALOG.ids().map(catalog::SetId::as_str).collect(),
        _ => return arg,
    };
    arg.value_parser(PossibleValuesParser::new(values))
}
