//! Mutes: which findings does an owner want kept quiet, and until when?
//!
//! A mute holds for the missing actions it was written for: one action more, and the finding is told. A mute whose date is
//! past or is no date holds nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use iam::ActionName;
use jiff::{SignedDuration, Timestamp};

use crate::find::finding::{Code, Finding, FindingId};
use crate::find::observe::Findings;
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
    /// It matched nothing in this audit.
    Unused,
}

/// The findings that mutes keep quiet, each with the mute that does.
#[must_use]
pub fn muted(mutes: &[Mute], findings: &Findings, now: Timestamp) -> BTreeMap<FindingId, Arc<str>> {
    let mut mutes = Mutes::new(mutes, now);
    findings
        .iter()
        .filter_map(|(id, finding)| Some((*id, mutes.cover(finding)?)))
        .collect()
}

/// The mutes of the settings, with what they met in this audit.
pub(crate) struct Mutes<'s> {
    mutes: &'s [Mute],
    now: Timestamp,
    /// Whether a mute matched a finding, whether or not it kept it quiet.
    met: Vec<bool>,
}

/// How long before its end a mute is told of.
const WARNING: SignedDuration = SignedDuration::from_hours(7 * 24);

impl<'s> Mutes<'s> {
    pub(crate) fn new(mutes: &'s [Mute], now: Timestamp) -> Self {
        Self {
            mutes,
            now,
            met: vec![false; mutes.len()],
        }
    }

    /// The mute that keeps a finding quiet.
    pub(crate) fn cover(&mut self, finding: &Finding) -> Option<Arc<str>> {
        for (mute, met) in self.mutes.iter().zip(&mut self.met) {
            *met |= matches(mute, finding);
        }
        cover(self.mutes, finding, self.now).map(label)
    }

    /// What is worth telling about the mutes themselves; `whole` where the audit looked at everything.
    pub(crate) fn notes(
        &self,
        whole: bool,
        warned: &mut BTreeMap<Box<str>, Timestamp>,
    ) -> Vec<MuteNote> {
        let mut notes = Vec::new();
        let mut still = BTreeMap::new();
        for (mute, &met) in self.mutes.iter().zip(&self.met) {
            let kind = match &mute.expires {
                Expiry::Malformed(text) => MuteNoteKind::NoDate(Arc::clone(text)),
                Expiry::At(end) if *end <= self.now => MuteNoteKind::Ended(*end),
                Expiry::At(_) if whole && !met => MuteNoteKind::Unused,
                Expiry::At(end) if end.duration_since(self.now) <= WARNING => {
                    MuteNoteKind::EndsSoon(*end)
                }
                Expiry::At(_) => continue,
            };
            let what = label(mute);
            let key: Box<str> = format!("{what}: {}", kind.as_str()).into();
            let since = warned.get(&key).copied();
            still.insert(key, since.unwrap_or(self.now));
            notes.push(MuteNote {
                mute: what,
                owner: Arc::clone(&mute.owner),
                kind,
                is_new: since.is_none(),
            });
        }
        if whole {
            *warned = still;
        } else {
            warned.extend(still);
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
            Self::Unused => "unused",
        }
    }
}

/// The mute that keeps a finding quiet at this time: the first that was written for it and still holds.
#[must_use]
pub fn cover<'s>(mutes: &'s [Mute], finding: &Finding, now: Timestamp) -> Option<&'s Mute> {
    mutes
        .iter()
        .find(|mute| matches(mute, finding) && holds(mute, finding, now))
}

/// What identifies a mute to its owner.
#[must_use]
pub fn label(mute: &Mute) -> Arc<str> {
    match &mute.what {
        Muted::Finding(id) => format!("finding {id}").into(),
        Muted::Principal(pattern) => {
            let codes: Vec<&str> = mute.codes.iter().map(|code| code.as_str()).collect();
            format!("{} of {}", codes.join(", "), pattern.as_str()).into()
        }
    }
}

/// Whether a mute was written for a finding.
fn matches(mute: &Mute, finding: &Finding) -> bool {
    let meant = match &mute.what {
        Muted::Finding(id) => finding.id == *id,
        Muted::Principal(pattern) => {
            let principal = finding.principal.as_ref();
            principal.is_some_and(|arn| pattern.matches(arn.as_str()))
        }
    };
    meant && (mute.codes.is_empty() || mute.codes.contains(&finding.code))
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
