//! Arguments of `permdrift tag`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Bind, InstalledVersion};

/// Whom to tag, and how to print it.
#[derive(Args)]
pub(crate) struct TagArguments {
    #[command(flatten)]
    pub(crate) bind: Bind,

    #[command(flatten)]
    pub(crate) version: InstalledVersion,

    /// How to print the tags
    #[arg(long, value_enum, default_value = "cli", value_name = "FORMAT")]
    pub(crate) format: TagFormat,

    /// What `aws iam get-account-authorization-details` printed, plain or gzip: names are looked up in it, and tags that are there are kept
    #[arg(long, value_name = "FILE")]
    pub(crate) auth_details: Option<PathBuf>,

    /// A snapshot of the account, in place of --auth-details
    #[arg(long, value_name = "FILE", conflicts_with = "auth_details")]
    pub(crate) snapshot: Vec<PathBuf>,

    /// Settings, in TOML: what tags begin with, and whose names look like Veeam's
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,
}

/// How to print tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TagFormat {
    /// Commands of the AWS CLI, for bash and PowerShell
    Cli,
    /// Arguments of Terraform resources
    Terraform,
}

pub(super) const TAG_HELP: &str = "\
With --bind, prints what makes that binding last: tags that every later audit goes by. Without, tells of a listing \
which users and roles look like Veeam's and bear no tag, and which action set each is likely for. Nothing is applied.

Exit codes: 0 printed; 2 it could not work; 64 wrong usage.

Examples:
  permdrift tag --auth-details account.json
  permdrift tag --bind VeeamRepository=vbaws-role-repository --scope bucket=backups-eu --auth-details account.json
  permdrift tag --bind VeeamRepository=vbaws-role-repository --format terraform";
