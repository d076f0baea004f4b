//! The resource side: which files say what a request meets where the resource is?

use std::path::PathBuf;

use clap::Args;
use iam::AccountId;

/// What a request meets where the resource is; without any of it, only the principal's side is decided.
#[derive(Args)]
#[command(next_help_heading = "The resource side")]
pub(crate) struct ResourceSideArguments {
    /// The resource's own policy (of a bucket, a KMS key, a backup vault, a role), or what AWS's command for it printed
    #[arg(long, value_name = "FILE")]
    pub(crate) resource_policy: Option<PathBuf>,

    /// What `aws kms list-grants` printed
    #[arg(long, value_name = "FILE")]
    pub(crate) grants: Option<PathBuf>,

    /// The RCPs of one level, root first, the resource's account last: a policy document or a list of them; once for each level
    #[arg(long, value_name = "FILE")]
    pub(crate) rcp: Vec<PathBuf>,

    /// The policy of the VPC endpoint that the request passes
    #[arg(long, value_name = "FILE")]
    pub(crate) endpoint_policy: Option<PathBuf>,

    /// The account that owns the resource [default: that of its ARN, else the principal's]
    #[arg(long, value_name = "ID")]
    pub(crate) resource_account: Option<AccountId>,
}
