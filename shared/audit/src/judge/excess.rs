//! Excess: what can a principal do beyond its sets?
//!
//! Looked at only where somebody asked. Whether an action is allowed, and whether all layers let it through, the simulator
//! says: questions of its own ask about the actions of all known ways to more power, and about one action of each service
//! ([`probes`]). Which policy opens a service or everything is read from the policies themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use catalog::AccessLevel;
use iam::inventory::PolicyText;
use iam::policy::{Effect, Matches, Statement};
use iam::{ActionName, Decision, Group, Inventory, Principal, Question};

use super::escalation::WAYS;
use crate::bind::requirement::Subject;
use crate::judge::assessment::{Danger, DangerKind, Excess};

/// With these anybody is an administrator, if a policy allows everything.
const POWER: [&str; 3] = [
    "iam:AttachUserPolicy",
    "iam:CreatePolicyVersion",
    "iam:PutUserPolicy",
];

/// The actions to ask about, sorted.
pub(crate) fn probes() -> Vec<ActionName> {
    let ways = WAYS.iter().flat_map(|way| way.actions).copied();
    let services = samples().into_values();
    let mut actions: Vec<ActionName> = ways
        .chain(services)
        .filter_map(|name| name.parse().ok())
        .collect();
    actions.sort();
    actions.dedup();
    actions
}

/// For each service that we know, an action that changes something.
fn samples() -> BTreeMap<&'static str, &'static str> {
    let mut samples = BTreeMap::new();
    for known in catalog::known_actions() {
        if known.access >= AccessLevel::Write
            && let Some((service, _)) = known.name.split_once(':')
        {
            samples.entry(service).or_insert(known.name);
        }
    }
    samples
}

/// What policies open, looked through once.
pub(super) struct Excesses<'i> {
    inventory: &'i Inventory,
    least: DangerKind,
    managed: HashMap<&'i str, Wide<'i>>,
    samples: BTreeMap<&'static str, &'static str>,
    /// What the sets of a subject need, by the address of its requirements.
    needed: HashMap<usize, BTreeSet<ActionName>>,
}

/// How wide a document is, whatever its narrower statements say.
#[derive(Clone, Debug, Default)]
struct Wide<'i> {
    everything: bool,
    /// Services that are allowed as a whole.
    services: BTreeSet<&'i str>,
    /// `NotAction`, as written: everything but these.
    all_but: Option<&'i [Box<str>]>,
}

/// How an action of the probes was decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    No,
    Unknown,
    Yes,
}

impl<'i> Excesses<'i> {
    pub(super) fn of(inventory: &'i Inventory, least: DangerKind) -> Self {
        let managed = inventory.policies.iter();
        Self {
            inventory,
            least,
            managed: managed
                .map(|(arn, policy)| (arn.as_ref(), Wide::of(&policy.document)))
                .collect(),
            samples: samples(),
            needed: HashMap::new(),
        }
    }

    pub(super) fn judge(
        &mut self,
        principal: &'i Principal,
        subject: &Subject,
        questions: &[Question],
        groups: &[Group],
    ) -> Excess {
        let held = Holdings::of(questions, groups);
        let needed = self
            .needed
            .entry(Arc::as_ptr(&subject.requirements).addr())
            .or_insert_with(|| needed(subject))
            .clone();
        let mut excess = Excess {
            principal: principal.arn.clone(),
            dangers: BTreeSet::new(),
            unknown: BTreeSet::new(),
        };
        let mut add = |danger: Danger, held: Held| {
            if danger.kind() <= self.least {
                match held {
                    Held::Yes => _ = excess.dangers.insert(danger),
                    Held::Unknown => _ = excess.unknown.insert(danger),
                    Held::No => {}
                }
            }
        };
        let policies = policies(self.inventory, &self.managed, principal);
        let total = policies.iter().find(|(_, wide)| wide.everything);
        if let Some((policy, _)) = total {
            let power = held.all(&POWER);
            let policy = Arc::clone(policy);
            add(Danger::Administrator { policy }, power);
            if power == Held::Yes {
                return excess;
            }
        }
        for way in &WAYS {
            let own = way.actions.iter().all(|name| {
                let mut needed = needed.iter();
                needed.any(|action| action.as_str().eq_ignore_ascii_case(name))
            });
            if !own {
                add(Danger::Escalation(way), held.all(way.actions));
            }
        }
        let services: BTreeSet<&str> = needed.iter().map(ActionName::service).collect();
        for (policy, wide) in &policies {
            for service in &wide.services {
                let is_needed = services.iter().any(|one| one.eq_ignore_ascii_case(service));
                // Of a service that we do not know no action can be asked about: its policy is taken at its word.
                let sample = self.samples.get(*service);
                let held = sample.map_or(Held::Yes, |sample| held.all(&[*sample]));
                if !is_needed {
                    let what = format!("{service}:*").into();
                    let policy = Arc::clone(policy);
                    add(Danger::Wildcard { what, policy }, held);
                }
            }
            if let Some(but) = wide.all_but {
                let others = self.samples.iter().filter(|(service, _)| {
                    !services.contains(*service) && !but.iter().any(|one| covers(one, service))
                });
                let held = others.map(|(_, sample)| held.all(&[*sample])).max();
                let policy = Arc::clone(policy);
                let what = format!("everything but {}", but.join(", ")).into();
                add(Danger::Wildcard { what, policy }, held.unwrap_or(Held::No));
            }
        }
        excess
    }
}

/// What all sets of a subject name, needed always or not.
fn needed(subject: &Subject) -> BTreeSet<ActionName> {
    let requirements = subject.requirements.iter();
    requirements
        .flat_map(|requirement| requirement.questions())
        .flat_map(|question| question.actions.iter().cloned())
        .collect()
}

/// Every policy of a principal that can be read, with its name.
fn policies<'i>(
    inventory: &'i Inventory,
    managed: &HashMap<&'i str, Wide<'i>>,
    principal: &'i Principal,
) -> Vec<(Arc<str>, Wide<'i>)> {
    let attached = |arns: &'i [Box<str>]| -> Vec<(Arc<str>, Wide<'i>)> {
        arns.iter()
            .filter_map(|arn| Some((Arc::from(&**arn), managed.get(&**arn)?.clone())))
            .collect()
    };
    let mut all = attached(&principal.attached);
    for policy in &principal.inline {
        let name = format!("inline {}", policy.name).into();
        all.push((name, Wide::of(&policy.document)));
    }
    for name in &principal.groups {
        let Some(group) = inventory.groups.get(name) else {
            continue;
        };
        all.extend(attached(&group.attached));
        for policy in &group.inline {
            let name = format!("group {name}: inline {}", policy.name).into();
            all.push((name, Wide::of(&policy.document)));
        }
    }
    all
}

/// The answers to the probes.
struct Holdings<'p> {
    held: HashMap<&'p str, Held>,
}

impl<'p> Holdings<'p> {
    fn of(questions: &'p [Question], groups: &[Group]) -> Self {
        let asked = questions.iter().flat_map(|asked| asked.actions.iter());
        let mut held: HashMap<&str, Held> =
            asked.map(|action| (action.as_str(), Held::Yes)).collect();
        for group in groups {
            let answer = match group.outcome.decision {
                Decision::Allowed => Held::Yes,
                Decision::Undetermined => Held::Unknown,
                Decision::ImplicitDeny | Decision::ExplicitDeny => Held::No,
            };
            for &at in &group.actions {
                let question = questions.get(group.question);
                let action = question.and_then(|asked| asked.actions.get(usize::from(at)));
                held.extend(action.map(|action| (action.as_str(), answer)));
            }
        }
        Self { held }
    }

    /// Whether all are held; one that is not outweighs one that is not known.
    fn all(&self, names: &[&str]) -> Held {
        let held = names.iter().map(|name| self.held.get(name));
        held.map(|held| held.copied().unwrap_or(Held::Unknown))
            .min()
            .unwrap_or(Held::No)
    }
}

impl<'i> Wide<'i> {
    fn of(document: &'i PolicyText) -> Self {
        let mut wide = Self::default();
        let Ok(document) = document.as_ref() else {
            return wide;
        };
        for statement in &document.statements {
            if !opens_all_resources(statement) {
                continue;
            }
            let Matches { negated, patterns } = &statement.action;
            if *negated {
                wide.all_but = Some(patterns);
                continue;
            }
            for pattern in patterns {
                match pattern.split_once(':') {
                    None | Some(("*", "*")) if matches_all(pattern) => wide.everything = true,
                    Some((service, "*")) if !service.contains(['*', '?']) => {
                        wide.services.insert(service);
                    }
                    None | Some(_) => {}
                }
            }
        }
        wide
    }
}

/// Whether a statement allows its actions on everything, always.
fn opens_all_resources(statement: &Statement) -> bool {
    let Matches { negated, patterns } = &statement.resource;
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && !negated
        && patterns.iter().any(|pattern| matches_all(pattern))
}

fn matches_all(pattern: &str) -> bool {
    matches!(pattern, "*" | "*:*" | "**")
}

/// Whether a pattern of actions is about all of a service.
fn covers(pattern: &str, service: &str) -> bool {
    matches_all(pattern)
        || pattern
            .split_once(':')
            .is_some_and(|(named, rest)| rest == "*" && named.eq_ignore_ascii_case(service))
}
