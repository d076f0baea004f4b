//! Trust: can those who must assume a role do so?
//!
//! Services that act for Veeam (`backup.amazonaws.com`, …) and the appliance itself. A statement under a condition that
//! nobody can answer makes the judgement unknown, unless another one allows without.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use iam::condition;
use iam::glob;
use iam::policy::{Effect, Version};
use iam::trust::{TrustPolicy, TrustStatement};
use iam::truth::{Truth, Truths};
use iam::{AccountId, Arn, Context, Principal, PrincipalArn, PrincipalKind};
use jiff::Timestamp;

use crate::bind::assumptions;
use crate::bind::requirement::Requirement;
use crate::judge::verdict::Trust;
use crate::settings::Settings;

/// Who must be able to assume the role.
#[derive(Clone, Copy)]
enum Who<'a> {
    Service(&'a str),
    /// An account: somebody of it, and nobody said who.
    Account(AccountId),
    /// A role or user: its account will do as well.
    Principal(&'a str),
}

/// Whether a statement speaks of someone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Speaks {
    No,
    /// Only if its conditions hold.
    Perhaps,
    Yes,
}

/// A trust policy by its address, the services and who else must be let in.
type Asked = (usize, Arc<[Box<str>]>, Arc<[Box<str>]>);

/// Judges trust policies, each distinct one once for those who must be let in.
pub(super) struct Trusts {
    account: AccountId,
    /// What is known of any request to assume a role.
    context: Context,
    judged: HashMap<Asked, Trust, RandomState>,
}

impl Trusts {
    pub(super) fn new(account: AccountId, settings: &Settings, now: Timestamp) -> Self {
        Self {
            account,
            context: assumptions::context(settings, now),
            judged: HashMap::default(),
        }
    }

    pub(super) fn judge(&mut self, principal: &Principal, requirement: &Arc<Requirement>) -> Trust {
        if requirement.trust_services.is_empty() && requirement.trusted.is_empty() {
            return Trust::default();
        }
        let Some(trust) = &principal.trust else {
            return judge(principal, requirement, self);
        };
        let key = (
            Arc::as_ptr(trust).addr(),
            Arc::clone(&requirement.trust_services),
            Arc::clone(&requirement.trusted),
        );
        if let Some(trust) = self.judged.get(&key) {
            return trust.clone();
        }
        let trust = judge(principal, requirement, self);
        self.judged.insert(key, trust.clone());
        trust
    }

    /// What is known of a request by someone: services act for resources of the role's own account.
    fn context(&self, who: Who<'_>) -> Context {
        let mut context = self.context.clone();
        let account = match who {
            Who::Service(name) => {
                set_absent(&mut context, "aws:MultiFactorAuthPresent");
                context.set_one("aws:SourceAccount", self.account.as_str());
                context.set_one("aws:PrincipalIsAWSService", "true");
                context.set_one("aws:PrincipalServiceName", name);
                return context;
            }
            Who::Account(account) => Some(account),
            Who::Principal(arn) => {
                context.set_one("aws:PrincipalArn", arn);
                if let Ok(arn) = arn.parse::<PrincipalArn>() {
                    match arn.kind() {
                        PrincipalKind::User => {
                            set_absent(&mut context, "aws:MultiFactorAuthPresent");
                            set_absent(&mut context, "aws:TokenIssueTime");
                            context.set_one("aws:PrincipalType", "User");
                            context.set_one("aws:username", arn.name());
                        }
                        PrincipalKind::Role => {
                            context.set_one("aws:PrincipalType", "AssumedRole");
                            context.set::<_, Box<str>>("aws:username", []);
                        }
                    }
                }
                account_of(arn)
            }
        };
        if let Some(account) = account {
            context.set_one("aws:PrincipalAccount", account.as_str());
        }
        context.set_one("aws:PrincipalIsAWSService", "false");
        for key in ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"] {
            context.set::<_, Box<str>>(key, []);
        }
        context
    }
}

/// Says that requests do not bear a key, unless the settings say what it is.
fn set_absent(context: &mut Context, key: &str) {
    if !context.names(key) {
        context.set::<_, Box<str>>(key, []);
    }
}

fn judge(principal: &Principal, requirement: &Requirement, trusts: &Trusts) -> Trust {
    let unknown = |reason: String| {
        let mut all: Vec<Box<str>> = requirement.trust_services.iter().cloned().collect();
        all.extend(requirement.trusted.iter().cloned());
        Trust {
            missing: Vec::new(),
            unknown: all,
            reason: Some(reason.into()),
        }
    };
    let policy = match principal.trust.as_deref() {
        Some(Ok(policy)) => policy,
        Some(Err(fault)) => {
            return unknown(format!("the trust policy cannot be read: {fault}"));
        }
        None => return unknown("the trust policy is not in the inventory".to_owned()),
    };
    let services = requirement
        .trust_services
        .iter()
        .map(|name| (name, Who::Service(name)));
    let trusted = requirement.trusted.iter().map(|name| match name.parse() {
        Ok(account) => (name, Who::Account(account)),
        Err(_) => (name, Who::Principal(name)),
    });
    let mut trust = Trust::default();
    let mut doubts = Doubts::default();
    for (name, who) in services.chain(trusted) {
        match admits(policy, who, &trusts.context(who), &mut doubts) {
            Speaks::Yes => {}
            Speaks::Perhaps => trust.unknown.push(name.clone()),
            Speaks::No => trust.missing.push(name.clone()),
        }
    }
    if !trust.unknown.is_empty() {
        trust.reason = Some(doubts.to_string().into());
    }
    trust
}

/// Why it is not known whether somebody can assume a role.
#[derive(Default)]
struct Doubts<'p> {
    /// Context keys, and what else a condition hangs on.
    keys: BTreeSet<&'p str>,
    /// Principals that the policy names, where only their account was declared.
    principals: BTreeSet<&'p str>,
}

impl<'p> Doubts<'p> {
    fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.principals.extend(other.principals);
    }
}

impl fmt::Display for Doubts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |all: &BTreeSet<&'_ str>| all.iter().copied().collect::<Vec<_>>().join(", ");
        if !self.keys.is_empty() {
            write!(f, "it hangs on {}", joined(&self.keys))?;
        }
        if !self.principals.is_empty() {
            let also = if self.keys.is_empty() { "" } else { "; " };
            write!(
                f,
                "{also}the trust policy names {}, and `assumed-by` names only the account: name there who assumes the role",
                joined(&self.principals)
            )?;
        }
        Ok(())
    }
}

/// Whether a trust policy lets someone assume the role; what it hangs on goes into `doubts`.
fn admits<'p>(
    policy: &'p TrustPolicy,
    who: Who<'_>,
    context: &Context,
    doubts: &mut Doubts<'p>,
) -> Speaks {
    let mut allowed = Speaks::No;
    let mut denied = Speaks::No;
    let mut hangs_on = Doubts::default();
    for statement in &policy.statements {
        let speaks = speaks(statement, who, context, &mut hangs_on);
        match statement.effect {
            Effect::Allow => allowed = allowed.max(speaks),
            Effect::Deny => denied = denied.max(speaks),
        }
    }
    let admits = match (allowed, denied) {
        (Speaks::No, _) | (_, Speaks::Yes) => Speaks::No,
        (Speaks::Yes, Speaks::No) => Speaks::Yes,
        (Speaks::Yes | Speaks::Perhaps, _) => Speaks::Perhaps,
    };
    if admits == Speaks::Perhaps {
        doubts.extend(hangs_on);
    }
    admits
}

fn speaks<'p>(
    statement: &'p TrustStatement,
    who: Who<'_>,
    context: &Context,
    hangs_on: &mut Doubts<'p>,
) -> Speaks {
    let mut patterns = statement.action.patterns.iter();
    let assumes = patterns.any(|pattern| glob::matches_folded(pattern, "sts:AssumeRole"));
    if assumes == statement.action.negated {
        return Speaks::No;
    }
    let principals = statement.principals.iter();
    let named = principals.map(|(kind, value)| (names(kind, value, who), &**value));
    let speaks_of = named.clone().map(|(speaks, _)| speaks).max();
    let speaks_of = match (speaks_of.unwrap_or(Speaks::No), statement.negated) {
        (Speaks::Perhaps, _) => Speaks::Perhaps,
        (Speaks::Yes, false) | (Speaks::No, true) => Speaks::Yes,
        (Speaks::No, false) | (Speaks::Yes, true) => return Speaks::No,
    };
    let mut truths = Truths::from(Truth::Yes);
    let mut keys = Vec::new();
    for condition in &statement.conditions {
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
        hangs_on.principals.extend(perhaps.map(|(_, value)| value));
    }
    match truths.surely() {
        true => speaks_of,
        false => Speaks::Perhaps,
    }
}

/// Whether one entry of `Principal` is someone. `*` is everybody, services included. One user or role of an account may be who
/// acts for it, or another one.
fn names(kind: &str, value: &str, who: Who<'_>) -> Speaks {
    let is_named = match (kind, who) {
        ("AWS", _) if value == "*" => true,
        ("Service", Who::Service(service)) => value.eq_ignore_ascii_case(service),
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

fn account_of(value: &str) -> Option<AccountId> {
    let account = Arn::parse(value).map_or(value, |arn| arn.account);
    account.parse().ok()
}

fn is_whole_account(value: &str) -> bool {
    Arn::parse(value).map_or(true, |arn| arn.resource == "root")
}
