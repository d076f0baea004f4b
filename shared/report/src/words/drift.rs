//! The difference of two audits as text: changes, reasons and gaps.
//!
//! In: what `audit` found to differ. Out: parts of sentences, the same on the terminal and in JSON.

use std::borrow::Cow;

use audit::drift::people::PrincipalChange;
use audit::drift::policies::PolicyChange;
use audit::drift::{
    About, AuditSummary, Drift, ItemChange, NotAudited, Reason, State, TopicChangeKind,
};

use crate::words::cause::list;
use crate::words::coverage;

/// Two audits and all that is different between them.
pub struct Compared<'a> {
    /// The earlier one.
    pub before: &'a AuditSummary,
    /// The later one.
    pub after: &'a AuditSummary,
    /// What changed for whom.
    pub drift: &'a Drift,
    /// What changed in the listings, where they are at hand.
    pub listings: Option<&'a Listings>,
}

/// What is different between two listings.
#[derive(Debug)]
pub struct Listings {
    /// Users and roles that came, went, were renamed or made anew.
    pub principals: Vec<PrincipalChange>,
    /// Policies, trust policies, attachments and tags.
    pub policies: Vec<PolicyChange>,
}

/// Better, worse, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    Worse,
    Unsure,
    Neither,
    Better,
}

/// What became of an item, in words about it. An item that an audit does not name may be there, or not be asked about since the
/// scope is another, so nothing is said to be "back" or "lost".
pub(crate) fn turn(about: &About, change: &ItemChange) -> (Turn, &'static str) {
    use State::{Holds, IfNeeded, Missing, NotAsked, OnlyOn, Unknown};
    if about.set().is_none() {
        return match (change.was, change.is) {
            (Unknown, Missing) => (Turn::Unsure, "found, and not known before"),
            (_, Missing) => (Turn::Worse, "new"),
            (_, Unknown) => (Turn::Unsure, "not known any more"),
            (_, NotAsked | Holds | OnlyOn | IfNeeded) => (Turn::Better, "not found any more"),
        };
    }
    match (change.was, change.is) {
        (NotAsked, Missing) => (Turn::Worse, "missing"),
        (Holds | OnlyOn, Missing) => (Turn::Worse, "missing now"),
        (IfNeeded, Missing) => (Turn::Worse, "missing, and needed now"),
        (Unknown, Missing) => (Turn::Unsure, "missing, and not known before"),
        (Missing, Missing) => (Turn::Neither, "still missing, for another cause"),
        (NotAsked, Unknown) => (Turn::Unsure, "not known"),
        (Holds | OnlyOn | IfNeeded | Unknown | Missing, Unknown) => {
            (Turn::Unsure, "not known any more")
        }
        (Holds | OnlyOn, IfNeeded) => (Turn::Worse, "missing now, though not always needed"),
        (Unknown, IfNeeded) => (
            Turn::Unsure,
            "missing, though not always needed, and not known before",
        ),
        (NotAsked | IfNeeded, IfNeeded) => (Turn::Neither, "missing, though not always needed"),
        (Missing, IfNeeded) => (Turn::Better, "still missing, though not always needed now"),
        (Holds, OnlyOn) => (Turn::Worse, "on some resources only now"),
        (Unknown, OnlyOn) => (Turn::Unsure, "on some resources only, and not known before"),
        (NotAsked | OnlyOn, OnlyOn) => (Turn::Neither, "on these resources only"),
        (IfNeeded | Missing, OnlyOn) => (
            Turn::Better,
            "no longer missing, though on some resources only",
        ),
        (OnlyOn, Holds) => (Turn::Better, "no longer on some resources only"),
        (Unknown, Holds) => (Turn::Better, "no longer unknown"),
        (NotAsked | Holds | IfNeeded | Missing, Holds) => (Turn::Better, "no longer missing"),
        (Unknown, NotAsked) => (Turn::Neither, "not known before"),
        (Missing, NotAsked) => (Turn::Neither, "missing before"),
        (IfNeeded, NotAsked) => (Turn::Neither, "missing before, though not always needed"),
        (NotAsked | Holds | OnlyOn, NotAsked) => (Turn::Neither, "on some resources only before"),
    }
}

/// What the kind of a change says besides its items.
pub(crate) fn remark(kind: TopicChangeKind, about: &About) -> Option<(Turn, &'static str)> {
    let about_set = about.set().is_some();
    match kind {
        TopicChangeKind::Both => None,
        TopicChangeKind::Appeared => Some((Turn::Neither, "bound since")),
        TopicChangeKind::Left if about_set => Some((
            Turn::Worse,
            "gone, or bound to nothing any more, so nobody checks it",
        )),
        TopicChangeKind::Unbound if about_set => Some((
            Turn::Worse,
            "no longer bound to this set, so nobody checks it",
        )),
        TopicChangeKind::NotAuditedBefore => Some((
            Turn::Unsure,
            "the earlier audit did not look at it, so what is wrong may be old",
        )),
        TopicChangeKind::Left | TopicChangeKind::Unbound | TopicChangeKind::NotAuditedAfter => {
            Some((Turn::Unsure, "the later audit did not look at it"))
        }
    }
}

/// The word for a state.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::NotAsked => "notAsked",
        State::Holds => "holds",
        State::OnlyOn => "allowedOnlyOn",
        State::IfNeeded => "missingIfNeeded",
        State::Unknown => "unknown",
        State::Missing => "missing",
    }
}

/// Why an item has its state; empty where the item says it all.
pub(crate) fn reason(reason: &Reason) -> Cow<'_, str> {
    match reason {
        Reason::Unstated => "".into(),
        Reason::Text(text) => (&**text).into(),
        Reason::NeedsContext { cause, keys } => {
            let keys = list(keys.iter().map(AsRef::as_ref));
            format!("{cause}; it takes {keys}").into()
        }
        Reason::OnlyIf(condition) => format!("only where {condition} holds").into(),
        Reason::AllowedOnlyOn(resources) => {
            let resources = list(resources.iter().map(AsRef::as_ref));
            format!("allowed on {resources} only, and no scope is declared").into()
        }
        Reason::NotTrusted => "the trust policy does not let them in".into(),
        Reason::TrustNotDecided => "nobody knows what the trust policy says".into(),
        Reason::NoInstanceProfile => "the role is in none".into(),
        Reason::NotRead => "what decides it at the resource was not read this time".into(),
    }
}

/// Something that an audit could not look at, as a sentence fragment.
pub(crate) fn not_audited(what: &NotAudited) -> String {
    match what {
        NotAudited::Failed(reason) => reason.to_string(),
        NotAudited::Gap(gap) => coverage::gap(gap),
        NotAudited::NotReached(principal) => coverage::not_reached(principal),
    }
}
