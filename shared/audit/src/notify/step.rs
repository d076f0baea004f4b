//! Steps: what does one audit lead to?

use std::collections::BTreeMap;

use iam::PrincipalArn;

use crate::compare::Change;
use crate::compare::baseline::Baseline;
use crate::find::finding::{Event, EventKind, FindingId, Message};
use crate::notify::mute::MuteNote;

/// What one audit leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Every step of every finding, by principal, the muted included.
    pub events: Vec<Event>,
    /// What people get: the events that are for them, grouped by cause, the worst first.
    pub messages: Vec<Message>,
    /// What is worth telling about mutes.
    pub mutes: Vec<MuteNote>,
    /// What is to be committed.
    pub baseline: Baseline,
    /// The generation of the account's own part before this step; `None` where that part stays as it was.
    pub account: Option<u64>,
    /// Principals whose record is not what it was, each with the generation of the record before this step.
    pub touched: BTreeMap<PrincipalArn, u64>,
}

impl EventKind {
    /// Whether it ends what was told, so that nobody has anything to do.
    #[must_use]
    pub fn is_end(self) -> bool {
        match self {
            Self::Resolved(_) => true,
            Self::Opened | Self::Worsened | Self::Eased | Self::Reminded => false,
        }
    }
}

/// Changes by the finding that changed.
pub(super) type Changes = BTreeMap<FindingId, Change>;

/// Changes by finding, the account's own and those of each principal.
pub(super) fn by_principal(changes: Vec<Change>) -> (Changes, BTreeMap<PrincipalArn, Changes>) {
    let mut own = Changes::new();
    let mut theirs: BTreeMap<PrincipalArn, Changes> = BTreeMap::new();
    for change in changes {
        let changes = match &change.finding.principal {
            None => &mut own,
            Some(principal) => match theirs.get_mut(principal) {
                Some(changes) => changes,
                None => theirs.entry(principal.clone()).or_default(),
            },
        };
        changes.insert(change.finding.id, change);
    }
    (own, theirs)
}
