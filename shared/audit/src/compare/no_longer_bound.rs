//! No longer bound: who was checked before, or for a set, and is not any more?
//!
//! In: what the baseline knows of a principal, and an assessment that looked for it. Out: a finding, until it is forgotten. Whoever lost a
//! set has as much of a gap as before, and nobody looks at it: what ended by that is no better.

use std::sync::Arc;

use iam::PrincipalArn;

use crate::compare::baseline::Record;
use crate::compare::visibility::is_whole;
use crate::find::finding::{Code, Finding, FindingId, Item};
use crate::judge::assessment::Assessment;
use crate::level::Level;
use crate::settings::Settings;

const LEFT: &str = "no longer bound";

/// The sets that a principal was bound to and is not any more, until they are forgotten.
pub(super) fn no_longer_bound(
    assessment: &Assessment,
    principal: &PrincipalArn,
    record: &Record,
    settings: &Settings,
) -> Option<Finding> {
    let coverage = &assessment.coverage;
    let is_looked_for = coverage.selection.sets.is_none()
        && coverage.selection.takes(principal)
        && coverage.not_reached.binary_search(principal).is_err()
        && is_whole(coverage)
        && assessment.failure.is_none();
    if !is_looked_for {
        return None;
    }
    let id = FindingId::new(assessment.account, Some(principal), Code::Coverage, "");
    let tracked = record.findings.get(&id);
    let open = tracked.filter(|one| one.healthy.is_none() && is_no_longer_bound(&one.finding));
    let is_told = |set: &str| {
        let mut items = open.iter().flat_map(|one| one.finding.items.iter());
        items.any(|item| *item.place == *set)
    };
    let is_gone = !coverage.bound.contains(principal);
    let is_bound = |set: &str| assessment.verdict(principal, set).is_some();
    // A tag that cannot be read may have named the set.
    let may_be_named = !is_gone && assessment.has_faults(principal);
    let left: Vec<(&str, Level)> = record
        .sets
        .iter()
        .map(|(set, level)| (&**set, *level))
        .filter(|(set, _)| !is_bound(set) && (!may_be_named || is_told(set)))
        .collect();
    let level = left.iter().map(|(_, level)| *level).max()?;
    if open.is_some_and(|tracked| {
        let opened = tracked.finding.opened;
        let days = assessment.at.duration_since(opened).as_hours() / 24;
        days >= settings.forget_after_days
    }) {
        return None;
    }
    let items = left.iter().map(|(set, _)| Item {
        name: LEFT.into(),
        place: (*set).into(),
    });
    let (title, impact) = match is_gone {
        true => (
            "Checked before; now deleted or no longer bound",
            "This user or role was deleted, or lost its tag. If it was deleted, everything that Veeam does with it fails. If it lost its tag, permdrift no longer checks it.",
        ),
        false => (
            "Checked for these action sets before; now no longer bound to them",
            "This user or role lost action sets from its tag or binding. permdrift no longer checks it for them: what it lacked there it may lack still.",
        ),
    };
    Some(Finding {
        id,
        account: assessment.account,
        principal: Some(principal.clone()),
        code: Code::Coverage,
        set: "".into(),
        level,
        title: title.into(),
        impact: impact.into(),
        items: Arc::new(items.collect()),
        lacks: Arc::default(),
        opened: assessment.at,
        seen: assessment.at,
        openings: 1,
    })
}

/// Whether what vanished was missed for long enough, and is still not bound.
pub(super) fn is_forgotten(assessment: &Assessment, before: &Finding) -> bool {
    let Some(principal) = before.principal.as_ref() else {
        return false;
    };
    let mut items = before.items.iter();
    is_no_longer_bound(before)
        && items.any(|item| assessment.verdict(principal, &item.place).is_none())
}

/// Whether a finding is about a principal, or sets of it, bound in an earlier audit and not any more.
pub(crate) fn is_no_longer_bound(finding: &Finding) -> bool {
    finding.code == Code::Coverage && finding.items.iter().any(|item| &*item.name == LEFT)
}
