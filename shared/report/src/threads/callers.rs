//! Callers: who changed what a thread is about?
//!
//! Said of what is new or worse only, and only where a call is known that is about the cause. What is the same in many accounts is said once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use audit::EventKind;
use audit::events::TrailEvent;
use audit::threads::{ShareStep, ThreadMessage};
use iam::AccountId;

use crate::words::changed::{Changed, changed};
use crate::words::counted::counted;

/// Explanations that are written out.
const WRITTEN: usize = 5;

/// Who changed it.
#[derive(Debug, Default)]
pub(super) struct Callers {
    /// What is said, the most frequent first, each with the accounts for which it is; `None`: for all that is new.
    pub(super) known: Vec<(Option<String>, Changed)>,
    /// What is not said, as sentences without a full stop.
    pub(super) rest: Vec<String>,
}

impl Callers {
    /// Who changed what these messages are about, as far as that is known.
    pub(super) fn of<'m>(messages: impl IntoIterator<Item = &'m ThreadMessage>) -> Self {
        let mut found = Found::default();
        for message in messages {
            match message.kind {
                EventKind::Opened | EventKind::Worsened => found.add(message),
                EventKind::Eased | EventKind::Reminded | EventKind::Resolved(_) => {}
            }
        }
        found.say()
    }

    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// What is known, by what is said of it.
#[derive(Default)]
struct Found {
    by: BTreeMap<Changed, BTreeSet<AccountId>>,
    /// Where nothing is known of something new.
    unknown: BTreeSet<AccountId>,
}

impl Found {
    fn add(&mut self, message: &ThreadMessage) {
        for one in &message.accounts {
            // What led to what was told before did not lead to what is worse now.
            let after = match one.step {
                ShareStep::Joined => None,
                ShareStep::Worse => message.since,
                ShareStep::Better
                | ShareStep::Healed
                | ShareStep::Left
                | ShareStep::Same
                | ShareStep::NotLooked => continue,
            };
            let is_new = |call: &TrailEvent| after.is_none_or(|after| call.at > after);
            let mut is_known = false;
            for piece in &one.pieces {
                let newest = piece.explanation.as_ref().filter(|known| {
                    let newest = known.candidates.first();
                    newest.is_some_and(|newest| is_new(newest))
                });
                match newest.and_then(changed) {
                    Some(changed) => {
                        is_known = true;
                        self.by.entry(changed).or_default().insert(one.account);
                    }
                    None if after.is_none() => {
                        self.unknown.insert(one.account);
                    }
                    None => {}
                }
            }
            if !is_known {
                self.unknown.insert(one.account);
            }
        }
    }

    fn say(self) -> Callers {
        let Self { by, unknown } = self;
        if by.is_empty() {
            return Callers::default();
        }
        let is_for_all = by.len() == 1 && unknown.is_empty();
        let mut by: Vec<(Changed, BTreeSet<AccountId>)> = by.into_iter().collect();
        by.sort_by_key(|(_, accounts)| Reverse(accounts.len()));
        let others = by.len().saturating_sub(WRITTEN);
        let mut rest = Vec::new();
        if others > 0 {
            rest.push(format!(
                "and {others} more, which the events on the bus name"
            ));
        }
        if !unknown.is_empty() {
            rest.push(format!("{}: not known", place(&unknown)));
        }
        let known = by.into_iter().take(WRITTEN);
        Callers {
            known: known
                .map(|(changed, accounts)| ((!is_for_all).then(|| place(&accounts)), changed))
                .collect(),
            rest,
        }
    }
}

/// `In account 111122223333`, `In 3 accounts`.
fn place(accounts: &BTreeSet<AccountId>) -> String {
    match accounts.first() {
        Some(only) if accounts.len() == 1 => format!("In account {only}"),
        _ => format!("In {}", counted(accounts.len(), "account")),
    }
}
