//! The parts of a summary: how do a principal and a finding stand?
//!
//! In: the verdicts on a principal, and the findings about it. Out: the worst of them, and whether mutes cover all drift.

use std::collections::BTreeMap;

use audit::{Code, FindingId, Level};
use iam::PrincipalArn;

use crate::organization::account::{FindingSummary, PrincipalSummary, VerdictSummary};
use crate::organization::standing::{Standing, is_drift};

/// The findings of one principal.
#[must_use]
pub fn attached_to<'a, 's>(
    by: &'s BTreeMap<Option<&'s PrincipalArn>, Vec<(FindingId, &'a FindingSummary)>>,
    principal: Option<&'s PrincipalArn>,
) -> &'s [(FindingId, &'a FindingSummary)] {
    by.get(&principal).map_or(&[], Vec::as_slice)
}

impl PrincipalSummary {
    /// How the principal stands, with the findings about it.
    #[must_use]
    pub fn standing(&self, findings: &[(FindingId, &FindingSummary)]) -> Standing {
        let own = match self {
            Self::NotReached => Standing::Undetermined,
            Self::Judged {
                verdicts,
                is_unfollowed,
            } => {
                let worst = verdicts.iter().map(|verdict| verdict.standing).max();
                match (worst, is_unfollowed) {
                    // Nothing was judged, so nothing was seen to be there.
                    (None, _) => Standing::Undetermined,
                    (Some(worst), true) => worst.max(Standing::Undetermined),
                    (Some(worst), false) => worst,
                }
            }
        };
        let findings = findings.iter().map(|(_, finding)| finding.standing());
        findings.fold(own, Ord::max)
    }

    /// The verdicts; none where it was not reached.
    #[must_use]
    pub fn verdicts(&self) -> &[VerdictSummary] {
        match self {
            Self::Judged { verdicts, .. } => verdicts,
            Self::NotReached => &[],
        }
    }
}

/// Whether there is drift among findings, and all of it is muted.
pub(super) fn is_muted_drift<'a>(findings: impl Iterator<Item = &'a FindingSummary>) -> bool {
    let mut drift = findings
        .filter(|finding| finding.standing() == Standing::Drifted)
        .peekable();
    drift.peek().is_some() && drift.all(|finding| finding.muted.is_some())
}

impl FindingSummary {
    /// The best that whoever it is about can be.
    pub(super) fn standing(&self) -> Standing {
        match self.code {
            code if is_drift(code) && self.level > Level::Notice => Standing::Drifted,
            // Access keys that were not read; what else is undetermined, its verdict says.
            Code::Undetermined => Standing::CompliantNotChecked,
            Code::AuditFailed => Standing::Undetermined,
            // Somebody who was checked before is gone, or a binding matches nobody, so that nobody checked whom it is about.
            Code::Coverage if self.level > Level::Notice && self.muted.is_none() => {
                match self.principal {
                    Some(_) => Standing::Undetermined,
                    None => Standing::CompliantNotChecked,
                }
            }
            Code::MissingActions
            | Code::MissingTrust
            | Code::MissingInstanceProfile
            | Code::AccessKey
            | Code::KeyState
            | Code::ResourceSettings
            | Code::UnknownActionSet
            | Code::AllowedOnlyOn
            | Code::ExcessAccess
            | Code::Coverage
            | Code::ChangesNotArriving
            | Code::ChangeNotFollowed => Standing::Compliant,
        }
    }
}
