//! Messages as text: what every channel says about a message.
//!
//! In: a message with its events. Out: its headline, what breaks, who owns the blocking layers, what to do. Names from the
//! account are plain; escaping markup is done by each channel.

mod above;
mod title;

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::assessment::Coverage;
use audit::finding::{ChangeOrigin, Lack, Resolution};
use audit::mute::{MuteNote, MuteNoteKind};
use audit::settings::Owners;
use audit::{Assessment, Event, EventKind, Finding, Message};
use iam::{AccountId, ActionName};
use jiff::Timestamp;

use crate::words;
use crate::words::cause::{list, remedy};
use crate::words::counted::counted;
use crate::words::fault;
use crate::words::plain::plain;
use title::{about, of_several, sentence};

pub use above::Above;
pub use title::what;

/// A message with its events.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    /// The message.
    pub message: &'a Message,
    /// Its events; never empty.
    pub events: Vec<&'a Event>,
    /// The audited account.
    pub account: AccountId,
    /// When the audit began.
    pub now: Timestamp,
    /// Who owns which layer.
    pub owners: &'a Owners,
    /// What the audit looked at; `None` where it is told later, from what the baseline keeps.
    pub coverage: Option<&'a Coverage>,
    /// What is known around the account, where it is one of an organisation's.
    pub above: Option<Above<'a>>,
}

impl<'a> Saying<'a> {
    /// The message, with its own events picked from all events.
    #[must_use]
    pub fn new(
        message: &'a Message,
        events: &'a [Event],
        assessment: &'a Assessment,
        owners: &'a Owners,
    ) -> Self {
        let at = message.events.iter();
        Self {
            message,
            events: at.filter_map(|&at| events.get(at)).collect(),
            account: assessment.account,
            now: assessment.at,
            owners,
            coverage: Some(&assessment.coverage),
            above: None,
        }
    }

    /// The findings.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.events.iter().map(|event| &event.finding)
    }

    /// Whether it is about findings that this release checks for and the last audit did not.
    #[must_use]
    pub fn is_now_checked(&self) -> bool {
        match self.message.origin {
            ChangeOrigin::Account => false,
            ChangeOrigin::Rules => match self.message.kind {
                EventKind::Opened | EventKind::Worsened => true,
                EventKind::Eased | EventKind::Reminded | EventKind::Resolved(_) => false,
            },
        }
    }

    /// Whether it holds many things that have nothing in common, so that each says for itself how bad it is and what breaks.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        self.message.is_collection || self.is_now_checked()
    }

    /// What happened, as one word to filter by.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.message.is_collection, self.is_now_checked()) {
            (true, _) => "notices",
            (false, true) => "now-checked",
            (false, false) => self.message.kind.as_str(),
        }
    }

    /// `2 notices`.
    fn notices(&self) -> String {
        counted(self.events.len(), "notice")
    }

    /// `HIGH new: role VeeamBackup: 3 actions missing for EC2 restore (123456789012)`: one line, the most telling first.
    #[must_use]
    pub fn subject(&self) -> String {
        if self.message.is_collection {
            return format!("{} on {} ({})", self.notices(), self.whose(), self.account);
        }
        if self.is_now_checked() {
            return format!(
                "Now checked: {} on {}, which may be old ({})",
                counted(self.events.len(), "finding"),
                self.whose(),
                self.account
            );
        }
        let level = match self.message.kind {
            EventKind::Resolved(_) => "Resolved".to_owned(),
            kind @ (EventKind::Opened
            | EventKind::Worsened
            | EventKind::Eased
            | EventKind::Reminded) => {
                format!(
                    "{} {}",
                    self.message.level.as_str().to_uppercase(),
                    step(kind)
                )
            }
        };
        let about = self.events.first().map_or_else(
            || "nothing".to_owned(),
            |first| about(&self.whose(), &first.finding),
        );
        format!("{level}: {about} ({})", self.account)
    }

    /// What happened, as a sentence.
    #[must_use]
    pub fn headline(&self) -> String {
        if self.message.is_collection {
            return format!(
                "{} on {}. Nothing breaks because of them. New notices are collected and sent together; `notice-days` in the settings \
                 says how often.",
                self.notices(),
                self.whose()
            );
        }
        if self.is_now_checked() {
            return format!(
                "Now checked: {} on {}. This release of permdrift checks more than the one before it, or decides otherwise. What it \
                 found may have been there all along; nothing in the account need have changed.",
                counted(self.events.len(), "finding"),
                self.whose()
            );
        }
        let about = match self.events.as_slice() {
            [one] => match fault::summary(&one.finding) {
                Some(what) => format!("{what}, which {} needs", who(&one.finding)),
                None => sentence(&who(&one.finding), &one.finding),
            },
            [first, others @ ..]
                if others
                    .iter()
                    .all(|other| other.finding.items == first.finding.items)
                    && fault::summary(&first.finding).is_some() =>
            {
                format!("{}, which {} need", what(&first.finding), self.whose())
            }
            _ => of_several(self.message.code, &self.whose()),
        };
        match self.message.kind {
            EventKind::Opened => format!("New: {about}."),
            EventKind::Worsened => format!("Worse than before: {about}."),
            EventKind::Eased => format!("Better, but still open: {about}."),
            EventKind::Reminded => format!("Still open: {about}."),
            EventKind::Resolved(Resolution::Healthy) => {
                format!("Resolved: an audit checked it again and did not find it: {about}.")
            }
            EventKind::Resolved(Resolution::Left) => {
                format!(
                    "Closed, because it is no longer checked (deleted, or no longer bound): {about}."
                )
            }
        }
    }

    /// What breaks, each once, the worst first.
    #[must_use]
    pub fn impacts(&self) -> Vec<String> {
        let mut findings: Vec<&Finding> = self.findings().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        let mut impacts: Vec<String> = Vec::new();
        for finding in findings {
            let impact = plain(&finding.impact);
            if !impact.is_empty() && !impacts.iter().any(|known| *known == impact) {
                impacts.push(impact.into_owned());
            }
        }
        impacts
    }

    /// The owners of the blocking layers, each once.
    #[must_use]
    pub fn owners(&self) -> Vec<String> {
        let owners = self
            .findings()
            .flat_map(|finding| words::finding::owners(finding, self.owners));
        let owners: BTreeSet<&str> = owners.collect();
        owners
            .into_iter()
            .map(|owner| plain(owner).into_owned())
            .collect()
    }

    /// What to do, each step once; empty if it is resolved.
    #[must_use]
    pub fn remedies(&self) -> Vec<String> {
        if !is_bad(self.message.kind) {
            return Vec::new();
        }
        let mut steps: Vec<String> = self.remedy().into_iter().collect();
        for finding in self.findings() {
            let common = |lack: &Lack| Some(&lack.cause) == self.message.cause.as_ref();
            let own = Finding {
                lacks: Arc::new(
                    finding
                        .lacks
                        .iter()
                        .filter(|lack| !common(lack))
                        .cloned()
                        .collect(),
                ),
                ..finding.clone()
            };
            if own.lacks.is_empty() && !finding.lacks.is_empty() {
                continue;
            }
            for step in words::finding::steps(&own, self.owners, None) {
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
        }
        steps
    }

    /// What to do about the common cause.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let advice = remedy(self.message.cause.as_ref()?, None);
        Some(if self.events.len() > 1 {
            advice.replace("this principal", "these principals")
        } else {
            advice
        })
    }

    /// The command that prints what the first principal lacks, of those that a policy of their own helps.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        let bad = || self.findings().filter(|_| is_bad(self.message.kind));
        let first = bad().find(|finding| words::finding::fix(&[finding]).is_some())?;
        let theirs: Vec<&Finding> = bad()
            .filter(|finding| finding.principal == first.principal)
            .collect();
        words::finding::fix(&theirs)
    }

    /// The principal and action to ask about, for `permdrift explain`.
    #[must_use]
    pub fn question(&self) -> Option<(&'a str, &'a ActionName)> {
        let finding = self
            .findings()
            .next()
            .filter(|_| is_bad(self.message.kind))?;
        let action = words::finding::causes(finding).first()?.actions.first()?;
        Some((finding.principal.as_ref()?.as_str(), action))
    }

    /// `role VeeamBackup`, `14 principals`.
    #[must_use]
    pub fn whose(&self) -> String {
        let principals: BTreeSet<_> = self.findings().map(|finding| &finding.principal).collect();
        match principals.len() {
            1 => self.findings().next().map_or_else(String::new, who),
            number => counted(number, "principal"),
        }
    }
}

/// Whether somebody has something to do.
#[must_use]
pub fn is_bad(kind: EventKind) -> bool {
    !kind.is_end()
}

/// `role VeeamBackup`, `the account`.
#[must_use]
pub fn who(finding: &Finding) -> String {
    match &finding.principal {
        Some(arn) => format!("{} {}", arn.kind(), plain(arn.name())),
        None => "the account".to_owned(),
    }
}

/// How many mutes need attention.
#[must_use]
pub fn mutes_need(number: usize) -> String {
    let need = if number == 1 { "needs" } else { "need" };
    format!("{} {need} attention", counted(number, "mute"))
}

/// What happened to a mute, after its name.
#[must_use]
pub fn mute(note: &MuteNote) -> String {
    match &note.kind {
        MuteNoteKind::EndsSoon(at) => format!("ends on {}", day(*at)),
        MuteNoteKind::Ended(at) => format!("ended on {}; its findings are sent again", day(*at)),
        MuteNoteKind::NoDate(text) => {
            format!("has no usable date (`{}`) and counts as ended", plain(text))
        }
        MuteNoteKind::NotKnown(ou) => format!(
            "mutes nothing here: it is not known whether the account is below {}",
            plain(ou)
        ),
        MuteNoteKind::NoAccount(ou) => format!(
            "mutes nothing: no account of the organization is below {}",
            plain(ou)
        ),
        MuteNoteKind::Unused => "matched nothing in this audit".to_owned(),
    }
}

fn step(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Opened => "new",
        EventKind::Worsened => "worse",
        EventKind::Eased => "better",
        EventKind::Reminded => "still open",
        EventKind::Resolved(_) => "resolved",
    }
}

/// The text with a capital first letter.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The first few, and how many more there are.
pub fn few<'t>(names: impl Iterator<Item = &'t str> + Clone, most: usize) -> String {
    let all = names.clone().count();
    let shown = list(names.take(most));
    if all > most {
        format!("{shown} and {} more", all - most)
    } else {
        shown
    }
}

/// The day, in UTC.
#[must_use]
pub fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// ` (6 days)`; empty on the first day.
#[must_use]
pub fn age(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_hours() / 24 {
        days if days < 1 => String::new(),
        1 => " (1 day)".to_owned(),
        days => format!(" ({days} days)"),
    }
}
