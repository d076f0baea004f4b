//! Late calls: what can have led to a finding whose trail event came after the audit that found it?
//!
//! In: calls above accounts, and a baseline with recent findings that nothing explains. Out: the baseline with the calls that can have
//! led to them. None of these is named as the certain cause, because it is not looked at how long a finding may have been there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::takes::{Touches, Whose, takes};
use super::way::ways;
use crate::compare::baseline::Baseline;
use crate::events::explanation::{CallsAbove, Explanation};
use crate::find::finding::{ChangeOrigin, Finding};

/// A finding that opened earlier was told by an earlier run.
const RECENT: SignedDuration = SignedDuration::from_hours(2);
/// An account is audited at least so often.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);

impl CallsAbove {
    /// Explains findings of late that nothing explains, as far as these calls can. `above`: the root and the OUs above the account.
    pub fn explain_late(&self, baseline: &mut Baseline, above: &[Box<str>], now: Timestamp) {
        let calls = self.of(baseline.account, above);
        let records = baseline.principals.values_mut();
        let tracked = records.flat_map(|record| record.findings.values_mut());
        for tracked in tracked {
            let is_unexplained = tracked.explanation.is_none() && tracked.is_reported();
            let is_recent = now.duration_since(tracked.finding.opened) < RECENT;
            if is_unexplained && is_recent && tracked.origin == ChangeOrigin::Account {
                tracked.explanation = late(&calls, &tracked.finding);
            }
        }
    }
}

fn late(calls: &CallsAbove, finding: &Finding) -> Option<Explanation> {
    let groups = BTreeMap::new();
    let whose = Whose {
        arn: finding.principal.as_ref()?,
        principal: None,
        groups: &groups,
    };
    let from = finding.opened.checked_sub(BEFORE).ok()?;
    let new = BTreeSet::new();
    let ways = ways(finding, &new);
    let calls = calls.calls().iter().filter(|call| {
        let mut above = ways.iter().filter(|way| way.is_above());
        (from..=finding.opened).contains(&call.at)
            && above.any(|way| takes(*way, call, whose, Touches::Principal))
    });
    let calls: Vec<_> = calls.cloned().map(Arc::new).collect();
    (!calls.is_empty()).then(|| Explanation::new(calls, None, BTreeSet::new()))
}
