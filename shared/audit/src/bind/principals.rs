//! Principals: which of the listing does a person mean by an ARN or a name?

use catalog::nearest;
use iam::{Inventory, ParseArnError, Principal, PrincipalArn};

use crate::asked::{Asked, Principals};
use crate::judge::assessment::Selection;

/// Why no principal was found, or several.
#[derive(Debug, thiserror::Error)]
pub enum FindPrincipalError {
    /// It begins like an ARN, and is none of a user or role.
    #[error(transparent)]
    NoArn(#[from] ParseArnError),
    /// Nobody is called so.
    #[error("no user or role `{asked}` in the listing{}", or_rather(.closest.as_deref(), *.principals))]
    Unknown {
        /// The name or ARN.
        asked: String,
        /// What comes closest.
        closest: Option<String>,
        /// How many there are.
        principals: usize,
    },
    /// A user and a role are called so.
    #[error("`{asked}` is the name of several principals: give the ARN, one of\n{}", .arns.join("\n"))]
    Several {
        /// The name.
        asked: String,
        /// Theirs.
        arns: Vec<String>,
    },
}

fn or_rather(closest: Option<&str>, principals: usize) -> String {
    match closest {
        Some(close) => format!(": did you mean `{close}`?"),
        None => format!(" of {principals} principals"),
    }
}

/// Every principal with this ARN or name; never none.
///
/// # Errors
/// [`FindPrincipalError`] where there is none, with the closest name.
pub fn all<'i>(
    inventory: &'i Inventory,
    asked: &str,
) -> Result<Vec<&'i Principal>, FindPrincipalError> {
    let principals = inventory.principals.iter();
    let is_arn = asked.starts_with("arn:");
    let found: Vec<&Principal> = if is_arn {
        let arn: PrincipalArn = asked.parse()?;
        principals
            .filter(|principal| principal.arn == arn)
            .collect()
    } else {
        principals
            .filter(|principal| principal.arn.name() == asked)
            .collect()
    };
    match found.is_empty() {
        true => Err(unknown(inventory, asked)),
        false => Ok(found),
    }
}

/// That nobody has this ARN or name, with what comes closest.
fn unknown(inventory: &Inventory, asked: &str) -> FindPrincipalError {
    let is_arn = asked.starts_with("arn:");
    let known = inventory.principals.iter().map(|principal| match is_arn {
        true => principal.arn.as_str(),
        false => principal.arn.name(),
    });
    FindPrincipalError::Unknown {
        asked: asked.to_owned(),
        closest: nearest(asked, known).map(str::to_owned),
        principals: inventory.principals.len(),
    }
}

/// Whether each binding that is asked for besides the settings' is of somebody. One of everybody may find nobody.
///
/// # Errors
/// [`FindPrincipalError`] with the first that is of nobody.
pub(crate) fn bound(asked: &Asked<'_>, inventory: &Inventory) -> Result<(), FindPrincipalError> {
    let patterns = asked
        .bindings
        .iter()
        .filter_map(|one| one.principal.as_ref());
    for pattern in patterns.filter(|pattern| pattern.as_str() != "*") {
        let mut principals = inventory.principals.iter();
        if !principals.any(|one| pattern.matches(one.arn.as_str())) {
            let text = pattern.as_str();
            // A name means whoever has it, on any path.
            let name = text.strip_prefix("*/").unwrap_or(text);
            return Err(unknown(inventory, name));
        }
    }
    Ok(())
}

/// The one principal with this ARN or name.
///
/// # Errors
/// [`FindPrincipalError`] where there is none, or a user and a role of that name.
pub fn one<'i>(inventory: &'i Inventory, asked: &str) -> Result<&'i Principal, FindPrincipalError> {
    match all(inventory, asked)?.as_slice() {
        [principal] => Ok(principal),
        several => Err(FindPrincipalError::Several {
            asked: asked.to_owned(),
            arns: several
                .iter()
                .map(|principal| principal.arn.as_str().to_owned())
                .collect(),
        }),
    }
}

/// Which requirements of this inventory are asked about.
pub(crate) fn select(
    asked: &Asked<'_>,
    inventory: &Inventory,
) -> Result<Selection, FindPrincipalError> {
    let principals = match &asked.principals {
        Principals::All => None,
        Principals::These(principals) => Some(principals.clone()),
        Principals::Named(names) => {
            let mut found = std::collections::BTreeSet::new();
            for name in names {
                let all = all(inventory, name)?;
                found.extend(all.into_iter().map(|principal| principal.arn.clone()));
            }
            Some(found)
        }
        Principals::From(first) => {
            let arns = inventory.principals.iter().map(|principal| &principal.arn);
            Some(arns.filter(|arn| *arn >= first).cloned().collect())
        }
    };
    Ok(Selection {
        principals,
        sets: asked.sets.clone(),
    })
}
