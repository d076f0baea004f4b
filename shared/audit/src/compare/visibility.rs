//! Visibility: how well could an audit see a finding of the baseline?

use std::collections::BTreeSet;

use iam::inventory::Gap;

use super::rests_on::{Unseen, unseen};
use super::seen::{Seen, seen};
use crate::events::EventSource;
use crate::find::finding::{Code, Finding, Item};
use crate::find::observe::action_items;
use crate::find::resources::undecided;
use crate::judge::assessment::{Assessment, Coverage, Danger};
use crate::judge::resource_faults::topic::FaultTopic;
use crate::judge::verdict::Verdict;

/// How well an audit could see a finding of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// It was not asked about at all.
    NotAsked,
    /// It was asked about, and nothing can be said.
    Blind,
    /// It was looked at, but for this.
    Partial(Unseen),
    /// It was looked at.
    Clear,
    /// There is nothing to look at any more.
    Left,
}

impl Visibility {
    /// Whether any of a finding's items was looked at.
    pub(crate) fn saw_some(&self, finding: &Finding) -> bool {
        match self {
            Self::Clear => true,
            Self::Partial(unseen) => !finding.items.is_subset(&unseen.items),
            Self::NotAsked | Self::Blind | Self::Left => false,
        }
    }

    /// Whether each of a finding's items was looked at.
    pub(crate) fn saw_all(&self, finding: &Finding) -> bool {
        match self {
            Self::Clear => true,
            Self::Partial(unseen) => finding.items.is_disjoint(&unseen.items),
            Self::NotAsked | Self::Blind | Self::Left => false,
        }
    }
}

/// Whether the listing of principals is known to be whole; a listing of keys may lack.
pub(crate) fn is_whole(coverage: &Coverage) -> bool {
    coverage.gaps.iter().all(|gap| match gap {
        Gap::Truncated | Gap::Item { .. } => false,
        Gap::Part { what, .. } => what.contains("access key"),
    })
}

/// How well the audit could see a finding of the baseline.
pub(crate) fn visibility(assessment: &Assessment, finding: &Finding) -> Visibility {
    let coverage = &assessment.coverage;
    let selection = &coverage.selection;
    let Some(principal) = &finding.principal else {
        if let Some(visibility) = of_changes(assessment, finding) {
            return visibility;
        }
        return match (selection.is_all(), &assessment.failure) {
            (false, _) => Visibility::NotAsked,
            (true, Some(_)) => Visibility::Blind,
            (true, None) if finding.code == Code::AccessKey && assessment.root_keys.is_none() => {
                Visibility::Blind
            }
            (true, None) => Visibility::Clear,
        };
    };
    let about_set = !finding.set.is_empty() && finding.code != Code::UnknownActionSet;
    if !selection.takes(principal)
        || coverage.not_reached.binary_search(principal).is_ok()
        || (about_set && !selection.takes_set(&finding.set))
        || (!about_set && selection.sets.is_some())
    {
        return Visibility::NotAsked;
    }
    if assessment.failure.is_some() {
        return Visibility::Blind;
    }
    if finding.code == Code::Coverage {
        return if is_whole(coverage) {
            Visibility::Clear
        } else {
            Visibility::Blind
        };
    }
    if !coverage.bound.contains(principal) {
        return if is_whole(coverage) {
            Visibility::Left
        } else {
            Visibility::Blind
        };
    }
    match finding.code {
        Code::UnknownActionSet
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed => Visibility::Clear,
        Code::AccessKey => match assessment.keys_of(principal) {
            Some(keys) if keys.faults.is_none() => Visibility::Blind,
            Some(_) => Visibility::Clear,
            None => Visibility::Left,
        },
        Code::Undetermined if finding.set.is_empty() => Visibility::Clear,
        Code::ExcessAccess if finding.set.is_empty() => match assessment.excess_of(principal) {
            None => Visibility::NotAsked,
            Some(excess) => of_items(excess.unknown.iter().map(Danger::item)),
        },
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => match assessment.verdict(principal, &finding.set) {
            Some(verdict) => of_verdict(assessment, verdict, finding),
            // A tag that cannot be read may have named the set.
            None if assessment.has_faults(principal) => Visibility::Blind,
            None => Visibility::Left,
        },
        Code::KeyState | Code::ResourceSettings | Code::Undetermined => {
            match assessment.verdict(principal, &finding.set) {
                Some(verdict) => of_resources(assessment, verdict, finding),
                // A tag that cannot be read may have named the set.
                None if assessment.has_faults(principal) => Visibility::Blind,
                None => Visibility::Left,
            }
        }
    }
}

/// What is said of changes that are to be looked at when they are made is no matter of the listing. `None` for all else.
fn of_changes(assessment: &Assessment, finding: &Finding) -> Option<Visibility> {
    let is_not_arriving = finding.code == Code::ChangesNotArriving;
    if !is_not_arriving && finding.code != Code::ChangeNotFollowed {
        return None;
    }
    let changes = &assessment.changes;
    let is_whole = assessment.coverage.selection.is_all() && assessment.failure.is_none();
    let items = finding.items.iter().cloned();
    Some(match &changes.arrivals {
        None if is_not_arriving => Visibility::NotAsked,
        Some(arrivals) if is_not_arriving && !arrivals.are_expected() => Visibility::Left,
        Some(arrivals) if is_not_arriving => of_items(items.filter(|item| {
            let source = EventSource {
                service: (&*item.name).into(),
                region: (&*item.place).into(),
            };
            !arrivals.came_after(&source, finding.seen)
        })),
        _ if !changes.not_followed.is_empty() => {
            let again = |item: &Item| changes.not_followed.contains(&*item.name);
            of_items(items.filter(|item| !again(item)))
        }
        // It looks at everybody, as they are after that change.
        _ if is_whole && finding.seen < assessment.at => Visibility::Clear,
        _ => Visibility::NotAsked,
    })
}

fn of_verdict(assessment: &Assessment, verdict: &Verdict, finding: &Finding) -> Visibility {
    let mut unseen = unseen(assessment, verdict, finding);
    match finding.code {
        Code::MissingActions | Code::AllowedOnlyOn => {
            let places = verdict.unknown.iter().map(|unknown| &unknown.places);
            let undecided = places.flat_map(|places| action_items(&verdict.requirement, places));
            unseen.items.extend(undecided);
        }
        Code::MissingTrust => {
            let unknown = &verdict.trust.unknown;
            let items = finding.items.iter();
            let items = items.filter(|item| unknown.iter().any(|name| **name == *item.name));
            unseen.items.extend(items.cloned());
        }
        Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::ExcessAccess
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined
        | Code::AuditFailed => {}
    }
    of_unseen(unseen)
}

/// What is said of resources was seen where the same was read again and could be decided. What is said of anything else in such a
/// finding is said anew by each audit.
fn of_resources(assessment: &Assessment, verdict: &Verdict, finding: &Finding) -> Visibility {
    let coverage = &assessment.coverage;
    let undecided: BTreeSet<Item> = match finding.code {
        Code::KeyState | Code::ResourceSettings => undecided(verdict).collect(),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined
        | Code::AuditFailed => BTreeSet::new(),
    };
    // A tag that cannot be read may have named the resource.
    let may_be_named = assessment.has_faults(&verdict.principal);
    let account = assessment.account;
    let seen = |item: &Item| match seen(item, &verdict.requirement, &coverage.resources, account) {
        Some(Seen::Gone) if may_be_named => Some(Seen::NotAgain),
        Some(Seen::Again) if undecided.contains(item) => Some(Seen::NotAgain),
        Some(Seen::Again) if !coverage.gaps.is_empty() && needs_whole_listing(item) => {
            Some(Seen::NotAgain)
        }
        known => known,
    };
    let mut items = finding.items.iter();
    if items.all(|item| seen(item) == Some(Seen::Gone)) {
        return Visibility::Left;
    }
    let items = finding.items.iter();
    let of_faults = items.filter(|item| seen(item) == Some(Seen::NotAgain));
    let mut unseen = unseen(assessment, verdict, finding);
    unseen.items.extend(of_faults.cloned());
    of_unseen(unseen)
}

fn needs_whole_listing(item: &Item) -> bool {
    FaultTopic::of(item).is_some_and(FaultTopic::needs_whole_listing)
}

fn of_items(items: impl Iterator<Item = Item>) -> Visibility {
    of_unseen(Unseen {
        items: items.collect(),
        lacks: Vec::new(),
    })
}

fn of_unseen(unseen: Unseen) -> Visibility {
    if unseen.items.is_empty() {
        Visibility::Clear
    } else {
        Visibility::Partial(unseen)
    }
}
