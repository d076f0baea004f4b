//! Telling: which step of a finding becomes an event, and are people told of it?

use std::collections::BTreeSet;

use super::Advancing;
use crate::compare::baseline::Tracked;
use crate::find::finding::{ChangeOrigin, Event, EventKind, Item, Resolution};
use crate::level::Level;

impl Advancing<'_> {
    pub(super) fn worsen(&mut self, tracked: &mut Tracked, items: BTreeSet<Item>) {
        let origin = self.known.origin(&tracked.finding);
        if origin == ChangeOrigin::Account && tracked.origin == ChangeOrigin::Rules {
            // It is no longer one of many that this release checks: it gets a thread, and so an alert, of its own.
            tracked.origin = origin;
            tracked.thread = tracked.finding.id;
        }
        self.tell(tracked, EventKind::Worsened, items, origin);
    }

    pub(super) fn close(&mut self, tracked: &mut Tracked, how: Resolution) {
        tracked.closed = true;
        let items = BTreeSet::clone(&tracked.finding.items);
        let muted = self.mutes.cover(&tracked.finding);
        self.events.push(Event {
            kind: EventKind::Resolved(how),
            finding: tracked.finding.clone(),
            items,
            for_people: tracked.told.is_some(),
            origin: tracked.origin,
            muted: muted.filter(|_| tracked.told.is_none()),
            explanation: None,
        });
    }

    /// Reminds where it is time, and tells for the first time of what a mute kept quiet until now.
    pub(super) fn remind(&mut self, tracked: &mut Tracked) {
        if self.mutes.cover(&tracked.finding).is_some() {
            return;
        }
        let origin = tracked.origin;
        let Some(told) = tracked.told else {
            // Machines were told of it at once, people are told with the other notices.
            let kind = match self.notices.collects(&tracked.finding, origin) {
                true => EventKind::Reminded,
                false => EventKind::Opened,
            };
            if !self.notices.keeps(&tracked.finding, origin) {
                self.tell(tracked, kind, BTreeSet::new(), origin);
            }
            return;
        };
        if tracked.finding.level == Level::Notice {
            return;
        }
        let since = self.now.duration_since(told);
        let reminders = &self.settings.reminders;
        if reminders.is_due(tracked.finding.code, tracked.reminders, since) {
            self.tell(tracked, EventKind::Reminded, BTreeSet::new(), origin);
        }
    }

    pub(super) fn tell(
        &mut self,
        tracked: &mut Tracked,
        kind: EventKind,
        items: BTreeSet<Item>,
        origin: ChangeOrigin,
    ) {
        let muted = self.mutes.cover(&tracked.finding);
        let heard = tracked.told.is_some();
        let collected = self.notices.collects(&tracked.finding, origin);
        // For people who were never told of it, it is new, whatever the step is.
        let (kind, items) = if muted.is_none() && !heard && !collected {
            (EventKind::Opened, BTreeSet::new())
        } else {
            (kind, items)
        };
        // Whoever was told of it is also told that only what is muted is left.
        let kept = !heard && self.notices.keeps(&tracked.finding, origin);
        let for_people = (muted.is_none() && !kept) || (heard && kind == EventKind::Eased);
        if for_people {
            tracked.told = Some(self.now);
            match kind {
                EventKind::Reminded => tracked.reminders += 1,
                EventKind::Worsened => tracked.reminders = 0,
                EventKind::Opened | EventKind::Eased | EventKind::Resolved(_) => {}
            }
        }
        self.events.push(Event {
            kind,
            finding: tracked.finding.clone(),
            items,
            for_people,
            muted,
            origin,
            explanation: None,
        });
    }
}
