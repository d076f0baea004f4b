//! Statements of a trust policy: do they let in someone, and on what does it hang?

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use foldhash::fast::RandomState;
use iam::condition;
use iam::glob;
use iam::policy::{Effect, Version};
use iam::simulator::ServiceControl;
use iam::trust::{TrustPolicy, TrustStatement};
use iam::truth::{Truth, Truths};
use iam::{AccountId, Arn, Context, Inventory, Layer, StatementRef};

use super::source::source_arn;
use crate::asked::Extent;

/// Who must be able to assume the role.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    Service(&'a str),
    /// An account: somebody of it, and nobody said who.
    Account(AccountId),
    /// A role or user: its account will do as well.
    Principal(&'a str),
}

/// Whether a statement speaks of someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Speaks {
    No,
    /// Only if its conditions hold.
    Perhaps,
    Yes,
}

impl Speaks {
    /// What is left of an Allow where something may deny.
    pub(super) fn unless(self, denied: Self) -> Self {
        match (self, denied) {
            (Self::No, _) | (_, Self::Yes) => Self::No,
            (Self::Yes, Self::No) => Self::Yes,
            (Self::Yes | Self::Perhaps, _) => Self::Perhaps,
        }
    }
}

/// Who is in the account of the role.
pub(super) struct Listing<'a> {
    pub(super) account: AccountId,
    pub(super) partition: &'a str,
    pub(super) inventory: &'a Inventory,
    pub(super) extent: Extent,
    /// The SCPs above the account, as far as they are known.
    pub(super) service_control: &'a ServiceControl<'a>,
    /// ARNs by unique id, made where a trust policy names one.
    pub(super) ids: OnceCell<HashMap<&'a str, &'a str, RandomState>>,
}

/// Whom a unique id in a trust policy stands for. AWS writes the ARN of whoever is there.
enum Bearer<'a> {
    Listed(&'a str),
    /// The listing is not whole, so it may be somebody of the account.
    Unknown,
    Nobody,
}

impl Listing<'_> {
    fn bearer(&self, id: &str) -> Bearer<'_> {
        let ids = self.ids.get_or_init(|| {
            let principals = self.inventory.principals.iter();
            let ids = principals.map(|principal| (&*principal.id, principal.arn.as_str()));
            ids.collect()
        });
        match ids.get(id) {
            Some(arn) => Bearer::Listed(arn),
            None if self.inventory.gaps.is_empty() => Bearer::Nobody,
            None => Bearer::Unknown,
        }
    }
}

/// Whether a principal is the unique id of a role or user.
fn is_unique_id(value: &str) -> bool {
    (value.starts_with("AROA") || value.starts_with("AIDA"))
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Why it is not known whether somebody can assume a role, or why he cannot.
#[derive(Default)]
pub(super) struct Doubts<'p> {
    /// Context keys, and what else a condition hangs on.
    pub(super) keys: BTreeSet<&'p str>,
    /// Principals that the policy names, where only their account was declared.
    principals: BTreeSet<&'p str>,
    /// Names that may be the service's in China.
    services: BTreeSet<&'p str>,
    /// RCPs that deny.
    pub(super) denying: BTreeSet<&'p str>,
    /// Statements of SCPs and RCPs: those that deny, or of which that is not known.
    pub(super) above: BTreeSet<StatementRef>,
    /// Ids that the policy names and nobody has.
    dead: BTreeSet<&'p str>,
    /// Whose own policies, or SCPs, do not allow it, or perhaps not.
    pub(super) not_let: BTreeSet<&'p str>,
    /// Who is not in the listing.
    pub(super) not_listed: BTreeSet<&'p str>,
}

impl<'p> Doubts<'p> {
    fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.principals.extend(other.principals);
        self.services.extend(other.services);
    }

    /// Adds the ids that the policy names and nobody has.
    pub(super) fn name_dead(&mut self, policy: &'p TrustPolicy, listing: &Listing<'_>) {
        for (kind, value) in policy.statements.iter().flat_map(|one| &one.principals) {
            let is_dead = &**kind == "AWS"
                && is_unique_id(value)
                && matches!(listing.bearer(value), Bearer::Nobody);
            if is_dead {
                self.dead.insert(value);
            }
        }
    }

    /// The same in words; `None` where there is nothing to say.
    pub(super) fn said(&self) -> Option<String> {
        Some(self.to_string()).filter(|text| !text.is_empty())
    }
}

impl fmt::Display for Doubts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |all: &BTreeSet<&'_ str>| all.iter().copied().collect::<Vec<_>>().join(", ");
        let mut said = Vec::new();
        if !self.keys.is_empty() {
            said.push(format!("it hangs on {}", joined(&self.keys)));
        }
        if !self.principals.is_empty() {
            said.push(format!(
                "the trust policy names {}, and `assumed-by` names only the account: name there who assumes the role",
                joined(&self.principals)
            ));
        }
        if !self.services.is_empty() {
            said.push(format!(
                "the trust policy names {}, and whether that is the service is not known: name it without `.cn`",
                joined(&self.services)
            ));
        }
        if !self.denying.is_empty() {
            said.push(format!(
                "denied by RCP {}, which only its owner can change",
                joined(&self.denying)
            ));
        }
        if !self.dead.is_empty() {
            said.push(format!(
                "the trust policy names {}, the id of somebody who was deleted",
                joined(&self.dead)
            ));
        }
        if !self.not_let.is_empty() {
            said.push(format!(
                "the policies of {} have to allow sts:AssumeRole on it as well",
                joined(&self.not_let)
            ));
        }
        let scps = self
            .above
            .iter()
            .filter(|by| matches!(by.layer, Layer::ServiceControl { .. }));
        let scps: BTreeSet<&str> = scps.map(|by| &*by.policy).collect();
        if !scps.is_empty() {
            said.push(format!(
                "SCP {} has to allow it, which only its owner can change",
                joined(&scps)
            ));
        }
        if !self.not_listed.is_empty() {
            said.push(format!(
                "{} is not in the listing of the account",
                joined(&self.not_listed)
            ));
        }
        f.write_str(&said.join("; "))
    }
}

/// Whether a trust policy lets someone assume the role; what it hangs on goes into `doubts`.
pub(super) fn admits<'p>(
    policy: &'p TrustPolicy,
    who: Who<'_>,
    context: &Context,
    listing: &Listing<'_>,
    doubts: &mut Doubts<'p>,
) -> Speaks {
    let mut allowed = Speaks::No;
    let mut denied = Speaks::No;
    let mut hangs_on = Doubts::default();
    for statement in &policy.statements {
        let speaks = speaks(statement, who, context, listing, &mut hangs_on);
        match statement.effect {
            Effect::Allow => allowed = allowed.max(speaks),
            Effect::Deny => denied = denied.max(speaks),
        }
    }
    let admits = allowed.unless(denied);
    if admits == Speaks::Perhaps {
        doubts.extend(hangs_on);
    }
    admits
}

fn speaks<'p>(
    statement: &'p TrustStatement,
    who: Who<'_>,
    context: &Context,
    listing: &Listing<'_>,
    hangs_on: &mut Doubts<'p>,
) -> Speaks {
    let mut patterns = statement.action.patterns.iter();
    let assumes = patterns.any(|pattern| glob::matches_folded(pattern, "sts:AssumeRole"));
    if assumes == statement.action.negated {
        return Speaks::No;
    }
    let principals = statement.principals.iter();
    let named = principals.map(|(kind, value)| (names(kind, value, who, listing), &**value));
    let speaks_of = named.clone().map(|(speaks, _)| speaks).max();
    let speaks_of = match (speaks_of.unwrap_or(Speaks::No), statement.negated) {
        (Speaks::Perhaps, _) => Speaks::Perhaps,
        (Speaks::Yes, false) | (Speaks::No, true) => Speaks::Yes,
        (Speaks::No, false) | (Speaks::Yes, true) => return Speaks::No,
    };
    let mut truths = Truths::from(Truth::Yes);
    let mut keys = Vec::new();
    for condition in &statement.conditions {
        if let Who::Service(service) = who
            && let Some(truth) = source_arn(condition, service, listing.account, context)
        {
            truths = truths.and(truth.into());
            continue;
        }
        let evaluation = condition::evaluate(condition, Version::V2012, statement.effect, context);
        truths = truths.and(evaluation.can);
        if evaluation.can.settled().is_none() || evaluation.can.has(Truth::Unclear) {
            keys.push(condition.key.as_ref());
        }
    }
    if let Some(doubt) = &statement.doubt {
        truths = truths.and(Truth::Unclear.into());
        keys.push(&doubt.reason);
    }
    if truths.never() {
        return Speaks::No;
    }
    if !truths.surely() {
        hangs_on.keys.extend(keys);
    }
    if speaks_of == Speaks::Perhaps {
        let perhaps = named.filter(|(speaks, _)| *speaks == Speaks::Perhaps);
        let perhaps = perhaps.map(|(_, value)| value);
        match who {
            Who::Service(_) => hangs_on.services.extend(perhaps),
            Who::Account(_) | Who::Principal(_) => hangs_on.principals.extend(perhaps),
        }
    }
    match truths.surely() {
        true => speaks_of,
        false => Speaks::Perhaps,
    }
}

/// Whether one entry of `Principal` is someone. `*` is everybody, services included. One user or role of an account may be who
/// acts for it, or another one. An id that nobody has is nobody.
fn names(kind: &str, value: &str, who: Who<'_>, listing: &Listing<'_>) -> Speaks {
    let value = match is_unique_id(value).then(|| listing.bearer(value)) {
        Some(Bearer::Listed(arn)) => arn,
        Some(Bearer::Nobody) => return Speaks::No,
        Some(Bearer::Unknown) => {
            let account = match who {
                Who::Service(_) => None,
                Who::Account(account) => Some(account),
                Who::Principal(arn) => account_of(arn),
            };
            return match account == Some(listing.account) {
                true => Speaks::Perhaps,
                false => Speaks::No,
            };
        }
        None => value,
    };
    let is_named = match (kind, who) {
        ("AWS", _) if value == "*" => true,
        ("Service", Who::Service(service)) => {
            return names_service(value, service, listing.partition);
        }
        ("AWS", Who::Account(account)) if account_of(value) == Some(account) => {
            return match is_whole_account(value) {
                true => Speaks::Yes,
                false => Speaks::Perhaps,
            };
        }
        ("AWS", Who::Principal(arn)) => {
            value == arn || (is_whole_account(value) && account_of(value) == account_of(arn))
        }
        _ => false,
    };
    match is_named {
        true => Speaks::Yes,
        false => Speaks::No,
    }
}

/// Whether a name is a service's. In China AWS writes the name of EC2 in two ways, that of others perhaps.
fn names_service(value: &str, service: &str, partition: &str) -> Speaks {
    const EC2: &str = "ec2.amazonaws.com";
    if value.eq_ignore_ascii_case(service) {
        return Speaks::Yes;
    }
    let is_of_china = partition == "aws-cn"
        && value
            .to_ascii_lowercase()
            .strip_suffix(".cn")
            .is_some_and(|value| value.eq_ignore_ascii_case(service));
    match (is_of_china, service.eq_ignore_ascii_case(EC2)) {
        (true, true) => Speaks::Yes,
        (true, false) => Speaks::Perhaps,
        (false, _) => Speaks::No,
    }
}

pub(super) fn account_of(value: &str) -> Option<AccountId> {
    let account = Arn::parse(value).map_or(value, |arn| arn.account);
    account.parse().ok()
}

fn is_whole_account(value: &str) -> bool {
    Arn::parse(value).map_or(true, |arn| arn.resource == "root")
}
