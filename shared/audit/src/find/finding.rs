//! Findings: what are people told?
//!
//! A [`Finding`] keeps its id from the first audit that saw it to the last: the id is made of account, principal, code
//! and action set, never of the run. An [`Event`] is one step in its life; a [`Message`] is what people get, one for all
//! events of one kind with one cause. When which step happens is `life`'s business, how it is worded `report`'s.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use iam::{AccountId, ActionName, Cause, Decision, PrincipalArn};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::events::Explanation;
use crate::level::Level;

/// Sixteen hexadecimal digits. The chat thread, the PagerDuty key, the Opsgenie alias and the Security Hub id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(u64);

/// What is wrong, in one word; each has its section in `docs/findings.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Needed actions are denied.
    MissingActions,
    /// Someone who must be able to assume the role is not.
    MissingTrust,
    /// The role is in no instance profile.
    MissingInstanceProfile,
    /// The user's access keys: none, inactive, two, too old.
    AccessKey,
    /// A KMS key cannot be used: its state, its kind or its region.
    KeyState,
    /// A bucket, a vault, a region or an endpoint is not set as Veeam needs it.
    ResourceSettings,
    /// A tag or binding names an action set that does not exist, or is otherwise wrong.
    UnknownActionSet,
    /// Allowed on narrower resources, and no scope was declared.
    AllowedOnlyOn,
    /// More than is needed: anything at all, or a one-time set held for good.
    ExcessAccess,
    /// Less was looked at than should be.
    Coverage,
    /// Trail events do not arrive, so that changes are found late.
    ChangesNotArriving,
    /// A trail event could not be read or followed.
    ChangeNotFollowed,
    /// It could not be known.
    Undetermined,
    /// The audit itself did not work.
    AuditFailed,
}

/// What is wrong with one principal or the account, through all its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Made of the four fields below.
    pub id: FindingId,
    /// The account.
    pub account: AccountId,
    /// Whose; `None` for the account's own.
    pub principal: Option<PrincipalArn>,
    /// What is wrong.
    pub code: Code,
    /// The action set; empty where it is about none.
    pub set: Box<str>,
    /// How bad.
    pub level: Level,
    /// What the set is called, or whatever stands in for it.
    pub title: Arc<str>,
    /// What breaks.
    pub impact: Arc<str>,
    /// What is lacking or odd, item by item. What is worse and what is better is told by these. Thousands of principals may
    /// lack the same, so findings share it.
    pub items: Arc<BTreeSet<Item>>,
    /// The items that are actions, grouped by cause.
    pub lacks: Arc<Vec<Lack>>,
    /// When it was first seen in its present life.
    pub opened: Timestamp,
    /// When it was last seen.
    pub seen: Timestamp,
    /// Times it was opened within the damping window, this one included; above the settings' limit it flaps.
    pub openings: u32,
}

/// One thing that is lacking or odd.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// An action, a service that must be trusted, a context key, ...
    pub name: Arc<str>,
    /// Where, if it was asked in more than one place; else empty.
    pub place: Arc<str>,
}

/// Actions with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Why.
    pub cause: Cause,
    /// How.
    pub decision: Decision,
    /// Which.
    pub actions: Arc<BTreeSet<ActionName>>,
    /// The resources asked about; `*` where no scope was declared.
    pub resources: BTreeSet<Box<str>>,
    /// The regions asked about.
    pub regions: BTreeSet<Box<str>>,
    /// Who owns the blocking layer, from the settings.
    pub owner: Option<Arc<str>>,
    /// What had been read of the resource side, which may deny the same besides.
    pub read_side: ReadSide,
}

/// What had been read of the resource side of some actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSide {
    /// The resources whose own policy was read; `*` where all policies were that decide an action on undeclared resources.
    pub resources: BTreeSet<Box<str>>,
    /// Whether RCPs decide one of the actions, and all of them were read.
    pub resource_control: bool,
    /// Whether requests pass VPC endpoints, and the policies of all endpoints were read.
    pub endpoints: bool,
}

impl Lack {
    /// Whether two say the same, whatever had been read besides.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            cause,
            decision,
            actions,
            resources,
            regions,
            owner,
            read_side: _,
        } = self;
        *cause == other.cause
            && *decision == other.decision
            && *actions == other.actions
            && *resources == other.resources
            && *regions == other.regions
            && *owner == other.owner
    }
}

/// One step in the life of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which step.
    pub kind: EventKind,
    /// The finding after the step.
    pub finding: Finding,
    /// What is new (worsened), gone (eased, resolved); empty otherwise.
    pub items: BTreeSet<Item>,
    /// The mute that keeps it from people; machines see it all the same.
    pub muted: Option<Arc<str>>,
    /// Whether people are told: not under a mute, and not of the end of what they never heard of.
    pub for_people: bool,
    /// What it comes from.
    pub origin: ChangeOrigin,
    /// Which calls can have led to it; `None` where it neither opened nor got worse, and where nobody asked.
    pub explanation: Option<Explanation>,
}

/// What a step in the life of a finding comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeOrigin {
    /// The account: something in it changed.
    #[default]
    Account,
    /// This release judges by other rules, or by another catalog, than the last audit did: it may have been there all along.
    Rules,
}

/// The steps in the life of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Seen for the first time.
    Opened,
    /// More is wrong than before.
    Worsened,
    /// Less is wrong than before.
    Eased,
    /// Still there.
    Reminded,
    /// Gone.
    Resolved(Resolution),
}

/// How a finding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// It was looked for and not found.
    Healthy,
    /// The principal is gone or no longer bound, so nobody looks any more.
    Left,
}

/// What people get: all events of one kind with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same for all messages about one thing, from the first to the one that says it is over: the id of the first
    /// finding that was told of in it.
    pub thread: FindingId,
    /// Which step. Events that open findings and events that worsen others stand in one message if they have one cause;
    /// it is then one that opens.
    pub kind: EventKind,
    /// What is wrong.
    pub code: Code,
    /// The worst level among the findings; a notice where it comes from the rules, because nobody is to be woken for that.
    pub level: Level,
    /// What all of it comes from.
    pub origin: ChangeOrigin,
    /// What they have in common; `None` where there is one finding, or nothing in common but the principal.
    pub cause: Option<Cause>,
    /// Whether it holds the notices that people were not told of yet, whatever they are about.
    pub is_collection: bool,
    /// Whether nothing that was told in its thread is open any more.
    pub is_over: bool,
    /// Positions in the events, ascending; never empty.
    pub events: Vec<usize>,
}

impl FindingId {
    /// The id of what is wrong with one principal (`None`: the account itself).
    #[must_use]
    pub fn new(
        account: AccountId,
        principal: Option<&PrincipalArn>,
        code: Code,
        set: &str,
    ) -> Self {
        let fields = [
            account.as_str(),
            principal.map_or("", PrincipalArn::as_str),
            code.as_str(),
            set,
        ];
        // No field holds a line break, so no two lists of fields are one text.
        Self::of_text(&fields.join("\n"))
    }

    /// The id of what a text names.
    pub(crate) fn of_text(text: &str) -> Self {
        let hash = Sha256::digest(text);
        let hash = hash
            .first_chunk()
            .map_or(0, |start| u64::from_be_bytes(*start));
        Self(hash)
    }
}

impl FromStr for FindingId {
    type Err = ParseFindingIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.len() == 16
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match u64::from_str_radix(text, 16) {
            Ok(id) if hex => Ok(Self(id)),
            _ => Err(ParseFindingIdError(text.to_owned())),
        }
    }
}

/// A text that is no finding id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no finding id: expected sixteen hexadecimal digits")]
pub struct ParseFindingIdError(String);

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindingId({self})")
    }
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::MissingActions,
        Self::MissingTrust,
        Self::MissingInstanceProfile,
        Self::AccessKey,
        Self::KeyState,
        Self::ResourceSettings,
        Self::UnknownActionSet,
        Self::AllowedOnlyOn,
        Self::ExcessAccess,
        Self::Coverage,
        Self::ChangesNotArriving,
        Self::ChangeNotFollowed,
        Self::Undetermined,
        Self::AuditFailed,
    ];

    /// The slug: in messages, settings and `docs/findings.md`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingActions => "missing-actions",
            Self::MissingTrust => "missing-trust",
            Self::MissingInstanceProfile => "missing-instance-profile",
            Self::AccessKey => "access-key",
            Self::KeyState => "key-state",
            Self::ResourceSettings => "resource-settings",
            Self::UnknownActionSet => "unknown-action-set",
            Self::AllowedOnlyOn => "allowed-only-on",
            Self::ExcessAccess => "excess-access",
            Self::Coverage => "coverage",
            Self::ChangesNotArriving => "changes-not-arriving",
            Self::ChangeNotFollowed => "change-not-followed",
            Self::Undetermined => "undetermined",
            Self::AuditFailed => "audit-failed",
        }
    }
}

impl FromStr for Code {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| ParseCodeError(text.to_owned()))
    }
}

/// A text that is no finding code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no finding code")]
pub struct ParseCodeError(String);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl EventKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worsened => "worsened",
            Self::Eased => "eased",
            Self::Reminded => "reminded",
            Self::Resolved(_) => "resolved",
        }
    }
}

impl ChangeOrigin {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Rules => "rules",
        }
    }
}

impl FromStr for ChangeOrigin {
    type Err = ParseChangeOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Account, Self::Rules]
            .into_iter()
            .find(|origin| origin.as_str() == text)
            .ok_or_else(|| ParseChangeOriginError(text.to_owned()))
    }
}

/// A text that names no origin of a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin of a change: expected account or rules")]
pub struct ParseChangeOriginError(String);

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
