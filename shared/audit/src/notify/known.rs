//! Known: could a finding that opens now have been there in the last audit already?
//!
//! In: the baseline, and by which rules and which catalog the audit judges. Where these are not what the baseline was judged by, what
//! opens about principals and sets that were judged then may have been there all along. Nobody can tell it from a change
//! of the account in the same days, so it is reported, and nobody is woken for it, nor said to have done it.

use std::collections::{BTreeMap, BTreeSet};

use iam::PrincipalArn;

use crate::compare::baseline::Baseline;
use crate::compare::is_no_longer_bound;
use crate::find::finding::{ChangeOrigin, Code, Finding};
use crate::judge::assessment::Assessment;

/// The sets of each principal that were judged by other rules; `None` where the rules are the same.
pub(super) struct Known(Option<BTreeMap<PrincipalArn, BTreeSet<Box<str>>>>);

impl Known {
    pub(super) fn of(baseline: &Baseline, assessment: &Assessment) -> Self {
        let is_same = baseline.rules.as_ref() == Some(&assessment.rules);
        if baseline.audited.is_none() || is_same {
            return Self(None);
        }
        let records = baseline.principals.iter();
        let sets =
            records.map(|(arn, record)| (arn.clone(), record.sets.keys().cloned().collect()));
        Self(Some(sets.collect()))
    }

    /// What a finding that opens, or gets worse, comes from.
    pub(super) fn origin(&self, finding: &Finding) -> ChangeOrigin {
        let Some(judged) = &self.0 else {
            return ChangeOrigin::Account;
        };
        let is_judged_otherwise = match finding.code {
            Code::MissingActions
            | Code::MissingTrust
            | Code::MissingInstanceProfile
            | Code::ResourceSettings
            | Code::AllowedOnlyOn
            | Code::ExcessAccess
            | Code::Undetermined => {
                let sets = finding.principal.as_ref().and_then(|arn| judged.get(arn));
                sets.is_some_and(|sets| finding.set.is_empty() || sets.contains(&finding.set))
            }
            // A tag that could not be followed bound nobody, so the baseline need not know its principal.
            Code::UnknownActionSet => true,
            Code::Coverage => !is_no_longer_bound(finding),
            // Dates and settings say what is wrong with a key, and a broken audit is none of the account's. A KMS key that is to be
            // deleted cannot wait.
            Code::AccessKey | Code::KeyState | Code::AuditFailed => false,
        };
        match is_judged_otherwise {
            true => ChangeOrigin::Rules,
            false => ChangeOrigin::Account,
        }
    }
}
