//! The command line: which commands and options are there, and what does their help say?

mod account;
mod bind;
mod catalog;
mod check;
mod diff;
mod fix;
mod form;
mod live;
mod resource_side;
mod show;
mod tag;
mod value;
mod version;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use value::{context, resource};

pub(crate) use account::{Account, Aws, Rules, one_snapshot};
pub(crate) use bind::{Bind, InstalledVersion};
pub(crate) use catalog::{
    CatalogArguments, CatalogCommand, PolicyArguments, PolicyFormat, UpgradeArguments,
};
pub(crate) use check::CheckArguments;
pub(crate) use diff::DiffArguments;
pub(crate) use fix::{FixArguments, FixFormat};
pub(crate) use form::{Form, Output};
pub(crate) use live::{DoctorArguments, PrintPolicyArguments, SnapshotArguments};
pub(crate) use resource_side::ResourceSideArguments;
pub(crate) use show::{Only, Show};
pub(crate) use tag::{TagArguments, TagFormat};

/// Finds the permissions that Veeam's IAM users and roles have lost, before tonight's job does.
#[derive(Parser)]
#[command(
    name = "permdrift",
    version = version::SHORT,
    long_version = version::long(),
    propagate_version = true,
    max_term_width = 110
)]
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
        default_value = "auto",
        help_heading = "Everywhere"
    )]
    pub(crate) color: Color,

    /// Print no notes and no progress on standard error
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Find out whether every tagged user and role still holds what Veeam needs
    #[command(after_help = AUDIT_HELP)]
    Audit(AuditArguments),
    /// Find out whether users and roles will hold what Veeam needs once a file is deployed
    #[command(after_help = check::CHECK_HELP)]
    Check(CheckArguments),
    /// Show why one request is allowed or denied, statement by statement
    #[command(after_help = EXPLAIN_HELP)]
    Explain(ExplainArguments),
    /// Print the policy that grants what a user or role lacks
    #[command(after_help = fix::FIX_HELP)]
    Fix(FixArguments),
    /// Print the tags that make a binding permanent, or propose bindings for users and roles without a tag
    #[command(after_help = tag::TAG_HELP)]
    Tag(TagArguments),
    /// Show which actions each Veeam operation needs
    Catalog(CatalogArguments),
    /// Tell what changed between two saved listings or audits of an account
    #[command(after_help = diff::DIFF_HELP)]
    Diff(DiffArguments),
    /// Save what AWS lists of an account, to audit it later without AWS
    #[command(after_help = live::SNAPSHOT_HELP)]
    Snapshot(SnapshotArguments),
    /// Find out which permissions these AWS credentials lack for an audit
    #[command(after_help = live::DOCTOR_HELP)]
    Doctor(DoctorArguments),
    /// Print the IAM policy that an audit of an AWS account needs
    #[command(after_help = live::PRINT_POLICY_HELP)]
    PrintPolicy(PrintPolicyArguments),
    /// Decide made-up cases, one JSON line each
    #[command(after_help = SIMULATE_HELP)]
    Simulate {
        /// A file of JSON lines; `-` is standard input
        file: PathBuf,
    },
    /// Write the example account of the documents into a folder
    #[command(after_help = EXAMPLE_HELP)]
    Example {
        /// The folder, which must be empty or not there yet
        #[arg(value_name = "FOLDER", default_value = "examples")]
        folder: PathBuf,
    },
    /// Show which options are in force, and where each was set
    Config(ConfigArguments),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write a manual page for each command into a folder
    #[command(after_help = MAN_HELP)]
    Man {
        /// The folder, which is made where there is none
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

const SIMULATE_HELP: &str = "\
Exit codes: 0 every line was decided; 2 one was not; 64 wrong usage.

Example:
  echo '{\"policies\": {\"identity\": [{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:Get*\",
    \"Resource\": \"*\"}}]}, \"request\": {\"principal\": \"arn:aws:iam::111122223333:role/r\", \"action\": \"s3:GetObject\",
    \"resource\": \"*\", \"context\": {}}}' | tr -d '\\n' | permdrift simulate -";

const EXAMPLE_HELP: &str = "\
Exit codes: 0 written; 2 the folder is not empty, or cannot be written; 64 wrong usage.

Example:
  permdrift example && permdrift audit --auth-details examples/account.json --settings examples/settings.toml";

const COMPLETIONS_HELP: &str = "\
Examples:
  permdrift completions bash > ~/.local/share/bash-completion/completions/permdrift
  permdrift completions zsh > ~/.zfunc/_permdrift";

const MAN_HELP: &str = "\
Example:
  permdrift man ~/.local/share/man/man1 && man permdrift-audit";

/// What to tell of the configuration.
#[derive(Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// What to tell of the configuration.
#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every option that can be set, what it is set to, and where
    #[command(after_help = CONFIG_HELP)]
    Show,
}

const CONFIG_HELP: &str = "\
Every option of every command can be set in three places, the first of which wins: on the command line (--fail-on \
high), in the environment (PERMDRIFT_FAIL_ON=high; lists with commas), in permdrift.toml (fail-on = \"high\"), which \
is looked for in the working directory and above it, up to the root of the checkout. Paths in the file are seen from \
its folder.

Examples:
  permdrift config show
  PERMDRIFT_COLOR=never permdrift config show";

/// What to audit, how to tell of it, and what to keep.
#[derive(Args)]
#[command(mut_arg("snapshot", |snapshot| snapshot.value_name("FILE|FOLDER").help(SNAPSHOT_HELP)))]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    pub(crate) account: Account,

    /// The CSV of `aws iam get-credential-report`, decoded; without it, access keys are looked at only where AWS is asked or a snapshot holds them
    #[arg(long, value_name = "FILE")]
    pub(crate) credential_report: Option<PathBuf>,

    /// A file with action sets of your own, besides the built-in ones; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) action_sets: Vec<PathBuf>,

    /// Look only at this user or role, by ARN or name; may be given several times
    #[arg(long, value_name = "ARN|NAME", help_heading = "What to look at")]
    pub(crate) principal: Vec<String>,

    /// Audit only the users and roles that these CloudTrail events affect: EventBridge events, a CloudTrail log file, or what
    /// `aws cloudtrail lookup-events` prints; plain or gzip; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "What to look at")]
    pub(crate) events: Option<PathBuf>,

    /// Look only at this action set; may be given several times
    #[arg(long, value_name = "ID", help_heading = "What to look at")]
    pub(crate) action_set: Vec<String>,

    #[command(flatten)]
    pub(crate) bind: Bind,

    #[command(flatten)]
    pub(crate) version: InstalledVersion,

    /// Where this layer was not looked at, call what depends on it undetermined: key-policy, bucket-policy, vault-policy, scp, rcp; may be given several times
    #[arg(long, value_name = "LAYER", help_heading = "What to look at")]
    pub(crate) require: Vec<audit::required::RequiredLayer>,

    /// What an earlier audit wrote with --write-baseline, to tell what has changed since; of several accounts a folder
    #[arg(long, value_name = "FILE", help_heading = "What to tell and keep")]
    pub(crate) baseline: Option<PathBuf>,

    /// Keep what was found, for the next audit to compare with; may be what --baseline names
    #[arg(long, value_name = "FILE", help_heading = "What to tell and keep")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Exit with 1 only for drift at this level or above: notice, low, medium, high, critical [default: low, or as the settings say]
    #[arg(long, value_name = "LEVEL", help_heading = "What to tell and keep")]
    pub(crate) fail_on: Option<audit::Level>,

    /// Tell who made the changes that can have led to each finding that is new or worse: from --events, else from CloudTrail's
    /// event history
    #[arg(long, help_heading = "What to tell and keep")]
    pub(crate) who: bool,

    /// Exit with 1 or 2 only for what is new or worse since --baseline; for a pipeline on an account that has known drift
    #[arg(long, requires = "baseline", help_heading = "What to tell and keep")]
    pub(crate) new_only: bool,

    /// Also tell what principals can do beyond their action sets, from this danger up: administrator, escalation, wildcard
    #[arg(
        long,
        value_name = "DANGER",
        num_args = 0..=1,
        default_missing_value = "wildcard",
        help_heading = "What to tell and keep"
    )]
    pub(crate) excess: Option<audit::DangerKind>,

    #[command(flatten)]
    pub(crate) show: Show,

    #[command(flatten)]
    pub(crate) form: Form,

    /// Also write the audit to a file, in the format of its suffix: .html .md .csv .sarif .junit.xml .asff.json .ocsf.json .json; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "What to tell and keep")]
    pub(crate) export: Vec<PathBuf>,
}

const SNAPSHOT_HELP: &str = "\
A snapshot of the account with its resource side and its organisation (docs/tasks/put-together-a-snapshot.md), or a \
listing; plain or gzip; - is standard input. Several, or a folder with one file an account, give one report of all \
accounts";

const AUDIT_HELP: &str = "\
Exit codes:
  0    everything that was asked about is there
  1    drift at or above --fail-on
  2    it could not work, the listing is not whole, something could not be
       known, or a user or role in --baseline was deleted or is no longer bound
  64   wrong usage

An incomplete listing gives 2 even if drift was found in the part that was read; otherwise drift (1) takes precedence \
over undetermined (2).

Of several accounts (--snapshot several times, or a folder) drift in one gives 1; else an account that was not \
audited, whose file could not be read, or which the --organization has and no snapshot is of, gives 2. Then --baseline \
and --write-baseline name folders, with one file an account.

Without --auth-details or --snapshot the account of the AWS credentials is audited, and AWS's own simulator decides, \
SCPs and all.

Examples:
  permdrift audit --profile backup-prod
  aws iam get-account-authorization-details > account.json
  permdrift audit --auth-details account.json
  aws iam get-account-authorization-details | permdrift audit --auth-details - --scp root.json --scp account.json
  aws cloudtrail lookup-events --start-time 2026-11-27 | permdrift audit --auth-details account.json --events -
  permdrift audit --snapshot snapshots/ --organization organization.json --export report.html
  permdrift audit --snapshot snapshots/ --baseline baselines/ --write-baseline baselines/
  permdrift audit --auth-details account.json --baseline audit.json --write-baseline audit.json --fail-on high";

/// Which request to explain.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// The user or role, by ARN or name
    pub(crate) principal: String,

    /// The action, such as ec2:CreateSnapshot
    pub(crate) action: iam::ActionName,

    /// The resource's ARN
    #[arg(long, value_name = "ARN", default_value = "*", value_parser = resource)]
    pub(crate) resource: String,

    /// A context key and its value; for several values, several times. What is not given is not known
    #[arg(long, value_name = "KEY=VALUE", value_parser = context)]
    pub(crate) context: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) resource_side: ResourceSideArguments,

    #[command(flatten)]
    pub(crate) account: Account,
}

const EXPLAIN_HELP: &str = "\
Exit codes: 0 allowed; 1 denied; 2 undetermined, or it could not work; 64 wrong usage.

Examples:
  permdrift explain VeeamBackup ec2:CreateSnapshot --context aws:RequestedRegion=eu-west-1 --auth-details account.json

  aws kms get-key-policy --key-id KEY --policy-name default > key-policy.json
  permdrift explain VeeamBackup kms:Decrypt --resource KEY_ARN --resource-policy key-policy.json --auth-details account.json";

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
