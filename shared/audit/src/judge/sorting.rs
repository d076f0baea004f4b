//! Sorting: which answers are drift, which are not known, and which are only worth a notice?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{Cause, Decision, Group, StatementRef, glob};

use super::one_bucket;
use crate::bind::requirement::{Need, Requirement};
use crate::judge::verdict::{Missing, Notice, Place, Unknown};
use crate::simulate::kinds::any_of;

/// The answers for one requirement, sorted.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) missing: Vec<Missing>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) notices: Vec<Notice>,
}

/// The statements that deny on some resources, and the patterns of these.
type DeniedOn = (Vec<StatementRef>, Vec<Box<str>>);

/// What is collected while sorting. Keys are ordered, so the same answers in another order give the same verdict.
#[derive(Default)]
struct Piles {
    missing: BTreeMap<(Cause, Decision), Vec<Place>>,
    unknown: BTreeMap<(Cause, BTreeSet<Box<str>>), Vec<Place>>,
    optional: BTreeMap<Arc<str>, Vec<Place>>,
    asked: BTreeMap<Arc<str>, Vec<Place>>,
    only_on: BTreeMap<Vec<Box<str>>, Vec<Place>>,
    denied_on: BTreeMap<DeniedOn, Vec<Place>>,
    not_confirmed: BTreeMap<Arc<str>, Vec<Place>>,
}

pub(crate) fn sort(requirement: &Requirement, mut groups: Vec<Group>) -> Sorted {
    if groups.is_empty() {
        return Sorted::default();
    }
    one_bucket::judge(requirement, &mut groups);
    let mut piles = Piles::default();
    for group in groups {
        piles.take(requirement, group);
    }
    piles.into_sorted()
}

/// Every action of every question, for one cause.
pub(super) fn all_unknown(requirement: &Requirement, cause: Cause) -> Vec<Unknown> {
    let places = requirement
        .questions()
        .enumerate()
        .map(|(question, asked)| {
            let count = u16::try_from(asked.actions.len()).unwrap_or(u16::MAX);
            Place {
                question,
                actions: (0..count).collect(),
            }
        });
    vec![Unknown {
        cause,
        keys: BTreeSet::new(),
        places: places.collect(),
    }]
}

impl Piles {
    fn take(&mut self, requirement: &Requirement, group: Group) {
        let Group {
            question,
            outcome,
            actions,
        } = group;
        match (outcome.decision, outcome.cause) {
            // There are resources among those meant on which it is allowed.
            (_, Cause::AllowedOnlyOn { resources, .. })
                if is_within(requirement, question, &resources) =>
            {
                let pile = self.only_on.entry(resources).or_default();
                pile.push(Place { question, actions });
            }
            (Decision::Allowed, Cause::DeniedOn { by, resources }) => {
                let pile = self.denied_on.entry((by, resources)).or_default();
                pile.push(Place { question, actions });
            }
            (Decision::Allowed, Cause::NoAnswer { reason }) => {
                let pile = self.not_confirmed.entry(reason).or_default();
                pile.push(Place { question, actions });
            }
            (Decision::Allowed, _) => {}
            (decision @ (Decision::ImplicitDeny | Decision::ExplicitDeny), cause) => {
                let required = self.set_aside(requirement, question, actions);
                if !required.actions.is_empty() {
                    let pile = self.missing.entry((cause, decision)).or_default();
                    pile.push(required);
                }
            }
            (Decision::Undetermined, cause) => {
                let required = self.set_aside(requirement, question, actions);
                if !required.actions.is_empty() {
                    let pile = self.unknown.entry((cause, outcome.missing)).or_default();
                    pile.push(required);
                }
            }
        }
    }

    /// Puts aside what need not be allowed, and gives back what must be.
    fn set_aside(
        &mut self,
        requirement: &Requirement,
        question: usize,
        actions: Vec<u16>,
    ) -> Place {
        let check = requirement.checks.get(question);
        let needs: &[Need] = check.map_or(&[], |check| &check.needs);
        let all_required = actions.iter().all(|&at| {
            needs
                .get(usize::from(at))
                .is_none_or(|need| *need == Need::Required)
        });
        if all_required {
            return Place { question, actions };
        }
        let mut required = Vec::new();
        for at in actions {
            let pile = match needs.get(usize::from(at)) {
                Some(Need::Optional(because)) => self.optional.entry(Arc::clone(because)),
                Some(Need::Asked(condition)) => self.asked.entry(Arc::clone(condition)),
                Some(Need::Required) | None => {
                    required.push(at);
                    continue;
                }
            };
            let places = pile.or_default();
            match places.last_mut() {
                Some(last) if last.question == question => last.actions.push(at),
                Some(_) | None => places.push(Place {
                    question,
                    actions: vec![at],
                }),
            }
        }
        Place {
            question,
            actions: required,
        }
    }

    fn into_sorted(self) -> Sorted {
        let missing = self
            .missing
            .into_iter()
            .map(|((cause, decision), places)| Missing {
                cause,
                decision,
                places: tidy(places),
            });
        let unknown = self
            .unknown
            .into_iter()
            .map(|((cause, keys), places)| Unknown {
                cause,
                keys,
                places: tidy(places),
            });
        let only_on = self
            .only_on
            .into_iter()
            .map(|(resources, places)| Notice::AllowedOnlyOn {
                resources,
                places: tidy(places),
            });
        let denied_on =
            self.denied_on
                .into_iter()
                .map(|((by, resources), places)| Notice::DeniedOn {
                    by,
                    resources,
                    places: tidy(places),
                });
        let not_confirmed =
            self.not_confirmed
                .into_iter()
                .map(|(reason, places)| Notice::NotConfirmed {
                    reason,
                    places: tidy(places),
                });
        let optional = self
            .optional
            .into_iter()
            .map(|(because, places)| Notice::Optional {
                because,
                places: tidy(places),
            });
        let asked = self
            .asked
            .into_iter()
            .map(|(condition, places)| Notice::Asked {
                condition,
                places: tidy(places),
            });
        Sorted {
            missing: missing.collect(),
            unknown: unknown.collect(),
            notices: only_on
                .chain(denied_on)
                .chain(not_confirmed)
                .chain(optional)
                .chain(asked)
                .collect(),
        }
    }
}

/// Whether some of these patterns match resources that a question stands for.
fn is_within(requirement: &Requirement, question: usize, resources: &[Box<str>]) -> bool {
    let Some(check) = requirement.checks.get(question) else {
        return false;
    };
    let mut resources = resources.iter();
    resources.any(|pattern| glob::overlap(&any_of(pattern), &check.permit.resource))
}

/// By question, each question once, positions ascending.
fn tidy(places: Vec<Place>) -> Vec<Place> {
    let mut by_question: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
    for mut place in places {
        let actions = by_question.entry(place.question).or_default();
        if actions.is_empty() {
            *actions = place.actions;
        } else {
            actions.append(&mut place.actions);
        }
    }
    by_question
        .into_iter()
        .map(|(question, mut actions)| {
            actions.sort_unstable();
            actions.dedup();
            Place { question, actions }
        })
        .collect()
}
