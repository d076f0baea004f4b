//! Batches: which trail events do the records of the queue hold?
//!
//! In: Lambda's event with records of SQS. A record's body is what EventBridge delivers, or a message of ours with events that came
//! [back](crate::back). Out: the events, each with its record and the text to send back; and the records that cannot be used.

use std::collections::BTreeMap;

use audit::events::{EventFaultReason, TrailEvents, read_messages};
use iam::AccountId;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The newest version of the message with events that came back.
pub(crate) const VERSION: u32 = 1;

/// What the records of one invocation hold.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The events that change what an audit looks at.
    pub(crate) events: TrailEvents,
    /// Where each of them is from, by its id.
    pub(crate) origins: BTreeMap<Box<str>, Origin>,
    /// The records that hold something that cannot be used.
    pub(crate) unusable: Vec<Unusable>,
}

/// Where an event is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The id of the record.
    pub(crate) record: Box<str>,
    /// How often it was sent back before.
    pub(crate) attempt: u32,
    /// The event as it came, as JSON.
    pub(crate) text: Box<str>,
}

/// A record that holds something that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    /// Its id.
    pub(crate) record: Box<str>,
    /// Its body.
    pub(crate) body: Box<str>,
    /// In a hub: of which account it is, if EventBridge says so and the account is audited.
    pub(crate) account: Option<AccountId>,
    /// Why, without any value of it.
    pub(crate) reason: Reason,
}

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum Reason {
    #[error("its text is no JSON")]
    NotJson,
    #[error("it is no event of CloudTrail")]
    NotAnEvent,
    #[error("the event `{call}` has no usable `{field}`")]
    Lacks { call: Box<str>, field: Box<str> },
    #[error("it is version {0} of a message of permdrift, newest known is {VERSION}")]
    TooNew(u32),
    #[error("it is no message that permdrift wrote")]
    NotOurs,
    #[error("EventBridge does not say in it from which account it is")]
    NoAccount,
}

/// What is wrong with an invocation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an event of unknown form: expected records of the queue for trail events")]
pub(crate) struct NoRecords;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    again: Again<'a>,
}

#[derive(Deserialize)]
struct Again<'a> {
    attempt: u32,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// Hands over each event with its record, how often it was sent back, and its text; the records with something that was not taken.
pub(crate) fn each_event(
    event: &Value,
    mut take: impl FnMut(&str, u32, &str) -> Result<(), Reason>,
) -> Result<Vec<Unusable>, NoRecords> {
    let records = event.get("Records").and_then(Value::as_array);
    let mut unusable = Vec::new();
    for record in records.ok_or(NoRecords)? {
        let text = |key| record.get(key).and_then(Value::as_str);
        let (Some(id), Some(body)) = (text("messageId"), text("body")) else {
            return Err(NoRecords);
        };
        if let Err(reason) = each_of_record(id, body, &mut take) {
            unusable.push(Unusable {
                record: id.into(),
                body: body.into(),
                account: None,
                reason,
            });
        }
    }
    Ok(unusable)
}

fn each_of_record(
    id: &str,
    body: &str,
    mut take: impl FnMut(&str, u32, &str) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let value: Value = serde_json::from_str(body).map_err(|_| Reason::NotJson)?;
    let Some(again) = value.get("again") else {
        return take(id, 0, body);
    };
    // The version before anything else of it.
    let version = again.get("version").and_then(Value::as_u64);
    let version = version.ok_or(Reason::NotOurs)?;
    if version > u64::from(VERSION) {
        return Err(Reason::TooNew(u32::try_from(version).unwrap_or(u32::MAX)));
    }
    let Message { again } = serde_json::from_str(body).map_err(|_| Reason::NotOurs)?;
    let events = again.events.into_iter();
    events
        .map(|event| take(id, again.attempt, event.get()))
        .fold(Ok(()), Result::and)
}

impl Batch {
    /// Reads Lambda's event.
    pub(crate) fn read(event: &Value) -> Result<Self, NoRecords> {
        let mut batch = Self::default();
        let unusable = each_event(event, |record, attempt, text| {
            batch.event(record, attempt, text)
        })?;
        batch.unusable = unusable;
        Ok(batch)
    }

    /// The records of all its events.
    pub(crate) fn records(&self) -> impl Iterator<Item = Box<str>> {
        self.origins.values().map(|origin| origin.record.clone())
    }

    /// One event, which may turn out to change nothing.
    pub(crate) fn event(&mut self, record: &str, attempt: u32, text: &str) -> Result<(), Reason> {
        let found = read_messages([text]);
        for (source, at) in found.newest {
            let newest = self.events.newest.entry(source).or_insert(at);
            *newest = at.max(*newest);
        }
        if let Some(fault) = found.faults.into_iter().next() {
            return Err(fault.reason.into());
        }
        self.events.total += found.total;
        for event in found.events {
            self.origins.insert(
                event.id.clone(),
                Origin {
                    record: record.into(),
                    attempt,
                    text: text.into(),
                },
            );
            self.events.events.push(event);
        }
        Ok(())
    }
}

impl From<EventFaultReason> for Reason {
    fn from(reason: EventFaultReason) -> Self {
        match reason {
            EventFaultReason::NotJson(_) => Self::NotJson,
            // EventBridge sends no lists, and what is not listed is found later.
            EventFaultReason::NotAnEvent
            | EventFaultReason::GoesOn
            | EventFaultReason::NotListed { .. } => Self::NotAnEvent,
            EventFaultReason::Lacks { call, field } => Self::Lacks { call, field },
        }
    }
}

#[cfg(test)]
mod tests;
