//! Deployment: what will IAM contain once a file is deployed?
//!
//! In: the text of an IAM policy document, of a CloudFormation or SAM template, or of a Terraform plan as JSON. Out: a
//! [`Deployment`] with an [`iam::Inventory`] like that of a live account, or a [`ReadError`] with the position. Functions and
//! references are resolved as far as the file allows. A value that only the deployment determines becomes a doubt on its
//! statement, an unreadable document or a gap, each with file and line; it is never ignored.
//!
//! There is no file, no network and no clock here. Whether what is held is enough is `audit`'s business.

mod assembly;
mod cloudformation;
mod deployment;
mod document;
mod error;
mod form;
mod json;
mod node;
mod options;
mod policies;
mod recognise;
mod terraform;
mod yaml;

pub use assembly::placeholder_account;
pub use deployment::{Account, Deployment, Origin};
pub use error::{Position, ReadError};
pub use form::Form;
pub use options::Options;

use node::Node;

/// Reads a file; `name` is what messages call it.
///
/// # Errors
/// [`ReadError`] where the text is none of the forms, or is one that cannot be relied on.
pub fn read(name: &str, text: &str, options: &Options<'_>) -> Result<Deployment, ReadError> {
    let (form, root, notes) = recognise::recognise(name, text)?;
    let assemble = |account: Account, options: &Options<'_>| {
        let mut deployment = assemble(form, name, text, &root, account, options)?;
        deployment.notes.extend(notes.iter().cloned());
        Ok(deployment)
    };
    let placeholder = assembly::placeholder_account()?;
    let listed = options.existing.and_then(|inventory| inventory.account);
    match (options.account, listed) {
        (Some(given), listed) => {
            let mut deployment = assemble(Account::Given(given), options)?;
            let other = listed.filter(|listed| *listed != given);
            deployment.notes.extend(other.map(|listed| {
                format!("the listing is that of account {listed}, and --account says {given}, so no user, role or group of the listing counts")
            }));
            return Ok(deployment);
        }
        (None, Some(listed)) => {
            let mut deployment = assemble(Account::Given(listed), options)?;
            let alone = Options {
                existing: None,
                ..options.clone()
            };
            let alone = assemble(Account::Placeholder(placeholder), &alone);
            let named = alone.map(|found| assembly::accounts(&found.inventory, placeholder));
            if let Ok([one]) = named.as_deref()
                && *one != listed
            {
                deployment.notes.push(format!("the listing is that of account {listed}, and the only account that the file's policies name is {one}: if it is deployed there, say so with --account"));
            }
            return Ok(deployment);
        }
        (None, None) => {}
    }
    let assemble = |account| assemble(account, options);
    let found = assemble(Account::Placeholder(placeholder))?;
    let named = assembly::accounts(&found.inventory, placeholder);
    match named.as_slice() {
        [] => Ok(found),
        [one] => assemble(Account::Named(*one)),
        [one, two, ..] => Err(ReadError::Accounts {
            one: *one,
            two: *two,
        }),
    }
}

/// What the file makes of an account.
fn assemble(
    form: Form,
    name: &str,
    text: &str,
    root: &Node,
    account: Account,
    options: &Options<'_>,
) -> Result<Deployment, ReadError> {
    match form {
        Form::Policy => policies::read(name, text, root, account, options),
        Form::Terraform => terraform::read(name, root, account, options),
        Form::CloudFormation | Form::Sam => {
            cloudformation::read(name, form, root, account, options)
        }
    }
}
