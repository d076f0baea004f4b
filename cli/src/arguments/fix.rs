//! `permdrift fix`: whom to help, and how to print it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Account, Bind, InstalledVersion};

/// Whom to help, and how to print it.
#[derive(Args)]
pub(crate) struct FixArguments {
    /// The user or role, by ARN or name
    pub(crate) principal: String,

    /// Only what this action set needs; may be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) action_set: Vec<String>,

    #[command(flatten)]
    pub(crate) bind: Bind,

    #[command(flatten)]
    pub(crate) version: InstalledVersion,

    /// How to print the policies
    #[arg(long, value_enum, default_value = "json", value_name = "FORMAT")]
    pub(crate) format: FixFormat,

    #[command(flatten)]
    pub(crate) account: Account,

    /// The CSV of `aws iam get-credential-report`, decoded; without it, access keys are looked at only where AWS is asked or a snapshot holds them
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_report: Option<PathBuf>,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,
}

/// How to print a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixFormat {
    /// Policy documents of IAM
    Json,
    /// Resources for Terraform
    Terraform,
    /// Commands of the AWS CLI
    Cli,
}

pub(super) const FIX_HELP: &str = "\
Standard output holds the policies and nothing else; what they grant, and what no policy of the user or role can grant \
and who can, is told on standard error. Nothing is printed that was not simulated again first: by AWS where AWS is \
asked, else by permdrift itself. Nothing is applied.

Exit codes:
  0    the printed policies grant all that is missing, or nothing is missing
  1    something stays missing: another layer denies it, or a trust policy, an
       instance profile or an access key is lacking
  2    it could not work, or something could not be known
  64   wrong usage

Examples:
  permdrift fix VeeamVpcBackup --profile backup-prod
  permdrift fix VeeamVpcBackup --auth-details account.json --format terraform > veeam-vpc-backup.tf";
