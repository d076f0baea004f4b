//! The organisation file of the command line: what does it say of an account, and who says the same?

use anyhow::Context as _;
use audit::organization::{OrganizationFile, contradiction};
use audit::resources::{Organization, Reading};
use iam::{AccountId, Inventory};

use crate::arguments::Rules;
use crate::exit::UsageError;
use crate::input;

/// An organisation, with its file.
#[derive(Debug)]
pub(crate) struct NamedOrganization {
    /// The file.
    pub(crate) name: String,
    /// What it says.
    pub(crate) file: OrganizationFile,
}

impl NamedOrganization {
    /// The organisation that the command line names, unless it says the same in another way.
    ///
    /// # Errors
    /// Where it does; where the file cannot be read, or is none.
    pub(crate) fn of(rules: &Rules) -> anyhow::Result<Option<Self>> {
        let Some(path) = &rules.organization else {
            return Ok(None);
        };
        // As it was written: `-` is no name of a file.
        let name = path.display().to_string();
        let other = match rules.scp.first() {
            Some(scp) => Some(format!("--scp {}", input::name(scp))),
            None => rules
                .management_account
                .then(|| "--management-account".to_owned()),
        };
        if let Some(other) = other {
            return Err(UsageError(format!(
                "{other} and --organization {name} both say which SCPs are in force: take one of them out"
            ))
            .into());
        }
        let text = input::unpacked_text(path)?;
        let file = OrganizationFile::parse(&text).with_context(|| cannot_be_used(&name))?;
        Ok(Some(Self { name, file }))
    }

    /// What stands above an account.
    ///
    /// # Errors
    /// Where the file does not say it.
    pub(crate) fn above(&self, account: AccountId) -> anyhow::Result<Organization> {
        let found = self.file.above(account);
        found.with_context(|| cannot_be_used(&self.name))
    }

    /// The same of an account that somebody saved, in the file `name`, which may say something of its organisation itself.
    ///
    /// # Errors
    /// As [`above`](Self::above); where the two say different things.
    pub(crate) fn above_saved(
        &self,
        account: AccountId,
        name: &str,
        inventory: &Inventory,
        said: &Reading<Option<Organization>>,
    ) -> anyhow::Result<Organization> {
        let first = inventory.principals.first();
        let partition = first.map(|principal| principal.arn.partition());
        if let (Some(own), Some(other)) = (partition, self.file.partition())
            && own != other
        {
            return Err(UsageError(format!(
                "{name} is of an account in the partition `{own}`, and --organization {} is of an organisation in `{other}`",
                self.name
            ))
            .into());
        }
        let found = self.above(account)?;
        match contradiction(account, said, &found) {
            None => Ok(found),
            Some(contradiction) => Err(UsageError(format!(
                "--organization {} and `organization` in {name} both say what stands above the account, and not the same: {contradiction}. Take one of them out",
                self.name
            ))
            .into()),
        }
    }
}

fn cannot_be_used(name: &str) -> String {
    format!("--organization {name} cannot be used")
}
