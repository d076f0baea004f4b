//! Merging: what did the parts of one audit find together?
//!
//! An audit that takes several runs looks at some principals in each. The order in which parts are merged does not matter, nor does
//! merging one twice. A principal that no part looked at stays undetermined.

use std::collections::BTreeMap;

use audit::FindingId;
use iam::AccountId;

use crate::organization::account::{AccountSummary, FindingSummary, PrincipalSummary};

/// Why two summaries are not parts of one audit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// They are of two accounts.
    #[error("one part is of account {one}, the other of account {other}")]
    Account {
        /// That of the one.
        one: AccountId,
        /// That of the other.
        other: AccountId,
    },
    /// They are of two audits.
    #[error("one part is of audit `{one}`, the other of audit `{other}`")]
    Audit {
        /// That of the one.
        one: Box<str>,
        /// That of the other.
        other: Box<str>,
    },
}

impl AccountSummary {
    /// Both parts of one audit together.
    ///
    /// # Errors
    /// [`MergeError`] where they are not of one audit of one account.
    pub fn merge(self, other: Self) -> Result<Self, MergeError> {
        if self.account != other.account {
            return Err(MergeError::Account {
                one: self.account,
                other: other.account,
            });
        }
        if self.audit != other.audit {
            return Err(MergeError::Audit {
                one: self.audit,
                other: other.audit,
            });
        }
        // The order decides only where both say something of the same; the later audit of it stands.
        let (earlier, later) = match self.at <= other.at {
            true => (self, other),
            false => (other, self),
        };
        let findings = findings(&earlier, &later);
        let mut principals = earlier.principals;
        for (arn, theirs) in later.principals {
            match (principals.get(&arn), &theirs) {
                (Some(PrincipalSummary::Judged { .. }), PrincipalSummary::NotReached) => {}
                (_, PrincipalSummary::Judged { .. } | PrincipalSummary::NotReached) => {
                    principals.insert(arn, theirs);
                }
            }
        }
        let mut unseen = earlier.unseen;
        unseen.extend(later.unseen);
        Ok(Self {
            account: earlier.account,
            audit: earlier.audit,
            at: earlier.at,
            source: later.source.or(earlier.source),
            read: later.read,
            failure: later.failure.or(earlier.failure),
            selected: later.selected.or(earlier.selected),
            layers: earlier.layers.and(later.layers),
            unseen,
            principals,
            findings,
        })
    }
}

/// Those of each principal from the part that judged it, the later one where both did; from both where neither did.
fn findings(
    earlier: &AccountSummary,
    later: &AccountSummary,
) -> BTreeMap<FindingId, FindingSummary> {
    let of_earlier = earlier.findings.iter().filter(|(id, finding)| {
        match (is_judged(earlier, finding), is_judged(later, finding)) {
            (_, true) => false,
            (true, false) => true,
            (false, false) => !later.findings.contains_key(*id),
        }
    });
    let of_later = later
        .findings
        .iter()
        .filter(|(_, finding)| is_judged(later, finding) || !is_judged(earlier, finding));
    of_earlier
        .chain(of_later)
        .map(|(id, finding)| (*id, finding.clone()))
        .collect()
}

/// Whether a part of an audit looked at the principal that a finding is about.
fn is_judged(part: &AccountSummary, finding: &FindingSummary) -> bool {
    let principal = finding.principal.as_ref();
    match principal.and_then(|arn| part.principals.get(arn)) {
        Some(PrincipalSummary::Judged { .. }) => true,
        Some(PrincipalSummary::NotReached) | None => false,
    }
}
