//! Reasons: why does an account not stand well?
//!
//! In: its row. Out: sentence fragments, the worst first, for every format that has room for some of them. What is muted comes last and says so.

use std::cmp::Reverse;

use audit::{Code, Level};

use crate::organization::account::{AccountSummary, FindingSummary, PrincipalSummary};
use crate::organization::standing::AccountStanding;
use crate::organization::view::AccountRow;
use crate::words::counted::counted;
use crate::words::plain::plain;

/// Why an account does not stand well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// What nobody could see.
    pub unseen: Vec<String>,
    /// What was found.
    pub found: Vec<String>,
    /// Which policies above the account may deny and were not looked at.
    pub above: Option<String>,
}

impl Reasons {
    /// All that is known of it; nothing of an account that was not audited, whose reason is another one.
    #[must_use]
    pub fn of(row: &AccountRow<'_>) -> Self {
        let Ok(summary) = row.found else {
            return Self::default();
        };
        let failure = summary.failure.iter();
        let failure = failure.map(|failure| format!("the audit failed: {}", plain(failure)));
        let unseen = summary.unseen.iter();
        let unseen = unseen.map(|unseen| format!("not seen: {unseen}"));
        let above = summary.levels_not_read();
        Self {
            unseen: failure.chain(unseen).collect(),
            found: found(row, summary),
            above: (!above.is_empty()).then(|| format!("not looked at: {}", above.join("; "))),
        }
    }

    /// The one that says most of the account's verdict.
    #[must_use]
    pub fn first(&self, standing: AccountStanding) -> Option<&str> {
        let (unseen, found) = (self.unseen.first(), self.found.first());
        let first = match standing {
            AccountStanding::Drifted => found.or(unseen),
            AccountStanding::Compliant
            | AccountStanding::NobodyBound
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited => unseen.or(found),
        };
        first.or(self.above.as_ref()).map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.unseen.len() + self.found.len() + usize::from(self.above.is_some())
    }
}

fn found(row: &AccountRow<'_>, summary: &AccountSummary) -> Vec<String> {
    let findings = summary.findings.values();
    // What could not be seen is told by itself.
    let is_told = |finding: &FindingSummary| {
        finding.code == Code::Coverage && finding.principal.is_none() && !summary.unseen.is_empty()
    };
    let mut findings: Vec<&FindingSummary> = findings
        .filter(|finding| finding.level > Level::Notice && !is_told(finding))
        .collect();
    findings.sort_by_key(|finding| (finding.muted.is_some(), Reverse(finding.level)));
    let findings = findings.into_iter().map(|finding| {
        let words = match (&finding.muted, finding.since == Some(row.at)) {
            (Some(_), _) => ", muted",
            (None, true) => ", new",
            (None, false) => "",
        };
        let what = match (finding.code, finding.causes.first()) {
            // Its title says only that there is a cause.
            (Code::Coverage, Some(cause)) if finding.principal.is_none() => cause,
            _ => &finding.title,
        };
        format!("{}{words}: {what}", finding.level)
    });
    let principals = summary.principals.values();
    let late = principals.filter(|principal| match principal {
        PrincipalSummary::NotReached => true,
        PrincipalSummary::Judged { .. } => false,
    });
    let unbound = match summary.count_unbound() {
        0 => None,
        1 => Some("1 principal has a name like Veeam's but no tag".to_owned()),
        more => Some(format!(
            "{more} principals have names like Veeam's but no tag"
        )),
    };
    let late = match late.count() {
        0 => None,
        number => Some(format!("nobody looked at {}", counted(number, "principal"))),
    };
    findings.chain(late).chain(unbound).collect()
}
