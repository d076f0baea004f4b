//! Comparing: what is different from the baseline?
//!
//! In: an assessment, what it shows by itself, and the last baseline. Out: changes, by finding id; none for an assessment against the baseline made
//! from it. What was not seen is no change: an unknown never makes a finding better, and never ends it.
//!
//! Which of the changes are told, and when, is `life`'s business.

pub mod baseline;
pub mod stored;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::PrincipalArn;
use iam::inventory::Gap;

use crate::compare::baseline::{Baseline, Record};
use crate::find::finding::{Code, Finding, FindingId, Item, Resolution};
use crate::find::observe::{Findings, action_items};
use crate::judge::assessment::{Assessment, Coverage, Danger};
use crate::judge::verdict::Verdict;
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

/// How well an audit could see a finding of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It was not asked about at all.
    NotAsked,
    /// It was asked about, and nothing can be said.
    Blind,
    /// It was looked at, but for these items.
    Partial(BTreeSet<Item>),
    /// It was looked at.
    Clear,
    /// There is nothing to look at any more.
    Left,
}

impl Sight {
    /// Whether any of a finding's items was looked at.
    pub(crate) fn saw_some(&self, finding: &Finding) -> bool {
        match self {
            Self::Clear => true,
            Self::Partial(unseen) => !finding.items.is_subset(unseen),
            Self::NotAsked | Self::Blind | Self::Left => false,
        }
    }

    /// Whether each of a finding's items was looked at.
    pub(crate) fn saw_all(&self, finding: &Finding) -> bool {
        match self {
            Self::Clear => true,
            Self::Partial(unseen) => finding.items.is_disjoint(unseen),
            Self::NotAsked | Self::Blind | Self::Left => false,
        }
    }
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
        let change = match (sight(assessment, before), found) {
            (Sight::NotAsked | Sight::Blind, None) => None,
            (Sight::Partial(unseen), found) => partial(before, found, &unseen),
            (Sight::Left, None) => Some(vanished(before, Resolution::Left)),
            (Sight::Clear, None) if is_forgotten(assessment, before) => {
                Some(vanished(before, Resolution::Left))
            }
            (Sight::Clear, None) => Some(vanished(before, Resolution::Healthy)),
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
        title: "Was checked before, and is gone or no longer bound".into(),
        impact:
            "If it was deleted, what Veeam does with it fails; if a tag was lost, nobody checks it."
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

/// Whether the listing of principals is known to be whole; a listing of keys may lack.
fn is_whole(coverage: &Coverage) -> bool {
    coverage.gaps.iter().all(|gap| match gap {
        Gap::Truncated | Gap::Item { .. } => false,
        Gap::Part { what, .. } => what.contains("access key"),
    })
}

/// How well the audit could see a finding of the baseline.
pub(crate) fn sight(assessment: &Assessment, finding: &Finding) -> Sight {
    let coverage = &assessment.coverage;
    let selection = &coverage.selection;
    let Some(principal) = &finding.principal else {
        return match (selection.is_all(), &assessment.failure) {
            (false, _) => Sight::NotAsked,
            (true, Some(_)) => Sight::Blind,
            (true, None) if finding.code == Code::AccessKey && assessment.root_keys.is_none() => {
                Sight::Blind
            }
            (true, None) => Sight::Clear,
        };
    };
    let about_set = !finding.set.is_empty() && finding.code != Code::UnknownActionSet;
    if !selection.takes(principal)
        || coverage.not_reached.binary_search(principal).is_ok()
        || (about_set && !selection.takes_set(&finding.set))
        || (!about_set && selection.sets.is_some())
    {
        return Sight::NotAsked;
    }
    if assessment.failure.is_some() {
        return Sight::Blind;
    }
    if finding.code == Code::Coverage {
        return if is_whole(coverage) {
            Sight::Clear
        } else {
            Sight::Blind
        };
    }
    if !coverage.bound.contains(principal) {
        return if is_whole(coverage) {
            Sight::Left
        } else {
            Sight::Blind
        };
    }
    match finding.code {
        Code::UnknownActionSet | Code::Coverage | Code::AuditFailed => Sight::Clear,
        Code::AccessKey => match assessment.keys_of(principal) {
            Some(keys) if keys.faults.is_none() => Sight::Blind,
            Some(_) => Sight::Clear,
            None => Sight::Left,
        },
        Code::Undetermined if finding.set.is_empty() => Sight::Clear,
        Code::ExcessAccess if finding.set.is_empty() => match assessment.excess_of(principal) {
            None => Sight::NotAsked,
            Some(excess) => of_items(excess.unknown.iter().map(Danger::item).collect()),
        },
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Undetermined => match assessment.verdict(principal, &finding.set) {
            Some(verdict) => seen(verdict, finding.code),
            // A tag that cannot be read may have named the set.
            None if assessment.has_faults(principal) => Sight::Blind,
            None => Sight::Left,
        },
    }
}

fn seen(verdict: &Verdict, code: Code) -> Sight {
    let unseen: BTreeSet<Item> = match code {
        Code::MissingActions | Code::AllowedOnlyOn => {
            let places = verdict.unknown.iter().map(|unknown| &unknown.places);
            places
                .flat_map(|places| action_items(&verdict.plan, places))
                .collect()
        }
        Code::MissingTrust => verdict
            .trust
            .unknown
            .iter()
            .map(|name| Item::of(name))
            .collect(),
        Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::UnknownActionSet
        | Code::ExcessAccess
        | Code::Coverage
        | Code::Undetermined
        | Code::AuditFailed => BTreeSet::new(),
    };
    of_items(unseen)
}

fn of_items(unseen: BTreeSet<Item>) -> Sight {
    if unseen.is_empty() {
        Sight::Clear
    } else {
        Sight::Partial(unseen)
    }
}

/// What was there before and could not be seen now counts as still there.
fn partial(before: &Finding, found: Option<Finding>, unseen: &BTreeSet<Item>) -> Option<Change> {
    let kept: BTreeSet<Item> = before.items.intersection(unseen).cloned().collect();
    let Some(mut found) = found else {
        if kept.is_empty() {
            return Some(vanished(before, Resolution::Healthy));
        }
        let mut left = before.clone();
        left.lacks = keep(before, &kept).into();
        left.items = kept.into();
        return differs(before, left);
    };
    let lacks = Arc::make_mut(&mut found.lacks);
    for lack in keep(before, &kept) {
        let same = lacks
            .iter_mut()
            .find(|one| one.cause == lack.cause && one.decision == lack.decision);
        match same {
            Some(same) => {
                Arc::make_mut(&mut same.actions).extend(Arc::unwrap_or_clone(lack.actions));
                same.resources.extend(lack.resources);
                same.regions.extend(lack.regions);
            }
            None => lacks.push(lack),
        }
    }
    Arc::make_mut(&mut found.items).extend(kept);
    differs(before, found)
}

/// The lacks of a finding, as far as they are about these items.
fn keep(before: &Finding, items: &BTreeSet<Item>) -> Vec<crate::find::finding::Lack> {
    let mut lacks = Vec::clone(&before.lacks);
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
    before.level == found.level
        && before.title == found.title
        && before.impact == found.impact
        && before.items == found.items
        && before.lacks == found.lacks
}
