//! The exit code of an audit.
//!
//! A listing that is not whole comes first: what was not seen may have drifted, or not exist at all. Then drift, since it is
//! certain. Then what could not be known, was not bound as a tag meant it, or was bound when the baseline was kept and is not
//! any more. An audit that checked nothing found nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use audit::mute::{At, muted};
use audit::{
    Assessment, Code, Finding, FindingId, Findings, Judgement, Level, Run, Settings, Verdict,
};
use iam::PrincipalArn;
use report::organization::standing::is_drift;

use crate::command::bindings::NOBODY_BOUND;
use crate::exit::Exit;

/// What counts for the exit code.
pub(in crate::command) struct Counting<'a> {
    /// What is to be called complete or not: `audit` or `check`.
    pub(in crate::command) work: &'static str,
    /// What mutes keep quiet does not.
    pub(in crate::command) muted: &'a BTreeMap<FindingId, Arc<str>>,
    /// Drift at this level or above does.
    pub(in crate::command) fail_on: Level,
    /// Only these findings do; `None`: all.
    pub(in crate::command) new: Option<&'a BTreeSet<FindingId>>,
}

impl<'a> Counting<'a> {
    /// All findings at this level or above that are not muted.
    pub(in crate::command) fn all(
        work: &'static str,
        muted: &'a BTreeMap<FindingId, Arc<str>>,
        fail_on: Level,
    ) -> Self {
        Self {
            work,
            muted,
            fail_on,
            new: None,
        }
    }
}

/// What the shell gets to know, and why where the table does not say it plainly. `missed`: who was checked before, and is bound
/// no longer, or not to all sets.
pub(in crate::command) fn of(
    assessment: &Assessment,
    findings: &Findings,
    counting: &Counting<'_>,
    missed: &[Missed],
) -> (Exit, Option<String>) {
    let Counting {
        work,
        muted,
        fail_on,
        new,
    } = *counting;
    let coverage = &assessment.coverage;
    let counts = |finding: &&Finding| new.is_none_or(|new| new.contains(&finding.id));
    let drift = || findings.values().filter(|finding| is_drift(finding.code));
    let is_drifted = || {
        let mut counted = drift().filter(counts);
        counted.any(|finding| finding.level >= fail_on && !muted.contains_key(&finding.id))
    };
    let failed = |because: &str| (Exit::Failed, Some(format!("exit code 2: {because}")));
    if assessment.failure.is_some() {
        return failed(&format!("the {work} failed"));
    }
    if !coverage.gaps.is_empty() || !coverage.not_reached.is_empty() {
        let besides = match is_drifted() {
            true => "; it found drift all the same",
            false => "",
        };
        return failed(&format!(
            "the {work} is incomplete, because not everything could be read{besides}"
        ));
    }
    if is_drifted() {
        return (Exit::Drift, None);
    }
    if let Some(touched) = &coverage.touched
        && !touched.faults.is_empty()
    {
        return failed(
            "not every trail event could be read or followed, so whom they touched was not looked at",
        );
    }
    if assessment.verdicts.is_empty() {
        match &coverage.touched {
            // Events that touched nobody are no mistake.
            Some(touched) if touched.bound.is_empty() && !coverage.bound.is_empty() => {}
            Some(touched) if !touched.bound.is_empty() => {
                return failed(
                    "nothing was checked, because whom the trail events touched needs none of what was asked for",
                );
            }
            Some(_) | None => return failed(NOBODY_BOUND),
        }
    }
    let is_new = |code| {
        let mut new = findings.values().filter(counts);
        new.any(|finding| finding.code == code)
    };
    let is_unsure = |verdict: &Verdict| {
        verdict.judgement() == Judgement::Undetermined || !verdict.unknown.is_empty()
    };
    let unsure = match new {
        Some(_) => is_new(Code::Undetermined),
        None => assessment.verdicts.iter().any(is_unsure),
    };
    if unsure {
        return failed("something could not be known");
    }
    let mut faults = assessment.faults.iter();
    if faults.any(|fault| fault.kind.leaves_unchecked())
        && (new.is_none() || is_new(Code::UnknownActionSet))
    {
        return failed("a tag or binding could not be followed, so what it means was not checked");
    }
    if let [first, others @ ..] = missed {
        let others = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return failed(&format!(
            "{first}{others} was checked before, and is gone or no longer bound, so nobody checked it now"
        ));
    }
    let mild = drift().any(|finding| finding.level > Level::Notice);
    let not_new = match new {
        Some(_) => ", or was already in the baseline",
        None => "",
    };
    (
        Exit::Fine,
        mild.then(|| format!("exit code 0: all drift is muted or below {fail_on}{not_new}")),
    )
}

/// Somebody of the baseline whom nothing binds any more, or not to all sets.
#[derive(Debug)]
pub(in crate::command) struct Missed {
    principal: PrincipalArn,
    /// The sets, where something binds it still.
    sets: Vec<Arc<str>>,
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.principal.fmt(f)?;
        match self.sets.as_slice() {
            [] => Ok(()),
            sets => write!(f, " for {}", sets.join(", ")),
        }
    }
}

/// Whom of the baseline nothing binds any more, or not to all sets, unless that is muted.
pub(in crate::command) fn missed(run: &Run, settings: &Settings) -> Vec<Missed> {
    let findings = run.no_longer_bound();
    let findings: Findings = findings.map(|one| (one.id, one.clone())).collect();
    let assessment = &run.look.assessment;
    let muted = muted(&settings.mutes, &findings, At::of(assessment));
    findings
        .into_values()
        .filter(|finding| !muted.contains_key(&finding.id))
        .filter_map(|finding| {
            let principal = finding.principal?;
            let is_bound = assessment.coverage.bound.contains(&principal);
            let sets = finding.items.iter().filter(|_| is_bound);
            let sets = sets.map(|item| Arc::clone(&item.place)).collect();
            Some(Missed { principal, sets })
        })
        .collect()
}
