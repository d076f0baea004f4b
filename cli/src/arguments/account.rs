//! Which account: files that somebody saved, or AWS itself?

use std::path::{Path, PathBuf};

use clap::Args;

use crate::usage::UsageError;

/// What is known of an account.
#[derive(Args)]
pub(crate) struct Account {
    /// What `aws iam get-account-authorization-details` printed, plain or gzip; - is standard input. Without it, AWS is asked
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "role_arn"])]
    pub(crate) auth_details: Option<PathBuf>,

    /// A snapshot of the account with its resource side and its organisation (docs/tasks/put-together-a-snapshot.md), or a listing;
    /// plain or gzip; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["auth_details", "profile", "role_arn"])]
    pub(crate) snapshot: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) rules: Rules,

    #[command(flatten)]
    pub(crate) aws: Aws,
}

/// The snapshot, for whatever is about one account.
///
/// # Errors
/// [`UsageError`] where the command line, or what is set in its place, names several or a folder.
pub(crate) fn one_snapshot(snapshots: &[PathBuf]) -> Result<Option<&Path>, UsageError> {
    match snapshots {
        [] => Ok(None),
        [one] if one.is_dir() => Err(UsageError(format!(
            "--snapshot {}: this is a folder, and only `permdrift audit` takes those: name the file of one account",
            one.display()
        ))),
        [one] => Ok(Some(one)),
        [one, other, ..] => Err(UsageError(format!(
            "--snapshot {} and --snapshot {}: only `permdrift audit` takes several",
            one.display(),
            other.display()
        ))),
    }
}

/// What an audit of an account goes by, besides what is listed of it.
#[derive(Args)]
pub(crate) struct Rules {
    /// The SCPs of one level, root first, account last: a policy document or a list of them; once for each level
    #[arg(long, value_name = "FILE")]
    pub(crate) scp: Vec<PathBuf>,

    /// The account is the organisation's management account, which no SCP restricts
    #[arg(long)]
    pub(crate) management_account: bool,

    /// The organisation, as `permdrift snapshot --organization` saves it: the SCPs and RCPs above the account are found in it
    #[arg(long, value_name = "FILE")]
    pub(crate) organization: Option<PathBuf>,

    /// Settings, in TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
}

/// How to reach an account in AWS; without any of it, as the AWS command line would.
#[derive(Args)]
#[command(next_help_heading = "Which AWS account")]
pub(crate) struct Aws {
    /// A profile of the AWS configuration files [default: as AWS_PROFILE says]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The AWS region to call; IAM answers for the whole account [default: as AWS_REGION or the profile says]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// A role to assume first, in this or another account
    #[arg(long, value_name = "ARN", value_parser = super::value::role)]
    pub(crate) role_arn: Option<String>,

    /// What the role's trust policy asks for
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
}
