//! Drift: what is different between two audits of one account, for whom?
//!
//! In: what each of two audits saw ([`Seen`]). Out: one [`Change`] for each requirement, and for the access keys and the excess of
//! each principal, that is not as it was. What one of them could not see is no change for the better or the worse: it is
//! told as not known, and makes the whole [unsure](Drift::is_unsure).
//!
//! An audit saved as JSON serves as well as one just made: whoever reads it makes a [`Seen`] of it, in words of its own.
//! What two listings say besides is in [`policies`] and [`people`].

pub mod people;
pub mod policies;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{AccountId, PrincipalArn};

use crate::find::finding::Item;
use crate::judge::assessment::Selection;
use crate::judge::verdict::Judgement;
use crate::level::Level;

/// What one audit saw, as far as another can be held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The account.
    pub account: AccountId,
    /// What was looked at.
    pub standings: BTreeMap<Topic, Standing>,
    /// Users and roles that tags or settings bind.
    pub bound: BTreeSet<PrincipalArn>,
    /// Tags and bindings that could not be followed.
    pub faults: BTreeSet<Fault>,
    /// What could not be looked at, in words; nothing where the listing was whole and nothing failed.
    pub unseen: Vec<String>,
    /// What was asked for.
    pub selection: Selection,
}

/// What is held against each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// Whose; `None` for the account's root user.
    pub principal: Option<PrincipalArn>,
    /// What of it.
    pub about: About,
}

/// What of a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Whether it holds an action set.
    Set(Box<str>),
    /// What is wrong with its access keys.
    AccessKeys,
    /// What it can do beyond its sets.
    Excess,
}

/// How it stands with a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the set is called, or whatever stands in for it.
    pub title: Arc<str>,
    /// How bad it is where something is missing.
    pub level: Level,
    /// The product version it was judged for, where it is about an action set.
    pub version: Option<Box<str>>,
    /// Everything that is not plainly as it should be.
    pub items: BTreeMap<Item, Found>,
}

/// How it stands with one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How.
    pub state: State,
    /// Why, in words.
    pub because: Arc<str>,
}

/// How it stands with one item, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody asked.
    NotAsked,
    /// It is there, or was not asked about since the scope is another; for access keys and excess, nothing is wrong.
    Holds,
    /// It is there on some resources, and nobody declared which are meant.
    OnlyOn,
    /// It is not there, and good for something optional only, or for what nobody said is the case.
    IfNeeded,
    /// It could not be known.
    Unknown,
    /// It is needed and not there; for access keys and excess, it is what is wrong.
    Missing,
}

/// A tag or binding that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Whose.
    pub principal: PrincipalArn,
    /// The tag, or the line of the settings.
    pub place: Box<str>,
    /// What is wrong, in words.
    pub text: Box<str>,
    /// Whether it keeps something from being checked.
    pub leaves_unchecked: bool,
}

/// What is different between two audits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// By principal, then by what it is about.
    pub changes: Vec<Change>,
    /// Tags and bindings that can no longer be followed.
    pub new_faults: Vec<Fault>,
    /// Those that can be followed now, or are gone.
    pub old_faults: Vec<Fault>,
    /// Access keys, excess: what only one of the audits looked at at all.
    pub one_sided: Vec<About>,
    /// Whether the later audit left something unknown about an action set, whatever the earlier one knew.
    is_unsure: bool,
}

/// What is different about one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub topic: Topic,
    /// As in [`Standing`].
    pub title: Arc<str>,
    /// As in [`Standing`]: the worse of both.
    pub level: Level,
    /// The product versions it was judged for, where they differ.
    pub versions: Option<(Box<str>, Box<str>)>,
    /// Which audit looked at it.
    pub kind: ChangeKind,
    /// The items that are not as they were.
    pub steps: Vec<Step>,
}

/// Which of the audits looked at something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Both.
    Both,
    /// The later, since nothing bound the principal to it before.
    Appeared,
    /// The earlier: the principal is gone or bound to nothing any more.
    Left,
    /// The earlier: the principal is still bound, but not to this.
    Unbound,
    /// The later; the earlier was not asked, or could not look.
    UnseenBefore,
    /// The earlier; the later was not asked, or could not look.
    UnseenAfter,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub item: Item,
    /// Before.
    pub was: State,
    /// After.
    pub is: State,
    /// Why it is so, in words; why it was, where it holds now.
    pub because: Arc<str>,
}

/// Holds one audit against another.
#[must_use]
pub fn compare(before: &Seen, after: &Seen) -> Drift {
    let topics: BTreeSet<&Topic> = before
        .standings
        .keys()
        .chain(after.standings.keys())
        .collect();
    let changes = topics.into_iter().filter_map(|topic| {
        let (was, is) = (before.standings.get(topic), after.standings.get(topic));
        change(topic, (before, was), (after, is))
    });
    let fresh =
        |these: &Seen, those: &Seen| these.faults.difference(&those.faults).cloned().collect();
    let looked =
        |seen: &Seen, about: &About| seen.standings.keys().any(|topic| topic.about == *about);
    Drift {
        changes: changes.collect(),
        new_faults: fresh(after, before),
        old_faults: fresh(before, after),
        one_sided: [About::AccessKeys, About::Excess]
            .into_iter()
            .filter(|about| looked(before, about) != looked(after, about))
            .collect(),
        is_unsure: after.sets().any(|standing| standing.has(State::Unknown)),
    }
}

fn change(
    topic: &Topic,
    (before, was): (&Seen, Option<&Standing>),
    (after, is): (&Seen, Option<&Standing>),
) -> Option<Change> {
    let is_left = || {
        let principal = topic.principal.as_ref();
        principal.is_some_and(|principal| !after.bound.contains(principal))
    };
    // What an item was or is that the audit does not name.
    let (kind, unnamed_before, unnamed_after) = match (was, is) {
        (Some(_), None) if !after.looked_at(topic) => {
            (ChangeKind::UnseenAfter, State::Holds, State::Unknown)
        }
        (Some(_), None) if is_left() => (ChangeKind::Left, State::Holds, State::NotAsked),
        (Some(_), None) => (ChangeKind::Unbound, State::Holds, State::NotAsked),
        (None, Some(_)) if !before.looked_at(topic) => {
            (ChangeKind::UnseenBefore, State::Unknown, State::Holds)
        }
        (None, Some(_)) => (ChangeKind::Appeared, State::NotAsked, State::Holds),
        (Some(_), Some(_)) | (None, None) => (ChangeKind::Both, State::Holds, State::Holds),
    };
    let items = |standing: Option<&Standing>| -> BTreeSet<Item> {
        standing.map_or_else(BTreeSet::new, |one| one.items.keys().cloned().collect())
    };
    let mut names = items(was);
    names.extend(items(is));
    let steps = names.into_iter().filter_map(|item| {
        let earlier = was.and_then(|standing| standing.items.get(&item));
        let later = is.and_then(|standing| standing.items.get(&item));
        let state = |found: Option<&Found>, unnamed| found.map_or(unnamed, |found| found.state);
        let (was, is) = (state(earlier, unnamed_before), state(later, unnamed_after));
        let cause = |found: Option<&Found>| found.map(|found| Arc::clone(&found.because));
        let (before, after) = (cause(earlier), cause(later));
        let is_same = was == is && (is == State::Unknown || before == after);
        // Of what only one audit looked at, notices are no news.
        let is_news = kind == ChangeKind::Both
            || [earlier, later]
                .into_iter()
                .flatten()
                .any(|found| found.state >= State::Unknown);
        let because = match kind {
            // Why it was so is no reason why nobody looked.
            ChangeKind::UnseenAfter => None,
            ChangeKind::Both
            | ChangeKind::Appeared
            | ChangeKind::Left
            | ChangeKind::Unbound
            | ChangeKind::UnseenBefore => after.or(before),
        };
        (is_news && !is_same).then(|| Step {
            item,
            was,
            is,
            because: because.unwrap_or_else(|| "".into()),
        })
    });
    let steps: Vec<Step> = steps.collect();
    let is_told = match kind {
        ChangeKind::Both => !steps.is_empty(),
        ChangeKind::Appeared
        | ChangeKind::Left
        | ChangeKind::Unbound
        | ChangeKind::UnseenBefore
        | ChangeKind::UnseenAfter => topic.is_set() || !steps.is_empty(),
    };
    let standing = is.or(was).filter(|_| is_told)?;
    let version = |standing: Option<&Standing>| standing.and_then(|one| one.version.clone());
    Some(Change {
        topic: topic.clone(),
        title: Arc::clone(&standing.title),
        level: was.map_or(standing.level, |was| was.level.max(standing.level)),
        versions: version(was).zip(version(is)).filter(|(was, is)| was != is),
        kind,
        steps,
    })
}

impl Seen {
    /// How many action sets of principals are of this judgement.
    #[must_use]
    pub fn count(&self, judgement: Judgement) -> usize {
        self.sets()
            .filter(|standing| standing.judgement() == judgement)
            .count()
    }

    /// How it stands with the action sets, without keys and excess.
    pub fn sets(&self) -> impl Iterator<Item = &Standing> {
        let sets = self.standings.iter().filter(|(topic, _)| topic.is_set());
        sets.map(|(_, standing)| standing)
    }

    /// Whether a topic would be among the standings, if tags or settings bound the principal to it.
    fn looked_at(&self, topic: &Topic) -> bool {
        let About::Set(set) = &topic.about else {
            // Keys and excess are not looked at unless asked for.
            return false;
        };
        let takes = |principal| self.selection.takes(principal);
        self.unseen.is_empty()
            && self.selection.takes_set(set)
            && topic.principal.as_ref().is_none_or(takes)
    }
}

impl Topic {
    /// Whether it is about an action set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        matches!(self.about, About::Set(_))
    }
}

impl Standing {
    fn has(&self, state: State) -> bool {
        self.items.values().any(|found| found.state == state)
    }

    fn judgement(&self) -> Judgement {
        if self.has(State::Missing) {
            Judgement::Drifted
        } else if self.has(State::Unknown) {
            Judgement::Undetermined
        } else {
            Judgement::Compliant
        }
    }
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
        self.is_unsure || self.changes.iter().any(Change::is_unsure)
    }
}

impl Change {
    /// How bad it is for the principal, if it certainly got worse. Whoever is newly bound and lacks something counts as well.
    #[must_use]
    pub fn loss(&self) -> Option<Level> {
        match self.kind {
            ChangeKind::Left | ChangeKind::Unbound if self.topic.is_set() => Some(self.level),
            ChangeKind::Left
            | ChangeKind::Unbound
            | ChangeKind::UnseenBefore
            | ChangeKind::UnseenAfter => None,
            ChangeKind::Both | ChangeKind::Appeared => {
                let levels = self.steps.iter().filter_map(|step| match step.is {
                    State::Missing if step.was < State::Unknown => Some(self.level),
                    State::OnlyOn if step.was == State::Holds => Some(Level::Notice),
                    State::IfNeeded if matches!(step.was, State::Holds | State::OnlyOn) => {
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
        let unseen = matches!(
            self.kind,
            ChangeKind::UnseenBefore | ChangeKind::UnseenAfter
        );
        let steps = || {
            let mut steps = self.steps.iter();
            steps.any(|step| step.was == State::Unknown && step.is > State::Holds)
        };
        self.topic.is_set() && (unseen || steps())
    }
}

impl About {
    /// The action set's id, if it is about one.
    #[must_use]
    pub fn set(&self) -> Option<&str> {
        match self {
            Self::Set(set) => Some(set),
            Self::AccessKeys | Self::Excess => None,
        }
    }
}
