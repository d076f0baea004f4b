//! The summary of an assessment just made, to be compared with another one.
//!
//! In: an assessment of a listing, and how a cause is said. Out: an [`AuditSummary`]. Access keys are not in it, since no
//! listing holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::Cause;

use super::summary::{
    About, AuditSummary, BindingFault, ItemStatus, Items, NotAudited, Reason, RestsOn, State,
    Topic, TopicStatus, no_instance_profile, place, resource_fault, trust, without_rcps,
};
use crate::assessment::{Assessment, Danger, Excess, LevelsRead};
use crate::bind::requirement::{BindFault, Requirement};
use crate::finding::Item;
use crate::judge::layers::blamed;
use crate::verdict::{Notice, Place, Profile, Verdict};

/// What an assessment says. `why` puts a cause into words: two causes with the same words count as the same.
#[must_use]
pub fn summarize(assessment: &Assessment, why: impl Fn(&Cause) -> String) -> AuditSummary {
    let sets = assessment.verdicts.iter();
    let sets = sets.map(|verdict| requirement(verdict, &why));
    let excess = assessment.excess.iter().flatten().map(excess);
    let coverage = &assessment.coverage;
    let failure = assessment.failure.iter().cloned().map(NotAudited::Failed);
    let gaps = coverage.gaps.iter().cloned().map(NotAudited::Gap);
    let late = coverage.not_reached.iter().cloned();
    let mut topics: BTreeMap<Topic, TopicStatus> = sets.chain(excess).collect();
    match coverage.layers.resource_control {
        LevelsRead::NotRead | LevelsRead::Refused | LevelsRead::Partly { .. } => {
            without_rcps(topics.values_mut());
        }
        LevelsRead::NoOrganization | LevelsRead::Read(_) => {}
    }
    AuditSummary {
        account: assessment.account,
        topics,
        bound: coverage.bound.clone(),
        faults: assessment.faults.iter().map(fault).collect(),
        not_audited: failure
            .chain(gaps)
            .chain(late.map(NotAudited::NotReached))
            .collect(),
        selection: coverage.selection.clone(),
        layers: Some(coverage.layers),
    }
}

fn requirement(verdict: &Verdict, why: impl Fn(&Cause) -> String) -> (Topic, TopicStatus) {
    let requirement = &*verdict.requirement;
    let mut items = Items::new();
    let mut rests_on = RestsOn::new();
    for notice in &verdict.notices {
        let (state, reason, places) = match notice {
            Notice::Optional { because, places } => {
                (State::IfNeeded, Reason::Text(Arc::clone(because)), places)
            }
            Notice::Asked { condition, places } => (
                State::IfNeeded,
                Reason::OnlyIf(Arc::clone(condition)),
                places,
            ),
            Notice::AllowedOnlyOn { resources, places } => (
                State::OnlyOn,
                Reason::AllowedOnlyOn(resources.clone().into()),
                places,
            ),
            Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => {
                continue;
            }
        };
        add(
            &mut items,
            requirement,
            places,
            &ItemStatus { state, reason },
        );
    }
    for unknown in &verdict.unknown {
        let status = ItemStatus {
            state: State::Unknown,
            reason: Reason::undecided(why(&unknown.cause).into(), &unknown.keys),
        };
        add(&mut items, requirement, &unknown.places, &status);
    }
    for missing in &verdict.missing {
        let status = ItemStatus {
            state: State::Missing,
            reason: Reason::Text(why(&missing.cause).into()),
        };
        let mut of_cause = Items::new();
        add(&mut of_cause, requirement, &missing.places, &status);
        for item in of_cause.keys() {
            let policies = blamed(&missing.cause, &item.name);
            if !policies.is_empty() {
                let known = rests_on.entry(item.clone()).or_default();
                known.extend(policies);
            }
        }
        items.append(&mut of_cause);
    }
    let policy = &verdict.trust;
    items.extend(trust(&policy.missing, &policy.unknown, policy.why()));
    items.extend(
        verdict
            .faults
            .iter()
            .filter_map(|fault| resource_fault(&fault.item(), fault.weight.as_str())),
    );
    match verdict.instance_profile {
        Profile::Holds => {}
        Profile::Lacks => items.extend([no_instance_profile()]),
    }
    let topic = Topic {
        principal: Some(verdict.principal.clone()),
        about: About::Set((&*requirement.set).into()),
    };
    let mut status = TopicStatus {
        title: Arc::clone(&requirement.title),
        level: requirement.level,
        version: Some(requirement.version.as_str().into()),
        items,
        rests_on,
        unseen: BTreeSet::new(),
        not_checked: verdict.not_read().iter().copied().collect(),
    };
    status.rest_on_resources();
    (topic, status)
}

fn add(items: &mut Items, requirement: &Requirement, places: &[Place], status: &ItemStatus) {
    for one in places {
        let place = place(one.resource(requirement), one.region(requirement));
        let names = one.actions(requirement).map(iam::ActionName::to_shared);
        items.extend(names.map(|name| {
            let place = Arc::clone(&place);
            (Item { name, place }, status.clone())
        }));
    }
}

fn excess(excess: &Excess) -> (Topic, TopicStatus) {
    let items = |dangers: &BTreeSet<Danger>, state| -> Vec<(Item, ItemStatus)> {
        let status = ItemStatus {
            state,
            reason: Reason::Unstated,
        };
        let dangers = dangers.iter();
        dangers.map(|one| (one.item(), status.clone())).collect()
    };
    let mut all = items(&excess.unknown, State::Unknown);
    all.extend(items(&excess.dangers, State::Missing));
    let topic = Topic {
        principal: Some(excess.principal.clone()),
        about: About::Excess,
    };
    (topic, TopicStatus::excess(all.into_iter().collect()))
}

fn fault(fault: &BindFault) -> BindingFault {
    BindingFault {
        principal: fault.principal.clone(),
        place: fault.place.clone(),
        text: fault.kind.to_string().into(),
        leaves_unchecked: fault.kind.leaves_unchecked(),
    }
}
