//! Trust: can those who must assume a role do so?
//!
//! Services that act for Veeam (`backup.amazonaws.com`, …) and the appliance itself. A statement under a condition that
//! nobody can answer makes the judgement unknown, unless another one allows without.

use std::collections::BTreeSet;

use iam::policy::Effect;
use iam::trust::{TrustPolicy, TrustStatement};
use iam::{AccountId, Arn, Principal};

use super::means;
use crate::requirement::Plan;
use crate::settings::Settings;
use crate::verdict::Trust;

/// Who must be able to assume the role.
#[derive(Clone, Copy)]
enum Who<'a> {
    Service(&'a str),
    /// An account: any principal of it will do.
    Account(AccountId),
    /// A role or user: its account will do as well.
    Principal(&'a str),
}

/// Whether a statement speaks of someone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    No,
    /// Only if its conditions hold.
    Perhaps,
    Yes,
}

pub(super) fn judge(principal: &Principal, plan: &Plan, _settings: &Settings) -> Trust {
    if plan.trust_services.is_empty() && plan.trusted.is_empty() {
        return Trust::default();
    }
    let unknown = |reason: String| {
        let mut all: Vec<Box<str>> = plan.trust_services.iter().cloned().collect();
        all.extend(plan.trusted.iter().cloned());
        Trust {
            missing: Vec::new(),
            unknown: all,
            reason: Some(reason.into()),
        }
    };
    let policy = match principal.trust.as_deref() {
        Some(Ok(policy)) => policy,
        Some(Err(fault)) => {
            return unknown(format!("the trust policy cannot be read: {}", fault.reason));
        }
        None => return unknown("the trust policy is not in the inventory".to_owned()),
    };
    let services = plan
        .trust_services
        .iter()
        .map(|name| (name, Who::Service(name)));
    let trusted = plan.trusted.iter().map(|name| match name.parse() {
        Ok(account) => (name, Who::Account(account)),
        Err(_) => (name, Who::Principal(name)),
    });
    let mut trust = Trust::default();
    let mut keys = BTreeSet::new();
    for (name, who) in services.chain(trusted) {
        match admits(policy, who, &mut keys) {
            Speaks::Yes => {}
            Speaks::Perhaps => trust.unknown.push(name.clone()),
            Speaks::No => trust.missing.push(name.clone()),
        }
    }
    if !trust.unknown.is_empty() {
        let keys: Vec<&str> = keys.into_iter().collect();
        trust.reason = Some(format!("it hangs on {}", keys.join(", ")).into());
    }
    trust
}

/// Whether a trust policy lets someone assume the role; what it hangs on goes into `keys`.
fn admits<'p>(policy: &'p TrustPolicy, who: Who<'_>, keys: &mut BTreeSet<&'p str>) -> Speaks {
    let mut allowed = Speaks::No;
    let mut denied = Speaks::No;
    let mut hangs_on = Vec::new();
    for statement in &policy.statements {
        let speaks = speaks(statement, who);
        if speaks == Speaks::Perhaps {
            hangs_on.extend(
                statement
                    .conditions
                    .iter()
                    .map(|condition| condition.key.as_ref()),
            );
        }
        let pile = match statement.effect {
            Effect::Allow => &mut allowed,
            Effect::Deny => &mut denied,
        };
        if speaks == Speaks::Yes || (speaks == Speaks::Perhaps && *pile == Speaks::No) {
            *pile = speaks;
        }
    }
    let admits = match (allowed, denied) {
        (Speaks::No, _) | (_, Speaks::Yes) => Speaks::No,
        (Speaks::Yes, Speaks::No) => Speaks::Yes,
        (Speaks::Yes | Speaks::Perhaps, _) => Speaks::Perhaps,
    };
    if admits == Speaks::Perhaps {
        keys.extend(hangs_on);
    }
    admits
}

fn speaks(statement: &TrustStatement, who: Who<'_>) -> Speaks {
    let assumes = statement
        .action
        .patterns
        .iter()
        .any(|pattern| means(pattern, "sts:AssumeRole"));
    if assumes == statement.action.negated {
        return Speaks::No;
    }
    let named = statement
        .principals
        .iter()
        .any(|(kind, value)| names(kind, value, who));
    if named == statement.negated {
        return Speaks::No;
    }
    if statement.conditions.is_empty() {
        Speaks::Yes
    } else {
        Speaks::Perhaps
    }
}

/// Whether one entry of `Principal` is someone. `*` is everybody, services included.
fn names(kind: &str, value: &str, who: Who<'_>) -> bool {
    match (kind, who) {
        ("AWS", _) if value == "*" => true,
        ("Service", Who::Service(service)) => value.eq_ignore_ascii_case(service),
        ("AWS", Who::Account(account)) => account_of(value) == Some(account),
        ("AWS", Who::Principal(arn)) => {
            value == arn || (is_whole_account(value) && account_of(value) == account_of(arn))
        }
        _ => false,
    }
}

fn account_of(value: &str) -> Option<AccountId> {
    let account = Arn::parse(value).map_or(value, |arn| arn.account);
    account.parse().ok()
}

fn is_whole_account(value: &str) -> bool {
    Arn::parse(value).map_or(true, |arn| arn.resource == "root")
}
