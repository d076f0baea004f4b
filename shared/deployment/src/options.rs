//! Options: what is known of a deployment besides the file?

use std::collections::BTreeMap;

use iam::{AccountId, Inventory, PrincipalKind};

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
