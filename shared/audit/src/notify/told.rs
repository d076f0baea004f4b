//! Told: what has one audit told so far, where it has to start over?
//!
//! An audit tells before it commits. If another audit committed the same items meanwhile, it compares again with what that one wrote.
//! What it told the first time must stay true: a finding stays in the thread in which it was told, what turns out to be otherwise is
//! told, and a thread is over if, and only if, nothing in it is open.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::baseline::{Baseline, Tracked};
use crate::find::finding::{Event, EventKind, FindingId, Message, Resolution};
use crate::notify::step::Step;

/// What one audit has told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The last event of each finding, with the thread in which people were told of it, if they were.
    last: BTreeMap<FindingId, (Event, Option<FindingId>)>,
    /// Each thread, with the kind of the last message in it, and whether that said that the thread is over.
    threads: BTreeMap<FindingId, (EventKind, bool)>,
    /// What was open in each of these threads when it was told.
    open: BTreeMap<FindingId, BTreeSet<FindingId>>,
    /// The threads in which it was last told that something is open.
    triggered: BTreeSet<FindingId>,
    /// How often something was told.
    attempts: usize,
    /// All events, in order.
    events: Vec<Event>,
}

impl Told {
    /// The thread in which people were told of a finding, if they were.
    pub(crate) fn thread(&self, finding: FindingId) -> Option<FindingId> {
        self.last.get(&finding).and_then(|(_, thread)| *thread)
    }

    /// Whether people were told anything.
    pub(crate) fn is_of_threads(&self) -> bool {
        !self.threads.is_empty()
    }

    /// Notes what was told.
    pub(crate) fn note(&mut self, step: &Step) {
        for event in &step.events {
            let thread = self.thread(event.finding.id);
            self.last.insert(event.finding.id, (event.clone(), thread));
            self.events.push(event.clone());
        }
        self.attempts += 1;
        self.triggered.clear();
        let open = open_by_thread(&step.baseline);
        for message in &step.messages {
            if !message.kind.is_end() {
                self.triggered.insert(message.thread);
            }
            let open = open.get(&message.thread).into_iter().flatten();
            let open = open.map(|tracked| tracked.finding.id).collect();
            self.open.insert(message.thread, open);
            self.threads
                .insert(message.thread, (message.kind, message.is_over));
            for event in message.events.iter().filter_map(|&at| step.events.get(at)) {
                if let Some((_, thread)) = self.last.get_mut(&event.finding.id) {
                    *thread = Some(message.thread);
                }
            }
        }
    }

    /// Adds to a step what is to be told because it was told otherwise before.
    pub(crate) fn correct(&self, step: &mut Step) {
        let again: BTreeSet<FindingId> = step.events.iter().map(|event| event.finding.id).collect();
        let mut corrections = Vec::new();
        for (id, (event, thread)) in &self.last {
            if again.contains(id) {
                continue;
            }
            let tracked = step.baseline.tracked_of(&event.finding);
            let open = tracked.filter(|tracked| !tracked.closed);
            match (event.kind.is_end(), open) {
                (false, None) => corrections.push((ended(event), *thread)),
                (true, Some(open)) => corrections.push(still(open)),
                (false, Some(_)) | (true, None) => {}
            }
        }
        let open = open_by_thread(&step.baseline).into_iter();
        let mut open: BTreeMap<FindingId, usize> =
            open.map(|(thread, of)| (thread, of.len())).collect();
        for (event, thread) in self.last.values() {
            let ends = |thread: &FindingId| open.get(thread).is_none_or(|&count| count == 0);
            let thread = thread.filter(|thread| !event.kind.is_end() && ends(thread));
            let Some(thread) = thread else { continue };
            if let Some(from) = keep_thread(step, event, thread) {
                open.entry(from).and_modify(|count| *count -= 1);
                *open.entry(thread).or_default() += 1;
            }
        }
        add(step, corrections);
    }

    /// What is to be told besides because other audits told in the same threads at the same time: `now` is what stands there after the
    /// commit of `step`. `None`: nothing.
    pub(crate) fn settle(&self, step: &Step, now: Baseline) -> Option<Step> {
        // A file is not what was written last.
        let shows = |principal| {
            let written = step.baseline.principals.get(principal);
            let stands = now.principals.get(principal);
            written.is_none_or(|written| {
                stands.is_some_and(|stands| stands.generation >= written.generation)
            })
        };
        if !step.touched.keys().all(shows) || step.account.is_some_and(|it| now.generation <= it) {
            return None;
        }
        let mut corrections = Vec::new();
        let mut open_now = open_by_thread(&now);
        for (thread, (kind, is_over)) in &self.threads {
            let open = open_now.remove(thread).unwrap_or_default();
            if open.is_empty() {
                if kind.is_end() && !is_over {
                    let ended = self
                        .last
                        .values()
                        .filter(|(event, of)| *of == Some(*thread) && event.kind.is_end());
                    corrections.extend(ended.cloned());
                }
                continue;
            }
            // Whoever closed the rest of it may have told that it is over.
            let was_told = self.attempts == 1 || self.triggered.contains(thread);
            if *is_over || !was_told || self.is_closed_by_others(*thread, &open) {
                corrections.extend(open.into_iter().map(still));
            }
        }
        let ends = self.last.values().filter(|(event, _)| event.kind.is_end());
        let known = corrections.iter();
        let mut known: BTreeSet<FindingId> = known.map(|(event, _)| event.finding.id).collect();
        for tracked in ends.filter_map(|(event, _)| now.tracked_of(&event.finding)) {
            if !tracked.closed && known.insert(tracked.finding.id) {
                corrections.push(still(tracked));
            }
        }
        if corrections.is_empty() {
            return None;
        }
        let mut rest = Step {
            events: Vec::new(),
            messages: Vec::new(),
            mutes: Vec::new(),
            baseline: now,
            account: None,
            touched: BTreeMap::new(),
        };
        add(&mut rest, corrections);
        Some(rest)
    }

    /// Whether something is not open any more in a thread whose end this audit did not tell.
    fn is_closed_by_others(&self, thread: FindingId, open: &[&Tracked]) -> bool {
        let known = self.open.get(&thread).into_iter().flatten();
        let open: BTreeSet<FindingId> = open.iter().map(|one| one.finding.id).collect();
        let mut closed = known.filter(|id| !open.contains(id));
        closed.any(|id| {
            self.last
                .get(id)
                .is_none_or(|(event, _)| !event.kind.is_end())
        })
    }

    /// Adds to the last step the events that were told before it, or after.
    pub(crate) fn add_earlier(&self, step: &mut Step) {
        let known = step.events.iter();
        let mut known: BTreeSet<(FindingId, EventKind)> =
            known.map(|one| (one.finding.id, one.kind)).collect();
        for event in &self.events {
            if known.insert((event.finding.id, event.kind)) {
                step.events.push(event.clone());
            }
        }
    }
}

/// What is open and was told, by its thread.
fn open_by_thread(baseline: &Baseline) -> BTreeMap<FindingId, Vec<&Tracked>> {
    let mut by_thread: BTreeMap<FindingId, Vec<&Tracked>> = BTreeMap::new();
    for tracked in baseline.tracked().filter(|tracked| tracked.is_reported()) {
        by_thread.entry(tracked.thread).or_default().push(tracked);
    }
    by_thread
}

/// That something is over that was told as open.
fn ended(event: &Event) -> Event {
    Event {
        kind: EventKind::Resolved(Resolution::Healthy),
        items: BTreeSet::clone(&event.finding.items),
        ..event.clone()
    }
}

/// That something is still open, with its thread.
fn still(tracked: &Tracked) -> (Event, Option<FindingId>) {
    let heard = tracked.told.is_some();
    let event = Event {
        kind: EventKind::Reminded,
        finding: tracked.finding.clone(),
        items: BTreeSet::new(),
        for_people: heard,
        muted: None,
        origin: tracked.origin,
        explanation: None,
    };
    (event, heard.then_some(tracked.thread))
}

/// Moves a finding that another audit told in another thread into the one in which this audit told of it, because nothing else would
/// ever end that one. The thread that it was in; `None`: nothing is moved.
fn keep_thread(step: &mut Step, told: &Event, thread: FindingId) -> Option<FindingId> {
    let finding = &told.finding;
    let principal = finding.principal.as_ref()?;
    let tracked = step.baseline.tracked_mut(finding)?;
    if !tracked.is_reported() {
        return None;
    }
    let from = std::mem::replace(&mut tracked.thread, thread);
    let record = step.baseline.principals.get(principal);
    let generation = record.map_or(0, |record| record.generation);
    if !step.touched.contains_key(principal) {
        step.write(principal.clone(), generation);
    }
    Some(from)
}

/// Adds events, each with the thread in which people are told of it.
fn add(step: &mut Step, corrections: Vec<(Event, Option<FindingId>)>) {
    let mut messages: BTreeMap<(FindingId, EventKind), Message> = BTreeMap::new();
    let open: BTreeSet<FindingId> = open_by_thread(&step.baseline).into_keys().collect();
    for (event, thread) in corrections {
        let at = step.events.len();
        if let Some(thread) = thread.filter(|_| event.for_people) {
            let finding = &event.finding;
            let message = messages
                .entry((thread, event.kind))
                .or_insert_with(|| Message {
                    thread,
                    kind: event.kind,
                    code: finding.code,
                    level: finding.level,
                    origin: event.origin,
                    cause: None,
                    is_collection: false,
                    is_over: !open.contains(&thread),
                    events: Vec::new(),
                });
            message.level = message.level.max(finding.level);
            message.events.push(at);
        }
        step.events.push(event);
    }
    step.messages.extend(messages.into_values());
}
