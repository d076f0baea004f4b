//! Bindings of the command line among several accounts: in which accounts does one count?
//!
//! An ARN names an account, and a name may exist in some accounts only. So a binding counts in each account where it matches somebody,
//! and is a mistake only if it matches nobody in any.

use std::collections::{BTreeMap, BTreeSet};

use audit::settings::Binding;
use audit::{Asked, SettingsOf};
use iam::{AccountId, Arn, Inventory};
use report::organization::AccountSummary;

/// What is asked of one account, and which bindings of the command line are of somebody in it.
pub(super) fn of_account<'a>(
    asked: &Asked<'a>,
    inventory: &Inventory,
) -> (Asked<'a>, BTreeSet<usize>) {
    let bindings = asked.bindings.iter().enumerate();
    let bindings = bindings.filter(|(_, binding)| is_of_somebody(binding, inventory));
    let (used, bindings) = bindings.map(|(at, one)| (at, one.clone())).unzip();
    let asked = Asked {
        bindings,
        account: asked.account.or(inventory.account),
        settings_of: SettingsOf::Organization,
        ..asked.clone()
    };
    (asked, used)
}

fn is_of_somebody(binding: &Binding, inventory: &Inventory) -> bool {
    let Some(pattern) = &binding.principal else {
        return true;
    };
    let mut principals = inventory.principals.iter();
    pattern.as_str() == "*" || principals.any(|one| pattern.matches(one.arn.as_str()))
}

/// Whether each binding of the command line was of somebody; `bound`: those that were, by their place.
///
/// # Errors
/// Where one was not, with what is known of whom it means.
pub(super) fn check(
    asked: &Asked<'_>,
    bound: &BTreeSet<usize>,
    audited: &BTreeMap<AccountId, AccountSummary>,
    not_audited: &BTreeMap<AccountId, Box<str>>,
) -> anyhow::Result<()> {
    for (at, binding) in asked.bindings.iter().enumerate() {
        let Some(pattern) = &binding.principal else {
            continue;
        };
        if bound.contains(&at) || pattern.as_str() == "*" {
            continue;
        }
        let text = pattern.as_str();
        let arn = Arn::parse(text).ok();
        let account = arn.and_then(|arn| arn.account.parse::<AccountId>().ok());
        match account {
            Some(account) if audited.contains_key(&account) => {
                anyhow::bail!("--bind {text}: account {account} has no such user or role")
            }
            Some(account) => match not_audited.get(&account) {
                Some(reason) => {
                    anyhow::bail!("--bind {text}: account {account} was not audited: {reason}")
                }
                None => anyhow::bail!("--bind {text}: no snapshot of account {account} was given"),
            },
            None => anyhow::bail!(
                "--bind {}: no account that was audited has such a user or role",
                text.strip_prefix("*/").unwrap_or(text)
            ),
        }
    }
    Ok(())
}
