//! Retirement: is nothing of an action set allowed any more?
//!
//! The opposite of a requirement, for principals that are being retired. In: an inventory and what was bound. Out: one
//! [`Retirement`] for each principal and set, compliant only where every action, the optional ones too, is known to be denied.
//! Without a scope each action is asked about everywhere, and one that is allowed on some resources only is still allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    Cause, Decision, Group, Inventory, Layers, Outcome, Principal, PrincipalArn, Question, Request,
    evaluate, glob,
};

use crate::bind::listed::Listed;
use crate::bind::requirement::{Bound, Check, Requirement, Subject};
use crate::judge::verdict::{Judgement, Place, Unknown};
use crate::simulate::kinds::{kinds_of, written};
use crate::simulate::narrow::{Accounts, narrow};
use crate::simulate::{embedded, inquiries};

/// One action set that a principal should no longer hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Retirement {
    /// Who.
    pub principal: PrincipalArn,
    /// What was asked; the places below point into its questions.
    pub requirement: Arc<Requirement>,
    /// What is still allowed, by what allows it.
    pub allowed: Vec<Still>,
    /// What could not be known.
    pub unknown: Vec<Unknown>,
}

/// Actions that are still allowed, for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// What allows them.
    pub cause: Cause,
    /// Where.
    pub places: Vec<Place>,
}

impl Retirement {
    /// Compliant where all is denied, drifted where something is allowed.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        match (self.allowed.is_empty(), self.unknown.is_empty()) {
            (false, _) => Judgement::Drifted,
            (true, false) => Judgement::Undetermined,
            (true, true) => Judgement::Compliant,
        }
    }
}

/// On which resources the actions of a retired set must be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetiredOn {
    /// On those of its scope.
    Scope,
    /// On every resource.
    Everything,
}

/// How each subject of a listed account stands to each of its sets, in their order.
#[must_use]
pub fn retire(
    listed: &Listed,
    service_control: &ServiceControl<'_>,
    retired_on: RetiredOn,
) -> Vec<Retirement> {
    let mut made: BTreeMap<*const Requirement, Arc<Requirement>> = BTreeMap::new();
    let subjects = listed.bound.subjects.iter().map(|subject| {
        let requirements = subject.requirements.iter().map(|requirement| {
            let made = made.entry(Arc::as_ptr(requirement));
            Arc::clone(made.or_insert_with(|| match retired_on {
                RetiredOn::Scope => Arc::clone(requirement),
                RetiredOn::Everything => Arc::new(everywhere(requirement)),
            }))
        });
        Subject {
            principal: subject.principal,
            requirements: requirements.collect(),
        }
    });
    let bound = Bound {
        subjects: subjects.collect(),
        ..Bound::default()
    };
    let inquiries = inquiries(&bound);
    let inventory = &*listed.inventory;
    let mut replies = embedded::decide(inventory, service_control, &inquiries);
    narrow(
        Accounts::All,
        inventory,
        service_control,
        &inquiries,
        &mut replies,
    );
    let mut found = Vec::new();
    for ((subject, inquiry), reply) in bound.subjects.iter().zip(&inquiries).zip(replies) {
        let Some(principal) = inventory.principals.get(subject.principal) else {
            continue;
        };
        let groups = reply.into_groups_or_undetermined(&inquiry.lists);
        for (requirement, groups) in subject.requirements.iter().zip(groups) {
            let looked = Looked {
                inventory,
                service_control,
                principal,
                requirement,
            };
            found.push(looked.retirement(groups));
        }
    }
    found
}

/// The same requirement on every resource.
fn everywhere(requirement: &Requirement) -> Requirement {
    let checks = requirement.checks.iter().map(|check| Check {
        question: Question {
            resource: "*".into(),
            ..check.question.clone()
        },
        ..check.clone()
    });
    Requirement {
        checks: checks.collect(),
        resources: Arc::default(),
        key_asks: None,
        ..requirement.clone()
    }
}

struct Looked<'a> {
    inventory: &'a Inventory,
    service_control: &'a ServiceControl<'a>,
    principal: &'a Principal,
    requirement: &'a Arc<Requirement>,
}

impl Looked<'_> {
    /// What an action that was denied on the resource asked about gets on others that the policies name: the first that
    /// is not denied, those that are allowed before those of which nothing is known.
    fn elsewhere(
        &self,
        layers: &Layers<'_>,
        written: &BTreeSet<&str>,
        at: usize,
        position: u16,
    ) -> Option<Outcome> {
        let check = self.requirement.checks.get(at)?;
        let question = &check.question;
        let action = question.actions.get(usize::from(position))?;
        let within = match &*question.resource {
            "*" => "*",
            _ => &*check.permit.resource,
        };
        let context = request_context(self.principal, &question.context);
        let mut unknown = None;
        for &pattern in written {
            let kinds = kinds_of(action, self.principal.arn.partition(), pattern);
            if kinds.is_empty() || !glob::overlap(pattern, within) {
                continue;
            }
            let wider = within != "*" && glob::matches(pattern, within);
            let request = Request {
                principal: Some(&self.principal.arn),
                action,
                resource: if wider { within } else { pattern },
                context: &context,
            };
            let mut outcome = evaluate(layers, &request);
            match outcome.decision {
                Decision::Allowed => {
                    if let Cause::AllowedBy(by) = outcome.cause {
                        outcome.cause = Cause::AllowedOnlyOn {
                            by: by.into_iter().collect(),
                            resources: vec![request.resource.into()],
                        };
                    }
                    return Some(outcome);
                }
                Decision::Undetermined => unknown = Some(outcome),
                Decision::ImplicitDeny | Decision::ExplicitDeny => {}
            }
        }
        unknown
    }

    fn retirement(&self, groups: Vec<Group>) -> Retirement {
        let mut allowed: BTreeMap<Cause, BTreeMap<usize, Vec<u16>>> = BTreeMap::new();
        let mut unknown: BTreeMap<(Cause, BTreeSet<Box<str>>), Vec<Place>> = BTreeMap::new();
        let mut answered: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
        let mut denied: Vec<(usize, Vec<u16>)> = Vec::new();
        for group in groups {
            let Group {
                question,
                outcome,
                actions,
            } = group;
            answered.entry(question).or_default().extend(&actions);
            match (outcome.decision, outcome.cause) {
                (_, cause @ Cause::AllowedOnlyOn { .. }) => {
                    let places = allowed.entry(cause).or_default();
                    places.entry(question).or_default().extend(actions);
                }
                (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => {
                    denied.push((question, actions));
                }
                (Decision::Undetermined, cause) => {
                    let places = unknown.entry((cause, outcome.missing)).or_default();
                    places.push(Place { question, actions });
                }
                (Decision::Allowed, cause) => {
                    let places = allowed.entry(cause).or_default();
                    places.entry(question).or_default().extend(actions);
                }
            }
        }
        let layers = layers(self.inventory, self.principal, self.service_control);
        let written = written(&layers);
        for (at, actions) in denied {
            for position in actions {
                let Some(outcome) = self.elsewhere(&layers, &written, at, position) else {
                    continue;
                };
                if outcome.decision == Decision::Allowed {
                    let places = allowed.entry(outcome.cause).or_default();
                    places.entry(at).or_default().push(position);
                } else {
                    let places = unknown.entry((outcome.cause, outcome.missing)).or_default();
                    places.push(Place {
                        question: at,
                        actions: vec![position],
                    });
                }
            }
        }
        for (at, question) in self.requirement.questions().enumerate() {
            let context = request_context(self.principal, &question.context);
            let answered = answered.remove(&at).unwrap_or_default();
            for (position, action) in question.actions.iter().enumerate() {
                let Ok(position) = u16::try_from(position) else {
                    continue;
                };
                if answered.contains(&position) {
                    continue;
                }
                let request = Request {
                    principal: Some(&self.principal.arn),
                    action,
                    resource: &question.resource,
                    context: &context,
                };
                let places = allowed
                    .entry(evaluate(&layers, &request).cause)
                    .or_default();
                places.entry(at).or_default().push(position);
            }
        }
        Retirement {
            principal: self.principal.arn.clone(),
            requirement: Arc::clone(self.requirement),
            allowed: allowed
                .into_iter()
                .map(|(cause, places)| Still {
                    cause,
                    places: places.into_iter().map(place).collect(),
                })
                .collect(),
            unknown: unknown
                .into_iter()
                .map(|((cause, keys), places)| Unknown {
                    cause,
                    keys,
                    places,
                })
                .collect(),
        }
    }
}

fn place((question, mut actions): (usize, Vec<u16>)) -> Place {
    actions.sort_unstable();
    Place { question, actions }
}
