//! The settings as values, and the defaults that hold without a document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use catalog::ProductVersion;
use iam::{AccountId, ActionName, PrincipalArn};
use jiff::SignedDuration;

use crate::find::finding::{Code, FindingId};
use crate::judge::assessment::DangerKind;
use crate::level::Level;
use crate::resources::ReadLayer;
use crate::settings::pattern::Pattern;
use crate::settings::required::RequiredLayer;

/// All that can be set. `Settings::default()` is what holds without a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What our tag keys begin with.
    pub tag_prefix: Box<str>,
    /// The product version where no tag says; `None` means the newest that the catalog knows.
    pub product_version: Option<ProductVersion>,
    /// Regions where no tag says.
    pub regions: Vec<Box<str>>,
    /// Who must be able to assume the appliance's roles, where no tag says: account ids or ARNs.
    pub assumed_by: Vec<Box<str>>,
    /// Context keys of every request, in lower case, with their values; an empty list means that requests never bear the key.
    pub context: BTreeMap<Box<str>, Vec<Box<str>>>,
    /// What some requests carry besides; of two that fit a request, the later wins.
    pub requests: Vec<RequestContext>,
    /// Answers to the catalog's questions, by condition, with the line.
    pub answers: BTreeMap<Box<str>, Answer>,
    /// Files with action sets of the user's own; whoever reads the settings reads them.
    pub action_set_files: Vec<Box<str>>,
    /// Principals bound without a tag.
    pub bindings: Vec<Binding>,
    /// Names that look like Veeam's, without regard to case.
    pub looks_like_veeam: Vec<Pattern>,
    /// Who owns which layer.
    pub owners: Owners,
    /// Findings to keep quiet.
    pub mutes: Vec<Mute>,
    /// An active access key older than this is told of; `None`: never.
    pub access_key_max_age_days: Option<i64>,
    /// An active access key that was not used for longer than this is told of; `None`: never.
    pub access_key_unused_days: Option<i64>,
    /// The command line fails on findings at or above this.
    pub fail_on: Level,
    /// What principals can do beyond their sets is told of from this danger up; `None`: not looked at.
    pub excess: Option<DangerKind>,
    /// Layers that must have been looked at for a verdict to be compliant.
    pub require: BTreeSet<RequiredLayer>,
    /// What of the resource side is read live.
    pub read: BTreeSet<ReadLayer>,
    /// Whether CloudTrail is asked who changed what a finding is about; the command line asks only if it is told to.
    pub look_up_callers: bool,
    /// How long to wait before what is newly denied is simulated again; zero: not at all.
    pub confirm_pause: Duration,
    /// The same for an audit that trail events started.
    pub change_confirm_pause: Duration,
    /// How many calls at most AWS's simulator is asked with for each that a question about `*` takes, together with those about the
    /// concrete resources on which its answer rests.
    pub simulation_ceiling: usize,
    /// When to remind.
    pub reminders: Reminders,
    /// When to call a finding flapping.
    pub flapping: Flapping,
    /// After how many days a principal that is gone is no longer missed.
    pub forget_after_days: i64,
    /// In so many days people are told of notices once, in one message; 0: of each as it is found.
    pub notice_days: i64,
    /// A principal that is known to lack an action, to prove that the audit works.
    pub canary: Option<Canary>,
}

/// Context keys of some requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// Whose, by ARN; `None`: of everybody.
    pub principal: Option<Pattern>,
    /// For which actions; empty: for all.
    pub actions: Vec<Pattern>,
    /// As in [`Settings::context`].
    pub context: BTreeMap<Box<str>, Vec<Box<str>>>,
}

impl RequestContext {
    /// Whether it is about requests of this principal.
    #[must_use]
    pub fn is_of(&self, principal: &PrincipalArn) -> bool {
        let pattern = self.principal.as_ref();
        pattern.is_none_or(|pattern| pattern.matches(principal.as_str()))
    }

    /// Whether it is about requests for this action.
    #[must_use]
    pub fn is_for(&self, action: &ActionName) -> bool {
        let mut actions = self.actions.iter();
        self.actions.is_empty() || actions.any(|one| one.matches_any_case(action.as_str()))
    }
}

/// An answer to one of the catalog's questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Yes or no.
    pub yes: bool,
    /// The line in the settings, from 1.
    pub line: u32,
}

/// A principal bound without a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The line in the settings, from 1; 0 for what the command line binds.
    pub line: u32,
    /// Which principals, by ARN.
    pub principal: Option<Pattern>,
    /// Ids of action sets.
    pub action_sets: Vec<Box<str>>,
    /// Values of the catalog's scope variables.
    pub scope: BTreeMap<Box<str>, Vec<Box<str>>>,
    /// As in [`Settings::regions`].
    pub regions: Vec<Box<str>>,
    /// As in [`Settings::product_version`].
    pub product_version: Option<ProductVersion>,
    /// As in [`Settings::assumed_by`].
    pub assumed_by: Vec<Box<str>>,
    /// The accounts that Veeam's workers run in.
    pub worker_accounts: Vec<AccountId>,
    /// The external ids that were typed in at Veeam for the role.
    pub external_ids: Vec<Box<str>>,
    /// As in [`Settings::answers`].
    pub answers: BTreeMap<Box<str>, Answer>,
}

impl Binding {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Box<str> {
        match self.line {
            0 => "command line".into(),
            line => format!("settings, line {line}").into(),
        }
    }
}

/// Who owns which layer: a name, an address, a channel; told with every denial of that layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Identity policies, those of groups included.
    pub identity: Option<Arc<str>>,
    /// Permissions boundaries.
    pub boundary: Option<Arc<str>>,
    /// Service control policies.
    pub scp: Option<Arc<str>>,
    /// Trust policies.
    pub trust: Option<Arc<str>>,
    /// Policies and grants of keys, buckets and vaults.
    pub resource: Option<Arc<str>>,
}

/// A finding to be kept quiet by its owner, for a reason, until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    /// The line in the settings, from 1.
    pub line: u32,
    /// Which findings.
    pub what: Muted,
    /// Only those of accounts below this OU, or root; `None`: of any account.
    pub ou: Option<Box<str>>,
    /// The codes it is for; empty with a finding id, which implies its code.
    pub codes: Vec<Code>,
    /// The missing actions it was written for; more than these break through.
    pub actions: Vec<ActionName>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Until when.
    pub expires: Expiry,
}

/// Which findings a mute is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Muted {
    /// This one.
    Finding(FindingId),
    /// Those of principals whose ARN matches.
    Principal(Pattern),
    /// All of the accounts, those without a principal included.
    Accounts,
}

/// When a mute ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At this instant; a day counts to its end, UTC.
    At(jiff::Timestamp),
    /// No date: counts as ended.
    Malformed(Arc<str>),
}

/// When to remind of a finding that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// Days between one message and the next; the last is repeated.
    pub days: Vec<i64>,
    /// The same for what could not be known.
    pub undetermined_days: Vec<i64>,
}

impl Reminders {
    /// Whether it is time to remind of a finding of this code, after so many reminders and so long after the last message.
    pub(crate) fn is_due(&self, code: Code, given: u32, since: SignedDuration) -> bool {
        let days = match code == Code::Undetermined {
            true => &self.undetermined_days,
            false => &self.days,
        };
        let next = usize::try_from(given).unwrap_or(usize::MAX);
        // Audits do not run to the second: two hours early is in time.
        let hours = |days: i64| days.saturating_mul(24).saturating_sub(2);
        let next = days.get(next).or(days.last());
        next.is_some_and(|days| since.as_hours() >= hours(*days))
    }
}

/// When to call a finding flapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// Opened this often ...
    pub openings: u32,
    /// ... within this many days: its end is told only after ...
    pub within_days: i64,
    /// ... it stayed away for this many hours.
    pub calm_hours: i64,
}

/// A principal that is known to lack an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// Who.
    pub principal: PrincipalArn,
    /// What it lacks.
    pub action: ActionName,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tag_prefix: "veeam:".into(),
            product_version: None,
            regions: Vec::new(),
            assumed_by: Vec::new(),
            context: BTreeMap::new(),
            requests: Vec::new(),
            answers: BTreeMap::new(),
            action_set_files: Vec::new(),
            bindings: Vec::new(),
            looks_like_veeam: vec![Pattern::new("*veeam*"), Pattern::new("*vbr*")],
            owners: Owners::default(),
            mutes: Vec::new(),
            access_key_max_age_days: Some(365),
            access_key_unused_days: Some(90),
            fail_on: Level::Low,
            excess: None,
            require: BTreeSet::new(),
            read: ReadLayer::ALL.iter().copied().collect(),
            look_up_callers: true,
            confirm_pause: Duration::from_secs(60),
            change_confirm_pause: Duration::from_secs(30),
            simulation_ceiling: 2,
            reminders: Reminders::default(),
            flapping: Flapping::default(),
            forget_after_days: 30,
            notice_days: 7,
            canary: None,
        }
    }
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            days: vec![1, 3, 7, 14],
            undetermined_days: vec![7, 14, 30],
        }
    }
}

impl Default for Flapping {
    fn default() -> Self {
        Self {
            openings: 3,
            within_days: 7,
            calm_hours: 48,
        }
    }
}
