//! Threads that are one account's own: worded as the account's own audits word them.

use audit::threads::ThreadMessage;
use audit::{Baseline, Event, EventKind, Message};

use super::saying::ThreadSaying;
use crate::chat::{self, Notification};
use crate::machine::alert::{self, Alert};
use crate::mail::{self, Text};
use crate::words::message::{Above, Saying};

/// What the channels get; `None` where the thread is not one account's own, or nothing of it is left in the baseline.
pub(super) fn words(
    saying: &ThreadSaying<'_>,
    baseline: &Baseline,
) -> Option<(Text, Notification, Option<Alert>)> {
    let account = saying.message.thread.about.account()?;
    let events = events(saying.message, baseline);
    let first = events.first()?;
    let message = Message {
        thread: saying.message.thread.id(),
        kind: saying.message.kind,
        code: first.finding.code,
        level: saying.message.level,
        origin: first.origin,
        cause: None,
        is_collection: false,
        is_over: saying.message.thread.is_over(),
        events: (0..events.len()).collect(),
    };
    let place = saying.account(account);
    let own = Saying {
        message: &message,
        events: events.iter().collect(),
        account,
        now: saying.around.header.at,
        owners: saying.around.owners,
        coverage: None,
        above: Some(Above {
            account: &place,
            report: saying.around.report,
        }),
    };
    let mut text = mail::message(&own);
    let above = saying.above().into_iter().map(str::to_owned).collect();
    text.lists.push(("ou", above));
    let mut alerting = saying.alerting();
    alerting.count = events.len();
    let alert = alert::of_thread(&alerting, &text);
    let chat = chat::message(&own);
    Some((text, chat, alert))
}

/// The findings of the thread, each as a step of its life; the worst first.
fn events(message: &ThreadMessage, baseline: &Baseline) -> Vec<Event> {
    let is_over = message.kind.is_end();
    let thread = message.thread.id();
    let theirs = baseline.tracked().filter(|tracked| {
        let is_told = tracked.is_reported() || tracked.closed;
        tracked.thread == thread && is_told && tracked.closed == is_over
    });
    let mut events: Vec<Event> = theirs
        .map(|tracked| Event {
            kind: message.kind,
            finding: tracked.finding.clone(),
            items: std::collections::BTreeSet::new(),
            muted: None,
            for_people: true,
            origin: tracked.origin,
            explanation: match message.kind {
                EventKind::Opened | EventKind::Worsened => tracked.explanation.clone(),
                EventKind::Eased | EventKind::Reminded | EventKind::Resolved(_) => None,
            },
        })
        .collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.finding.level));
    events
}
