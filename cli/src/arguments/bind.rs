//! Bindings: whom to check for which action sets, besides what tags and settings say?

use clap::Args;

use super::value;

/// Which principals must hold which action sets, besides those that tags and settings name.
#[derive(Args)]
#[command(next_help_heading = "What to look at")]
pub(crate) struct Bind {
    /// Check this user or role (a name or an ARN, wildcards allowed) for these action sets, whatever its tags say; may be given several times
    #[arg(long, value_name = "PRINCIPAL=SET[,SET]", value_parser = binding)]
    pub(crate) bind: Vec<(String, Vec<String>)>,

    /// A resource that the sets of --bind are checked against, such as bucket=backups-eu or regions=eu-central-1, by the name of a tag without its prefix; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = value::scope)]
    pub(crate) scope: Vec<(String, String)>,
}

/// Which product version, where tags and settings may say it too.
#[derive(Args)]
pub(crate) struct InstalledVersion {
    /// The version of the backup appliance, whatever tags and settings say [default: as they say, else the latest]
    #[arg(long, value_name = "VERSION", help_heading = "What to look at")]
    pub(crate) product_version: Option<catalog::ProductVersion>,
}

/// A principal and its sets.
fn binding(text: &str) -> Result<(String, Vec<String>), String> {
    const EXPECTED: &str =
        "expected PRINCIPAL=SET[,SET], such as VeeamBackup=vbaws-role-ec2-backup";
    let (principal, sets) = text.split_once('=').ok_or(EXPECTED)?;
    let sets: Vec<String> = sets.split(',').map(|id| id.trim().to_owned()).collect();
    if principal.is_empty() || sets.iter().any(String::is_empty) {
        return Err(EXPECTED.to_owned());
    }
    Ok((principal.to_owned(), sets))
}
