//! Back to the queue: how are events sent back whose effect the listing does not show yet?
//!
//! A message holds as many events as fit, unchanged, that were sent back the same number of times.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::batch::{Origin, VERSION};

/// So many bytes of events go into one message; a longer event is alone in its message.
const SIZE: usize = 200_000;

/// A message, and the records whose events are in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Back {
    /// Its body.
    pub(crate) body: String,
    /// The records.
    pub(crate) records: Vec<Box<str>>,
}

#[derive(Serialize)]
struct Message<'a> {
    again: Again<'a>,
}

#[derive(Serialize)]
struct Again<'a> {
    version: u32,
    attempt: u32,
    events: Vec<&'a RawValue>,
}

/// The messages with these events.
pub(crate) fn messages(mut events: Vec<&Origin>) -> Vec<Back> {
    events.sort_by_key(|origin| origin.attempt);
    let mut messages = Vec::new();
    let mut taken: Vec<&Origin> = Vec::new();
    for origin in events {
        let size: usize = taken.iter().map(|one| one.text.len()).sum();
        let fits = taken.first().is_none_or(|first| {
            first.attempt == origin.attempt && size + origin.text.len() <= SIZE
        });
        if !fits {
            messages.extend(message(&taken));
            taken.clear();
        }
        taken.push(origin);
    }
    messages.extend(message(&taken));
    messages
}

fn message(events: &[&Origin]) -> Option<Back> {
    let attempt = events.first()?.attempt + 1;
    let texts = events.iter();
    let texts = texts.map(|origin| serde_json::from_str(&origin.text).ok());
    let message = Message {
        again: Again {
            version: VERSION,
            attempt,
            events: texts.collect::<Option<_>>()?,
        },
    };
    Some(Back {
        // Numbers, and texts that were read as JSON.
        body: serde_json::to_string(&message).ok()?,
        records: events.iter().map(|origin| origin.record.clone()).collect(),
    })
}
