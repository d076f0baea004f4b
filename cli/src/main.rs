//! `permdrift`: the audit for people and for CI.
//!
//! In: arguments, files, standard input. Out: what was asked for on standard output, messages and progress on standard
//! error, and one of the exit codes in [`exit`].
//!
//! What is decided here is how to ask and how to tell; what is true is the business of the crates below.

mod account;
mod arguments;
mod command;
mod exit;
mod input;
mod live;
mod output;
mod principal;
mod progress;
mod simulate;
mod source;
mod whole_file;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::command::{audit, catalog, completions, doctor, explain, fix, print_policy, snapshot};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refused) => return exit::of_command_line(&refused).into(),
    };
    arguments.color.write_global();
    if arguments.quiet {
        output::be_quiet();
    }
    let done = match &arguments.command {
        Command::Audit(asked) => audit::run(asked),
        Command::Explain(asked) => explain::run(asked),
        Command::Fix(asked) => fix::run(asked),
        Command::Catalog(asked) => catalog::run(asked),
        Command::Snapshot(asked) => snapshot::run(asked),
        Command::Doctor(asked) => doctor::run(asked),
        Command::PrintPolicy(asked) => print_policy::run(asked),
        Command::Completions { shell } => completions::print(*shell),
        Command::Simulate { file } => simulate::of_file(file),
    };
    match done {
        Ok(exit) => exit,
        Err(failure) => exit::of_failure(&failure),
    }
    .into()
}
