//! Telling: how are people told of threads, while other runs tell them too?
//!
//! Threads are loaded before baselines. Each is told and then written, on condition that its generation is still the one that was loaded.
//! A thread that opens is stored before it is told, so that its end is told even if this run fails. A run whose write is refused, because
//! another run wrote the thread, loads it and starts over. A run that told something reads the baselines of these accounts once more
//! afterwards: an account that was audited in between is told as it is now, by this run or by the one that audited it.

use std::collections::{BTreeMap, BTreeSet};

use iam::AccountId;
use jiff::Timestamp;

use super::dispatch::{Dispatch, parts};
use super::plan::{ShareStep, ThreadMessage, advance, affected, of_kind};
use super::seen::Seen;
use super::thread::{Thread, Threads};
use crate::find::finding::{EventKind, FindingId, Resolution};
use crate::ports::{
    Accounts, KeepThreadError, LoadThreadsError, PublishError, ThreadPublisher, ThreadStore,
};
use crate::settings::Settings;

/// How often it is looked whether there is something to tell.
const ROUNDS: usize = 8;

/// The ports of telling.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a, S, A, P> {
    /// Keeps the threads.
    pub store: &'a S,
    /// Reads the baselines.
    pub accounts: &'a A,
    /// Tells people.
    pub publisher: &'a P,
}

/// What was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentMessages {
    /// Messages, by kind: opened, worsened, eased, reminded, resolved.
    pub messages: [usize; 5],
}

/// Why not everything was told.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// It is not known what is new; nothing more was told.
    #[error("what was told of the organisation cannot be read")]
    Load(#[source] LoadThreadsError),
    /// Something may not have arrived; the next run tells it again, under the same id.
    #[error("not everything could be told")]
    Publish(#[source] PublishError),
    /// Everything was told; of what was not written the next run tells again, under the same ids.
    #[error("what was told could not be stored")]
    Keep(#[source] KeepThreadError),
}

/// Tells of these accounts what is new, and writes it. Shares of other accounts stay as they are.
///
/// # Errors
/// [`TellError`].
pub async fn tell<S: ThreadStore, A: Accounts, P: ThreadPublisher>(
    outside: &Outside<'_, S, A, P>,
    accounts: &BTreeSet<AccountId>,
    settings: &Settings,
    now: Timestamp,
) -> Result<SentMessages, TellError> {
    let mut told = SentMessages::default();
    let mut scope = accounts.clone();
    let mut overtaken = Overtaken::new();
    for round in 1..=ROUNDS {
        let stored = outside.store.threads().await.map_err(TellError::Load)?;
        let seen = outside.accounts.see(&scope).await;
        let mut messages = advance(&stored, &seen, settings, now);
        correct(&mut messages, &overtaken, &stored, (&seen, now));
        overtaken.clear();
        if messages.is_empty() {
            break;
        }
        let theirs = messages.iter().flat_map(|message| &message.accounts);
        let theirs = theirs.map(|one| one.account);
        scope = theirs.filter(|one| accounts.contains(one)).collect();
        for messages in parts(messages) {
            let mut moved = Moved::new(round);
            let messages = announce(outside.store, &messages, &mut moved).await?;
            if messages.is_empty() {
                continue;
            }
            let published = outside.publisher.publish(Dispatch::of(&messages)).await;
            published.map_err(TellError::Publish)?;
            told.count(&messages);
            let threads: Vec<_> = messages.iter().map(|one| &one.thread).collect();
            let kept = outside.store.keep_threads(&threads).await;
            for (message, kept) in messages.iter().zip(kept) {
                if !moved.is_kept(kept) {
                    overtaken.insert(message.thread.id(), message.clone());
                }
            }
            // The other threads are written all the same: each is complete by itself.
            moved.end()?;
        }
    }
    Ok(told)
}

/// Stores each thread that is about to open: if this run dies, the next one knows of a message that may have been sent. Out: the messages
/// with the generation that follows; one whose thread another run wrote meanwhile is left to the next round.
async fn announce<S: ThreadStore>(
    store: &S,
    messages: &[ThreadMessage],
    moved: &mut Moved,
) -> Result<Vec<ThreadMessage>, TellError> {
    let announced: Vec<Thread> = messages
        .iter()
        .filter(|message| message.kind == EventKind::Opened)
        .map(|message| Thread {
            is_announced: true,
            ..message.thread.clone()
        })
        .collect();
    let mut kept = match announced.as_slice() {
        [] => Vec::new(),
        announced => {
            let announced: Vec<&Thread> = announced.iter().collect();
            store.keep_threads(&announced).await
        }
    }
    .into_iter();
    let mut ours = Vec::with_capacity(messages.len());
    for message in messages {
        let mut message = message.clone();
        if message.kind == EventKind::Opened {
            if !kept.next().is_some_and(|kept| moved.is_kept(kept)) {
                continue;
            }
            message.thread.generation += 1;
        }
        ours.push(message);
    }
    moved.end()?;
    Ok(ours)
}

/// What became of writes in a round.
struct Moved {
    is_last: bool,
    failure: Option<KeepThreadError>,
}

impl Moved {
    fn new(round: usize) -> Self {
        Self {
            is_last: round == ROUNDS,
            failure: None,
        }
    }

    /// Whether a thread was written. If not, another run wrote it meanwhile, or that is a failure.
    fn is_kept(&mut self, kept: Result<(), KeepThreadError>) -> bool {
        match kept {
            Ok(()) => return true,
            Err(KeepThreadError::Moved) if !self.is_last => {}
            Err(error) => self.failure = Some(error),
        }
        false
    }

    fn end(&mut self) -> Result<(), TellError> {
        self.failure
            .take()
            .map_or(Ok(()), |failure| Err(TellError::Keep(failure)))
    }
}

/// What this run told in threads that another run wrote meanwhile: nobody knows whose message arrived last.
type Overtaken = BTreeMap<FindingId, ThreadMessage>;

/// Adds what is to be told because it was told otherwise in the last round.
fn correct(
    messages: &mut Vec<ThreadMessage>,
    overtaken: &Overtaken,
    stored: &Threads,
    (seen, now): (&Seen, Timestamp),
) {
    for (id, told) in overtaken {
        if messages.iter().any(|message| message.thread.id() == *id) {
            continue;
        }
        let about = &told.thread.about;
        let thread = stored.get(id);
        let is_over = thread.is_none_or(Thread::is_over);
        let corrected = match (told.kind, is_over) {
            (EventKind::Resolved(_), false) => {
                let adds = seen.threads().get(about);
                let affected = affected(thread, adds, seen);
                of_kind(about, thread, affected, (EventKind::Reminded, now))
            }
            (
                EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded,
                true,
            ) => {
                let mut affected = told.accounts.clone();
                for one in &mut affected {
                    one.step = ShareStep::Healed;
                    one.pieces.clear();
                }
                let kind = EventKind::Resolved(Resolution::Healthy);
                of_kind(about, thread.or(Some(&told.thread)), affected, (kind, now))
            }
            (EventKind::Resolved(_), true)
            | (
                EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded,
                false,
            ) => None,
        };
        messages.extend(corrected);
    }
}

impl SentMessages {
    fn count(&mut self, messages: &[ThreadMessage]) {
        let [opened, worsened, eased, reminded, resolved] = &mut self.messages;
        for message in messages {
            *match message.kind {
                EventKind::Opened => &mut *opened,
                EventKind::Worsened => &mut *worsened,
                EventKind::Eased => &mut *eased,
                EventKind::Reminded => &mut *reminded,
                EventKind::Resolved(_) => &mut *resolved,
            } += 1;
        }
    }

    /// All messages.
    #[must_use]
    pub fn all(&self) -> usize {
        self.messages.iter().sum()
    }
}
