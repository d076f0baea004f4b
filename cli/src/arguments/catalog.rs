//! Arguments of `permdrift catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Bind;
use super::account::Rules;
use super::form::{Form, Version};
use super::value::{self, partition};

/// What to do with the catalog.
#[derive(Args)]
pub(crate) struct CatalogArguments {
    #[command(subcommand)]
    pub(crate) command: CatalogCommand,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,
}

/// What to do with the catalog.
#[derive(Subcommand)]
pub(crate) enum CatalogCommand {
    /// List all action sets
    #[command(after_help = "Example:\n  permdrift catalog list --output json")]
    List {
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        version: Version,
    },
    /// Show one action set with its actions
    #[command(
        after_help = "Example:\n  permdrift catalog show vbaws-role-ec2-backup --product-version v10"
    )]
    Show {
        /// The action set's id, such as vbaws-role-ec2-backup
        id: String,
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        version: Version,
    },
    /// Show what an upgrade of the product will newly need, and who will lack it
    #[command(allow_missing_positional = true, after_help = DIFF_HELP)]
    Diff {
        /// The action set's id; without it, all sets
        id: Option<String>,
        /// The two versions, such as v10..v11
        #[arg(value_name = "FROM..TO")]
        range: String,
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        account: UpgradeArguments,
    },
    /// Print the smallest IAM policy for one or more action sets
    #[command(after_help = POLICY_HELP)]
    Policy(PolicyArguments),
    /// Check files with action sets of your own
    #[command(after_help = "Example:\n  permdrift catalog lint our-sets/*.toml")]
    Lint {
        /// TOML files with one action set each
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// Whose rights to hold against an upgrade.
#[derive(Args)]
#[command(next_help_heading = "Who will lack it")]
pub(crate) struct UpgradeArguments {
    /// What `aws iam get-account-authorization-details` printed, to tell what each bound user and role in it will lack
    #[arg(long, value_name = "FILE")]
    pub(crate) auth_details: Option<PathBuf>,
    /// As --auth-details, or a snapshot (docs/tasks/put-together-a-snapshot.md), whose SCPs count
    #[arg(long, value_name = "FILE", conflicts_with = "auth_details")]
    pub(crate) snapshot: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) bind: Bind,
}

const DIFF_HELP: &str = "\
With --auth-details or --snapshot, on the command line or wherever options are set, every bound user and role is \
judged in both versions, whatever version its tags name, and what it lacks in the newer one alone is shown. Grant it \
before the upgrade: more permissions do no harm to the older version. Users and roles without a tag are judged only \
where --bind or the settings bind them; `permdrift tag` proposes action sets for those with names like Veeam's.

Exit codes:
  0    done; of an account: nobody will lack anything new
  1    somebody will
  2    it could not work, the listing is incomplete, or something could not be
       known
  64   wrong usage

Examples:
  permdrift catalog diff v10..v11
  permdrift catalog diff vbaws-role-ec2-backup v10..v11
  permdrift catalog diff v10..v11 --auth-details account.json --settings settings.toml";

/// For which sets, and narrowed to what, a policy is to be printed.
#[derive(Args)]
pub(crate) struct PolicyArguments {
    /// The action sets' ids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// How to print the policy
    #[arg(long, value_enum, default_value = "json", value_name = "FORMAT")]
    pub(crate) format: PolicyFormat,
    /// A resource to narrow the policy to, such as bucket=backups-eu; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = value::scope)]
    pub(crate) scope: Vec<(String, String)>,
    /// The account that bare role names belong to
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<iam::AccountId>,
    /// The partition, such as aws-cn
    #[arg(long, value_name = "NAME", default_value = "aws", value_parser = partition)]
    pub(crate) partition: String,
    /// A condition that holds, so that the actions it asks for go in; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) condition: Vec<String>,
    /// Put the optional actions in, too
    #[arg(long)]
    pub(crate) optional: bool,
    #[command(flatten)]
    pub(crate) version: Version,
}

/// How to print a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// A policy document of IAM
    Json,
    /// A managed policy for Terraform
    Terraform,
    /// A template of CloudFormation with a managed policy
    Cloudformation,
}

const POLICY_HELP: &str = "\
Only what is always needed is in the policy; a note on standard error says what was left out. Several documents, where \
one would be too long for IAM, are printed as one JSON array.

Examples:
  permdrift catalog policy vbaws-role-ec2-backup
  permdrift catalog policy vbaws-role-repository --scope bucket=backups-eu --condition kms-encrypted-repository
  permdrift catalog policy vbr-s3-immutability --scope bucket=backups-eu --format terraform > veeam.tf";
