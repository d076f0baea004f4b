//! Outdated: whom did another audit judge by a later listing, while this one ran?
//!
//! Only what was committed since this audit's first load can rest on a later listing, whatever the clocks say; of that, what says so by
//! its time does. What is outdated is left as the other audit committed it.

use std::collections::BTreeSet;

use iam::PrincipalArn;
use jiff::Timestamp;

use crate::compare::baseline::Baseline;
use crate::find::finding::Finding;
use crate::judge::assessment::Assessment;

/// What of an audit is out of date.
#[derive(Debug, Default)]
pub(super) struct Outdated {
    principals: BTreeSet<PrincipalArn>,
    /// Whether the account's own findings are.
    is_of_account: bool,
}

impl Outdated {
    /// `before`: loaded before the listing of this audit, which began at `at`; `now`: what stands there now.
    pub(super) fn of(before: &Baseline, now: &Baseline, at: Timestamp) -> Self {
        let principals = now.principals.iter().filter(|(principal, record)| {
            let before = before.principals.get(*principal);
            let generation = before.map_or(0, |record| record.generation);
            let judged = record.judged.as_ref();
            record.generation != generation && judged.is_some_and(|judged| judged.at > at)
        });
        Self {
            principals: principals.map(|(principal, _)| principal.clone()).collect(),
            is_of_account: now.generation != before.generation
                && now.audited.is_some_and(|audited| audited > at),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.principals.is_empty() && !self.is_of_account
    }

    /// Whether a finding is of what is out of date.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        match &finding.principal {
            Some(principal) => self.principals.contains(principal),
            None => self.is_of_account,
        }
    }

    /// The assessment as if nobody had looked at what is out of date.
    pub(super) fn leave_out(&self, assessment: &Assessment, baseline: &Baseline) -> Assessment {
        let mut left = assessment.clone();
        let stays = |principal: &PrincipalArn| !self.principals.contains(principal);
        left.verdicts.retain(|verdict| stays(&verdict.principal));
        left.keys.retain(|keys| stays(&keys.principal));
        left.faults.retain(|fault| stays(&fault.principal));
        if let Some(excess) = &mut left.excess {
            excess.retain(|excess| stays(&excess.principal));
        }
        let coverage = &mut left.coverage;
        coverage.lookalikes.retain(stays);
        coverage.not_reached.retain(stays);
        coverage.not_reached.extend(self.principals.iter().cloned());
        coverage.not_reached.sort_unstable();
        if self.is_of_account && coverage.selection.principals.is_none() {
            let everybody = coverage.bound.iter().chain(&coverage.lookalikes);
            let everybody = everybody.chain(baseline.principals.keys());
            let everybody = everybody.chain(left.faults.iter().map(|fault| &fault.principal));
            coverage.selection.principals = Some(everybody.cloned().collect());
        }
        left
    }
}
