//! Organisation files: what stands in one, and does it contradict itself?
//!
//! In: the text of a file as in `docs/schemas/organization-1.json`. Out: an [`OrganizationParts`], or every mistake in the file with its place.
//! Such a file is whole. So a part that was refused is a mistake, and so is what cannot be so in any organisation: a level with two
//! parents, two roots, a policy under the id of another.
//!
//! What stands above one account is for [`organization`](crate::organization) to say.

use std::collections::{BTreeMap, BTreeSet};

use iam::{AccountId, Arn};
use jiff::Timestamp;

use super::json::{Section, Sheet, Value};
use super::mistake::SnapshotMistake;
use super::organization::{
    DESCRIBE, KINDS, NOT_ENABLED, PolicyKind, RCPS, SCPS, describe, misplaced, policy,
};
use super::output::Output;
use crate::resources::{NamedPolicy, Organization};

const EXPECTED: &str = "an object as in docs/schemas/organization-1.json";
const VERSION: &str = "schemaVersion";
const TAKEN: &str = "takenAt";
const ACCOUNTS: &str = "accounts";
const NAMES: &str = "accountNames";
const POLICIES: &str = "policies";

/// Policies of AWS that are there whether or not their kind is enabled.
const FULL_ACCESS: [&str; 2] = ["p-FullAWSAccess", "p-RCPFullAWSAccess"];

/// All keys at the top.
const TOP: [&str; 8] = [
    VERSION, TAKEN, DESCRIBE, ACCOUNTS, NAMES, POLICIES, SCPS, RCPS,
];

/// What an organisation file says.
#[derive(Debug)]
pub(in crate::saved) struct OrganizationParts {
    /// When it was saved, where it says so.
    pub(in crate::saved) taken: Option<Timestamp>,
    /// Its id and its management account.
    pub(in crate::saved) described: Organization,
    /// The partition of its ARN, where that is there.
    pub(in crate::saved) partition: Option<Box<str>>,
    /// The levels of each account, from the root to itself.
    pub(in crate::saved) accounts: BTreeMap<AccountId, Vec<Box<str>>>,
    /// The names of accounts.
    pub(in crate::saved) names: BTreeMap<AccountId, Box<str>>,
    /// SCPs; `None`: the organisation has none.
    pub(in crate::saved) service_control: Option<Attached>,
    /// The same of RCPs.
    pub(in crate::saved) resource_control: Option<Attached>,
}

/// The policies of a kind.
#[derive(Debug)]
pub(in crate::saved) struct Attached {
    /// The key that they stand under.
    pub(in crate::saved) key: &'static str,
    /// The ids of the policies on each level; each level has one.
    pub(in crate::saved) levels: BTreeMap<Box<str>, Vec<Box<str>>>,
    /// Those that the file holds, by id.
    pub(in crate::saved) policies: BTreeMap<Box<str>, NamedPolicy>,
}

/// Whether an object has a key that tells an organisation file from other forms of this program.
pub(in crate::saved) fn is_meant(text: &str) -> bool {
    let sheet = Sheet::new(text);
    let members = Value::root(&sheet, text).try_members();
    let members = members.unwrap_or_default();
    let mut keys = members.iter().map(|(key, _)| &**key);
    keys.any(|key| [ACCOUNTS, POLICIES, SCPS, RCPS].contains(&key))
}

/// Reads a file that is JSON.
///
/// # Errors
/// The mistakes in it.
pub(in crate::saved) fn read(text: &str) -> Result<OrganizationParts, Vec<SnapshotMistake>> {
    let sheet = Sheet::new(text);
    let top = Value::root(&sheet, text).section(&TOP, EXPECTED);
    let read = top.and_then(|top| parts(&top));
    let mistakes = sheet.into_mistakes();
    match read {
        Some(parts) if mistakes.is_empty() => Ok(parts),
        Some(_) | None => Err(mistakes),
    }
}

fn parts(top: &Section<'_, '_>) -> Option<OrganizationParts> {
    // A newer version was refused before.
    let version = top.required(VERSION, "1")?;
    if version.read::<u64>("1")? != 1 {
        version.mistake("expected 1");
    }
    let taken = top.get(TAKEN);
    let taken = taken.and_then(|taken| {
        taken.read::<Timestamp>("an instant of RFC 3339, such as `2026-11-20T06:00:00Z`")
    });
    // All of it before any of it ends this, so that all mistakes are told at once.
    let described = described(top);
    let accounts = accounts(top);
    let known = accounts.as_ref();
    let names = names(top, known);
    let [service_control, resource_control] = KINDS.map(|kind| attached(&kind, top, known));
    let (described, partition) = described?;
    Some(OrganizationParts {
        taken,
        described,
        partition,
        accounts: accounts?,
        names,
        service_control: service_control?,
        resource_control: resource_control?,
    })
}

fn described(top: &Section<'_, '_>) -> Option<(Organization, Option<Box<str>>)> {
    const EXPECTED: &str = "what `aws organizations describe-organization` prints";
    let value = top.required(DESCRIBE, EXPECTED)?;
    match Output::of_value(value, &[]) {
        Output::Printed(value) => {
            let organization = describe(&value)?;
            let arn = value.at(&["Organization", "Arn"]);
            let arn = arn.and_then(|arn| arn.text("an ARN"));
            let partition = arn.and_then(|arn| Some(Arn::parse(&arn).ok()?.partition.into()));
            Some((organization, partition))
        }
        Output::Refused(code) => {
            value.mistake(format!(
                "`{code}` leaves open which account manages the organisation, for which no SCP holds: expected {EXPECTED}"
            ));
            None
        }
        Output::NotRead | Output::Nothing => None,
    }
}

fn accounts(top: &Section<'_, '_>) -> Option<BTreeMap<AccountId, Vec<Box<str>>>> {
    const EXPECTED: &str = "the levels of each account, by its id";
    const LEVELS: &str = "the ids of the levels, from the root to the account";
    let mut accounts = BTreeMap::new();
    let mut parents: BTreeMap<Box<str>, Box<str>> = BTreeMap::new();
    let mut root: Option<Box<str>> = None;
    for (id, value) in top.required(ACCOUNTS, EXPECTED)?.members(EXPECTED)? {
        let (Some(account), Some(levels)) =
            (account(&id, &value), value.read::<Vec<Box<str>>>(LEVELS))
        else {
            continue;
        };
        let wrong = wrong_path(account, &levels).or_else(|| {
            let first = levels.first()?;
            let root = root.get_or_insert_with(|| first.clone());
            other_root(root, first).or_else(|| {
                levels
                    .windows(2)
                    .find_map(|pair| other_parent(&mut parents, pair))
            })
        });
        match wrong {
            Some(wrong) => value.mistake(wrong),
            None => {
                accounts.insert(account, levels);
            }
        }
    }
    Some(accounts)
}

/// The account that a key names.
fn account(id: &str, value: &Value<'_, '_>) -> Option<AccountId> {
    let account = id.parse().ok();
    if account.is_none() {
        value.mistake(format!("`{id}` is no account: expected its twelve digits"));
    }
    account
}

/// What is wrong with the levels of an account.
fn wrong_path(account: AccountId, levels: &[Box<str>]) -> Option<String> {
    let last = levels.len().saturating_sub(1);
    if last == 0 {
        let text = "this path has less than two levels: expected the root first, the account last";
        return Some(text.to_owned());
    }
    let mut known = BTreeSet::new();
    levels.iter().enumerate().find_map(|(at, id)| {
        let twice = || format!("`{id}` is on this path twice: save the organisation again");
        misplaced(at, last, id, Some(account)).or_else(|| (!known.insert(id)).then(twice))
    })
}

fn other_root(known: &str, root: &str) -> Option<String> {
    (known != root).then(|| {
        format!(
            "the root is `{root}` here and `{known}` above another account, and an organisation has one: save it again"
        )
    })
}

/// Notes of which level each is a part, and says where it was of another.
fn other_parent(parents: &mut BTreeMap<Box<str>, Box<str>>, pair: &[Box<str>]) -> Option<String> {
    let [above, level] = pair else {
        return None;
    };
    let known = parents
        .entry(level.clone())
        .or_insert_with(|| above.clone());
    (known != above).then(|| {
        format!(
            "`{level}` is below `{above}` here and below `{known}` above another account: save the organisation again"
        )
    })
}

/// Says where an account stands that `accounts` does not have: nobody would miss an audit of it.
fn find_left_out(
    account: AccountId,
    value: &Value<'_, '_>,
    accounts: Option<&BTreeMap<AccountId, Vec<Box<str>>>>,
) {
    if accounts.is_some_and(|accounts| !accounts.contains_key(&account)) {
        value.mistake(format!(
            "account {account} stands here and not in `{ACCOUNTS}`: save the organisation again"
        ));
    }
}

fn names(
    top: &Section<'_, '_>,
    accounts: Option<&BTreeMap<AccountId, Vec<Box<str>>>>,
) -> BTreeMap<AccountId, Box<str>> {
    const EXPECTED: &str = "the name of each account, by its id";
    let members = top.get(NAMES).and_then(|names| names.members(EXPECTED));
    let named = members.unwrap_or_default().into_iter();
    named
        .filter_map(|(id, value)| {
            let account = account(&id, &value)?;
            find_left_out(account, &value, accounts);
            Some((account, value.text("a text")?))
        })
        .collect()
}

/// The policies of a kind; within, `None` where the organisation has none.
fn attached(
    kind: &PolicyKind,
    top: &Section<'_, '_>,
    accounts: Option<&BTreeMap<AccountId, Vec<Box<str>>>>,
) -> Option<Option<Attached>> {
    const EXPECTED: &str = "the ids of the policies on each level, by the level's id";
    let PolicyKind { key, short, .. } = *kind;
    let value = top.required(key, EXPECTED)?;
    let printed = match Output::of_value(value, &[NOT_ENABLED]) {
        Output::Printed(printed) => printed,
        Output::Nothing => {
            find_policies_of(kind, top);
            return Some(None);
        }
        Output::Refused(code) => {
            value.mistake(format!(
                "`{code}` leaves open which {short}s are in force, and an organisation file is whole: save the organisation again. Only `{NOT_ENABLED}` may stand here, which says that it has none"
            ));
            return None;
        }
        Output::NotRead => return None,
    };
    let mut levels = BTreeMap::new();
    for (level, list) in printed.members(EXPECTED)? {
        if let Ok(account) = level.parse() {
            find_left_out(account, &list, accounts);
        }
        let ids: Vec<Box<str>> = list.read("the ids of policies")?;
        if ids.is_empty() {
            list.mistake(format!(
                "`{level}` has no {short}, and AWS attaches one to each root, OU and account: save the organisation again"
            ));
        }
        levels.insert(level, ids);
    }
    let policies = policies(kind, top, levels.values().flatten())?;
    Some(Some(Attached {
        key,
        levels,
        policies,
    }))
}

/// Says which policies the file holds of a kind of which it says that there are none. One that does not say its kind is of this one, unless
/// a level has it among those of the other.
fn find_policies_of(kind: &PolicyKind, top: &Section<'_, '_>) {
    let Some(policies) = top.get(POLICIES).and_then(|one| one.try_members().ok()) else {
        return;
    };
    let others = KINDS.iter().filter(|other| other.key != kind.key);
    let others = others.filter_map(|other| top.get(other.key)?.try_members().ok());
    let lists = others
        .flatten()
        .filter_map(|(_, list)| serde_json::from_str::<Vec<Box<str>>>(list.json).ok());
    let of_others: BTreeSet<Box<str>> = lists.flatten().collect();
    for (id, value) in policies {
        let said = value.at(&["Policy", "PolicySummary", "Type"]);
        let said = said.and_then(|said| said.text("a text"));
        let is_of_kind = match said {
            Some(said) => *said == *kind.name,
            None => !of_others.contains(&id),
        };
        if is_of_kind && !FULL_ACCESS.contains(&&*id) {
            value.mistake(format!(
                "`{}` says `{NOT_ENABLED}`, so that there is no {short}, and `{id}` is one: save the organisation again",
                kind.key, short = kind.short
            ));
        }
    }
}

/// Those of these ids that the file holds.
fn policies<'i>(
    kind: &PolicyKind,
    top: &Section<'_, '_>,
    ids: impl Iterator<Item = &'i Box<str>>,
) -> Option<BTreeMap<Box<str>, NamedPolicy>> {
    const EXPECTED: &str =
        "what `aws organizations describe-policy` prints of each policy, by its id";
    let ids: BTreeSet<&Box<str>> = ids.collect();
    let mut policies = BTreeMap::new();
    for (id, value) in top.required(POLICIES, EXPECTED)?.members(EXPECTED)? {
        if !ids.contains(&id) {
            continue;
        }
        let own = value.at(&["Policy", "PolicySummary", "Id"]);
        if let Some((place, own)) = own.and_then(|own| Some((own.clone(), own.text("an id")?)))
            && own != id
        {
            place.mistake(format!(
                "this is the policy `{own}`, and stands under `{id}`: save the organisation again"
            ));
        }
        if let Some(policy) = policy(kind, id.to_string(), &value) {
            policies.insert(id, policy);
        }
    }
    Some(policies)
}
