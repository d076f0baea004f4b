//! Threads of an organisation as text: what people are told of one cause in many accounts.
//!
//! In: a message of a thread, and where the accounts stand. Out: an e-mail, a chat message, an alert for on-call tools, all under the thread's
//! id and each within its channel's limits: what is not listed is counted, and a link leads to the report of the whole organisation. What is
//! one account's own affair is worded as its own audits word it.

mod callers;
mod chat;
mod mail;
mod naming;
mod own;
mod saying;
mod surroundings;
mod together;

use audit::Baseline;
use audit::mute::MuteNote;
use audit::threads::ThreadMessage;

use crate::channels::Words;
use crate::machine::{alert, event};
use saying::ThreadSaying;
pub use surroundings::Surroundings;
use together::Together;

/// What every channel gets of a message. `baseline`: of the account, where the thread is one account's own.
#[must_use]
pub fn words(
    message: &ThreadMessage,
    around: &Surroundings<'_>,
    baseline: Option<&Baseline>,
) -> Words {
    let saying = ThreadSaying { message, around };
    let own = baseline.and_then(|baseline| own::words(&saying, baseline));
    let (text, chat, alert) = own.unwrap_or_else(|| {
        let text = mail::message(&saying);
        let alert = alert::of_thread(&saying.alerting(), &text);
        let chat = chat::message(&saying);
        (text, chat, alert)
    });
    let alert = alert.map(|alert| event::alert(&around.header, &alert));
    Words {
        machines: alert.into_iter().collect(),
        texts: vec![text],
        chats: vec![chat],
    }
}

/// What people get of many messages about single accounts in one; machines get each of them by itself.
#[must_use]
pub fn together(messages: &[ThreadMessage], around: &Surroundings<'_>) -> Words {
    let together = Together::of(messages, around);
    Words {
        machines: Vec::new(),
        texts: together.iter().map(Together::mail).collect(),
        chats: together.iter().map(Together::chat).collect(),
    }
}

/// What people are told of the organisation's mutes; nothing where all of them are known, or well.
#[must_use]
pub fn mutes(notes: &[MuteNote], around: &Surroundings<'_>) -> Words {
    let account = around.header.account;
    Words {
        machines: Vec::new(),
        texts: crate::mail::mutes(notes, account).into_iter().collect(),
        chats: crate::chat::mutes(notes, account).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests;
