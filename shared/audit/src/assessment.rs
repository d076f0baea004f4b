//! Assessments: what did one audit find, and what did it look at?
//!
//! All verdicts of one audit in a fixed order, with its [`Coverage`]. An assessment knows nothing of earlier audits;
//! that is `compare`'s business.

use std::collections::BTreeSet;

use iam::inventory::Gap;
use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::requirement::BindFault;
use crate::verdict::{Judgement, Verdict};

/// All that one audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The account.
    pub account: AccountId,
    /// When the audit began.
    pub at: Timestamp,
    /// By principal, then by action set.
    pub verdicts: Vec<Verdict>,
    /// The access keys of users whose sets need one, by user.
    pub keys: Vec<Keys>,
    /// Tags and bindings that could not be followed.
    pub faults: Vec<BindFault>,
    /// What was looked at.
    pub coverage: Coverage,
    /// Why the audit could not be done, or that its canary was not found: the checker itself is broken.
    pub failure: Option<Box<str>>,
}

/// What was looked at and what could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Users and roles in the inventory.
    pub principals: usize,
    /// Those that tags or settings bind, selected or not.
    pub bound: BTreeSet<PrincipalArn>,
    /// Those whose name looks like Veeam's and that nothing binds.
    pub lookalikes: Vec<PrincipalArn>,
    /// What the inventory lacks.
    pub gaps: Vec<Gap>,
    /// Bound and selected, but the time was up: the remainder.
    pub not_reached: Vec<PrincipalArn>,
    /// Bindings in the settings that matched no principal.
    pub unused_bindings: Vec<Box<str>>,
    /// What was asked for.
    pub selection: Selection,
}

/// Which requirements an audit looks at; `None` means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these principals.
    pub principals: Option<BTreeSet<PrincipalArn>>,
    /// Only these action sets.
    pub sets: Option<BTreeSet<Box<str>>>,
}

/// The access keys of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Whose.
    pub principal: PrincipalArn,
    /// How bad it would be to have none: the worst of the user's sets that need one.
    pub level: crate::level::Level,
    /// What is wrong with them; `None` where they were not read.
    pub faults: Option<BTreeSet<KeyFault>>,
}

/// What can be wrong with a user's access keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyFault {
    /// There is none.
    None,
    /// There are, and none is active.
    Inactive,
    /// Two are active: a rotation that was not finished, or a key nobody knows.
    Two,
    /// An active one is older than the settings allow.
    Old {
        /// Its last four characters.
        suffix: Box<str>,
        /// Its age in days.
        days: i64,
    },
    /// An active one does not say since when it is.
    AgeUnknown {
        /// Its last four characters.
        suffix: Box<str>,
    },
}

impl Assessment {
    /// How many verdicts are of this judgement.
    #[must_use]
    pub fn count(&self, judgement: Judgement) -> usize {
        self.verdicts
            .iter()
            .filter(|verdict| verdict.judgement == judgement)
            .count()
    }

    /// The verdict on one requirement.
    #[must_use]
    pub fn verdict(&self, principal: &PrincipalArn, set: &str) -> Option<&Verdict> {
        self.verdicts
            .binary_search_by(|verdict| {
                let theirs = (&verdict.principal, &*verdict.plan.set);
                theirs.cmp(&(principal, set))
            })
            .ok()
            .and_then(|at| self.verdicts.get(at))
    }

    /// The access keys of one user, if it needs one.
    #[must_use]
    pub fn keys_of(&self, principal: &PrincipalArn) -> Option<&Keys> {
        self.keys
            .binary_search_by(|keys| keys.principal.cmp(principal))
            .ok()
            .and_then(|at| self.keys.get(at))
    }

    /// Whether a tag or binding of a principal could not be followed.
    #[must_use]
    pub fn has_faults(&self, principal: &PrincipalArn) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.principal == *principal)
    }

    /// Whether everything that was asked for was seen and decided.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failure.is_none()
            && self.coverage.gaps.is_empty()
            && self.coverage.not_reached.is_empty()
            && self.verdicts.iter().all(|verdict| {
                verdict.judgement != Judgement::Undetermined && verdict.unknown.is_empty()
            })
    }
}

impl Selection {
    /// Whether a principal is looked at.
    #[must_use]
    pub fn takes(&self, principal: &PrincipalArn) -> bool {
        self.principals
            .as_ref()
            .is_none_or(|only| only.contains(principal))
    }

    /// Whether an action set is looked at.
    #[must_use]
    pub fn takes_set(&self, set: &str) -> bool {
        self.sets.as_ref().is_none_or(|only| only.contains(set))
    }

    /// Whether everything is looked at.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.principals.is_none() && self.sets.is_none()
    }
}
