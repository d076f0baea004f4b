//! Options that several commands share: in which form to print, and for which product version.

use catalog::ProductVersion;
use clap::{Args, ValueEnum};

/// How to print.
#[derive(Args)]
pub(crate) struct Form {
    /// How to print
    #[arg(
        long,
        value_enum,
        default_value = "table",
        value_name = "FORM",
        help_heading = "What to tell and keep"
    )]
    pub(crate) output: Output,
}

/// Which product version.
#[derive(Args)]
pub(crate) struct Version {
    /// The version of the backup appliance
    #[arg(long, value_name = "VERSION", default_value_t = ProductVersion::LATEST)]
    pub(crate) product_version: ProductVersion,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// For scripts
    Json,
}
