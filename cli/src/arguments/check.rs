//! `permdrift check`: which files, for which action sets, and what is known of the deployment.

use std::path::PathBuf;

use clap::Args;

use super::account::Rules;
use super::form::Form;
use super::value;

/// A parameter and its value, which may be empty.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as Stage=prod".to_owned()),
    }
}

/// Which files to check, and for what.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// Policy documents, CloudFormation or SAM templates, Terraform plans as JSON; each is a deployment of its own. - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The action set that each principal must hold; may be given several times. Without it, as the principals' tags say
    #[arg(long, value_name = "ID", help_heading = "What to check")]
    pub(crate) action_set: Vec<String>,

    /// A resource that the sets are checked against, such as bucket=backups-eu or regions=eu-central-1; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = value::scope, help_heading = "What to check")]
    pub(crate) scope: Vec<(String, String)>,

    /// Check only this user or role, by logical id, address, name or ARN; may be given several times
    #[arg(long, value_name = "ID|NAME|ARN", help_heading = "What to check")]
    pub(crate) principal: Vec<String>,

    /// Expect the opposite, for what is being retired: nothing of the action sets may be allowed any more
    #[arg(long, help_heading = "What to check")]
    pub(crate) expect_denied: bool,

    /// The account it is deployed to; without it, the one that the file names, or a made-up one
    #[arg(
        long,
        value_name = "ID",
        help_heading = "What is known of the deployment"
    )]
    pub(crate) account: Option<iam::AccountId>,

    /// A value for a template's parameter, or for a pseudo parameter such as AWS::Region; may be given several times
    #[arg(
        long,
        value_name = "NAME=VALUE",
        value_parser = parameter,
        help_heading = "What is known of the deployment"
    )]
    pub(crate) parameter: Vec<(String, String)>,

    /// A saved listing of the account, for policies and groups that the file names and does not hold
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "What is known of the deployment"
    )]
    pub(crate) auth_details: Option<PathBuf>,

    /// As --auth-details, or a snapshot (docs/tasks/put-together-a-snapshot.md), whose SCPs count
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "auth_details",
        help_heading = "What is known of the deployment"
    )]
    pub(crate) snapshot: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) rules: Rules,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,

    /// Exit with 1 only for drift at this level or above: notice, low, medium, high, critical [default: low, or as the settings say]
    #[arg(long, value_name = "LEVEL", help_heading = "What to tell and keep")]
    pub(crate) fail_on: Option<audit::Level>,

    #[command(flatten)]
    pub(crate) form: Form,

    /// Also write what was found of one file to another, in the format of its suffix: .sarif .junit.xml .md; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "What to tell and keep")]
    pub(crate) report: Vec<PathBuf>,
}

pub(super) const CHECK_HELP: &str = "\
A template's parameters have their defaults unless --parameter says otherwise. Decisions that depend on a value known \
only at deployment are undetermined; all others are not affected. The output names file and line.

Exit codes:
  0    after the deployment everything is there;
       with --expect-denied: nothing is
  1    something is missing at or above --fail-on;
       with --expect-denied: something is still allowed
  2    it could not work, or something could not be known
  64   wrong usage

If not everything could be read, the code is 2 even where something is missing for certain; otherwise what is missing \
(1) comes before what is not known (2). Of several files the worst code counts: 64, 2, 1, 0.

Examples:
  permdrift check policy.json --action-set vbaws-role-repository \\
    --scope bucket=backups-eu
  permdrift check template.yaml --action-set vbaws-role-ec2-backup \\
    --principal BackupRole --parameter Stage=prod
  terraform show -json plan.out | permdrift check - --scope regions=eu-central-1
  permdrift check template.yaml --expect-denied --principal OldBackupRole \\
    --action-set vbaws-role-ec2-backup";
