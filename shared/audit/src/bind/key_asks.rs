//! Key asks: what do the operations of a set ask of the keys that they work with?
//!
//! In: the sets of a requirement with its scope, and keys with what they are to its operations. Out: further checks, on the ARNs of
//! these keys. A key policy may name the service through which KMS is called, so each bears what the calls of its operation bear.
//! What no page says of them is left unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{ActionSet, KeyNeed, KeyRole, KmsCaller, key_needs};
use iam::{ActionName, Arn, Context, Question};

use super::groups::carried;
use super::resource::Resource;
use super::scope::Scope;
use crate::bind::requirement::{Carries, Check, KeyAsk, KeyAsks, Need, Permit, Requirement};
use crate::settings::RequestContext;

/// The scope variables that say which key of an operation theirs is.
const DECLARED: [(&str, KeyRole); 3] = [
    ("repository_key", KeyRole::Repository),
    ("source_key", KeyRole::Source),
    ("target_key", KeyRole::Target),
];

/// The condition that the setting of a region answers.
const ENCRYPTS_BY_DEFAULT: &str = "ebs-encryption-by-default";

/// Keys by ARN, with what they are to the operations.
pub(super) type Keys = BTreeMap<Arc<str>, BTreeSet<KeyRole>>;

/// The keys that are declared with what they are.
pub(super) fn declared(resources: &BTreeMap<Box<str>, Vec<Resource>>) -> Keys {
    let mut keys = Keys::new();
    for (variable, role) in DECLARED {
        for resource in resources.get(variable).into_iter().flatten() {
            let roles = keys.entry(Arc::clone(&resource.arn)).or_default();
            roles.insert(role);
        }
    }
    keys
}

/// The declarations of keys that no operation of these requirements works with, such as `source-key`. An operation that does not
/// take place by what the settings answer counts as one.
pub(super) fn unused(scope: &Scope, requirements: &[Arc<Requirement>]) -> Vec<String> {
    let is_declared = |input: &str| {
        let values = scope.inputs.get(input);
        values.is_some_and(|values| !values.is_empty())
    };
    let is_used = |role: KeyRole| {
        let of_set = |need: &&KeyNeed, requirement: &Requirement| {
            let mut sets = need.sets.iter();
            sets.any(|set| set.as_str() == &*requirement.set)
        };
        let mut all = requirements.iter();
        all.any(|requirement| {
            let asks = requirement.key_asks.as_ref();
            let mut needs = key_needs().iter();
            asks.is_some_and(|asks| asks.is_about(role))
                || needs.any(|need| need.keys.contains(&role) && of_set(&need, requirement))
        })
    };
    let declared = DECLARED.iter().filter(|(input, _)| is_declared(input));
    let unused = declared.filter(|(_, role)| !requirements.is_empty() && !is_used(*role));
    unused.map(|(input, _)| input.replace('_', "-")).collect()
}

/// What the operations of these sets ask of keys; `None` where they work with none.
pub(super) fn of(
    sets: &[&ActionSet],
    scope: &Scope,
    keys: &Keys,
    context: &Arc<Context>,
    requests: &[&RequestContext],
) -> Option<KeyAsks> {
    let needs = key_needs().iter().filter(|need| {
        let of_set = |set: &&ActionSet| need.sets.contains(&set.id);
        sets.iter().any(of_set) && need.since.is_none_or(|since| since <= scope.version)
    });
    let mut asks: Vec<KeyAsk> = Vec::new();
    let mut denied: Vec<KeyAsk> = Vec::new();
    for need in needs {
        match counts(need, scope) {
            Some(counts) => asks.extend(of_need(need, &counts)),
            None if need.condition.as_deref() == Some(ENCRYPTS_BY_DEFAULT) => {
                denied.extend(of_need(need, &Need::Required));
            }
            None => {}
        }
    }
    if asks.is_empty() && denied.is_empty() {
        return None;
    }
    let workers_elsewhere = scope
        .worker_accounts
        .iter()
        .any(|account| *account != scope.account);
    let own = scope.account.as_str();
    let actions = asks.iter().chain(&denied).flat_map(|ask| ask.actions);
    let carries: BTreeMap<&ActionName, _> = actions
        .map(|action| (action, carried(context, requests, action)))
        .filter(|(_, carries)| !carries.is_empty())
        .collect();
    Some(KeyAsks {
        account: scope.account,
        workers_elsewhere,
        across_accounts: workers_elsewhere || keys.keys().any(|key| is_foreign(key, own)),
        context: Arc::clone(context),
        carries: carries
            .into_iter()
            .map(|(action, carries)| (action.clone(), Arc::new(carries)))
            .collect(),
        asks,
        denied,
    })
}

/// Whether the operation takes place; `None` where the settings deny its condition.
fn counts(need: &KeyNeed, scope: &Scope) -> Option<Need> {
    let Some(condition) = &need.condition else {
        return Some(Need::Required);
    };
    match scope.answers.get(condition) {
        Some(true) => Some(Need::Required),
        Some(false) => None,
        None => Some(Need::Asked(Arc::from(&**condition))),
    }
}

fn of_need(need: &'static KeyNeed, counts: &Need) -> impl Iterator<Item = KeyAsk> {
    need.keys.iter().map(|role| KeyAsk {
        role: *role,
        through: need.through,
        across_accounts: need.across_accounts,
        need: counts.clone(),
        actions: &need.actions,
    })
}

fn is_foreign(key: &str, own: &str) -> bool {
    Arn::parse(key).is_ok_and(|arn| arn.account != own)
}

impl KeyAsks {
    /// Whether something is asked of keys with this role.
    pub(super) fn is_about(&self, role: KeyRole) -> bool {
        self.asks.iter().any(|ask| ask.role == role)
    }

    /// The same in a region that encrypts new volumes.
    pub(super) fn where_volumes_are_encrypted(&self) -> Self {
        let Self { asks, denied, .. } = self;
        let mut asks = [asks.as_slice(), denied].concat();
        for ask in asks.iter_mut().filter(|ask| hangs_on_region(&ask.need)) {
            ask.need = Need::Required;
        }
        Self {
            asks,
            denied: Vec::new(),
            ..self.clone()
        }
    }

    /// The same in a region that does not encrypt new volumes.
    pub(super) fn where_volumes_are_not_encrypted(&self) -> Self {
        let mut asks = self.clone();
        asks.asks.retain(|ask| !hangs_on_region(&ask.need));
        asks
    }

    /// Whether an operation that takes place works with such a key. Whether volumes are encrypted where nobody said so, the region
    /// says.
    pub(super) fn works_with(&self, role: KeyRole) -> bool {
        let mut asks = self.asks.iter();
        asks.any(|ask| {
            let is_among = match role {
                // It takes place with this key wherever another account takes part, but not where that one's workers run.
                KeyRole::EbsDefault => self.takes_place_by_default(ask),
                KeyRole::Source
                | KeyRole::Target
                | KeyRole::Repository
                | KeyRole::Bucket
                | KeyRole::Vault => !ask.across_accounts || self.across_accounts,
            };
            ask.role == role && is_among
        })
    }

    /// Whether an operation takes place with the default key of the account: one across accounts does only where the worker runs in it.
    fn takes_place_by_default(&self, ask: &KeyAsk) -> bool {
        !ask.across_accounts || (self.across_accounts && !self.workers_elsewhere)
    }

    /// Whether an operation takes place with this key: one across accounts does only where another account takes part.
    fn takes_place(&self, ask: &KeyAsk, key: &str) -> bool {
        match ask.role {
            KeyRole::EbsDefault => self.takes_place_by_default(ask),
            KeyRole::Source
            | KeyRole::Target
            | KeyRole::Repository
            | KeyRole::Bucket
            | KeyRole::Vault => {
                !ask.across_accounts
                    || self.workers_elsewhere
                    || is_foreign(key, self.account.as_str())
            }
        }
    }
}

/// Whether nobody said if the region encrypts new volumes.
fn hangs_on_region(need: &Need) -> bool {
    match need {
        Need::Asked(condition) => &**condition == ENCRYPTS_BY_DEFAULT,
        Need::Required | Need::Optional(_) => false,
    }
}

/// What calls have in common: who calls KMS, whether grants are made, what the settings say.
type Kind<'a> = (KmsCaller, bool, Option<&'a Arc<Carries>>);

/// Takes out the checks on any key of actions that are needed on no key but those with these roles, which are known. Gives back the
/// actions that were needed. Whether volumes are encrypted where nobody said so, the region says later.
pub(super) fn settle(
    all: &[&KeyAsks],
    known: &BTreeSet<KeyRole>,
    checks: &mut Vec<Check>,
) -> BTreeSet<ActionName> {
    let taking_place = all.iter().flat_map(|asks| {
        let of_account = |ask: &&KeyAsk| !ask.across_accounts || asks.across_accounts;
        asks.asks.iter().filter(of_account)
    });
    let taking_place = taking_place.filter(|ask| !hangs_on_region(&ask.need));
    let (known, open): (Vec<_>, Vec<_>) = taking_place.partition(|ask| known.contains(&ask.role));
    let actions = |asks: Vec<&KeyAsk>| -> BTreeSet<&ActionName> {
        asks.into_iter().flat_map(|ask| ask.actions).collect()
    };
    let (known, open) = (actions(known), actions(open));
    take_out(checks, "*", |action| {
        known.contains(action) && !open.contains(action)
    })
}

/// Adds the checks of these keys. An action that was checked on one of them already is not checked twice: what its operation says
/// of the call is more. `needed`: those that are needed whatever their operation says.
pub(super) fn add(
    asks: &KeyAsks,
    keys: &Keys,
    needed: &BTreeSet<ActionName>,
    checks: &mut Vec<Check>,
) {
    for (arn, roles) in keys {
        let mut wanted: BTreeMap<Kind<'_>, BTreeMap<&ActionName, Need>> = BTreeMap::new();
        let mut all: BTreeSet<&ActionName> = BTreeSet::new();
        let of_key = asks.asks.iter().filter(|ask| roles.contains(&ask.role));
        for ask in of_key.filter(|ask| asks.takes_place(ask, arn)) {
            for action in ask.actions {
                all.insert(action);
                let kind = (
                    ask.through,
                    is_about_grants(action),
                    asks.carries.get(action),
                );
                let need = wanted.entry(kind).or_default().entry(action);
                let strictest = need.or_insert_with(|| ask.need.clone());
                if ask.need == Need::Required {
                    *strictest = Need::Required;
                }
            }
        }
        let needed_here = take_out(checks, arn, |action| all.contains(action));
        for (action, need) in wanted.values_mut().flatten() {
            if needed.contains(*action) || needed_here.contains(*action) {
                *need = Need::Required;
            }
        }
        checks.extend(wanted.into_iter().map(|(kind, actions)| Check {
            question: Question {
                resource: Arc::clone(arn),
                context: Arc::new(context(asks, kind, arn)),
                actions: actions.keys().copied().cloned().collect(),
            },
            needs: actions.into_values().collect(),
            permit: Permit {
                resource: Arc::clone(arn),
                context: Arc::default(),
            },
        }));
    }
}

/// Takes actions out of the checks of a resource that bear nothing of their own. Gives back those that were needed there.
fn take_out(
    checks: &mut Vec<Check>,
    resource: &str,
    is_wanted: impl Fn(&ActionName) -> bool,
) -> BTreeSet<ActionName> {
    let mut needed = BTreeSet::new();
    for check in checks.iter_mut() {
        let is_of_it = &*check.question.resource == resource && check.permit.context.is_empty();
        if !is_of_it || !check.question.actions.iter().any(&is_wanted) {
            continue;
        }
        let all = check.question.actions.iter().zip(check.needs.iter());
        let (taken, kept): (Vec<_>, Vec<_>) = all.partition(|(action, _)| is_wanted(action));
        let taken = taken.into_iter();
        let of_need = taken.filter(|(_, need)| **need == Need::Required);
        needed.extend(of_need.map(|(action, _)| action.clone()));
        let (actions, needs): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
        check.question.actions = actions.into_iter().cloned().collect();
        check.needs = needs.into_iter().cloned().collect();
    }
    checks.retain(|check| !check.question.actions.is_empty());
    needed
}

/// Whether requests for an action say if the grant is for an AWS resource.
fn is_about_grants(action: &ActionName) -> bool {
    ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        .iter()
        .any(|one| action.as_str().eq_ignore_ascii_case(one))
}

/// What such a call on a key bears.
fn context(asks: &KeyAsks, (through, is_about_grants, carries): Kind<'_>, arn: &str) -> Context {
    const NONE: [Box<str>; 0] = [];
    const PLACES: [&str; 3] = ["aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce"];
    const CALLED_VIA: [&str; 3] = ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"];
    let mut context = (*asks.context).clone();
    let region = Arn::parse(arn).map_or("", |arn| arn.region);
    context.set_one("aws:RequestedRegion", region);
    context.set_one("kms:CallerAccount", asks.account.as_str());
    match through.via_service(region) {
        Some(values) => context.set("kms:ViaService", values),
        None => context.forget("kms:ViaService"),
    }
    match through {
        KmsCaller::Principal => {}
        // The service calls from its own address, and bears no endpoint of the account's.
        KmsCaller::Ec2 | KmsCaller::Rds | KmsCaller::S3 => {
            context.set_one("aws:ViaAWSService", "true");
            for key in PLACES {
                context.set(key, NONE);
            }
            for key in CALLED_VIA {
                context.forget(key);
            }
        }
        KmsCaller::Unknown => {
            context.forget("aws:ViaAWSService");
            for key in PLACES.into_iter().chain(CALLED_VIA) {
                context.forget(key);
            }
        }
    }
    let is_for_resource = is_about_grants && through != KmsCaller::Principal;
    context.set(
        "kms:GrantIsForAWSResource",
        is_for_resource.then_some("true"),
    );
    for (key, values) in carries.into_iter().flat_map(|carries| carries.iter()) {
        context.set(key, values.iter().cloned());
    }
    context
}
