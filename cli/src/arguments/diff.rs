//! `permdrift diff`: which two listings or audits to compare, and by which rules.

use std::path::PathBuf;

use clap::Args;

use super::account::Rules;
use super::form::Form;

/// What to compare.
#[derive(Args)]
pub(crate) struct DiffArguments {
    /// The earlier one: a listing as `permdrift snapshot` or `aws iam get-account-authorization-details` writes it, a snapshot with
    /// more than that, or an audit that `permdrift audit --export FILE.json` kept; `-` is standard input
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// The later one, of the same kind and account
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    #[command(flatten)]
    pub(crate) rules: Rules,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,

    /// Exit with 1 only for what got worse at this level or above: notice, low, medium, high, critical [default: low, or as the settings say]
    #[arg(long, value_name = "LEVEL", help_heading = "What to tell and keep")]
    pub(crate) fail_on: Option<audit::Level>,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(super) const DIFF_HELP: &str = "\
Two listings are audited by the same settings and SCPs; then their policies are compared, statement by statement, \
whatever their order and layout: those of users, roles and groups. Statements of SCPs and of resources, and access \
keys, are not compared. To see what a change of these takes away from users and roles, compare two snapshots that \
contain them, or two audits. Two audits are compared as they are, without settings; statements are not in them. Mutes \
silence nothing here.

Exit codes:
  0    nothing got worse
  1    somebody lacks what was there before, is newly bound and lacks
       something, or is gone or no longer bound
  2    it could not work, one of the two is not whole, or something could not
       be known
  64   wrong usage

Examples:
  permdrift diff march.json today.json
  permdrift diff march.json today.json --settings settings.toml --output json
  permdrift snapshot -o - | permdrift diff march.json -";
