//! The input of every format that contains a whole assessment.
//!
//! It combines an assessment with its settings and events, and answers what several formats need: which mute covers a finding,
//! and how each finding changed since the baseline. It makes no verdicts of its own.

use std::collections::BTreeMap;

use audit::events::Explanation;
use audit::finding::{ChangeOrigin, Resolution};
use audit::settings::{Expiry, Mute, Settings};
use audit::{Assessment, Code, Event, EventKind, Finding, FindingId, Findings};
use catalog::Catalog;
use iam::PrincipalArn;

use crate::words::command::catalog_policy;
use crate::words::finding::{fix, headline, paragraphs, steps, who};
use crate::words::plain::plain;
use crate::words::provenance::Provenance;

/// What is to be written.
#[derive(Clone, Copy, Debug)]
pub struct AuditReport<'a> {
    /// What was found.
    pub assessment: &'a Assessment,
    /// What is wrong, finding by finding, with their history where there is one.
    pub findings: &'a Findings,
    /// What changed since the baseline; `None` where there was none to compare with.
    pub events: Option<&'a [Event]>,
    /// What explains findings, whether or not there was a baseline to compare with: all steps of this audit.
    pub explained: &'a [Event],
    /// The settings of the audit: owners and mutes.
    pub settings: &'a Settings,
    /// The questions behind conditions.
    pub catalog: &'a Catalog,
    /// The file that the inventory was read from; `None` where it was no file.
    pub source: Option<&'a str>,
    /// Where the account was read and by whom it was decided; `None` where what was audited is not deployed.
    pub provenance: Option<&'a Provenance>,
    /// The region that findings are filed under where a format wants one; IAM itself has none.
    pub region: &'a str,
    /// The places in a file that is not deployed yet; `None` where an account was audited.
    pub planned: Option<Planned<'a>>,
}

/// Where a file that is not deployed yet holds what findings are about. Lines count from 1.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The line of each principal.
    pub lines: &'a BTreeMap<PrincipalArn, usize>,
    /// The line at which the file could not be read.
    pub fault: Option<usize>,
}

/// What became of a finding since the baseline; what wants attention first stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// It was not there.
    New,
    /// This release checks it, and the last audit did not: it may have been there all along.
    NowChecked,
    /// More is wrong than then.
    Worse,
    /// Less is wrong than then.
    Better,
    /// The same is wrong.
    Same,
}

impl Since {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NowChecked => "now checked",
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Same => "same",
        }
    }
}

/// Whether an event tells of what this release checks and the last audit did not.
pub(crate) fn is_now_checked(event: &Event) -> bool {
    event.origin == ChangeOrigin::Rules
        && matches!(event.kind, EventKind::Opened | EventKind::Worsened)
}

/// Whether less is wrong than in the baseline. What nobody looks at any more may be as wrong as it was.
pub(crate) fn is_better(kind: EventKind) -> bool {
    match kind {
        EventKind::Eased | EventKind::Resolved(Resolution::Healthy) => true,
        EventKind::Opened
        | EventKind::Worsened
        | EventKind::Reminded
        | EventKind::Resolved(Resolution::Left) => false,
    }
}

/// What became of every finding since the baseline.
#[derive(Clone, Debug)]
pub(crate) struct Drift<'a>(Option<BTreeMap<FindingId, &'a Event>>);

impl<'a> Drift<'a> {
    pub(crate) fn of(told: &AuditReport<'a>) -> Self {
        Self(told.events.map(|events| {
            let by_id = events.iter().map(|event| (event.finding.id, event));
            by_id.collect()
        }))
    }

    /// `None` where there is no baseline to compare with.
    pub(crate) fn since(&self, finding: &Finding) -> Option<Since> {
        let events = self.0.as_ref()?;
        let event = events.get(&finding.id);
        if event.is_some_and(|event| is_now_checked(event)) {
            return Some(Since::NowChecked);
        }
        Some(match event.map(|event| event.kind) {
            Some(EventKind::Opened) => Since::New,
            Some(EventKind::Worsened) => Since::Worse,
            Some(EventKind::Eased) => Since::Better,
            Some(EventKind::Reminded | EventKind::Resolved(_)) | None => Since::Same,
        })
    }
}

impl<'a> AuditReport<'a> {
    /// Which calls can have led to findings, by finding.
    #[must_use]
    pub fn explanations(&self) -> BTreeMap<FindingId, &'a Explanation> {
        let events = self.explained.iter();
        events
            .filter_map(|event| Some((event.finding.id, event.explanation.as_ref()?)))
            .collect()
    }
}

impl<'a> AuditReport<'a> {
    /// The mute that keeps a finding quiet.
    pub(crate) fn mute(&self, finding: &Finding) -> Option<&'a Mute> {
        let at = audit::mute::At::of(self.assessment);
        audit::mute::cover(&self.settings.mutes, finding, at)
    }

    /// Whether nothing is known of a file that is not deployed yet, because it could not be read.
    pub(crate) fn is_unreadable_file(&self) -> bool {
        self.planned.is_some() && self.assessment.failure.is_some()
    }

    /// What is wrong with whom, in one line without a full stop.
    pub(crate) fn headline(&self, finding: &Finding) -> String {
        match finding.code == Code::AuditFailed && self.planned.is_some() {
            true => plain(&finding.title).into_owned(),
            false => headline(finding),
        }
    }

    /// Whom a finding is about: `role Name`, `account 123456789012`, or the file that could not be read.
    pub(crate) fn who(&self, finding: &Finding) -> String {
        match (self.is_unreadable_file(), self.source) {
            (true, Some(file)) => plain(file).into_owned(),
            _ => who(finding),
        }
    }

    /// The line that a finding is about, where it is known.
    pub(crate) fn line(&self, finding: &Finding) -> Option<usize> {
        let planned = self.planned?;
        match &finding.principal {
            Some(arn) => planned.lines.get(arn).copied(),
            None => planned.fault,
        }
        .filter(|line| *line > 0)
    }

    /// What to do about a finding. `permdrift fix` compares with a live account, so it says nothing of what is not deployed.
    pub(crate) fn remedies(&self, finding: &Finding) -> Vec<String> {
        if self.is_unreadable_file() {
            return vec!["Correct what the message names, then run the check again.".to_owned()];
        }
        let command = fix(&[finding]).map(|fix| match self.planned {
            None => {
                fix + &self
                    .provenance
                    .map_or_else(String::new, Provenance::binding)
            }
            Some(_) => self.catalog_policy(finding),
        });
        steps(finding, &self.settings.owners, command.as_deref())
    }

    fn catalog_policy(&self, finding: &Finding) -> String {
        let principal = finding.principal.as_ref();
        let verdict = principal.and_then(|arn| self.assessment.verdict(arn, &finding.set));
        verdict.map_or_else(
            || format!("permdrift catalog policy {}", plain(&finding.set)),
            |verdict| catalog_policy(&verdict.requirement),
        )
    }

    /// All that a finding says, in sentences: what breaks, why, what to do.
    pub(crate) fn paragraphs(&self, finding: &Finding) -> Vec<String> {
        paragraphs(finding, self.remedies(finding))
    }

    /// What is no longer wrong, though it was by the baseline.
    pub(crate) fn resolved(&self) -> impl Iterator<Item = &'a Event> {
        let events = self.events.unwrap_or_default().iter();
        events.filter(|event| matches!(event.kind, EventKind::Resolved(_)))
    }
}

/// Why a finding is kept quiet, by whom and until when, as a sentence.
#[must_use]
pub fn justification(mute: &Mute) -> String {
    let until = match &mute.expires {
        Expiry::At(when) => when.strftime("until %Y-%m-%d %H:%M UTC").to_string(),
        Expiry::Malformed(text) => format!("until {}", plain(text)),
    };
    format!(
        "Muted by {}, {until}: {}",
        plain(&mute.owner),
        plain(&mute.reason)
    )
}
