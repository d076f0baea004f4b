//! The difference of two audits of one account: what changed, and for whom?
//!
//! In: an [`AuditSummary`] of each audit. Out: a [`Drift`] with one [`TopicChange`] for each requirement, and for the access keys
//! and the excess of each principal, that is not as it was. What one of the audits could not decide counts as a change neither
//! for the better nor for the worse: it makes the whole [unsure](Drift::is_unsure).
//!
//! Summaries are made by [`assessed`] from an assessment and by [`saved`] from an audit that was saved as JSON; of two assessments
//! [`unseen`] says what the later one did not look at again. What two
//! listings say besides is in [`policies`] and [`people`].

pub mod assessed;
pub mod people;
pub mod policies;
pub mod saved;
mod summary;
pub mod unseen;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use summary::{
    About, AuditSummary, BindingFault, ItemStatus, Items, NotAudited, Reason, RestsOn, State,
    Topic, TopicStatus,
};

use crate::find::finding::Item;
use crate::level::Level;

/// What is different between two audits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// By principal, then by what it is about.
    pub changes: Vec<TopicChange>,
    /// Tags and bindings that can no longer be followed.
    pub new_faults: Vec<BindingFault>,
    /// Those that can be followed now, or are gone.
    pub old_faults: Vec<BindingFault>,
    /// Access keys, excess: what only one of the audits was about at all.
    pub one_sided: Vec<About>,
    /// Whether the later audit left something unknown about an action set, whatever the earlier one knew.
    is_unsure: bool,
}

/// What is different about one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicChange {
    /// What it is about.
    pub topic: Topic,
    /// As in [`TopicStatus`].
    pub title: Arc<str>,
    /// As in [`TopicStatus`]: the worse of both.
    pub level: Level,
    /// The product versions it was judged for, where they differ.
    pub versions: Option<(Box<str>, Box<str>)>,
    /// Which audit was about it.
    pub kind: TopicChangeKind,
    /// The items that are not as they were.
    pub items: Vec<ItemChange>,
}

/// Which of the audits was about a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicChangeKind {
    /// Both.
    Both,
    /// The later, since nothing bound the principal to it before.
    Appeared,
    /// The earlier: the principal is gone or bound to nothing any more.
    Left,
    /// The earlier: the principal is still bound, but not to this.
    Unbound,
    /// The later; the earlier was not asked, or could not.
    NotAuditedBefore,
    /// The earlier; the later was not asked, or could not.
    NotAuditedAfter,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemChange {
    /// Which.
    pub item: Item,
    /// Before.
    pub was: State,
    /// After.
    pub is: State,
    /// Why it is so; why it was, where it holds now.
    pub reason: Reason,
}

/// Compares two audits.
#[must_use]
pub fn compare(before: &AuditSummary, after: &AuditSummary) -> Drift {
    let topics: BTreeSet<&Topic> = before.topics.keys().chain(after.topics.keys()).collect();
    let changes = topics.into_iter().filter_map(|topic| {
        let (was, is) = (before.topics.get(topic), after.topics.get(topic));
        change(topic, (before, was), (after, is))
    });
    let is_about = |audit: &AuditSummary, about: &About| {
        let mut topics = audit.topics.keys();
        topics.any(|topic| topic.about == *about)
    };
    Drift {
        changes: changes.collect(),
        new_faults: after.faults.difference(&before.faults).cloned().collect(),
        old_faults: before.faults.difference(&after.faults).cloned().collect(),
        one_sided: [About::AccessKeys, About::Excess]
            .into_iter()
            .filter(|about| is_about(before, about) != is_about(after, about))
            .collect(),
        is_unsure: after
            .sets()
            .any(|status| status.has(State::Unknown) || status.leaves_unseen()),
    }
}

fn change(
    topic: &Topic,
    (before, was): (&AuditSummary, Option<&TopicStatus>),
    (after, is): (&AuditSummary, Option<&TopicStatus>),
) -> Option<TopicChange> {
    let is_left = || {
        let principal = topic.principal.as_ref();
        principal.is_some_and(|principal| !after.bound.contains(principal))
    };
    // The state of an item that only the other audit names.
    let (kind, unnamed_before, unnamed_after) = match (was, is) {
        (Some(_), None) if !after.covers(topic) => (
            TopicChangeKind::NotAuditedAfter,
            State::Holds,
            State::Unknown,
        ),
        (Some(_), None) if is_left() => (TopicChangeKind::Left, State::Holds, State::NotAsked),
        (Some(_), None) => (TopicChangeKind::Unbound, State::Holds, State::NotAsked),
        (None, Some(_)) if !before.covers(topic) => (
            TopicChangeKind::NotAuditedBefore,
            State::Unknown,
            State::Holds,
        ),
        (None, Some(_)) => (TopicChangeKind::Appeared, State::NotAsked, State::Holds),
        (Some(_), Some(_)) | (None, None) => (TopicChangeKind::Both, State::Holds, State::Holds),
    };
    let names = |status: Option<&TopicStatus>| -> BTreeSet<Item> {
        status.map_or_else(BTreeSet::new, |one| one.items.keys().cloned().collect())
    };
    let mut items = names(was);
    items.extend(names(is));
    let not_read = ItemStatus {
        state: State::Unknown,
        reason: Reason::NotRead,
    };
    let changed = items.into_iter().filter_map(|item| {
        let earlier = was.and_then(|status| status.items.get(&item));
        let later = is.and_then(|status| status.items.get(&item));
        // What nobody looked at again is not repaired.
        let is_hidden = was.zip(is).is_some_and(|(was, is)| is.hides(&item, was));
        let later = later.or(is_hidden.then_some(&not_read));
        item_change(
            item,
            kind,
            (earlier, unnamed_before),
            (later, unnamed_after),
        )
    });
    let changed: Vec<ItemChange> = changed.collect();
    let is_change = match kind {
        TopicChangeKind::Both => !changed.is_empty(),
        TopicChangeKind::Appeared
        | TopicChangeKind::Left
        | TopicChangeKind::Unbound
        | TopicChangeKind::NotAuditedBefore
        | TopicChangeKind::NotAuditedAfter => topic.is_set() || !changed.is_empty(),
    };
    let status = is.or(was).filter(|_| is_change)?;
    let version = |status: Option<&TopicStatus>| status.and_then(|one| one.version.clone());
    Some(TopicChange {
        topic: topic.clone(),
        title: Arc::clone(&status.title),
        level: was.map_or(status.level, |was| was.level.max(status.level)),
        versions: version(was).zip(version(is)).filter(|(was, is)| was != is),
        kind,
        items: changed,
    })
}

/// Each side: what the audit says of the item, and the state of an item that it does not name.
fn item_change(
    item: Item,
    kind: TopicChangeKind,
    (earlier, unnamed_before): (Option<&ItemStatus>, State),
    (later, unnamed_after): (Option<&ItemStatus>, State),
) -> Option<ItemChange> {
    let was = earlier.map_or(unnamed_before, |status| status.state);
    let is = later.map_or(unnamed_after, |status| status.state);
    let before = earlier.map(|status| &status.reason);
    let after = later.map(|status| &status.reason);
    if was == is && (is == State::Unknown || before == after) {
        return None;
    }
    let is_bad =
        |status: Option<&ItemStatus>| status.is_some_and(|status| status.state >= State::Unknown);
    // A notice of a topic that only one audit was about is not a change.
    if kind != TopicChangeKind::Both && !is_bad(earlier) && !is_bad(later) {
        return None;
    }
    let reason = match kind {
        // The reason of the earlier audit does not say why the later one was not about it.
        TopicChangeKind::NotAuditedAfter => None,
        TopicChangeKind::Both
        | TopicChangeKind::Appeared
        | TopicChangeKind::Left
        | TopicChangeKind::Unbound
        | TopicChangeKind::NotAuditedBefore => after.or(before),
    };
    Some(ItemChange {
        item,
        was,
        is,
        reason: reason.cloned().unwrap_or(Reason::Unstated),
    })
}

impl Drift {
    /// Whether somebody certainly has less than before, or is not checked any more, at this level or above.
    #[must_use]
    pub fn is_loss(&self, at_least: Level) -> bool {
        self.changes
            .iter()
            .any(|change| change.loss().is_some_and(|level| level >= at_least))
    }

    /// Whether something about an action set could not be known, so that its change cannot be known either.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.is_unsure || self.changes.iter().any(TopicChange::is_unsure)
    }
}

impl TopicChange {
    /// How bad it is for the principal, if it certainly got worse. Whoever is newly bound and lacks something counts as well.
    #[must_use]
    pub fn loss(&self) -> Option<Level> {
        match self.kind {
            TopicChangeKind::Left | TopicChangeKind::Unbound if self.topic.is_set() => {
                Some(self.level)
            }
            TopicChangeKind::Left
            | TopicChangeKind::Unbound
            | TopicChangeKind::NotAuditedBefore
            | TopicChangeKind::NotAuditedAfter => None,
            TopicChangeKind::Both | TopicChangeKind::Appeared => {
                let levels = self.items.iter().filter_map(|item| match item.is {
                    State::Missing if item.was < State::Unknown => Some(self.level),
                    State::OnlyOn if item.was == State::Holds => Some(Level::Notice),
                    State::IfNeeded if matches!(item.was, State::Holds | State::OnlyOn) => {
                        Some(Level::Notice)
                    }
                    State::NotAsked
                    | State::Holds
                    | State::OnlyOn
                    | State::IfNeeded
                    | State::Unknown
                    | State::Missing => None,
                });
                levels.max()
            }
        }
    }

    fn is_unsure(&self) -> bool {
        let only_one_audited = match self.kind {
            TopicChangeKind::NotAuditedBefore | TopicChangeKind::NotAuditedAfter => true,
            TopicChangeKind::Both
            | TopicChangeKind::Appeared
            | TopicChangeKind::Left
            | TopicChangeKind::Unbound => false,
        };
        let is_open = |item: &ItemChange| {
            item.is == State::Unknown || (item.was == State::Unknown && item.is > State::Holds)
        };
        self.topic.is_set() && (only_one_audited || self.items.iter().any(is_open))
    }
}
