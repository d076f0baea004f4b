//! Dispatches: which messages go out together?
//!
//! A thousand accounts must not mean a thousand mails. Where one run has more than [`MOST`] messages of one kind that each concern one
//! account alone, people get one that counts them. Each thread is stored as told all the same, and machines get each message by itself.

use std::collections::BTreeMap;

use super::about::About;
use super::plan::ThreadMessage;
use crate::find::finding::FindingId;

/// So many messages of one kind about single accounts are told one by one.
pub const MOST: usize = 10;
/// Messages that are published before their threads are written: a run that dies repeats no more.
const AT_ONCE: usize = 100;

/// Messages that are published at once.
#[derive(Clone, Copy, Debug)]
pub enum Dispatch<'a> {
    /// People get each by itself.
    Each(&'a [ThreadMessage]),
    /// People get one for all. They are of one kind, and each is about one account.
    Together(&'a [ThreadMessage]),
}

impl<'a> Dispatch<'a> {
    /// How these are told.
    pub(super) fn of(messages: &'a [ThreadMessage]) -> Self {
        let mut kinds = messages.iter().map(crowd);
        let first = kinds.next().flatten();
        match first.is_some() && messages.len() > MOST && kinds.all(|kind| kind == first) {
            true => Self::Together(messages),
            false => Self::Each(messages),
        }
    }

    /// The messages.
    #[must_use]
    pub fn messages(self) -> &'a [ThreadMessage] {
        match self {
            Self::Each(messages) | Self::Together(messages) => messages,
        }
    }
}

/// The id of a message about several threads: the same for the same threads.
#[must_use]
pub fn id_of(messages: &[ThreadMessage]) -> FindingId {
    let mut ids: Vec<String> = messages
        .iter()
        .map(|message| message.thread.id().to_string())
        .collect();
    ids.sort_unstable();
    let kind = messages.first().map_or("", |message| message.kind.as_str());
    FindingId::of_text(&format!(
        "organization\ntogether\n{kind}\n{}",
        ids.join("\n")
    ))
}

/// Messages in the order in which they are published, each part at once.
pub(super) fn parts(messages: Vec<ThreadMessage>) -> Vec<Vec<ThreadMessage>> {
    let mut crowds: BTreeMap<&str, Vec<ThreadMessage>> = BTreeMap::new();
    let mut others = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in messages.iter().filter_map(crowd) {
        *counts.entry(kind).or_default() += 1;
    }
    for message in messages {
        let kind = crowd(&message);
        let kind = kind.filter(|kind| counts.get(kind).is_some_and(|count| *count > MOST));
        match kind {
            Some(kind) => crowds.entry(kind).or_default().push(message),
            None => others.push(message),
        }
    }
    let others = others.chunks(AT_ONCE).map(<[ThreadMessage]>::to_vec);
    others.chain(crowds.into_values()).collect()
}

/// With which others a message may go out together; `None` where it is about more than one account.
fn crowd(message: &ThreadMessage) -> Option<&'static str> {
    match &message.thread.about {
        About::Account { .. } => Some(message.kind.as_str()),
        About::Statement { .. } | About::Failed { .. } | About::NowChecked | About::Notices => None,
    }
}
