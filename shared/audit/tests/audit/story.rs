//! A story: one audit after another of the same account, with the messages of each as lines.

use std::cell::RefCell;
use std::collections::BTreeSet;

use audit::finding::{Event, Message};
use audit::stored::{Form, account_entry, principal_entry, read_entries};
use audit::{Assessment, Baseline, Settings, Step};
use iam::Cause;
use iam::inventory::Principal;

use crate::phases::{audit, compare};
use crate::principals::{account, inventory};
use crate::rules::Rules;

/// A day after another, each with one audit, told as lines.
pub(crate) struct Story {
    pub(crate) settings: Settings,
    pub(crate) principals: Vec<Principal>,
    pub(crate) baseline: RefCell<Baseline>,
}

impl Story {
    pub(crate) fn new(principals: Vec<Principal>) -> Self {
        Self {
            settings: Settings::default(),
            principals,
            baseline: RefCell::new(Baseline::empty(account())),
        }
    }

    /// One audit; gives back what people are told, a line a message.
    pub(crate) fn audit(&self, now: &str, rules: &Rules) -> Vec<String> {
        let inventory = inventory(self.principals.clone());
        self.lead(&audit(&inventory, rules, &self.settings, now))
    }

    /// Leads the story on by an assessment; gives back what people are told, a line a message.
    pub(crate) fn lead(&self, assessment: &Assessment) -> Vec<String> {
        let step = self.step(assessment);
        let lines = step
            .messages
            .iter()
            .map(|message| line(message, &step.events));
        let notes = step.mutes.iter().filter(|note| note.is_new);
        let notes = notes.map(|note| format!("mute {}: {}", note.kind.as_str(), note.mute));
        lines.chain(notes).collect()
    }

    /// The step that an audit leads to, through the stored form.
    pub(crate) fn step(&self, assessment: &Assessment) -> Step {
        let baseline = self.baseline.borrow().clone();
        let changes = compare(assessment, &baseline, &self.settings);
        let step = audit::advance(baseline, assessment, changes, &self.settings);
        let stored = audit::stored::write_file(&step.baseline);
        let read = audit::stored::read_file(&stored).unwrap();
        let kept = kept_in_file(&step.baseline);
        assert_eq!(read, kept, "the stored form keeps everything");
        for (principal, record) in &step.baseline.principals {
            let account = account_entry(&read, Form::Compact);
            let entry = principal_entry(principal, record, Form::Compact);
            let mut again = read_entries(&account, [&*entry]).unwrap();
            let again = again.principals.get_mut(principal).unwrap();
            again.generation = record.generation;
            assert_eq!(again, record, "so does the compact");
        }
        *self.baseline.borrow_mut() = read;
        step
    }
}

/// What a file keeps: generations are an item's, and the account says by which audit most principals were judged.
pub(crate) fn kept_in_file(baseline: &Baseline) -> Baseline {
    let mut kept = baseline.clone();
    for record in kept.principals.values_mut() {
        record.generation = 0;
        if baseline.says_judged(record) {
            record.judged = None;
        }
    }
    kept
}

/// One message as one line: what happened, how bad, to whom, by what.
pub(crate) fn line(message: &Message, events: &[Event]) -> String {
    let mut whose = Vec::new();
    let mut items = BTreeSet::new();
    let mut notes = BTreeSet::new();
    for event in message.events.iter().map(|&at| &events[at]) {
        let finding = &event.finding;
        let name = finding
            .principal
            .as_ref()
            .map_or("account", |arn| arn.name());
        let set = if finding.set.is_empty() { "" } else { "/" };
        whose.push(format!("{name}{set}{}", finding.set));
        let shown = if event.items.is_empty() {
            &finding.items
        } else {
            &event.items
        };
        items.extend(shown.iter().map(|item| match &*item.place {
            "" => item.name.to_string(),
            place => format!("{} ({place})", item.name),
        }));
        let days = finding.seen.duration_since(finding.opened).as_hours() / 24;
        if days > 0 {
            notes.insert(format!("{days} d"));
        }
        if finding.openings > 1 {
            notes.insert(format!("opening {}", finding.openings));
        }
        let owners = finding
            .lacks
            .iter()
            .filter_map(|lack| lack.owner.as_deref());
        notes.extend(owners.map(|owner| format!("owner {owner}")));
    }
    let join = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(", ");
    let cause = match &message.cause {
        Some(Cause::DeniedBy(by)) => format!(" by {}", by[0]),
        Some(other) => format!(" by {:?}", other.layers()),
        None => String::new(),
    };
    let resolution = match message.kind {
        audit::EventKind::Resolved(audit::finding::Resolution::Left) => " (left)",
        _ => "",
    };
    let notes = if notes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", join(notes))
    };
    format!(
        "{}{resolution} {} {}: {}: {}{cause}{notes}",
        message.kind,
        message.level,
        message.code,
        whose.join(", "),
        join(items),
    )
}
