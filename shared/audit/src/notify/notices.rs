//! Notices: when are people told of what breaks nothing today?
//!
//! Machines are told of each notice at once. People get those that they were not told of in one message, by an audit of the whole
//! account, at most once in the days that the settings say.

use jiff::SignedDuration;

use crate::compare::baseline::Baseline;
use crate::find::finding::{ChangeOrigin, Finding};
use crate::judge::assessment::Assessment;
use crate::level::Level;
use crate::settings::Settings;

/// Audits do not run to the second: two hours early is in time.
const EARLY: SignedDuration = SignedDuration::from_hours(2);
/// The runs of one audit follow one another, so each of them tells its part of one message.
const ONE_AUDIT: SignedDuration = SignedDuration::from_hours(1);

/// What people are told of notices by one audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notices {
    /// Each as it is found: the settings do not collect them.
    AtOnce,
    /// All that they were not told of, in one message.
    Together,
    /// Nothing yet.
    Later,
}

impl Notices {
    /// What an audit tells.
    pub(crate) fn of_audit(
        baseline: &Baseline,
        assessment: &Assessment,
        settings: &Settings,
    ) -> Self {
        match Self::since_last(baseline, assessment, settings) {
            Err(at_once) => at_once,
            // One of a few principals would keep the others waiting.
            Ok(_) if !assessment.coverage.selection.is_all() => Self::Later,
            Ok(since) => Self::after(since, settings),
        }
    }

    /// What a run tells that goes on with an audit of the whole account.
    pub(crate) fn of_rest(
        baseline: &Baseline,
        assessment: &Assessment,
        settings: &Settings,
    ) -> Self {
        match Self::since_last(baseline, assessment, settings) {
            Err(at_once) => at_once,
            Ok(Some(since)) if since <= ONE_AUDIT => Self::Together,
            Ok(since) => Self::after(since, settings),
        }
    }

    /// The time since people were last told of a notice, if they ever were.
    fn since_last(
        baseline: &Baseline,
        assessment: &Assessment,
        settings: &Settings,
    ) -> Result<Option<SignedDuration>, Self> {
        if settings.notice_days == 0 {
            return Err(Self::AtOnce);
        }
        let since = |last| assessment.at.duration_since(last);
        Ok(baseline.noticed.map(since))
    }

    fn after(since: Option<SignedDuration>, settings: &Settings) -> Self {
        let days = SignedDuration::from_hours(settings.notice_days.saturating_mul(24));
        match since {
            Some(since) if since + EARLY < days => Self::Later,
            Some(_) | None => Self::Together,
        }
    }

    /// Whether a finding is kept from people for now.
    pub(super) fn keeps(self, finding: &Finding, origin: ChangeOrigin) -> bool {
        self == Self::Later && waits(finding, origin)
    }

    /// Whether a finding is told together with others of its kind.
    pub(super) fn collects(self, finding: &Finding, origin: ChangeOrigin) -> bool {
        self != Self::AtOnce && waits(finding, origin)
    }
}

/// Whether a finding can wait. What comes from the rules has a message of its own.
fn waits(finding: &Finding, origin: ChangeOrigin) -> bool {
    finding.level == Level::Notice && origin == ChangeOrigin::Account
}
