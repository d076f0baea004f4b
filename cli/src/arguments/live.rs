//! Arguments of the commands that are about AWS itself.

use std::path::PathBuf;

use clap::Args;

use super::account::Aws;

/// What to save, and where.
#[derive(Args)]
pub(crate) struct SnapshotArguments {
    /// Where to save it; - is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Only what `aws iam get-account-authorization-details` prints, for --auth-details
    #[arg(long)]
    pub(crate) listing_only: bool,

    /// The SCPs and RCPs of the whole organisation, for --organization of other commands, from its management account or one that it delegates to
    #[arg(long, conflicts_with_all = ["listing_only", "settings", "action_sets"])]
    pub(crate) organization: bool,

    /// Settings, in TOML: what they bind is looked at as well as what tags do
    #[arg(long, value_name = "FILE", conflicts_with = "listing_only")]
    pub(crate) settings: Option<PathBuf>,

    /// Action sets of your own, in TOML, which tags name
    #[arg(long, value_name = "FILE", conflicts_with = "listing_only")]
    pub(crate) action_sets: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) aws: Aws,
}

pub(super) const SNAPSHOT_HELP: &str = "\
The file holds all that an audit reads: the listing, the access keys of bound users, the keys, buckets, vaults and \
regions that tags and settings name, and the organisation as far as this account may see it. What AWS refused is in it \
with AWS's code.

Examples:
  permdrift snapshot --profile backup-prod -o account.json
  permdrift audit --snapshot account.json
  permdrift snapshot --organization --profile management -o organization.json
  permdrift audit --organization organization.json --auth-details account.json
  permdrift snapshot --role-arn arn:aws:iam::111122223333:role/audit -o - | gzip > account.json.gz";

/// Whose permissions to examine.
#[derive(Args)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) aws: Aws,

    /// The settings that the account is audited with: what they declare is tried too
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,

    /// Your own action sets, as `action-sets` in the settings; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,

    /// Try the audit role in every account of the organisation, as its hub would
    #[arg(long, conflicts_with_all = ["settings", "action_sets"])]
    pub(crate) organization: bool,

    /// Name of the audit role in the accounts
    #[arg(
        long,
        value_name = "NAME",
        default_value = "permdrift-audit",
        requires = "organization"
    )]
    pub(crate) member_role: String,

    /// The external id that the accounts' roles ask for
    #[arg(long, value_name = "ID", requires = "organization")]
    pub(crate) member_external_id: Option<String>,
}

pub(super) const DOCTOR_HELP: &str = "\
Every call of an audit is tried once, on one user and one role; none of them changes anything. Then each key, bucket \
and vault that tags and settings declare is read, and those that these credentials may not read are named.

With --organization the accounts are listed, and in each its audit role is assumed and every call tried with it. \
Credentials that the accounts trust: the output DoctorRoleArn of the hub, by --role-arn. One line for each account \
that lacks something, and after five minutes the rest is not known.

Exit codes: 0 nothing is missing; 1 a permission is missing; 2 it could not be found out; 64 wrong usage.

Examples:
  permdrift doctor --profile backup-prod
  permdrift doctor --organization --role-arn arn:aws:iam::111122223333:role/permdrift-hub-doctor
  permdrift print-policy > policy.json";

/// For which accounts.
#[derive(Args)]
pub(crate) struct PrintPolicyArguments {
    /// The partition, such as aws-cn
    #[arg(long, value_name = "NAME", default_value = "aws", value_parser = super::value::partition)]
    pub(crate) partition: String,

    /// The account to be audited; without it, whichever the policy is used in
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<iam::AccountId>,

    /// Also what `permdrift snapshot --organization` calls, which no audit does
    #[arg(long)]
    pub(crate) organization: bool,
}

pub(super) const PRINT_POLICY_HELP: &str = "\
It lists and simulates, and reads access keys' dates, keys, buckets, backup vaults, what is set for the account in a \
region, and the organization; it grants nothing that changes anything.

Examples:
  permdrift print-policy --account 111122223333
  aws iam create-policy --policy-name permdrift-audit --policy-document \"$(permdrift print-policy)\"";
