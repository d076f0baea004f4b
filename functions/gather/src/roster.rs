//! The roster: which accounts are there now, and where?

use std::collections::BTreeMap;

use audit::roster::{ReadRosterError, Roster};
use aws::{GetError, Objects, chain};
use iam::AccountId;
use report::organization::AccountPlace;
use serde::Deserialize;
use stack::hub;
use tracing::warn;

/// Why it is not known which accounts there are.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The bucket did not answer.
    #[error(transparent)]
    Get(#[from] GetError),
    /// It holds something else, or what a newer release wrote.
    #[error("the roster in the hub's bucket cannot be used")]
    Read(#[from] ReadRosterError),
    /// Nobody wrote one, or one without accounts: nobody is taken to have left an organisation because of that.
    #[error(
        "there is no roster with accounts in the hub's bucket, so it is not known which accounts there are"
    )]
    None,
}

/// The accounts of the organisation.
pub(crate) async fn load(objects: &Objects) -> Result<Roster, RosterError> {
    let text = objects.get(hub::ROSTER).await?.ok_or(RosterError::None)?;
    let roster = Roster::read(&text)?;
    match roster.accounts.is_empty() {
        true => Err(RosterError::None),
        false => Ok(roster),
    }
}

/// Where each account stands.
pub(crate) fn places(roster: &Roster) -> BTreeMap<AccountId, AccountPlace> {
    let accounts = roster.accounts.iter();
    accounts
        .map(|(account, member)| {
            let place = AccountPlace {
                name: (!member.name.is_empty()).then(|| member.name.clone()),
                path: member.path.clone(),
                organization: None,
            };
            (*account, place)
        })
        .collect()
}

#[derive(Deserialize)]
struct Saved {
    policies: BTreeMap<Box<str>, SavedPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedPolicy {
    policy: Described,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    policy_summary: Summary,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    name: Option<Box<str>>,
}

/// What SCPs and RCPs are called, by id. Messages are sent without it too.
pub(crate) async fn policies(objects: &Objects) -> BTreeMap<Box<str>, Box<str>> {
    let text = match objects.get(hub::ORGANIZATION).await {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            warn!(
                error = chain(&error),
                "it is not known what SCPs and RCPs are called"
            );
            return BTreeMap::new();
        }
    };
    names(&text)
}

fn names(text: &[u8]) -> BTreeMap<Box<str>, Box<str>> {
    let Ok(saved) = serde_json::from_slice::<Saved>(text) else {
        return BTreeMap::new();
    };
    let policies = saved.policies.into_iter();
    let named = policies.filter_map(|(id, one)| Some((id, one.policy.policy_summary.name?)));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_have_names() {
        let text = r#"{"schemaVersion":1,"policies":{"p-1":{"Policy":{"PolicySummary":{"Id":"p-1","Name":"guardrails"},"Content":"{}"}}},"accounts":{}}"#;
        let expected = BTreeMap::from([("p-1".into(), "guardrails".into())]);
        assert_eq!(names(text.as_bytes()), expected);
        assert_eq!(names(b"{"), BTreeMap::new());
    }
}
