//! One finding in an e-mail: its principal, what is missing and why, what to do.

use std::collections::BTreeSet;

use audit::finding::{Code, Item, Lack};
use audit::resource_faults::topic::FaultTopic;
use audit::{Event, EventKind};
use iam::ActionName;

use super::body::Body;
use crate::words;
use crate::words::cause::{list, remedy, why};
use crate::words::changed::{self, Changed, common};
use crate::words::counted::counted;
use crate::words::fault;
use crate::words::masked::masked;
use crate::words::message::{Saying, age, capital, day, few, is_bad, who};
use crate::words::plain::plain;

/// Actions that are named before the rest is only counted.
const ACTIONS: usize = 40;

/// Writes one finding of a message.
pub(super) fn write(body: &mut Body, event: &Event, saying: &Saying<'_>) {
    let message = saying.message;
    let finding = &event.finding;
    body.section(&capital(&who(finding)));
    if let Some(principal) = &finding.principal {
        body.line(2, &plain(principal.as_str()));
    }
    if !finding.set.is_empty() {
        body.line(
            2,
            &format!(
                "Action set: {} ({})",
                plain(&finding.title),
                plain(&finding.set)
            ),
        );
    } else if !finding.title.is_empty() {
        body.line(2, &format!("{}.", plain(&finding.title)));
    }
    if saying.is_now_checked() {
        body.line(2, &format!("Severity: {}.", finding.level));
    }
    let breaks = if is_bad(message.kind) {
        "What breaks"
    } else {
        "What was at stake"
    };
    if !finding.impact.is_empty() {
        body.line(2, &format!("{breaks}: {}", plain(&finding.impact)));
    }
    let about = |item: &Item| about(item, finding.code);
    let changed = match event.kind {
        EventKind::Worsened => Some("New"),
        EventKind::Eased => Some("Repaired"),
        EventKind::Opened | EventKind::Reminded | EventKind::Resolved(_) => None,
    };
    if let Some(word) = changed
        && !event.items.is_empty()
    {
        let names: BTreeSet<String> = event.items.iter().map(about).collect();
        let names = names.iter().map(AsRef::as_ref);
        body.line(2, &format!("{word}: {}", few(names, ACTIONS)));
    }
    let causes = words::finding::causes(finding);
    if causes.is_empty() && !finding.items.is_empty() {
        let names: BTreeSet<String> = finding.items.iter().map(about).collect();
        let names = names.iter().map(AsRef::as_ref);
        // A failed audit is about its reason, which stands above already.
        if !names.clone().eq([&*finding.title]) {
            body.line(2, &format!("It is about: {}", few(names, ACTIONS)));
        }
    }
    for one in causes {
        write_lack(body, one, saying);
    }
    if !causes.is_empty() {
        for sentence in fault::sentences(finding) {
            body.line(2, &format!("{}.", capital(&sentence)));
        }
        for step in fault::remedies(finding) {
            body.line(2, &format!("What to do: {step}"));
        }
    }
    // What has no cause of its own says here what to do; see `write_lack` for the others.
    if causes.is_empty() && is_bad(message.kind) {
        for owner in words::finding::owners(finding, saying.owners) {
            body.line(2, &format!("Owner: {}", plain(owner)));
        }
        for step in words::finding::remedies(finding, saying.owners) {
            body.line(2, &format!("What to do: {step}"));
        }
    }
    let explanation = event.explanation.as_ref();
    let changed = explanation.filter(|_| common(&saying.events).is_none());
    if let Some(changed) = changed.and_then(changed::changed) {
        write_changed(body, 2, &changed);
    }
    if finding.openings > 1 {
        body.line(
            2,
            &format!(
                "It comes and goes: opened {} times lately.",
                finding.openings
            ),
        );
    }
    body.line(
        2,
        &format!(
            "Open since {}{}. Finding {}.",
            day(finding.opened),
            age(finding.opened, saying.now),
            finding.id
        ),
    );
}

/// Writes who changed what a finding is about.
pub(crate) fn write_changed(body: &mut Body, indent: usize, changed: &Changed) {
    match changed.lines.as_slice() {
        [] => {}
        [one] => body.line(indent, &format!("{}: {one}.", changed.head)),
        many => {
            body.line(indent, &format!("{}:", changed.head));
            for line in many {
                body.line(indent + 2, &format!("- {line}"));
            }
        }
    }
    for note in &changed.notes {
        body.line(indent, note);
    }
}

fn write_lack(body: &mut Body, lack: &Lack, saying: &Saying<'_>) {
    let message = saying.message;
    body.blank();
    let cause = why(&lack.cause);
    let count = counted(lack.actions.len(), "action");
    if lack.actions.is_empty() {
        body.line(2, &format!("{}.", capital(&cause)));
    } else {
        let affected = if is_bad(message.kind) {
            ""
        } else {
            " affected"
        };
        body.line(2, &format!("{count}{affected}: {cause}."));
        body.line(
            4,
            &few(lack.actions.iter().map(ActionName::as_str), ACTIONS),
        );
    }
    let everywhere = lack.resources.iter().all(|resource| &**resource == "*");
    if !everywhere {
        body.line(
            4,
            &format!(
                "on {}",
                masked(&few(lack.resources.iter().map(AsRef::as_ref), ACTIONS))
            ),
        );
    }
    if !lack.regions.is_empty() {
        body.line(
            4,
            &format!("in {}", list(lack.regions.iter().map(AsRef::as_ref))),
        );
    }
    if !is_bad(message.kind) {
        return;
    }
    // What all have in common was said above.
    if message.cause.as_ref() != Some(&lack.cause) {
        if let Some(owner) = &lack.owner {
            body.line(4, &format!("Owner: {}", plain(owner)));
        }
        body.line(4, &format!("What to do: {}", remedy(&lack.cause, None)));
    }
}

/// What an item is about, in few words: of a resource and of what was not looked at the whole sentence, else without the place.
fn about(item: &Item, code: Code) -> String {
    if FaultTopic::of(item).is_some() {
        fault::sentence(item)
    } else if code == Code::Coverage {
        words::finding::item(item)
    } else {
        item.name.to_string()
    }
}
