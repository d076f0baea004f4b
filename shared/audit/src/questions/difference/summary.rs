//! Audit summaries: what does one audit say, in a form that can be compared with another audit?
//!
//! An [`AuditSummary`] is made from an assessment ([`assessed`](super::assessed)) or from an audit that was saved as JSON
//! ([`saved`](super::saved)). It holds every item that is not simply in order, with its [`State`] and the [`Reason`] for it;
//! reasons and gaps are put into sentences by `report`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::inventory::Gap;
use iam::{AccountId, PrincipalArn};

use crate::assessment::{LayerCoverage, Selection};
use crate::bind::requirement::ResourcePolicy;
use crate::finding::Item;
use crate::level::Level;
use crate::verdict::Judgement;

/// What one audit says, as far as another can be compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSummary {
    /// The account.
    pub account: AccountId,
    /// What was audited.
    pub topics: BTreeMap<Topic, TopicStatus>,
    /// Users and roles that tags or settings bind.
    pub bound: BTreeSet<PrincipalArn>,
    /// Tags and bindings that could not be followed.
    pub faults: BTreeSet<BindingFault>,
    /// What could not be audited; empty where the listing was complete and nothing failed.
    pub not_audited: Vec<NotAudited>,
    /// What was asked for.
    pub selection: Selection,
    /// Which policies were looked at besides the principals' own; `None` where a saved audit does not say.
    pub layers: Option<LayerCoverage>,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// Whose; `None` for the account's root user.
    pub principal: Option<PrincipalArn>,
    /// What of it.
    pub about: About,
}

/// What of a principal is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Whether it holds an action set.
    Set(Box<str>),
    /// What is wrong with its access keys.
    AccessKeys,
    /// What it can do beyond its sets.
    Excess,
}

/// What an audit says about one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicStatus {
    /// The set's title, or a title for the access keys or the excess.
    pub title: Arc<str>,
    /// How bad it is where something is missing.
    pub level: Level,
    /// The product version it was judged for, where it is about an action set.
    pub version: Option<Box<str>>,
    /// Every item that is not simply in order.
    pub items: Items,
    /// The policies of the resource side that items rest on; items that rest on none are not here.
    pub rests_on: RestsOn,
    /// The policies of the resource side that nobody looked at.
    pub not_checked: BTreeSet<ResourcePolicy>,
    /// Items of the earlier audit that this one did not look at again, as far as both assessments are known.
    pub unseen: BTreeSet<Item>,
}

/// Items, each with the policies of the resource side that it rests on.
pub type RestsOn = BTreeMap<Item, BTreeSet<ResourcePolicy>>;

/// Items, each with its status.
pub type Items = BTreeMap<Item, ItemStatus>;

/// What an audit says about one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStatus {
    /// Its state.
    pub state: State,
    /// Why.
    pub reason: Reason,
}

/// The state of one item, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The audit did not ask about it.
    NotAsked,
    /// It is there, or was not asked about since the scope is another; for access keys and excess, nothing is wrong.
    Holds,
    /// It is there on some resources, and no scope was declared.
    OnlyOn,
    /// It is not there, and is needed only for something optional, or under a condition that the settings do not answer.
    IfNeeded,
    /// It could not be decided.
    Unknown,
    /// It is needed and not there; for access keys and excess, it is what is wrong.
    Missing,
}

/// Why an item has its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The item says it all.
    Unstated,
    /// A sentence fragment: a cause, or what an optional action is needed for.
    Text(Arc<str>),
    /// A cause in words, with the context keys whose values would decide.
    NeedsContext {
        /// The cause.
        cause: Arc<str>,
        /// The keys, sorted.
        keys: Arc<[Box<str>]>,
    },
    /// Needed only under this condition, by its id in the catalog.
    OnlyIf(Arc<str>),
    /// Allowed on these resources only, and no scope is declared.
    AllowedOnlyOn(Arc<[Box<str>]>),
    /// The trust policy does not let them in.
    NotTrusted,
    /// What the trust policy says could not be decided.
    TrustNotDecided,
    /// The role is in no instance profile.
    NoInstanceProfile,
    /// The policy, state or settings of the resource that it rested on were not read.
    NotRead,
}

/// Something that an audit could not look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAudited {
    /// The audit failed, for this reason.
    Failed(Box<str>),
    /// A part of the listing.
    Gap(Gap),
    /// A principal that the audit had no time for.
    NotReached(PrincipalArn),
}

/// A tag or binding that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BindingFault {
    /// Whose.
    pub principal: PrincipalArn,
    /// The tag, or the line of the settings.
    pub place: Box<str>,
    /// What is wrong, in words.
    pub text: Box<str>,
    /// Whether it keeps something from being checked.
    pub leaves_unchecked: bool,
}

impl AuditSummary {
    /// How many requirements have this judgement.
    #[must_use]
    pub fn count(&self, judgement: Judgement) -> usize {
        self.sets()
            .filter(|status| status.judgement() == judgement)
            .count()
    }

    /// The action sets of principals, without access keys and excess.
    pub fn sets(&self) -> impl Iterator<Item = &TopicStatus> {
        let sets = self.topics.iter().filter(|(topic, _)| topic.is_set());
        sets.map(|(_, status)| status)
    }

    /// Whether a topic would be in this summary, if tags or settings bound the principal to it.
    #[must_use]
    pub fn covers(&self, topic: &Topic) -> bool {
        let About::Set(set) = &topic.about else {
            // Access keys and excess are not audited unless asked for.
            return false;
        };
        let takes = |principal| self.selection.takes(principal);
        self.not_audited.is_empty()
            && self.selection.takes_set(set)
            && topic.principal.as_ref().is_none_or(takes)
    }
}

impl Topic {
    /// Whether it is about an action set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.about.set().is_some()
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

impl TopicStatus {
    /// A status that is about access keys or excess.
    pub(super) fn beyond_sets(title: &str, level: Level, items: Items) -> Self {
        Self {
            title: title.into(),
            level,
            version: None,
            items,
            rests_on: RestsOn::new(),
            not_checked: BTreeSet::new(),
            unseen: BTreeSet::new(),
        }
    }

    /// What a principal can do beyond its sets.
    pub(super) fn excess(items: Items) -> Self {
        Self::beyond_sets("Can do more than its sets need", Level::Medium, items)
    }

    /// Whether an item is in this state.
    #[must_use]
    pub fn has(&self, state: State) -> bool {
        self.items.values().any(|status| status.state == state)
    }

    /// Adds what a fault of a resource rests on: the policy of the resource counts as checked only with its state and settings.
    pub(super) fn rest_on_resources(&mut self) {
        for item in self.items.keys() {
            let policy = match item.name.split_once(' ').map(|(kind, _)| kind) {
                Some("key") => ResourcePolicy::Key,
                Some("bucket") => ResourcePolicy::Bucket,
                Some("vault") => ResourcePolicy::Vault,
                Some(_) | None => continue,
            };
            self.rests_on
                .entry(item.clone())
                .or_default()
                .insert(policy);
        }
    }

    /// Whether an item that is not named here would be, if everything had been looked at that it rested on earlier.
    pub(super) fn hides(&self, item: &Item, earlier: &Self) -> bool {
        let rested_on = earlier.rests_on.get(item);
        self.unseen.contains(item)
            || rested_on.is_some_and(|policies| !policies.is_disjoint(&self.not_checked))
    }

    /// Whether something of the earlier audit was not looked at again and is not named here.
    pub(super) fn leaves_unseen(&self) -> bool {
        let mut unseen = self.unseen.iter();
        unseen.any(|item| !self.items.contains_key(item))
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

impl Reason {
    /// A cause in words, with the context keys whose values would decide.
    pub(super) fn undecided<'k>(
        cause: Arc<str>,
        keys: impl IntoIterator<Item = &'k Box<str>>,
    ) -> Self {
        let keys: Arc<[Box<str>]> = keys.into_iter().cloned().collect();
        if keys.is_empty() {
            Self::Text(cause)
        } else {
            Self::NeedsContext { cause, keys }
        }
    }
}

/// Notes that RCPs were not read, or not all of them.
pub(super) fn without_rcps<'t>(topics: impl Iterator<Item = &'t mut TopicStatus>) {
    for status in topics.filter(|status| status.version.is_some()) {
        status.not_checked.insert(ResourcePolicy::ResourceControl);
    }
}

/// Where something was asked: an empty text for everywhere, an ARN, a region, or both.
pub(super) fn place(resource: &str, region: Option<&str>) -> Arc<str> {
    match (resource, region) {
        ("*", None) => "".into(),
        ("*", Some(one)) | (one, None) => one.into(),
        (resource, Some(region)) => format!("{resource} in {region}").into(),
    }
}

/// The items of a trust policy: who is not let in, and who may not be, for this reason.
pub(super) fn trust<'t>(
    missing: &'t [Box<str>],
    unknown: &'t [Box<str>],
    reason: Option<&str>,
) -> impl Iterator<Item = (Item, ItemStatus)> + 't {
    let reason = reason.map_or(Reason::TrustNotDecided, |text| Reason::Text(text.into()));
    let item = |name: &str, state, reason| {
        let item = Item::of(&format!("trust of {name}"));
        (item, ItemStatus { state, reason })
    };
    let missing = missing
        .iter()
        .map(move |name| item(name, State::Missing, Reason::NotTrusted));
    let unknown = unknown
        .iter()
        .map(move |name| item(name, State::Unknown, reason.clone()));
    missing.chain(unknown)
}

/// The item of a fault of a resource, by the word for its weight; `None` for what breaks nothing.
pub(super) fn resource_fault(item: &Item, weight: &str) -> Option<(Item, ItemStatus)> {
    let state = match weight {
        "breaks" => State::Missing,
        "unknown" => State::Unknown,
        _ => return None,
    };
    let reason = Reason::Unstated;
    let item = Item::of(&format!("{} as needed, but it {}", item.place, item.name));
    Some((item, ItemStatus { state, reason }))
}

/// The item of an instance profile that is missing.
pub(super) fn no_instance_profile() -> (Item, ItemStatus) {
    let status = ItemStatus {
        state: State::Missing,
        reason: Reason::NoInstanceProfile,
    };
    (Item::of("instance profile"), status)
}
