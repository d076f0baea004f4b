//! Leaving: what becomes of the findings of an account that nobody will audit any more?

use iam::PrincipalArn;
use jiff::Timestamp;

use crate::compare::baseline::{Baseline, Tracked};
use crate::find::finding::{Event, EventKind, Resolution};
use crate::notify::step::Step;

/// Ends whatever is open, and forgets whom the account's principals were bound to.
#[must_use]
pub fn leave(baseline: Baseline, now: Timestamp) -> Step {
    let mut step = Step {
        events: Vec::new(),
        messages: Vec::new(),
        mutes: Vec::new(),
        baseline,
        account: None,
        touched: std::collections::BTreeMap::new(),
    };
    let ended: Vec<Event> = step
        .baseline
        .findings
        .values_mut()
        .filter_map(|tracked| end(tracked, now))
        .collect();
    if !ended.is_empty() {
        step.events.extend(ended);
        step.write_account();
    }
    let records = &mut step.baseline.principals;
    let mut touched: Vec<(PrincipalArn, u64)> = Vec::new();
    for (principal, record) in records.iter_mut() {
        let findings = record.findings.values_mut();
        let ended: Vec<Event> = findings.filter_map(|tracked| end(tracked, now)).collect();
        if !ended.is_empty() || !record.sets.is_empty() {
            touched.push((principal.clone(), record.generation));
        }
        record.sets.clear();
        step.events.extend(ended);
    }
    for (principal, generation) in touched {
        let record = step.baseline.principals.get(&principal);
        if record.is_some_and(|record| record.findings.is_empty()) {
            step.baseline.principals.remove(&principal);
        }
        step.write(principal, generation);
    }
    step
}

fn end(tracked: &mut Tracked, now: Timestamp) -> Option<Event> {
    if tracked.closed {
        return None;
    }
    tracked.closed = true;
    tracked.healthy = Some(now);
    Some(Event {
        kind: EventKind::Resolved(Resolution::Left),
        finding: tracked.finding.clone(),
        items: tracked.finding.items.as_ref().clone(),
        muted: None,
        for_people: tracked.told.is_some(),
        origin: tracked.origin,
        explanation: None,
    })
}
