//! Principals by what a person types: an ARN, or a name.

use anyhow::bail;
use iam::{Inventory, Principal, PrincipalArn};

/// Every principal with this ARN or name; never none.
///
/// # Errors
/// Where there is none, with the closest name.
pub(crate) fn all<'i>(inventory: &'i Inventory, asked: &str) -> anyhow::Result<Vec<&'i Principal>> {
    let principals = inventory.principals.iter();
    let found: Vec<&Principal> = if asked.starts_with("arn:") {
        let arn: PrincipalArn = asked.parse()?;
        principals
            .filter(|principal| principal.arn == arn)
            .collect()
    } else {
        principals
            .filter(|principal| principal.arn.name() == asked)
            .collect()
    };
    if found.is_empty() {
        let known = inventory.principals.iter().map(|principal| {
            if asked.starts_with("arn:") {
                principal.arn.as_str()
            } else {
                principal.arn.name()
            }
        });
        match catalog::nearest(asked, known) {
            Some(close) => {
                bail!("no user or role `{asked}` in the listing: did you mean `{close}`?")
            }
            None => bail!(
                "no user or role `{asked}` in the listing of {} principals",
                inventory.principals.len()
            ),
        }
    }
    Ok(found)
}

/// The one principal with this ARN or name.
///
/// # Errors
/// Where there is none, or a user and a role of that name.
pub(crate) fn one<'i>(inventory: &'i Inventory, asked: &str) -> anyhow::Result<&'i Principal> {
    match all(inventory, asked)?.as_slice() {
        [principal] => Ok(principal),
        several => {
            let arns: Vec<&str> = several
                .iter()
                .map(|principal| principal.arn.as_str())
                .collect();
            bail!(
                "`{asked}` is the name of several principals: give the ARN, one of\n{}",
                arns.join("\n")
            )
        }
    }
}
