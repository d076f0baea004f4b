//! Assessments: what did one audit find, and what did it look at?
//!
//! All verdicts of one audit in a fixed order, with its [`Coverage`]. An assessment knows nothing of earlier audits;
//! that is `compare`'s business.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use iam::inventory::Gap;
use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::bind::requirement::BindFault;
use crate::events::{ChangesSeen, Touched};
use crate::find::finding::Item;
use crate::judge::escalation::Way;
use crate::judge::rules_version::RulesVersion;
use crate::judge::verdict::{Judgement, Verdict};
use crate::level::Level;
use crate::resources::Resources;

/// All that one audit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The account.
    pub account: AccountId,
    /// When the audit began.
    pub at: Timestamp,
    /// By which rules and which catalog it was judged.
    pub rules: RulesVersion,
    /// By principal, then by action set.
    pub verdicts: Vec<Verdict>,
    /// The access keys of users whose sets need one, by user.
    pub keys: Vec<Keys>,
    /// How many access keys the account's root user has, active or not; `None` where nobody read that.
    pub root_keys: Option<usize>,
    /// What bound principals can do beyond their sets, by principal; `None` where nobody asked.
    pub excess: Option<Vec<Excess>>,
    /// Tags and bindings that could not be followed.
    pub faults: Vec<BindFault>,
    /// What was looked at.
    pub coverage: Coverage,
    /// What is known of changes that are to be looked at when they are made.
    pub changes: ChangesSeen,
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
    /// In the audit of a hub's account: what the settings say of accounts that the organisation does not have.
    pub unknown_accounts: Vec<Box<str>>,
    /// Whether it is one account of many with the same settings, so that it may well have nobody whom they bind.
    pub is_of_many: bool,
    /// What was asked for.
    pub selection: Selection,
    /// Whom events touched, and so who was looked at; `None` where nobody asked.
    pub touched: Option<Arc<Touched>>,
    /// What was read of the resource side.
    pub resources: Arc<Resources>,
    /// Which policies besides the principals' own were looked at.
    pub layers: LayerCoverage,
    /// Whether all SCPs above the account decided: they were read, the simulator applied them, or there are none.
    pub knows_service_control: bool,
}

/// Which policies besides the principals' own were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerCoverage {
    /// The policies of the keys that requirements name.
    pub keys: Readings,
    /// The policies of the buckets that they name.
    pub buckets: Readings,
    /// The access policies of the vaults that they name.
    pub vaults: Readings,
    /// SCPs above the account. AWS's simulator applies those that it knows, whatever stands here.
    pub service_control: LevelsRead,
    /// RCPs above the account.
    pub resource_control: LevelsRead,
    /// The policies of the VPC endpoints that requests are known to pass, or of which they pass one.
    pub endpoints: Readings,
    /// What is set in the regions that requirements name, as far as they rest on it.
    pub regions: Readings,
    /// Which regions are enabled for the account.
    pub enabled_regions: ListRead,
    /// Which buckets the account owns.
    pub own_buckets: ListRead,
}

/// Whether a list of the account was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListRead {
    /// No requirement rests on it.
    #[default]
    NotNeeded,
    /// Nobody read it.
    NotRead,
    /// AWS refused it.
    Refused,
    /// It was read.
    Read,
}

/// How many resources or regions were read: their policies and settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// Read.
    pub read: usize,
    /// AWS refused them.
    pub refused: usize,
    /// Nobody read them.
    pub not_read: usize,
}

/// Whether the policies of an organisation were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LevelsRead {
    /// Nobody gave them.
    #[default]
    NotRead,
    /// AWS refused them.
    Refused,
    /// The account is in no organisation, so there are none.
    NoOrganization,
    /// So many levels.
    Read(usize),
    /// So many levels, of which a denial holds; the rest was refused.
    Partly {
        /// The levels that were read.
        read: usize,
        /// Those that AWS refused.
        refused: usize,
    },
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
    pub level: Level,
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
    /// An active one was not used for longer than the settings allow, or never since it was made.
    Unused {
        /// Its last four characters.
        suffix: Box<str>,
        /// Days since its last use, or since it was made.
        days: i64,
    },
    /// An active one does not say since when it is.
    AgeUnknown {
        /// Its last four characters.
        suffix: Box<str>,
    },
}

/// What one principal can do beyond its sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Who.
    pub principal: PrincipalArn,
    /// Worst first; empty where there is nothing.
    pub dangers: BTreeSet<Danger>,
    /// Those of which it could not be known.
    pub unknown: BTreeSet<Danger>,
}

/// One thing that a principal can do beyond its sets, worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// Anything at all.
    Administrator {
        /// The policy that says so.
        policy: Arc<str>,
    },
    /// Make itself more than it is.
    Escalation(&'static Way),
    /// All of a service that no set of it needs, or of all services but a few.
    Wildcard {
        /// Such as `dynamodb:*`.
        what: Box<str>,
        /// The policy that says so.
        policy: Arc<str>,
    },
}

/// The kinds of danger, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DangerKind {
    /// [`Danger::Administrator`].
    Administrator,
    /// [`Danger::Escalation`].
    Escalation,
    /// [`Danger::Wildcard`].
    Wildcard,
}

impl Danger {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> DangerKind {
        match self {
            Self::Administrator { .. } => DangerKind::Administrator,
            Self::Escalation(_) => DangerKind::Escalation,
            Self::Wildcard { .. } => DangerKind::Wildcard,
        }
    }

    /// What it is, and by which policy or to what end.
    #[must_use]
    pub fn item(&self) -> Item {
        let (name, place): (Arc<str>, &str) = match self {
            Self::Administrator { policy } => ("anything at all".into(), &**policy),
            Self::Escalation(way) => (way.actions.join(" and ").into(), way.words),
            Self::Wildcard { what, policy } => ((&**what).into(), &**policy),
        };
        Item {
            name,
            place: place.into(),
        }
    }
}

impl DangerKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Escalation => "escalation",
            Self::Wildcard => "wildcard",
        }
    }
}

/// A text that is no kind of danger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no danger: expected administrator, escalation or wildcard")]
pub struct ParseDangerKindError(String);

impl FromStr for DangerKind {
    type Err = ParseDangerKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Administrator, Self::Escalation, Self::Wildcard]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| ParseDangerKindError(text.to_owned()))
    }
}

impl Assessment {
    /// How many verdicts are of this judgement.
    #[must_use]
    pub fn count(&self, judgement: Judgement) -> usize {
        self.verdicts
            .iter()
            .filter(|verdict| verdict.judgement() == judgement)
            .count()
    }

    /// How many compliant verdicts hang on policies of resources besides, which were not read.
    #[must_use]
    pub fn count_unread(&self) -> usize {
        let verdicts = self.verdicts.iter();
        verdicts
            .filter(|verdict| !verdict.unread().is_empty())
            .count()
    }

    /// The verdict on one requirement.
    #[must_use]
    pub fn verdict(&self, principal: &PrincipalArn, set: &str) -> Option<&Verdict> {
        self.verdicts
            .binary_search_by(|verdict| {
                let theirs = (&verdict.principal, &*verdict.requirement.set);
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

    /// What a principal can do beyond its sets, if somebody asked and it was looked at.
    #[must_use]
    pub fn excess_of(&self, principal: &PrincipalArn) -> Option<&Excess> {
        let excess = self.excess.as_ref()?;
        let at = excess.binary_search_by(|excess| excess.principal.cmp(principal));
        at.ok().and_then(|at| excess.get(at))
    }

    /// Whether a tag or binding of a principal could not be followed, so that it may have named more.
    #[must_use]
    pub fn has_faults(&self, principal: &PrincipalArn) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.principal == *principal && fault.kind.leaves_unchecked())
    }

    /// Whether everything that was asked for was seen and decided.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete_so_far() && self.coverage.not_reached.is_empty()
    }

    /// The same but for the remainder, which another run looks at.
    #[must_use]
    pub fn is_complete_so_far(&self) -> bool {
        let rest = &self.coverage.not_reached;
        let mut reached = self
            .verdicts
            .iter()
            .filter(|verdict| rest.binary_search(&verdict.principal).is_err());
        let followed = |touched: &Touched| touched.faults.is_empty();
        self.failure.is_none()
            && self.coverage.gaps.is_empty()
            && self.coverage.touched.as_deref().is_none_or(followed)
            && reached.all(|verdict| {
                verdict.judgement() != Judgement::Undetermined && verdict.unknown.is_empty()
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
