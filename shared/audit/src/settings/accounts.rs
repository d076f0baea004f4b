//! Accounts in settings: which accounts do bindings, mutes, requests and the canary name?
//!
//! Settings of an organisation are for many accounts. One that is not among them is a slip of the pen, or left: what names it holds for nobody.
//!
//! Who must be able to assume a role (`assumed-by`) is not looked at: an appliance may stand in an account of somebody else, and a slip of
//! the pen is found where the trust policy does not let that account in.

use std::collections::BTreeSet;

use iam::AccountId;

use super::pattern::Pattern;
use super::values::{Muted, Settings};

/// Whose settings these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettingsOf<'a> {
    /// The audited account's: what they name should be in it.
    #[default]
    Account,
    /// Many accounts': what they name in others is not missed here.
    Organization,
    /// The same, and this audit looks whether they name an account that is none of these.
    Accounts(&'a BTreeSet<AccountId>),
}

impl SettingsOf<'_> {
    /// Whether a binding that matches nobody is missed in an account.
    pub(crate) fn misses(self, account: Option<AccountId>, principal: Option<&Pattern>) -> bool {
        match self {
            Self::Account => true,
            // One for all accounts need not match in each.
            Self::Organization | Self::Accounts(_) => {
                let named = principal.and_then(Pattern::account);
                named.is_some() && named == account
            }
        }
    }

    /// What names an account that is none of those there are: the account, and where it stands.
    #[must_use]
    pub fn unknown(self, settings: &Settings) -> Vec<Box<str>> {
        let accounts = match self {
            Self::Account | Self::Organization => return Vec::new(),
            Self::Accounts(accounts) => accounts,
        };
        let named = named(settings);
        let unknown = named.filter(|(account, _)| !accounts.contains(account));
        unknown
            .map(|(account, place)| format!("{account}: {place}").into())
            .collect()
    }
}

/// The accounts that are named, each with where.
fn named(settings: &Settings) -> impl Iterator<Item = (AccountId, String)> {
    let of = |pattern: Option<&Pattern>, place: String| Some((pattern?.account()?, place));
    let bindings = settings.bindings.iter().filter_map(move |binding| {
        let place = format!("binding, line {}", binding.line);
        of(binding.principal.as_ref(), place)
    });
    let workers = settings.bindings.iter().flat_map(|binding| {
        let place = format!("worker-account of the binding, line {}", binding.line);
        let accounts = binding.worker_accounts.iter();
        accounts.map(move |account| (*account, place.clone()))
    });
    let bindings = bindings.chain(workers);
    let mutes = settings.mutes.iter().filter_map(move |mute| {
        let pattern = match &mute.what {
            Muted::Principal(pattern) => Some(pattern),
            Muted::Finding(_) | Muted::Accounts => None,
        };
        of(pattern, format!("mute, line {}", mute.line))
    });
    let requests = settings.requests.iter().enumerate();
    let requests = requests.filter_map(move |(at, request)| {
        of(request.principal.as_ref(), format!("request {}", at + 1))
    });
    let canary = settings.canary.iter();
    let canary = canary.map(|canary| (canary.principal.account(), "canary".to_owned()));
    bindings.chain(mutes).chain(requests).chain(canary)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[canary]
principal = "arn:aws:iam::111111111111:role/canary"
action = "s3:GetObject"

[[bind]]
principal = "arn:aws:iam::999999999999:role/veeam"
action-sets = ["copy"]

[[bind]]
principal = "arn:aws:iam::*:role/veeam"
action-sets = ["copy"]
worker-account = ["666666666666"]

[[request]]
principal = "arn:*:iam::888888888888:role/*"
context = { "aws:SourceVpc" = "vpc-1" }

[[mute]]
principal = "arn:aws:iam::777777777777:*"
codes = ["coverage"]
owner = "me"
reason = "so"
expires = "2027-01-01"

[[mute]]
ou = "ou-ab12-11111111"
codes = ["coverage"]
owner = "me"
reason = "so"
expires = "2027-01-01"
"#;

    #[track_caller]
    fn check(accounts: &[&str], expected: &[&str]) {
        let settings = Settings::parse(TEXT).unwrap();
        let accounts = accounts.iter().map(|one| one.parse().unwrap()).collect();
        let found = SettingsOf::Accounts(&accounts).unknown(&settings);
        let found: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_account_that_is_none_of_those_there_are_is_named_with_its_place() {
        let nowhere = [
            "999999999999: binding, line 6",
            "666666666666: worker-account of the binding, line 10",
            "777777777777: mute, line 19",
            "888888888888: request 1",
            "111111111111: canary",
        ];
        check(&[], &nowhere);
        check(&["111111111111"], &nowhere[..4]);
        let all = [
            "111111111111",
            "666666666666",
            "777777777777",
            "888888888888",
            "999999999999",
        ];
        check(&all, &[]);
    }

    #[test]
    fn a_binding_is_missed_in_the_account_that_it_names() {
        let account: AccountId = "111111111111".parse().unwrap();
        let own = Pattern::new("arn:aws:iam::111111111111:role/veeam");
        let other = Pattern::new("arn:aws:iam::222222222222:role/veeam");
        let any = Pattern::new("arn:aws:iam::*:role/veeam");
        for (pattern, expected) in [(&own, true), (&other, false), (&any, false)] {
            let found = SettingsOf::Organization.misses(Some(account), Some(pattern));
            assert_eq!(found, expected, "{pattern:?}");
            assert!(SettingsOf::Account.misses(Some(account), Some(pattern)));
        }
    }
}
