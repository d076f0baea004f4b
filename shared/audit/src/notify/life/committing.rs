//! Committing: which records say that this audit judged them, and what of a step is written?
//!
//! Each record that was judged says so, even if nothing in it is new. That is how an audit that runs at the same time, with an older
//! listing, finds out that its listing is out of date.

use std::collections::{BTreeMap, BTreeSet};

use iam::{Cause, PrincipalArn};

use crate::compare::baseline::{Baseline, Judged, Record};
use crate::compare::visibility::is_whole;
use crate::judge::assessment::{Assessment, Coverage};
use crate::notify::step::Step;

/// Whom an audit judged.
pub(super) struct JudgedNow<'a> {
    coverage: &'a Coverage,
    /// Of whom something was asked that nobody answered: the next audit may find what was there all along.
    unanswered: BTreeSet<&'a PrincipalArn>,
    /// Which audit that is; `None` where it judged nobody.
    pub(super) by: Option<Judged>,
}

impl<'a> JudgedNow<'a> {
    pub(super) fn of(assessment: &'a Assessment) -> Self {
        let is_all_of_each = assessment.coverage.selection.sets.is_none();
        let unanswered = assessment.verdicts.iter().filter(|verdict| {
            let mut unknown = verdict.unknown.iter();
            unknown.any(|unknown| matches!(unknown.cause, Cause::NoAnswer { .. }))
        });
        Self {
            coverage: &assessment.coverage,
            unanswered: unanswered.map(|verdict| &verdict.principal).collect(),
            by: (is_all_of_each && assessment.failure.is_none()).then(|| Judged {
                at: assessment.at,
                rules: assessment.rules.clone(),
            }),
        }
    }

    pub(super) fn takes(&self, principal: &PrincipalArn) -> bool {
        self.by.is_some()
            && self.coverage.selection.takes(principal)
            && self.coverage.not_reached.binary_search(principal).is_err()
            && !self.unanswered.contains(principal)
            && (self.coverage.bound.contains(principal) || is_whole(self.coverage))
    }
}

/// Whether a record holds more than what is over: that is kept only to notice flapping.
pub(super) fn is_of_use(record: &Record) -> bool {
    let mut findings = record.findings.values();
    !record.sets.is_empty() || findings.any(|tracked| !tracked.closed)
}

impl Baseline {
    /// The generation of each record.
    pub(super) fn generations(&self) -> BTreeMap<PrincipalArn, u64> {
        let records = self.principals.iter();
        records
            .map(|(principal, record)| (principal.clone(), record.generation))
            .collect()
    }
}

impl Step {
    /// Notes that a record is written, or deleted.
    pub(crate) fn write(&mut self, principal: PrincipalArn, before: u64) {
        if let Some(record) = self.baseline.principals.get_mut(&principal) {
            record.generation = before + 1;
        }
        self.touched.insert(principal, before);
    }

    /// Notes that the account's own part is written.
    pub(crate) fn write_account(&mut self) {
        if self.account.is_none() {
            self.account = Some(self.baseline.generation);
            self.baseline.generation += 1;
        }
    }
}
