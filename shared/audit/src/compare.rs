//! Comparing: what is different from the baseline?
//!
//! In: an assessment, what it shows by itself, and the last baseline. Out: changes, by finding id; none for an assessment against the baseline made
//! from it. What was not seen is no change: an unknown never makes a finding better, and never ends it.
//!
//! Which of the changes are told, and when, is `life`'s business.

pub mod baseline;
mod found_key;
mod rests_on;
mod seen;
pub mod stored;
pub(crate) mod visibility;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::PrincipalArn;

use self::rests_on::Unseen;
use self::visibility::{Visibility, is_whole, visibility};
use crate::compare::baseline::{Baseline, Record};
use crate::find::finding::{Code, Finding, FindingId, Item, Lack, Resolution};
use crate::find::observe::Findings;
use crate::judge::assessment::Assessment;
use crate::level::Level;
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
        if let Some(finding) = missed(assessment, principal, record, settings) {
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

/// A principal that was bound and is not any more, until it is forgotten.
fn missed(
    assessment: &Assessment,
    principal: &PrincipalArn,
    record: &Record,
    settings: &Settings,
) -> Option<Finding> {
    let coverage = &assessment.coverage;
    let is_gone = !record.sets.is_empty()
        && coverage.selection.sets.is_none()
        && coverage.selection.takes(principal)
        && !coverage.bound.contains(principal)
        && is_whole(coverage)
        && assessment.failure.is_none();
    if !is_gone {
        return None;
    }
    let id = FindingId::new(assessment.account, Some(principal), Code::Coverage, "");
    let since = record
        .findings
        .get(&id)
        .filter(|tracked| tracked.healthy.is_none() && tracked.finding.items.iter().any(is_left));
    if since.is_some_and(|tracked| {
        let days = assessment
            .at
            .duration_since(tracked.finding.opened)
            .as_hours()
            / 24;
        days >= settings.forget_after_days
    }) {
        return None;
    }
    let sets = record.sets.keys().map(|set| Item {
        name: LEFT.into(),
        place: (&**set).into(),
    });
    Some(Finding {
        id,
        account: assessment.account,
        principal: Some(principal.clone()),
        code: Code::Coverage,
        set: "".into(),
        level: record.sets.values().copied().max().unwrap_or(Level::Notice),
        title: "Checked before; now deleted or no longer bound".into(),
        impact:
            "This user or role was deleted, or lost its tag. If it was deleted, everything that Veeam does with it fails. If it lost its tag, permdrift no longer checks it."
                .into(),
        items: Arc::new(sets.collect()),
        lacks: Arc::default(),
        opened: assessment.at,
        seen: assessment.at,
        openings: 1,
    })
}

/// Whether what vanished was a principal that was missed for long enough, and is still not bound.
fn is_forgotten(assessment: &Assessment, before: &Finding) -> bool {
    let principal = before.principal.as_ref();
    before.items.iter().any(is_left)
        && principal.is_some_and(|arn| !assessment.coverage.bound.contains(arn))
}

const LEFT: &str = "no longer bound";

fn is_left(item: &Item) -> bool {
    &*item.name == LEFT
}

/// Whether a finding is about a principal that was bound in an earlier audit and is not any more.
pub(crate) fn is_no_longer_bound(finding: &Finding) -> bool {
    finding.code == Code::Coverage && finding.items.iter().any(is_left)
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
