//! The whole organisation: which accounts has it, and which SCPs and RCPs stand above each of them?
//!
//! It is asked by policy and not by account, which takes a call for twenty accounts and two for a policy. AWS attaches at least one SCP to
//! each root, OU and account: where no other is attached it is FullAWSAccess, and where others are, that level is asked about.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use iam::AccountId;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ask::{Asker, Unanswered, error, part};
use super::organization::{KINDS, call, pages_of, pause};
use crate::failure::Failure;

/// As of `docs/schemas/organization-1.json`.
const SCHEMA_VERSION: u32 = 1;
/// AWS's own policies, which it attaches by itself.
const FULL_ACCESS: [&str; 2] = ["p-FullAWSAccess", "p-RCPFullAWSAccess"];
/// What AWS answers about an id that nothing has, or that cannot be one.
const NO_SUCH: [&str; 3] = [
    "ChildNotFoundException",
    "OrganizationalUnitNotFoundException",
    "InvalidInputException",
];

/// How long is waited between calls; AWS refuses what comes faster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between calls of `DescribePolicy`.
    describe: Duration,
    /// Between calls of `ListTargetsForPolicy` and `ListPoliciesForTarget`.
    list: Duration,
}

impl Pace {
    /// As AWS has it: two a second, and five.
    pub(crate) const AWS: Self = Self {
        describe: Duration::from_millis(500),
        list: Duration::from_millis(200),
    };
    /// For tests.
    #[cfg(test)]
    pub(crate) const NONE: Self = Self {
        describe: Duration::ZERO,
        list: Duration::ZERO,
    };
}

/// All that was read of an organisation.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeOrganization {
    /// What stands above each account, in the form of `docs/schemas/organization-1.json`.
    pub file: Value,
    /// Its management account.
    pub management: Option<AccountId>,
    /// All its accounts.
    pub accounts: Vec<ListedAccount>,
}

/// An account as `ListAccounts` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Its id.
    pub account: AccountId,
    /// Its name; empty where AWS says none.
    pub name: String,
    /// AWS's word for its state, such as `ACTIVE`; empty where AWS says none.
    pub state: String,
    /// When it joined the organisation.
    pub joined: Option<Timestamp>,
    /// The ids of its levels, from the root to itself.
    pub levels: Vec<String>,
}

/// The organisation.
///
/// # Errors
/// [`Unanswered`]: a stack that is not whole says nothing of what is in force.
pub(super) async fn read(asker: &Asker, pace: Pace) -> Result<WholeOrganization, Unanswered> {
    let described = call(asker, "DescribeOrganization", json!({})).await?;
    let accounts = accounts(asker).await?;
    let nodes: BTreeSet<&String> = accounts.iter().flat_map(|one| &one.levels).collect();
    let mut whole = Map::new();
    let mut policies = BTreeMap::new();
    for (key, kind) in KINDS {
        let attached = attached(asker, kind, &nodes, pace.list).await?;
        let Some(attached) = attached else {
            let none = error("PolicyTypeNotEnabledException", "the organisation has none");
            whole.insert(key.to_owned(), none);
            continue;
        };
        for policy in attached.values().flatten() {
            if !policies.contains_key(policy) {
                let body = json!({ "PolicyId": policy });
                pause(asker, "DescribePolicy", &body, pace.describe).await;
                let described = call(asker, "DescribePolicy", body).await?;
                policies.insert(policy.clone(), described);
            }
        }
        whole.insert(key.to_owned(), json!(attached));
    }
    let management = described.pointer("/Organization/MasterAccountId");
    let management = management.and_then(|id| id.as_str()?.parse().ok());
    let levels = accounts
        .iter()
        .map(|one| (one.account.as_str(), &one.levels));
    let levels: BTreeMap<&str, &Vec<String>> = levels.collect();
    whole.insert("schemaVersion".to_owned(), json!(SCHEMA_VERSION));
    whole.insert("accounts".to_owned(), json!(levels));
    let names = accounts.iter().filter(|one| !one.name.is_empty());
    let names = names.map(|one| (one.account.as_str(), &one.name));
    let names: BTreeMap<&str, &String> = names.collect();
    whole.insert("accountNames".to_owned(), json!(names));
    whole.insert("describe-organization".to_owned(), part(Ok(described)));
    whole.insert("policies".to_owned(), json!(policies));
    Ok(WholeOrganization {
        file: Value::Object(whole),
        management,
        accounts,
    })
}

/// The accounts, in the order of their ids.
///
/// # Errors
/// The first call that AWS does not answer.
pub(super) async fn accounts(asker: &Asker) -> Result<Vec<ListedAccount>, Unanswered> {
    let listed = pages_of(asker, "ListAccounts", "Accounts", &json!({})).await?;
    let mut accounts = Vec::with_capacity(listed.len());
    let mut parents: BTreeMap<String, String> = BTreeMap::new();
    for account in &listed {
        let text = |key| account.get(key).and_then(Value::as_str);
        let id = text("Id").ok_or(Failure::Broken { code: None })?;
        let parsed = id.parse().map_err(|_| Failure::Broken { code: None })?;
        let joined = account.get("JoinedTimestamp").and_then(Value::as_f64);
        let path = account.pointer("/Paths/0").and_then(Value::as_str);
        let levels = match path {
            Some(path) => {
                let levels = path.split('/').filter(|level| !level.is_empty());
                // The organisation's own id comes first.
                levels.skip(1).map(str::to_owned).collect()
            }
            None => climb(asker, id, &mut parents).await?,
        };
        accounts.push(ListedAccount {
            account: parsed,
            name: text("Name").unwrap_or_default().to_owned(),
            // `Status` is the older one of both.
            state: text("State")
                .or_else(|| text("Status"))
                .unwrap_or_default()
                .to_owned(),
            joined: joined.and_then(|seconds| {
                let since = Duration::try_from_secs_f64(seconds).ok()?;
                Timestamp::from_second(i64::try_from(since.as_secs()).ok()?).ok()
            }),
            levels,
        });
    }
    accounts.sort_by_key(|one| one.account);
    Ok(accounts)
}

/// The levels of an account, parent by parent.
async fn climb(
    asker: &Asker,
    account: &str,
    parents: &mut BTreeMap<String, String>,
) -> Result<Vec<String>, Unanswered> {
    const LEVELS: usize = 8;
    let mut levels = vec![account.to_owned()];
    while let Some(last) = levels.last().filter(|last| !last.starts_with("r-")) {
        if levels.len() > LEVELS {
            return Err(Failure::Broken { code: None }.into());
        }
        let parent = match parents.get(last) {
            Some(parent) => parent.clone(),
            None => {
                let answer = call(asker, "ListParents", json!({ "ChildId": last })).await?;
                let parent = answer.pointer("/Parents/0/Id").and_then(Value::as_str);
                let parent = parent.ok_or(Failure::Broken { code: None })?.to_owned();
                parents.insert(last.clone(), parent.clone());
                parent
            }
        };
        levels.push(parent);
    }
    levels.reverse();
    Ok(levels)
}

/// The policies of a kind on each level; `None` where the organisation has none of the kind.
async fn attached(
    asker: &Asker,
    kind: &str,
    nodes: &BTreeSet<&String>,
    pace: Duration,
) -> Result<Option<BTreeMap<String, BTreeSet<String>>>, Unanswered> {
    let listed = pages_of(
        asker,
        "ListPolicies",
        "Policies",
        &json!({ "Filter": kind }),
    )
    .await;
    let listed = match listed {
        Err(Unanswered {
            failure: Failure::Refused { code, .. },
            ..
        }) if code == "PolicyTypeNotEnabledException" => return Ok(None),
        other => other?,
    };
    let id = |policy: &Value| policy.get("Id").and_then(Value::as_str).map(str::to_owned);
    let all: BTreeSet<String> = listed.iter().filter_map(id).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let mut attached: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for policy in all
        .iter()
        .filter(|one| !FULL_ACCESS.contains(&one.as_str()))
    {
        let body = json!({ "PolicyId": policy });
        pause(asker, "ListTargetsForPolicy", &body, pace).await;
        for target in pages_of(asker, "ListTargetsForPolicy", "Targets", &body).await? {
            let target = target.get("TargetId").and_then(Value::as_str);
            let target = target.ok_or(Failure::Broken { code: None })?.to_owned();
            attached.entry(target).or_default().insert(policy.clone());
        }
    }
    let full = FULL_ACCESS.iter().find(|one| all.contains(**one));
    for node in nodes {
        let others = attached.contains_key(*node);
        match full {
            // It cannot be detached.
            Some(full) if full.starts_with("p-RCP") || !others => {
                let policies = attached.entry((*node).clone()).or_default();
                policies.insert((*full).to_owned());
            }
            Some(_) | None if others => {
                let body = json!({ "TargetId": node, "Filter": kind });
                pause(asker, "ListPoliciesForTarget", &body, pace).await;
                let list = pages_of(asker, "ListPoliciesForTarget", "Policies", &body).await?;
                attached.insert((*node).clone(), list.iter().filter_map(id).collect());
            }
            Some(_) | None => {}
        }
    }
    Ok(Some(attached))
}

/// Whether the organisation has a root, an OU or an account of that id.
///
/// # Errors
/// [`Unanswered`] where AWS does not say.
pub(super) async fn has(asker: &Asker, id: &str) -> Result<bool, Unanswered> {
    match call(asker, "ListParents", json!({ "ChildId": id })).await {
        Ok(_) => Ok(true),
        Err(Unanswered {
            failure: Failure::Refused { code, .. },
            ..
        }) if NO_SUCH.contains(&code.as_str()) => Ok(false),
        Err(unanswered) => Err(unanswered),
    }
}
