//! Mutes: which findings does an owner want kept quiet, and until when?
//!
//! A mute covers the missing actions it was written for: if one more is missing, the finding is told. A mute whose date is past, or is no
//! date, mutes nothing; nor does one that names an OU where it is not known which OUs are above the account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::ActionName;
use jiff::{SignedDuration, Timestamp};

use crate::find::finding::{Code, Finding, FindingId};
use crate::find::observe::Findings;
use crate::judge::assessment::Assessment;
use crate::settings::{Expiry, Mute, Muted};

/// What is worth telling about a mute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MuteNote {
    /// What identifies the mute: its finding or principal pattern, with its line in the settings.
    pub mute: Arc<str>,
    /// Who wrote it.
    pub owner: Arc<str>,
    /// What is worth telling.
    pub kind: MuteNoteKind,
    /// Whether the baseline does not know that it was told before.
    pub is_new: bool,
}

/// What can be worth telling about a mute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MuteNoteKind {
    /// It ends within seven days.
    EndsSoon(Timestamp),
    /// It has ended, and mutes nothing any more.
    Ended(Timestamp),
    /// Its date is no date, so it counts as ended.
    NoDate(Arc<str>),
    /// It names an OU, and it is not known which are above the account: it mutes nothing there.
    NotKnown(Box<str>),
    /// It names an OU that no account of the organisation is below.
    NoAccount(Box<str>),
    /// It matched nothing in this audit.
    Unused,
}

/// When and where mutes are looked at.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The time.
    pub now: Timestamp,
    /// The ids of the root and the OUs above the account; `None` where they are not known.
    pub above: Option<&'a [Box<str>]>,
}

impl<'a> At<'a> {
    /// Those of an audit.
    #[must_use]
    pub fn of(assessment: &'a Assessment) -> Self {
        Self {
            now: assessment.at,
            above: assessment.coverage.resources.above(),
        }
    }
}

/// The findings that mutes keep quiet, each with the mute that does.
#[must_use]
pub fn muted(mutes: &[Mute], findings: &Findings, at: At<'_>) -> BTreeMap<FindingId, Arc<str>> {
    let mut mutes = Mutes::new(mutes, at);
    findings
        .iter()
        .filter_map(|(id, finding)| Some((*id, mutes.cover(finding)?)))
        .collect()
}

/// How much of an account an audit looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookedAt {
    /// All of it.
    Everything,
    /// A part of it.
    Part,
}

/// The mutes of the settings, with whether each matched something in this audit.
pub(crate) struct Mutes<'s> {
    mutes: &'s [Mute],
    at: At<'s>,
    /// Whether a mute matched a finding, whether or not it kept it quiet.
    met: Vec<bool>,
}

/// How long before its end a mute is told of.
const WARNING: SignedDuration = SignedDuration::from_hours(7 * 24);

impl<'s> Mutes<'s> {
    pub(crate) fn new(mutes: &'s [Mute], at: At<'s>) -> Self {
        Self {
            mutes,
            at,
            met: vec![false; mutes.len()],
        }
    }

    /// The mute that keeps a finding quiet.
    pub(crate) fn cover(&mut self, finding: &Finding) -> Option<Arc<str>> {
        for (mute, met) in self.mutes.iter().zip(&mut self.met) {
            *met |= matches(mute, finding, self.at);
        }
        cover(self.mutes, finding, self.at).map(label)
    }

    /// What is worth telling about the mutes themselves.
    pub(crate) fn notes(
        &self,
        looked_at: LookedAt,
        warned: &mut BTreeMap<Box<str>, Timestamp>,
    ) -> Vec<MuteNote> {
        let mut notes = Vec::new();
        let mut still = BTreeMap::new();
        for (mute, &met) in self.mutes.iter().zip(&self.met) {
            let kind = match &mute.expires {
                Expiry::Malformed(text) => MuteNoteKind::NoDate(Arc::clone(text)),
                Expiry::At(end) if *end <= self.at.now => MuteNoteKind::Ended(*end),
                Expiry::At(_) if self.at.above.is_none() && mute.ou.is_some() => {
                    MuteNoteKind::NotKnown(mute.ou.clone().unwrap_or_default())
                }
                // Those of other OUs are not written for this account.
                Expiry::At(_)
                    if looked_at == LookedAt::Everything && !met && is_meant(mute, self.at) =>
                {
                    MuteNoteKind::Unused
                }
                Expiry::At(end) if end.duration_since(self.at.now) <= WARNING => {
                    MuteNoteKind::EndsSoon(*end)
                }
                Expiry::At(_) => continue,
            };
            let what = label(mute);
            let key: Box<str> = format!("{what}: {}", kind.as_str()).into();
            let since = warned.get(&key).copied();
            still.insert(key, since.unwrap_or(self.at.now));
            notes.push(MuteNote {
                mute: what,
                owner: Arc::clone(&mute.owner),
                kind,
                is_new: since.is_none(),
            });
        }
        match looked_at {
            LookedAt::Everything => *warned = still,
            LookedAt::Part => warned.extend(still),
        }
        notes
    }
}

impl MuteNoteKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::EndsSoon(_) => "ends soon",
            Self::Ended(_) => "ended",
            Self::NoDate(_) => "no date",
            Self::NotKnown(_) => "OUs not known",
            Self::NoAccount(_) => "no account",
            Self::Unused => "unused",
        }
    }
}

/// The mute that keeps a finding quiet at this time: the first that was written for it and still holds.
#[must_use]
pub fn cover<'s>(mutes: &'s [Mute], finding: &Finding, at: At<'_>) -> Option<&'s Mute> {
    mutes
        .iter()
        .find(|mute| matches(mute, finding, at) && holds(mute, finding, at.now))
}

/// What identifies a mute to its owner.
#[must_use]
pub fn label(mute: &Mute) -> Arc<str> {
    let codes = || {
        let codes: Vec<&str> = mute.codes.iter().map(|code| code.as_str()).collect();
        codes.join(", ")
    };
    let below = mute.ou.iter().map(|ou| format!(" below {ou}"));
    let below: String = below.collect();
    match &mute.what {
        Muted::Finding(id) => format!("finding {id}").into(),
        Muted::Principal(pattern) => format!("{} of {}{below}", codes(), pattern.as_str()).into(),
        Muted::Accounts => format!("{} of accounts{below}", codes()).into(),
    }
}

/// What is worth telling about mutes of a whole organisation, where each account's own audits tell nobody: those that end, and those that
/// name an OU that no account is below. `paths`: what is above each account.
#[must_use]
pub fn notes_of_all<'p>(
    mutes: &[Mute],
    now: Timestamp,
    paths: impl IntoIterator<Item = &'p [Box<str>]>,
    warned: &mut BTreeMap<Box<str>, Timestamp>,
) -> Vec<MuteNote> {
    let known: BTreeSet<&str> = paths.into_iter().flatten().map(AsRef::as_ref).collect();
    let at = At {
        now,
        above: Some(&[]),
    };
    let is_missing = |mute: &&Mute| {
        let ou = mute.ou.as_ref();
        ou.is_some_and(|ou| !known.contains(&**ou))
    };
    let mut notes = Mutes::new(mutes, at).notes(LookedAt::Part, warned);
    for mute in mutes.iter().filter(is_missing) {
        let kind = MuteNoteKind::NoAccount(mute.ou.clone().unwrap_or_default());
        notes.push(note(mute, kind, now, warned));
    }
    notes
}

fn note(
    mute: &Mute,
    kind: MuteNoteKind,
    now: Timestamp,
    warned: &mut BTreeMap<Box<str>, Timestamp>,
) -> MuteNote {
    let what = label(mute);
    let key: Box<str> = format!("{what}: {}", kind.as_str()).into();
    let is_new = !warned.contains_key(&key);
    warned.entry(key).or_insert(now);
    MuteNote {
        mute: what,
        owner: Arc::clone(&mute.owner),
        kind,
        is_new,
    }
}

/// Whether a mute was written for a finding.
fn matches(mute: &Mute, finding: &Finding, at: At<'_>) -> bool {
    let meant = match &mute.what {
        Muted::Finding(id) => finding.id == *id,
        Muted::Principal(pattern) => {
            let principal = finding.principal.as_ref();
            principal.is_some_and(|arn| pattern.matches(arn.as_str()))
        }
        Muted::Accounts => true,
    };
    meant && is_meant(mute, at) && (mute.codes.is_empty() || mute.codes.contains(&finding.code))
}

/// Whether a mute was written for the account; not where that is not known.
fn is_meant(mute: &Mute, at: At<'_>) -> bool {
    mute.ou.as_ref().is_none_or(|ou| {
        let above = at.above;
        above.is_some_and(|above| above.contains(ou))
    })
}

/// Whether it still keeps it quiet: in time, and nothing worse than what it was written for.
fn holds(mute: &Mute, finding: &Finding, now: Timestamp) -> bool {
    let in_time = match mute.expires {
        Expiry::At(end) => now < end,
        Expiry::Malformed(_) => false,
    };
    let known = |name: &str| {
        let name = name.parse::<ActionName>();
        name.is_ok_and(|action| mute.actions.contains(&action))
    };
    in_time
        && (finding.code != Code::MissingActions
            || finding.items.iter().all(|item| known(&item.name)))
}
