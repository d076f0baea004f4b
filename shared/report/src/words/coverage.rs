//! Coverage as text: what could the audit not check?

use audit::Assessment;
use audit::assessment::{Coverage, KeyFault, Selection};
use audit::events::EventFault;
use audit::requirement::ResourcePolicy;
use iam::PrincipalArn;
use iam::inventory::Gap;

use crate::words::cause::list;
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
