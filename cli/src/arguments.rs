//! The command line: which commands and options are there, and what does their help say?

use clap::{Parser, Subcommand, ValueEnum};

/// Finds the permissions that Veeam's IAM users and roles have lost, before tonight's job does.
#[derive(Parser)]
#[command(name = "permdrift", version, propagate_version = true)]
#[command(after_help = "\
Exit codes: 0 compliant; 1 drift; 2 could not work, or incomplete; 64 wrong usage; 130 interrupted.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour; NO_COLOR in the environment is heeded
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) color: Color,

    /// Print no notes and no progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// Where the output is a terminal that shows it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes the choice known to whatever prints.
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
