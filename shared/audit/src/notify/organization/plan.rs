//! Plans: which messages are due, in which threads?
//!
//! In: the threads as they were told last, what stands in the baselines, the time. Out: a message for each thread of which there is news.
//! What was not looked at stays as it was told, and never ends a thread.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use iam::AccountId;
use jiff::{SignedDuration, Timestamp};

use super::about::About;
use super::piece::Piece;
use super::seen::{Membership, Seen};
use super::thread::{Example, Share, Thread, Threads};
use crate::find::finding::{EventKind, FindingId, Resolution};
use crate::level::Level;
use crate::settings::Settings;

/// Runs do not begin to the second: two hours early is in time.
const EARLY: i64 = 2;

/// One message for people, and the thread as it is once they have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadMessage {
    /// Which step.
    pub kind: EventKind,
    /// The worst level of what is, or was, in it; a notice where nobody is to be called.
    pub level: Level,
    /// When people were told of it before; `None` where it is new to them.
    pub since: Option<Timestamp>,
    /// The thread after the message, to be written under its generation in the place of the one before.
    pub thread: Thread,
    /// The accounts, what is new first, then the worst first.
    pub accounts: Vec<Affected>,
}

/// One account of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// The account.
    pub account: AccountId,
    /// What became of its share.
    pub step: ShareStep,
    /// Its share: the last one, where it has none any more.
    pub share: Share,
    /// What it adds; nothing where nobody looked, and where it is over.
    pub pieces: Vec<Piece>,
}

/// What became of the share of an account since the last message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShareStep {
    /// It had none before.
    Joined,
    /// More is wrong, or something else is.
    Worse,
    /// Less is wrong.
    Better,
    /// Nothing is wrong any more.
    Healed,
    /// The account left the organisation.
    Left,
    /// The same is wrong.
    Same,
    /// Nobody looked.
    NotLooked,
}

impl ShareStep {
    /// Whether the account still belongs to the thread.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Joined | Self::Worse | Self::Better | Self::Same | Self::NotLooked => true,
            Self::Healed | Self::Left => false,
        }
    }
}

/// What is known of one thread.
#[derive(Default)]
struct Known<'a> {
    /// As it was told last.
    thread: Option<&'a Thread>,
    /// As it stands in the baselines.
    found: Option<(&'a About, &'a BTreeMap<AccountId, Vec<Piece>>)>,
}

/// The messages that the differences make, the worst first.
#[must_use]
pub fn advance(
    stored: &Threads,
    seen: &Seen,
    settings: &Settings,
    now: Timestamp,
) -> Vec<ThreadMessage> {
    let mut all: BTreeMap<FindingId, Known<'_>> = BTreeMap::new();
    for (id, thread) in stored {
        all.entry(*id).or_default().thread = Some(thread);
    }
    for (about, adds) in seen.threads() {
        all.entry(about.id()).or_default().found = Some((about, adds));
    }
    let mut messages: Vec<ThreadMessage> = all
        .into_values()
        .filter_map(|Known { thread, found }| {
            let about = found.map(|(about, _)| about);
            let about = about.or(thread.map(|thread| &thread.about))?;
            let affected = affected(thread, found.map(|(_, adds)| adds), seen);
            message(about, thread, affected, (settings, now))
        })
        .collect();
    messages.sort_by_key(|message| (Reverse(message.level), message.kind, message.thread.id()));
    messages
}

/// What becomes of each account of a thread.
pub(super) fn affected(
    thread: Option<&Thread>,
    adds: Option<&BTreeMap<AccountId, Vec<Piece>>>,
    seen: &Seen,
) -> Vec<Affected> {
    let is_announced = thread.is_some_and(|thread| thread.is_announced);
    let known = thread.into_iter().flat_map(|thread| &thread.shares);
    let mut accounts: BTreeMap<AccountId, (Option<Share>, &[Piece])> = known
        .map(|(account, share)| (*account, (Some(*share), &[][..])))
        .collect();
    for (account, pieces) in adds.into_iter().flatten() {
        accounts.entry(*account).or_default().1 = pieces;
    }
    let mut affected: Vec<Affected> = accounts
        .into_iter()
        .filter_map(|(account, (before, pieces))| {
            let (step, share) = match (before, Share::of(pieces), seen.membership(account)) {
                (Some(before), _, None) => (ShareStep::NotLooked, before),
                (Some(before), None, Some(Membership::Member)) => (ShareStep::Healed, before),
                (Some(before), _, Some(Membership::Left)) => (ShareStep::Left, before),
                (None, Some(now), Some(Membership::Member)) => (ShareStep::Joined, now),
                (Some(_), Some(now), Some(Membership::Member)) if is_announced => {
                    (ShareStep::Joined, now)
                }
                (Some(before), Some(now), Some(Membership::Member)) => (step(before, now), now),
                (None, _, _) => return None,
            };
            let pieces = match step.is_open() {
                true => pieces.to_vec(),
                false => Vec::new(),
            };
            Some(Affected {
                account,
                step,
                share,
                pieces,
            })
        })
        .collect();
    affected.sort_by_key(|one| {
        let worst = (Reverse(one.share.level), Reverse(one.share.findings));
        (one.step, worst, one.account)
    });
    affected
}

/// What became of a share: where something is worse and something better, it is worse.
fn step(before: Share, now: Share) -> ShareStep {
    let is_same = before.digest == now.digest && before.level == now.level;
    let more = now.level > before.level || now.findings > before.findings || now.size > before.size;
    let less = now.level < before.level || now.findings < before.findings || now.size < before.size;
    match (is_same, more, less) {
        (true, _, _) => ShareStep::Same,
        (false, false, true) => ShareStep::Better,
        // As much as before, and not the same: something is new.
        (false, true, _) | (false, false, false) => ShareStep::Worse,
    }
}

fn message(
    about: &About,
    thread: Option<&Thread>,
    accounts: Vec<Affected>,
    (settings, now): (&Settings, Timestamp),
) -> Option<ThreadMessage> {
    let was_open = thread.is_some_and(|thread| !thread.is_over());
    let is_announced = thread.is_some_and(|thread| thread.is_announced);
    let is_open = accounts.iter().any(|one| one.step.is_open());
    let any = |steps: &[ShareStep]| accounts.iter().any(|one| steps.contains(&one.step));
    let kind = match (was_open, is_open) {
        (false, false) => return None,
        // Who announced it may have died before or after people were told.
        (false, true) => EventKind::Opened,
        (true, true) if is_announced => match any(&[ShareStep::Joined]) {
            true => EventKind::Opened,
            false => return None,
        },
        (true, false) => match accounts.iter().all(|one| one.step == ShareStep::Left) {
            true => EventKind::Resolved(Resolution::Left),
            false => EventKind::Resolved(Resolution::Healthy),
        },
        (true, true) if any(&[ShareStep::Joined, ShareStep::Worse]) => EventKind::Worsened,
        (true, true) if any(&[ShareStep::Better, ShareStep::Healed, ShareStep::Left]) => {
            EventKind::Eased
        }
        (true, true) => EventKind::Reminded,
    };
    let is_due = match kind {
        EventKind::Resolved(_) => true,
        EventKind::Reminded => {
            any(&[ShareStep::Same]) && is_reminder_due(thread?, &accounts, settings, now)
        }
        EventKind::Opened | EventKind::Worsened | EventKind::Eased => {
            !waits(about, thread, kind, settings, now)
        }
    };
    is_due.then(|| of_kind(about, thread, accounts, (kind, now)))?
}

/// The message of that kind.
pub(super) fn of_kind(
    about: &About,
    thread: Option<&Thread>,
    accounts: Vec<Affected>,
    (kind, now): (EventKind, Timestamp),
) -> Option<ThreadMessage> {
    let pieces = accounts.iter().flat_map(|one| &one.pieces);
    let known = thread.map(|thread| &thread.example);
    let example = Example::of(pieces).or_else(|| known.cloned())?;
    let worst = accounts.iter().map(|one| one.share.level).max();
    let reminders = thread.map_or(0, |thread| thread.reminders);
    let opened = thread.map_or(now, |thread| thread.opened);
    let open = accounts.iter().filter(|one| one.step.is_open());
    let before = thread.filter(|thread| !thread.is_over() && !thread.is_announced);
    Some(ThreadMessage {
        kind,
        since: before.map(|thread| thread.told),
        level: match about {
            About::NowChecked | About::Notices => Level::Notice,
            About::Statement { .. } | About::Failed { .. } | About::Account { .. } => {
                worst.unwrap_or(example.level)
            }
        },
        thread: Thread {
            about: about.clone(),
            generation: thread.map_or(0, |thread| thread.generation) + 1,
            opened: match kind {
                EventKind::Opened => now,
                EventKind::Worsened
                | EventKind::Eased
                | EventKind::Reminded
                | EventKind::Resolved(_) => opened,
            },
            told: now,
            reminders: match kind {
                EventKind::Opened | EventKind::Worsened => 0,
                EventKind::Reminded => reminders.saturating_add(1),
                EventKind::Eased | EventKind::Resolved(_) => reminders,
            },
            example,
            shares: open.map(|one| (one.account, one.share)).collect(),
            is_announced: false,
        },
        accounts,
    })
}

/// Whether news of what breaks nothing waits, to be told together with more of it.
fn waits(
    about: &About,
    thread: Option<&Thread>,
    kind: EventKind,
    settings: &Settings,
    now: Timestamp,
) -> bool {
    match about {
        About::Notices if settings.notice_days > 0 => {
            let days = settings.notice_days.saturating_mul(24) - EARLY;
            // That one of many is over is told when all are.
            kind == EventKind::Eased
                || thread.is_some_and(|thread| {
                    !thread.is_announced && now.duration_since(thread.told) < hours(days)
                })
        }
        About::Notices
        | About::NowChecked
        | About::Statement { .. }
        | About::Failed { .. }
        | About::Account { .. } => false,
    }
}

fn is_reminder_due(
    thread: &Thread,
    accounts: &[Affected],
    settings: &Settings,
    now: Timestamp,
) -> bool {
    if accounts.iter().all(|one| one.share.level == Level::Notice) {
        return false;
    }
    let since = now.duration_since(thread.told);
    let reminders = &settings.reminders;
    reminders.is_due(thread.code(), thread.reminders, since)
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_secs(hours.saturating_mul(3600))
}
