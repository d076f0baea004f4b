//! Baselines: what did the last committed audit know?
//!
//! The account's own part, and one [`Record`] a principal. The stored form is `stored`'s business; writing it only if
//! the generation has not moved is the store's.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::events::Explanation;
use crate::find::finding::{ChangeOrigin, Code, Finding, FindingId};
use crate::judge::rules_version::RulesVersion;
use crate::level::Level;

/// The last committed assessment of an account, and the life of every finding in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The account.
    pub account: AccountId,
    /// Counts the commits of the account's own part, which is all of this but `principals`; 0 where it is not stored yet.
    pub generation: u64,
    /// When the last committed audit of the whole account began.
    pub audited: Option<Timestamp>,
    /// By which rules and which catalog every principal was judged whose record does not say it; `None` where the first edition
    /// wrote it.
    pub rules: Option<RulesVersion>,
    /// The account's own findings: coverage, audit-failed.
    pub findings: BTreeMap<FindingId, Tracked>,
    /// What is known of each principal.
    pub principals: BTreeMap<PrincipalArn, Record>,
    /// Mutes that were warned about, by what identifies them, with the day of the warning.
    pub warned: BTreeMap<Box<str>, Timestamp>,
    /// When people were last told of notices; `None` where they never were.
    pub noticed: Option<Timestamp>,
}

/// What is known of one principal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Counts the commits of this record; 0 where it is not stored yet, in a file, and where an earlier edition wrote it.
    pub generation: u64,
    /// The last audit that judged it; `None` where the account's `audited` and `rules` say it.
    pub judged: Option<Judged>,
    /// The action sets it is or was bound to, with their levels; those that it lost only until they are forgotten.
    pub sets: BTreeMap<Box<str>, Level>,
    /// Its findings, the recently closed included.
    pub findings: BTreeMap<FindingId, Tracked>,
}

/// Which audit judged a principal: what an audit sees in an older listing must not undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// When that audit began, and so the earliest time of its listing.
    pub at: Timestamp,
    /// By which rules and which catalog it judged.
    pub rules: RulesVersion,
}

/// A finding with what must be remembered to tell its story without repeating it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// As last seen.
    pub finding: Finding,
    /// Since when it is not found any more, if so.
    pub healthy: Option<Timestamp>,
    /// Whether its end was told (or it was never told of at all): it is kept only to notice flapping.
    pub closed: bool,
    /// The thread in which people were first told of it; its own id until they were.
    pub thread: FindingId,
    /// When people were last told of it; `None` while they were not.
    pub told: Option<Timestamp>,
    /// Reminders sent in its present life.
    pub reminders: u32,
    /// What it was opened by, or made worse by since.
    pub origin: ChangeOrigin,
    /// Earlier openings within the damping window, oldest first.
    pub openings: Vec<Timestamp>,
    /// Which calls can have led to it when it last opened or got worse: in a hub, where people are told later. `None` where nobody knows.
    pub explanation: Option<Explanation>,
}

/// Why a baseline cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadBaselineError {
    /// Written by a newer release: read nothing, overwrite nothing.
    #[error(
        "baseline has format {found}, newest known is {known}: use a newer permdrift, nothing was read or overwritten"
    )]
    TooNew {
        /// The format found.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// Not the JSON of a baseline.
    #[error("baseline cannot be read")]
    NotJson(#[source] serde_json::Error),
    /// A text in it is not what it should be.
    #[error("baseline cannot be read: `{text}` is not what should stand there")]
    Value {
        /// What stands there.
        text: Box<str>,
        /// What would be right.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A baseline of another shape, or a part of one.
    #[error("baseline cannot be read: {0}")]
    Malformed(String),
    /// Of another account.
    #[error("baseline is of account `{found}`, this audit is of `{expected}`")]
    OtherAccount {
        /// The account in the baseline.
        found: AccountId,
        /// The account of the audit.
        expected: AccountId,
    },
    /// The store could not be reached, or refused.
    #[error("baseline store")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// Why a baseline was not written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another audit committed the same in between; what it wrote stands.
    #[error(
        "{what} moved on from generation {expected} while this audit ran; nothing was overwritten"
    )]
    Moved {
        /// Whose part of the baseline.
        what: Part,
        /// The generation that this audit started from.
        expected: u64,
    },
    /// What stands there was written by a newer release.
    #[error("baseline was written by a newer release; nothing was overwritten")]
    TooNew,
    /// The store could not be reached, or refused.
    #[error("baseline store")]
    Store(#[source] Box<dyn Error + Send + Sync>),
}

/// What of a baseline is committed by itself, with a generation of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The account's own part.
    Account,
    /// The record of a principal.
    Principal(PrincipalArn),
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => out.write_str("baseline"),
            Self::Principal(principal) => write!(out, "baseline of `{principal}`"),
        }
    }
}

impl Baseline {
    /// Whether this baseline is of that account.
    ///
    /// # Errors
    /// [`LoadBaselineError::OtherAccount`] if it is not.
    pub fn check_account(&self, expected: AccountId) -> Result<(), LoadBaselineError> {
        if self.account == expected {
            return Ok(());
        }
        Err(LoadBaselineError::OtherAccount {
            found: self.account,
            expected,
        })
    }

    /// Whether the account's `audited` and `rules` say by which audit a principal was judged.
    #[must_use]
    pub fn says_judged(&self, record: &Record) -> bool {
        record.judged.as_ref().is_none_or(|judged| {
            self.audited == Some(judged.at) && self.rules.as_ref() == Some(&judged.rules)
        })
    }

    /// What is remembered of a finding.
    #[must_use]
    pub fn tracked_of(&self, finding: &Finding) -> Option<&Tracked> {
        let findings = match &finding.principal {
            Some(principal) => &self.principals.get(principal)?.findings,
            None => &self.findings,
        };
        findings.get(&finding.id)
    }

    pub(crate) fn tracked_mut(&mut self, finding: &Finding) -> Option<&mut Tracked> {
        let findings = match &finding.principal {
            Some(principal) => &mut self.principals.get_mut(principal)?.findings,
            None => &mut self.findings,
        };
        findings.get_mut(&finding.id)
    }

    /// All findings that are remembered, the account's own first.
    pub fn tracked(&self) -> impl Iterator<Item = &Tracked> {
        let principals = self.principals.values();
        let theirs = principals.flat_map(|record| record.findings.values());
        self.findings.values().chain(theirs)
    }

    /// Why the last audit that could tell found the checker itself broken, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        let findings = self.findings.values();
        findings
            .filter(|tracked| tracked.healthy.is_none())
            .find(|tracked| tracked.finding.code == Code::AuditFailed)
            .map(|tracked| &*tracked.finding.title)
    }

    /// Before the first audit.
    #[must_use]
    pub fn empty(account: AccountId) -> Self {
        Self {
            account,
            generation: 0,
            audited: None,
            rules: None,
            findings: BTreeMap::new(),
            principals: BTreeMap::new(),
            warned: BTreeMap::new(),
            noticed: None,
        }
    }
}

impl Tracked {
    /// Whether people know of it, and not yet of its end.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.told.is_some() && !self.closed
    }
}
