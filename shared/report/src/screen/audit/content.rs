//! The input of the terminal output of an audit.
//!
//! It holds an assessment, the changes since the baseline and the mutes, and looks up the mute of a finding. Layout is done in
//! the other files of this folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::mute::MuteNote;
use audit::resource_faults::fault::Weight;
use audit::settings::Owners;
use audit::verdict::Verdict;
use audit::{Assessment, Code, Event, FindingId, Judgement, Level};
use catalog::Catalog;
use iam::PrincipalArn;

use crate::words::provenance::Provenance;

/// What is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    /// What was found.
    pub assessment: &'a Assessment,
    /// Who owns which layer.
    pub owners: &'a Owners,
    /// The questions behind conditions.
    pub catalog: &'a Catalog,
    /// What changed since the baseline; `None` where there was none to compare with.
    pub events: Option<&'a [Event]>,
    /// What explains findings, whether or not there was a baseline to compare with: all steps of this audit.
    pub explained: &'a [Event],
    /// The findings that mutes keep quiet.
    pub muted: &'a BTreeMap<FindingId, Arc<str>>,
    /// What is worth telling about mutes.
    pub mutes: &'a [MuteNote],
    /// Which requirements are shown.
    pub filter: Filter,
    /// How much is told of them.
    pub detail: Detail,
    /// What was audited.
    pub subject: Subject<'a>,
}

/// What was audited.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// An account, and where it was read, if the caller knows.
    Account(Option<&'a Provenance>),
    /// A file that is still to be deployed, and what it is.
    File((&'a str, &'a str)),
}

/// Which requirements a screen shows. The counts are of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those with this judgement.
    pub only: Option<Judgement>,
    /// Only those that are drifted or undetermined at this level or above.
    pub severity: Option<Level>,
}

/// How much a screen tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Each requirement, then what is wrong with it.
    #[default]
    Whole,
    /// What several requirements have in common, and the counts.
    Summary,
}

impl Filter {
    /// Whether a requirement is shown.
    #[must_use]
    pub fn shows(&self, verdict: &Verdict) -> bool {
        let judgement = verdict.judgement();
        let is_severe = |least| judgement != Judgement::Compliant && verdict.level() >= least;
        self.only.is_none_or(|only| judgement == only) && self.severity.is_none_or(is_severe)
    }
}

impl Screen<'_> {
    /// The mute that keeps a finding quiet.
    pub(super) fn mute(&self, principal: &PrincipalArn, code: Code, set: &str) -> Option<&str> {
        if self.muted.is_empty() {
            return None;
        }
        let id = FindingId::new(self.assessment.account, Some(principal), code, set);
        self.muted.get(&id).map(AsRef::as_ref)
    }

    /// The mute that keeps the missing or unknown actions of a requirement quiet.
    pub(super) fn mute_of(&self, verdict: &Verdict) -> Option<&str> {
        let code = match verdict.judgement() {
            Judgement::Drifted => Code::MissingActions,
            Judgement::Undetermined => Code::Undetermined,
            Judgement::Compliant => return None,
        };
        let mute = |code| self.mute(&verdict.principal, code, &verdict.requirement.set);
        // Where nothing but resources is wrong, their findings are what can be muted.
        mute(code).or_else(|| {
            let mut faults = verdict.faults.iter();
            let fault = faults.find(|fault| fault.weight == Weight::Breaks);
            let fault = fault.filter(|_| verdict.missing.is_empty() && code != Code::Undetermined);
            mute(fault?.code())
        })
    }
}
