//! Coverage as text: what could the audit not check?

use std::collections::BTreeSet;

use audit::Assessment;
use audit::assessment::{Coverage, KeyFault, Selection};
use audit::events::EventFault;
use audit::requirement::ResourcePolicy;
use iam::PrincipalArn;
use iam::inventory::Gap;

use crate::words::cause::list;
use crate::words::counted::counted;
use crate::words::plain::plain;

/// The most names of a selection in one sentence.
const SELECTED: usize = 8;

/// What a compliant verdict does not rest on, such as `key policy and bucket policy not checked`; `None` where it rests on all.
#[must_use]
pub fn not_checked(unread: &[ResourcePolicy]) -> Option<String> {
    let names: Vec<&str> = unread.iter().map(|policy| policy.as_str()).collect();
    (!names.is_empty()).then(|| format!("{} not checked", names.join(" and ")))
}

/// How many compliant requirements hang on policies that were not checked; empty where none does.
#[must_use]
pub fn of_which_unread(assessment: &Assessment) -> String {
    match assessment.count_unread() {
        0 => String::new(),
        unread => format!(" ({unread} with resource policies not checked)"),
    }
}

/// The bound principals for which no requirement was checked, each with its reason: `user x (no action set is called ...)`.
///
/// Those that were not asked for are not told here, nor those that were not reached: [`not_looked_at`] tells of these.
#[must_use]
pub fn idle(assessment: &Assessment) -> Vec<String> {
    let coverage = &assessment.coverage;
    let checked: BTreeSet<&PrincipalArn> = with_requirements(assessment).collect();
    let idle = coverage.bound.iter().filter(|arn| !checked.contains(arn));
    let faults = |arn: &PrincipalArn| {
        let faults = assessment.faults.iter();
        let faults = faults.filter(|fault| fault.principal == *arn);
        faults
            .map(|fault| plain(&fault.kind.to_string()).into_owned())
            .collect::<Vec<_>>()
            .join("; ")
    };
    idle.map(|arn| (arn, faults(arn)))
        .filter(|(_, why)| !why.is_empty())
        .map(|(arn, why)| format!("{} ({why})", name(arn)))
        .collect()
}

/// Why fewer principals have requirements than are bound, as a sentence; `None` where all have.
#[must_use]
pub fn fewer_than_bound(assessment: &Assessment) -> Option<String> {
    let coverage = &assessment.coverage;
    let bound = coverage.bound.len();
    let shown = with_requirements(assessment).count();
    if shown == bound {
        return None;
    }
    let idle = idle(assessment);
    let mut reasons = Vec::new();
    match idle.as_slice() {
        [] => {}
        [one] => reasons.push(format!("nothing could be checked for {one}")),
        many => reasons.push(format!(
            "the tags or bindings of {} name no known action set",
            many.len()
        )),
    }
    if !coverage.not_reached.is_empty() {
        reasons.push(format!(
            "the time was up before {} could be checked",
            coverage.not_reached.len()
        ));
    }
    if !coverage.selection.is_all() || coverage.touched.is_some() {
        reasons.push("only a selection was asked for".to_owned());
    }
    let because = match reasons.is_empty() {
        true => String::new(),
        false => format!(": {}", reasons.join("; ")),
    };
    Some(format!(
        "Of {} bound to action sets, {shown} {} checked{because}.",
        counted(bound, "principal"),
        if shown == 1 { "was" } else { "were" },
    ))
}

/// The principals for which a requirement was checked.
#[must_use = "an iterator does nothing by itself"]
pub fn with_requirements(assessment: &Assessment) -> impl Iterator<Item = &PrincipalArn> {
    let arns = assessment.verdicts.iter().map(|verdict| &verdict.principal);
    arns.collect::<BTreeSet<_>>().into_iter()
}

/// One thing that the inventory lacks, as a sentence fragment.
#[must_use]
pub fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Truncated => {
            "the listing goes on, and its next page is not there: this audit is incomplete"
                .to_owned()
        }
        Gap::Item { what, fault } if fault.line > 0 => format!(
            "{}: {} (line {})",
            plain(what),
            plain(&fault.reason),
            fault.line
        ),
        Gap::Item { what, fault } => format!("{}: {}", plain(what), plain(&fault.reason)),
        Gap::Part { what, reason } => format!("{}: {}", plain(what), plain(reason)),
    }
}

/// That only some principals or action sets were looked at, as a sentence for the top of a report; `None` where all were.
#[must_use]
pub fn selected(coverage: &Coverage) -> Option<String> {
    let Selection { principals, sets } = &coverage.selection;
    let mut parts = Vec::new();
    if let Some(principals) = principals {
        let names: Vec<&str> = principals.iter().map(PrincipalArn::name).collect();
        let why = match coverage.touched {
            Some(_) => " that the trail events touched",
            None => "",
        };
        parts.push(format!("principals{why}: {}", some(&names)));
    }
    if let Some(sets) = sets {
        let names: Vec<&str> = sets.iter().map(AsRef::as_ref).collect();
        parts.push(format!("action sets: {}", some(&names)));
    }
    let parts = parts.join("; ");
    (!parts.is_empty()).then(|| format!("Only these were looked at: {parts}."))
}

/// The first of some names, and how many more there are.
fn some(names: &[&str]) -> String {
    let named = list(names.iter().take(SELECTED).copied());
    match names.len() {
        0 => "none".to_owned(),
        all if all > SELECTED => format!("{named} and {} more", all - SELECTED),
        _ => named,
    }
}

/// All that could not be looked at, one sentence fragment each.
#[must_use]
pub fn not_looked_at(coverage: &Coverage) -> Vec<String> {
    let gaps = coverage.gaps.iter().map(gap);
    let late = coverage.not_reached.iter().map(not_reached);
    let touched = coverage.touched.iter();
    let events = touched.flat_map(|touched| &touched.faults).map(event_fault);
    gaps.chain(late).chain(events).collect()
}

/// What is wrong with a trail event, as a sentence fragment.
#[must_use]
pub fn event_fault(fault: &EventFault) -> String {
    plain(&format!("trail events, {fault}")).into_owned()
}

/// That a principal was not looked at, as a sentence fragment.
#[must_use]
pub fn not_reached(arn: &PrincipalArn) -> String {
    format!("the time was up before {}", name(arn))
}

/// What is wrong with an access key, as a sentence fragment about its user.
#[must_use]
pub fn key_fault(fault: &KeyFault) -> String {
    match fault {
        KeyFault::None => "has no access key".to_owned(),
        KeyFault::Inactive => "has no active access key".to_owned(),
        KeyFault::Two => "has two active access keys".to_owned(),
        KeyFault::Old { suffix, days } => {
            format!("access key …{} is {days} days old", plain(suffix))
        }
        KeyFault::Unused { suffix, days } => {
            format!(
                "access key …{} has not been used for {days} days",
                plain(suffix)
            )
        }
        KeyFault::AgeUnknown { suffix } => {
            format!("nobody knows how old access key …{} is", plain(suffix))
        }
    }
}

/// `role Name`.
#[must_use]
pub fn name(arn: &PrincipalArn) -> String {
    format!("{} {}", arn.kind(), plain(arn.name()))
}
