//! Deployment: what will IAM hold once a file is deployed?
//!
//! In: the text of an IAM policy document, of a CloudFormation or SAM template, or of a Terraform plan as JSON. Out: a
//! [`Deployment`] with an [`Inventory`] like that of a live account, or a refusal with the place. Functions and references are
//! followed as far as the file goes; what only the deployment itself will settle is a doubt on the statement that it is in,
//! a document that cannot be read or a gap, each with file and line, and never taken for nothing.
//!
//! There is no file, no network and no clock here. Whether what is held is enough is `audit`'s business.

mod assembly;
mod cloudformation;
mod document;
mod error;
mod form;
mod json;
mod node;
mod policies;
mod terraform;
mod yaml;

use std::collections::BTreeMap;

use iam::inventory::Gap;
use iam::{AccountId, Inventory, PrincipalArn, PrincipalKind};

pub use error::{Place, ReadError};
pub use form::Form;

/// What is known of the deployment besides the file.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The account that it goes to; `None` where nobody said.
    pub account: Option<AccountId>,
    /// Values of a template's parameters, and of pseudo parameters such as `AWS::Region`.
    pub parameters: &'a BTreeMap<String, String>,
    /// What the account holds already: policies, groups.
    pub existing: Option<&'a Inventory>,
    /// What the tag keys begin with that say what a principal is for.
    pub tag_prefix: &'a str,
    /// Whom a policy document on its own is for.
    pub kind: PrincipalKind,
}

/// What a file makes of an account.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// What the file is.
    pub form: Form,
    /// The account that stands in the inventory's ARNs.
    pub account: Account,
    /// What will be there.
    pub inventory: Inventory,
    /// Where each principal stands in the file, by ARN.
    pub places: BTreeMap<PrincipalArn, Origin>,
    /// What could not be read of single principals, so that it matters to whoever asks about them; the inventory's own gaps
    /// matter to everybody.
    pub lacks: BTreeMap<PrincipalArn, Vec<Gap>>,
    /// Users and roles that the deployment deletes, by address, with their names.
    pub gone: BTreeMap<String, String>,
    /// What is worth knowing, a sentence fragment each.
    pub notes: Vec<String>,
}

/// Where a principal stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its logical id or address; the file's name for a policy document.
    pub id: String,
    /// The line, from 1.
    pub line: usize,
}

/// Which account a deployment goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Somebody said so.
    Given(AccountId),
    /// It is the only one that the file names.
    Named(AccountId),
    /// A made-up one stands for it.
    MadeUp(AccountId),
}

impl Account {
    /// The one that stands in ARNs.
    #[must_use]
    pub fn id(self) -> AccountId {
        match self {
            Self::Given(id) | Self::Named(id) | Self::MadeUp(id) => id,
        }
    }
}

/// Reads a file; `name` is what messages call it.
///
/// # Errors
/// [`ReadError`] where the text is none of the forms, or is one that cannot be relied on.
pub fn read(name: &str, text: &str, options: &Options<'_>) -> Result<Deployment, ReadError> {
    let file = form::recognise(name, text)?;
    let made_up = assembly::made_up()?;
    let first = options
        .account
        .or_else(|| options.existing.and_then(|inventory| inventory.account));
    if let Some(account) = first {
        return file.assemble(name, text, Account::Given(account), options);
    }
    let found = file.assemble(name, text, Account::MadeUp(made_up), options)?;
    let named = assembly::accounts(&found.inventory, made_up);
    match named.as_slice() {
        [] => Ok(found),
        [one] => file.assemble(name, text, Account::Named(*one), options),
        [one, two, ..] => Err(ReadError::Accounts {
            one: *one,
            two: *two,
        }),
    }
}
