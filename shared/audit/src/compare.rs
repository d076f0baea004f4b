//! Comparing: what is different from the baseline?
//!
//! In: an assessment, what it shows by itself, and the last baseline. Out: changes, by finding id; none for an assessment against the baseline made
//! from it. What was not seen is no change: an unknown never makes a finding better, and never ends it.
//!
//! Which of the changes are told, and when, is `life`'s business.

pub mod baseline;
mod found_key;
pub(crate) mod no_longer_bound;
mod rests_on;
mod seen;
pub mod stored;
pub(crate) mod visibility;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::no_longer_bound::{is_forgotten, no_longer_bound};
use self::rests_on::Unseen;
use self::visibility::{Visibility, visibility};
use crate::compare::baseline::Baseline;
use crate::find::finding::{Code, Finding, Item, Lack, Resolution};
use crate::find::observe::Findings;
use crate::judge::assessment::Assessment;
use crate::settings::Settings;

/// One difference between baseline and assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The finding as it is now; for one that vanished as it was.
    pub finding: Finding,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Appeared,
    /// These items are new.
    Worsened(BTreeSet<Item>),
    /// These items are gone.
    Eased(BTreeSet<Item>),
    /// The same items for another cause, or of another weight.
    Altered,
    /// It is gone.
    Vanished(Resolution),
}

/// The differences between an assessment and a baseline, by finding id. `findings` are those of the assessment.
#[must_use]
pub fn compare(
    assessment: &Assessment,
    findings: &Findings,
    baseline: &Baseline,
    settings: &Settings,
) -> Vec<Change> {
    let mut now = findings.clone();
    for (principal, record) in &baseline.principals {
        if let Some(finding) = no_longer_bound(assessment, principal, record, settings) {
            now.insert(finding.id, finding);
        }
    }
    let mut changes = Vec::new();
    for tracked in baseline
        .tracked()
        .filter(|tracked| tracked.healthy.is_none())
    {
        let before = &tracked.finding;
        let found = now.remove(&before.id);
        let change = match (visibility(assessment, before), found) {
            (Visibility::NotAsked | Visibility::Blind, None) => None,
            (Visibility::Partial(unseen), found) => partial(before, found, &unseen),
            (Visibility::Left, None) => Some(vanished(before, Resolution::Left)),
            (Visibility::Clear, None) if is_forgotten(assessment, before) => {
                Some(vanished(before, Resolution::Left))
            }
            (Visibility::Clear, None) => Some(vanished(before, Resolution::Healthy)),
            (_, Some(found)) => differs(before, found),
        };
        changes.extend(change);
    }
    changes.extend(now.into_values().map(|finding| Change {
        finding,
        kind: ChangeKind::Appeared,
    }));
    changes.sort_by_key(|change| change.finding.id);
    changes
}

/// What was there before and could not be seen now counts as still there.
fn partial(before: &Finding, found: Option<Finding>, unseen: &Unseen) -> Option<Change> {
    let kept: BTreeSet<Item> = before.items.intersection(&unseen.items).cloned().collect();
    let kept_lacks = keep(before, &kept).into_iter();
    let kept_lacks = kept_lacks.chain(unseen.lacks.iter().cloned());
    let Some(mut found) = found else {
        if kept.is_empty() {
            return Some(vanished(before, Resolution::Healthy));
        }
        let mut left = before.clone();
        left.lacks = Arc::new(kept_lacks.collect());
        left.items = kept.into();
        return differs(before, left);
    };
    let lacks = Arc::make_mut(&mut found.lacks);
    for lack in kept_lacks {
        let same = lacks
            .iter_mut()
            .find(|one| one.cause == lack.cause && one.decision == lack.decision);
        match same {
            Some(same) => {
                Arc::make_mut(&mut same.actions).extend(Arc::unwrap_or_clone(lack.actions));
                same.resources.extend(lack.resources);
                same.regions.extend(lack.regions);
                let read = lack.read_side;
                same.read_side.resources.extend(read.resources);
                same.read_side.resource_control |= read.resource_control;
                same.read_side.endpoints |= read.endpoints;
            }
            None => lacks.push(lack),
        }
    }
    // What is kept may be worse than what was found.
    if !kept.is_empty() && before.level > found.level {
        found.level = before.level;
        found.impact = Arc::clone(&before.impact);
    }
    Arc::make_mut(&mut found.items).extend(kept);
    differs(before, found)
}

/// The lacks of a finding, as far as they are about these items.
fn keep(before: &Finding, items: &BTreeSet<Item>) -> Vec<Lack> {
    let mut lacks = Vec::clone(&before.lacks);
    // Its items are no actions: those who cannot assume the role.
    if before.code == Code::MissingTrust && !items.is_empty() {
        return lacks;
    }
    for lack in &mut lacks {
        Arc::make_mut(&mut lack.actions).retain(|action| {
            items
                .iter()
                .any(|item| item.name.eq_ignore_ascii_case(action.as_str()))
        });
    }
    lacks.retain(|lack| !lack.actions.is_empty());
    lacks
}

fn vanished(before: &Finding, how: Resolution) -> Change {
    Change {
        finding: before.clone(),
        kind: ChangeKind::Vanished(how),
    }
}

fn differs(before: &Finding, found: Finding) -> Option<Change> {
    if is_same(before, &found) {
        return None;
    }
    let (old, new) = (names(before), names(&found));
    // The same names in other places: declaring a scope moves them, and makes nothing worse.
    let (more, less) = if old == new {
        let more = found.items.is_superset(&before.items);
        let less = found.items.is_subset(&before.items);
        (more && !less, less && !more)
    } else {
        (!new.is_subset(&old), new.is_subset(&old))
    };
    let kind = if more {
        ChangeKind::Worsened(found.items.difference(&before.items).cloned().collect())
    } else if less {
        ChangeKind::Eased(before.items.difference(&found.items).cloned().collect())
    } else {
        ChangeKind::Altered
    };
    Some(Change {
        finding: found,
        kind,
    })
}

fn names(finding: &Finding) -> BTreeSet<&str> {
    finding.items.iter().map(|item| &*item.name).collect()
}

/// Whether two findings say the same, whenever they were seen.
fn is_same(before: &Finding, found: &Finding) -> bool {
    let mut lacks = before.lacks.iter().zip(found.lacks.iter());
    before.level == found.level
        && before.title == found.title
        && before.impact == found.impact
        && before.items == found.items
        && before.lacks.len() == found.lacks.len()
        && lacks.all(|(before, found)| before.says_the_same(found))
}
