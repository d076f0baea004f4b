//! Known: could a finding that opens now have been there in the last audit already?
//!
//! In: the baseline, and by which rules and which catalog the audit judges. Where these are not what the baseline was judged by, what
//! opens about principals and sets that were judged then may have been there all along. It cannot be told from a change of the account in
//! the same days. So it is reported as "now checked": it raises no alert, and no call is named as its cause.

use std::collections::{BTreeMap, BTreeSet};

use iam::PrincipalArn;

use crate::compare::baseline::Baseline;
use crate::compare::no_longer_bound::is_no_longer_bound;
use crate::find::finding::{ChangeOrigin, Code, Finding};
use crate::judge::assessment::Assessment;

/// What was judged by other rules than this audit's.
pub(super) struct Known {
    /// Each principal that was judged by other rules, with its sets.
    otherwise: BTreeMap<PrincipalArn, BTreeSet<Box<str>>>,
    /// Each principal that was judged by the same rules.
    alike: BTreeSet<PrincipalArn>,
    /// Whether this is so of principals that no record names.
    is_other: bool,
}

impl Known {
    pub(super) fn of(baseline: &Baseline, assessment: &Assessment) -> Self {
        let rules = &assessment.rules;
        let mut known = Self {
            otherwise: BTreeMap::new(),
            alike: BTreeSet::new(),
            is_other: baseline.audited.is_some() && baseline.rules.as_ref() != Some(rules),
        };
        for (principal, record) in &baseline.principals {
            let is_other = match &record.judged {
                Some(judged) => judged.rules != *rules,
                None => known.is_other,
            };
            if is_other {
                let sets = record.sets.keys().cloned().collect();
                known.otherwise.insert(principal.clone(), sets);
            } else if known.is_other {
                known.alike.insert(principal.clone());
            }
        }
        known
    }

    /// What a finding that opens, or gets worse, comes from.
    pub(super) fn origin(&self, finding: &Finding) -> ChangeOrigin {
        let principal = finding.principal.as_ref();
        let may_be_old = || {
            let alike = principal.is_some_and(|arn| self.alike.contains(arn));
            self.is_other && !alike
        };
        let is_judged_otherwise = match finding.code {
            Code::MissingActions
            | Code::MissingTrust
            | Code::MissingInstanceProfile
            | Code::ResourceSettings
            | Code::AllowedOnlyOn
            | Code::ExcessAccess
            | Code::Undetermined => {
                let sets = principal.and_then(|arn| self.otherwise.get(arn));
                sets.is_some_and(|sets| finding.set.is_empty() || sets.contains(&finding.set))
            }
            // A tag that could not be followed bound nobody, so the baseline need not know its principal.
            Code::UnknownActionSet => may_be_old(),
            Code::Coverage => may_be_old() && !is_no_longer_bound(finding),
            // These follow from dates and settings, or from an audit or a queue that is broken, whatever the rules. A KMS key that is to be deleted
            // cannot wait.
            Code::AccessKey
            | Code::KeyState
            | Code::ChangesNotArriving
            | Code::ChangeNotFollowed
            | Code::AuditFailed => false,
        };
        match is_judged_otherwise {
            true => ChangeOrigin::Rules,
            false => ChangeOrigin::Account,
        }
    }
}
