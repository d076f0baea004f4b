//! The result: what a file makes of an account, and where in the file it stands.

use std::collections::BTreeMap;

use iam::inventory::Gap;
use iam::{AccountId, Inventory, PrincipalArn};

use crate::form::Form;

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
    pub origins: BTreeMap<PrincipalArn, Origin>,
    /// What could not be read of single principals, so that it matters to whoever asks about them; the inventory's own gaps
    /// matter to everybody.
    pub principal_gaps: BTreeMap<PrincipalArn, Vec<Gap>>,
    /// Users and roles that the deployment deletes, by address, with their names.
    pub deleted: BTreeMap<String, String>,
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
    Placeholder(AccountId),
}

impl Account {
    /// The one that stands in ARNs.
    #[must_use]
    pub fn id(self) -> AccountId {
        match self {
            Self::Given(id) | Self::Named(id) | Self::Placeholder(id) => id,
        }
    }
}
