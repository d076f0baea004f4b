//! Contradictions: do the settings say of requests what the account says otherwise?
//!
//! What `[context]` and `[[request]]` say goes before all that is assumed. Of whose account and organisation the principals are, the
//! account itself is sure. In: the settings, what was read above the account. Out: the first contradiction, in words. No verdict that
//! rests on it would be worth anything.

use iam::AccountId;

use crate::resources::{Reading, Resources};
use crate::settings::Settings;

/// The first thing that the settings say and that is not so.
pub(super) fn contradiction(
    settings: &Settings,
    resources: &Resources,
    account: AccountId,
) -> Option<String> {
    let organization = match &resources.organization {
        Reading::Read(None) => Some(""),
        Reading::Read(Some(organization)) if organization.id.is_empty() => None,
        Reading::Read(Some(organization)) => Some(&*organization.id),
        Reading::NotRead | Reading::Refused(_) => None,
    };
    let facts = [
        ("aws:PrincipalAccount", Some(account.as_str())),
        ("aws:PrincipalOrgID", organization),
    ];
    let requests = settings.requests.iter().map(|request| &request.context);
    let said = [&settings.context].into_iter().chain(requests).flatten();
    for (key, values) in said {
        let mut facts = facts.iter();
        let known = facts.find(|(known, _)| known.eq_ignore_ascii_case(key));
        let Some((key, Some(fact))) = known else {
            continue;
        };
        let is_so = match values.as_slice() {
            [] => fact.is_empty(),
            [value] => &**value == *fact,
            [_, _, ..] => false,
        };
        if !is_so {
            let said = match values.join("`, `") {
                none if none.is_empty() => "absent".to_owned(),
                some => format!("`{some}`"),
            };
            let fact = match *fact {
                "" => "absent: the account is in no organization".to_owned(),
                fact => format!("`{fact}`"),
            };
            return Some(format!(
                "the settings say that {key} is {said}, and it is {fact}: correct the settings"
            ));
        }
    }
    None
}
