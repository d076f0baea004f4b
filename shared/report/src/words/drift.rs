//! Drift between two audits: what is there to tell, and in which words?

use audit::drift::people::PrincipalChange;
use audit::drift::policies::PolicyChange;
use audit::drift::{About, ChangeKind, Drift, Seen, State, Step};

/// Two audits and all that is different between them.
pub struct Compared<'a> {
    /// The earlier one.
    pub before: &'a Seen,
    /// The later one.
    pub after: &'a Seen,
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
pub(crate) fn turn(about: &About, step: &Step) -> (Turn, &'static str) {
    use State::{Holds, IfNeeded, Missing, NotAsked, OnlyOn, Unknown};
    if about.set().is_none() {
        return match (step.was, step.is) {
            (Unknown, Missing) => (Turn::Unsure, "found, and not known before"),
            (_, Missing) => (Turn::Worse, "new"),
            (_, Unknown) => (Turn::Unsure, "not known any more"),
            (_, NotAsked | Holds | OnlyOn | IfNeeded) => (Turn::Better, "not found any more"),
        };
    }
    match (step.was, step.is) {
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
pub(crate) fn remark(kind: ChangeKind, about: &About) -> Option<(Turn, &'static str)> {
    let about_set = about.set().is_some();
    match kind {
        ChangeKind::Both => None,
        ChangeKind::Appeared => Some((Turn::Neither, "bound since")),
        ChangeKind::Left if about_set => Some((
            Turn::Worse,
            "gone, or bound to nothing any more, so nobody checks it",
        )),
        ChangeKind::Unbound if about_set => Some((
            Turn::Worse,
            "no longer bound to this set, so nobody checks it",
        )),
        ChangeKind::UnseenBefore => Some((
            Turn::Unsure,
            "the earlier audit did not look at it, so what is wrong may be old",
        )),
        ChangeKind::Left | ChangeKind::Unbound | ChangeKind::UnseenAfter => {
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
