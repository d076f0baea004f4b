//! Unseen: what did a later audit not look at again of what an earlier one found?
//!
//! In: the assessments of both, and the summary of the later. What is missing in the later one only because nobody read what it rested
//! on is not repaired; that is decided as for a baseline, by `compare`.

use std::collections::BTreeSet;
use std::slice;

use super::summary::{About, AuditSummary, Topic, place, resource_fault, trust};
use crate::assessment::Assessment;
use crate::bind::requirement::Requirement;
use crate::compare::visibility::{Visibility, visibility};
use crate::find::observe::action_items;
use crate::finding::{Code, Finding, Item, Lack};
use crate::observe::observe;
use crate::settings::Settings;
use crate::verdict::{Place, Verdict};

/// Notes in the summary of a later audit what of an earlier one it did not look at again.
pub fn note_unseen(summary: &mut AuditSummary, earlier: &Assessment, later: &Assessment) {
    // Who owns what makes no difference.
    let found = observe(earlier, &Settings::default());
    for finding in found.values() {
        let Some(principal) = finding.principal.as_ref() else {
            continue;
        };
        let (items, lacks) = match visibility(later, finding) {
            Visibility::Partial(unseen) => (unseen.items, unseen.lacks),
            Visibility::Blind => (
                finding.items.iter().cloned().collect(),
                finding.lacks.to_vec(),
            ),
            Visibility::NotAsked | Visibility::Clear | Visibility::Left => continue,
        };
        let topic = Topic {
            principal: Some(principal.clone()),
            about: About::Set(finding.set.clone()),
        };
        let verdict = earlier.verdict(principal, &finding.set);
        if let (Some(verdict), Some(status)) = (verdict, summary.topics.get_mut(&topic)) {
            let items: BTreeSet<Item> = items.intersection(&finding.items).cloned().collect();
            status
                .unseen
                .extend(named(finding, verdict, &items, &lacks));
        }
    }
}

/// Items of a finding as a summary names them.
fn named(
    finding: &Finding,
    verdict: &Verdict,
    items: &BTreeSet<Item>,
    lacks: &[Lack],
) -> Vec<Item> {
    let requirement = &*verdict.requirement;
    let faults = |weight: &'static str| {
        let faults = items.iter();
        faults.filter_map(move |item| Some(resource_fault(item, weight)?.0))
    };
    match finding.code {
        Code::MissingActions => {
            let places = verdict.missing.iter().flat_map(|missing| &missing.places);
            let actions = places.flat_map(|place| actions(requirement, place));
            let unseen = actions.filter(|(told, _)| items.contains(told));
            unseen.map(|(_, item)| item).collect()
        }
        Code::MissingTrust => {
            let names: Vec<Box<str>> = items.iter().map(|item| (&*item.name).into()).collect();
            trust(&names, &[], None).map(|(item, _)| item).collect()
        }
        Code::KeyState | Code::ResourceSettings => faults("breaks").collect(),
        Code::Undetermined => {
            let unknown = verdict.unknown.iter();
            let unknown = unknown.filter(|one| lacks.iter().any(|lack| lack.cause == one.cause));
            let places = unknown.flat_map(|unknown| &unknown.places);
            let actions = places.flat_map(|place| actions(requirement, place));
            actions
                .map(|(_, item)| item)
                .chain(faults("unknown"))
                .collect()
        }
        Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed => Vec::new(),
    }
}

/// The actions of a place, as a finding and as a summary names them.
fn actions<'a>(
    requirement: &'a Requirement,
    at: &'a Place,
) -> impl Iterator<Item = (Item, Item)> + 'a {
    let place = place(at.resource(requirement), at.region(requirement));
    action_items(requirement, slice::from_ref(at)).map(move |told| {
        let item = Item {
            name: told.name.clone(),
            place: place.clone(),
        };
        (told, item)
    })
}
