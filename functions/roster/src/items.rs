//! Items: what does the state machine hand over for each account?

use audit::roster::{Member, Roster, Skipped};
use aws::{ListedAccount, WholeOrganization};
use iam::AccountId;
use jiff::Timestamp;
use serde::Serialize;
use stack::config::Hub;
use stack::enter::role_arn;

/// One account that is to be audited; `docs/lambda.md` has its form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    account: String,
    /// None for the hub's own account, where the function's own credentials are used: whatever a StackSet does there.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    run: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<Timestamp>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    management: bool,
}

/// Where the hub is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) own: AccountId,
    pub(crate) partition: &'a str,
}

/// The roster of an organisation.
pub(crate) fn roster(run: &str, whole: &WholeOrganization) -> Roster {
    let accounts = whole.accounts.iter();
    Roster {
        run: run.into(),
        management: whole.management,
        accounts: accounts.map(|one| (one.account, member(one))).collect(),
    }
}

fn member(listed: &ListedAccount) -> Member {
    let above = listed
        .levels
        .iter()
        .filter(|level| **level != listed.account.as_str());
    Member {
        name: listed.name.as_str().into(),
        path: above.map(|level| level.as_str().into()).collect(),
        state: listed.state.as_str().into(),
        joined: listed.joined,
        skipped: Skipped::of_state(&listed.state),
    }
}

/// The items for those of these accounts that are audited, and how many are not.
pub(crate) fn items<'a>(
    roster: &Roster,
    accounts: impl Iterator<Item = (AccountId, &'a Member)>,
    site: Site<'_>,
) -> (Vec<Item>, usize) {
    let Site {
        hub,
        own,
        partition,
    } = site;
    let mut skipped = 0;
    let mut items = Vec::new();
    for (account, member) in accounts {
        if member.skipped.is_some() {
            skipped += 1;
            continue;
        }
        let is_own = account == own;
        let role = role_arn(partition, account, &hub.member_role);
        items.push(Item {
            account: account.to_string(),
            role: (!is_own).then_some(role),
            external_id: hub.external_id.clone().filter(|_| !is_own),
            run: roster.run.to_string(),
            joined: member.joined,
            management: roster.management == Some(account),
        });
    }
    (items, skipped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listed(account: &str, state: &str) -> ListedAccount {
        ListedAccount {
            account: account.parse().unwrap(),
            name: "one".to_owned(),
            state: state.to_owned(),
            joined: Timestamp::from_second(1_700_000_000).ok(),
            levels: vec!["r-ab12".to_owned(), account.to_owned()],
        }
    }

    #[test]
    fn each_account_that_can_be_audited_is_an_item() {
        let whole = WholeOrganization {
            file: json!({}),
            management: "999988887777".parse().ok(),
            accounts: vec![
                listed("111122223333", "ACTIVE"),
                listed("222222222222", "SUSPENDED"),
                listed("333333333333", "ACTIVE"),
                listed("444444444444", "PENDING_CLOSURE"),
                listed("999988887777", "ACTIVE"),
            ],
        };
        let roster = roster("run-1", &whole);
        let hub = Hub {
            bucket: "hub".to_owned(),
            member_role: "teams/permdrift-audit".to_owned(),
            external_id: Some("secret".to_owned()),
            state_machine: None,
        };
        let site = Site {
            hub: &hub,
            own: "333333333333".parse().unwrap(),
            partition: "aws-cn",
        };
        let (items, skipped) = items(&roster, roster.below("r-ab12"), site);
        assert_eq!(skipped, 2);
        let joined = "2023-11-14T22:13:20Z";
        let role = |account: &str| format!("arn:aws-cn:iam::{account}:role/teams/permdrift-audit");
        let expected = json!([
            { "account": "111122223333", "role": role("111122223333"), "externalId": "secret", "run": "run-1", "joined": joined },
            { "account": "333333333333", "run": "run-1", "joined": joined },
            { "account": "999988887777", "role": role("999988887777"), "externalId": "secret", "run": "run-1", "joined": joined,
              "management": true },
        ]);
        assert_eq!(serde_json::to_value(&items).unwrap(), expected);
        let member = &roster.accounts[&"222222222222".parse().unwrap()];
        assert_eq!(member.skipped, Some(Skipped::Suspended));
        assert_eq!(member.path, [Box::<str>::from("r-ab12")]);
    }
}
