//! `permdrift`: the audit for people and for CI.
//!
//! In: arguments, options set elsewhere ([`configuration`]), files, standard input, AWS. Out: what was asked for on standard
//! output, messages and progress on standard error, and one of the exit codes in [`exit`].
//!
//! What is decided here is how to ask and how to tell; what is true is the business of the crates below.

mod account;
mod arguments;
mod command;
mod configuration;
mod exit;
mod input;
mod live;
mod output;
mod outputs;
mod progress;
mod saved;
mod simulate;
mod source;
mod usage;
mod whole_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, ValueEnum as _};

use crate::arguments::{Arguments, Color, Command, ConfigArguments, ConfigCommand};
use crate::command::{
    audit, catalog, check, completions, config, diff, doctor, example, explain, fix, man,
    print_policy, snapshot, tag,
};
use crate::exit::Exit;

fn main() -> ExitCode {
    match run() {
        Ok(exit) => exit,
        Err(failure) => match failure.downcast_ref::<clap::Error>() {
            Some(refused) => exit::of_command_line(refused),
            None => exit::of_failure(&failure),
        },
    }
    .into()
}

fn run() -> anyhow::Result<Exit> {
    let typed: Vec<_> = std::env::args_os().collect();
    // Help and what is wrong with the usage are written before the arguments are known.
    if let Some(color) = color_typed(&typed) {
        color.write_global();
    }
    let command = Arguments::command();
    let directory = std::env::current_dir().ok();
    let variable = |name: &str| std::env::var(name).ok();
    let configuration = match configuration::read(&command, directory.as_deref(), variable) {
        Ok(configuration) => configuration,
        Err(mistake) => {
            // Help is to be had all the same.
            command.try_get_matches()?;
            return Err(mistake.into_failure());
        }
    };
    let (matches, configuration) = configuration.matches(&command, &typed)?;
    let arguments = Arguments::from_arg_matches(&matches)?;
    arguments.color.write_global();
    if arguments.quiet {
        output::be_quiet();
    }
    match &arguments.command {
        Command::Audit(asked) => audit::run(asked),
        Command::Check(asked) => check::run(asked),
        Command::Explain(asked) => explain::run(asked),
        Command::Fix(asked) => fix::run(asked),
        Command::Tag(asked) => tag::run(asked),
        Command::Catalog(asked) => {
            catalog::run(asked, |option| configuration::is_typed(&matches, option))
        }
        Command::Diff(asked) => diff::run(asked),
        Command::Snapshot(asked) => snapshot::run(asked),
        Command::Doctor(asked) => doctor::run(asked),
        Command::PrintPolicy(asked) => print_policy::run(asked),
        Command::Config(ConfigArguments {
            command: ConfigCommand::Show,
        }) => {
            let variables =
                std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
            config::show(&command, &configuration, &matches, variables)
        }
        Command::Example { folder } => example::write(folder),
        Command::Completions { shell } => completions::print(*shell),
        Command::Man { folder } => man::write(folder),
        Command::Simulate { file } => simulate::of_file(file),
    }
}

/// What `--color` says, wherever it stands.
fn color_typed(typed: &[OsString]) -> Option<Color> {
    let typed = typed.iter().take_while(|one| *one != "--");
    let mut typed = typed.filter_map(|one| one.to_str());
    let mut found = None;
    while let Some(one) = typed.next() {
        let value = match one.strip_prefix("--color") {
            Some("") => typed.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        found = value
            .and_then(|value| Color::from_str(value, true).ok())
            .or(found);
    }
    found
}
