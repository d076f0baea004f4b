//! Reading trail events: which calls stand in a file?
//!
//! In: what EventBridge delivers (one event, a list, or one a line), a log file of CloudTrail, or what
//! `aws cloudtrail lookup-events` prints. Out: the calls that changed something, and the events that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::arrivals::EventSource;
use super::call::{acted_on, is_followed};
use super::caller::actor;
use super::event::{ActedOn, EventFault, EventFaultReason, TrailEvent};
use super::expected::effects;
use super::raw::Raw;

/// What a file of trail events holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailEvents {
    /// The calls that changed something an audit looks at, in the order of the file.
    pub events: Vec<TrailEvent>,
    /// The events that could not be read or followed.
    pub faults: Vec<EventFault>,
    /// How many events there are in all.
    pub total: usize,
    /// The time of the newest event of each source, whatever it is about, of the services that are followed.
    pub newest: BTreeMap<EventSource, Timestamp>,
    /// The ids of those that touch nobody as long as the listing does not show their effect: whoever asks gives them to a later
    /// audit ([`Touched::pending`](super::Touched::pending)). None, as they are read: nobody waits for an event of a file.
    pub waits: BTreeSet<Box<str>>,
}

impl TrailEvents {
    /// Whether a KMS key was changed. Which keys an audit looks at does not follow from the listing alone.
    pub(crate) fn name_keys(&self) -> bool {
        let mut events = self.events.iter();
        events.any(|event| matches!(event.acted_on, ActedOn::Key(_)))
    }
}

/// Why a file holds no trail events.
#[derive(Debug, thiserror::Error)]
pub enum ReadEventsError {
    /// There is nothing in it. A command that failed prints nothing as well.
    #[error(
        "it is empty: expected trail events as EventBridge delivers them, a CloudTrail log file, or what `aws cloudtrail lookup-events` prints"
    )]
    Empty,
    /// It is no JSON.
    #[error("it is no JSON, and not one JSON value a line")]
    NotJson(#[source] serde_json::Error),
    /// It is JSON, and none of it is a trail event.
    #[error("{0}")]
    NoEvent(EventFault),
}

/// Reads all events of a file.
///
/// # Errors
/// [`ReadEventsError`] where there is no event in it. Events of a wrong shape among others are [faults](TrailEvents::faults).
pub fn read(text: &str) -> Result<TrailEvents, ReadEventsError> {
    let mut read = Reading::default();
    match whole(text) {
        Ok(values) => {
            for value in &values {
                read.value(value, None);
            }
            if values.is_empty() {
                return Err(ReadEventsError::Empty);
            }
        }
        // One event a line may have a line that is broken.
        Err(error) => match has_good_first_line(text) {
            true => read.lines(text),
            false => return Err(ReadEventsError::NotJson(error)),
        },
    }
    let found = read.found;
    let is_of_event = |fault: &&EventFault| fault.reason != EventFaultReason::GoesOn;
    let mut unread = found.faults.iter().filter(is_of_event);
    match unread.next() {
        Some(fault) if unread.count() + 1 == found.total => {
            Err(ReadEventsError::NoEvent(fault.clone()))
        }
        _ => Ok(found),
    }
}

/// Reads events that came in messages, one or several in each, and never fails: what is no event is a
/// [fault](TrailEvents::faults), so that nothing is lost in silence because it came alone. Places are such as `message 3`.
#[must_use]
pub fn read_messages<'t>(messages: impl IntoIterator<Item = &'t str>) -> TrailEvents {
    let mut read = Reading::default();
    for (at, text) in messages.into_iter().enumerate() {
        let place = format!("message {}", at + 1);
        match whole(text) {
            Ok(values) if values.is_empty() => {
                read.found.total += 1;
                read.fault(Some(&place), EventFaultReason::NotAnEvent);
            }
            Ok(values) => {
                for value in &values {
                    read.value(value, Some(&place));
                }
            }
            Err(error) => {
                read.found.total += 1;
                let error = error.to_string().into();
                read.fault(Some(&place), EventFaultReason::NotJson(error));
            }
        }
    }
    read.found
}

/// The JSON values of a text, one after the other.
fn whole(text: &str) -> serde_json::Result<Vec<Value>> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect()
}

fn has_good_first_line(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    lines.next().is_some() && serde_json::from_str::<Value>(first).is_ok()
}

#[derive(Default)]
struct Reading {
    found: TrailEvents,
}

impl Reading {
    fn lines(&mut self, text: &str) {
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let place = format!("line {}", at + 1);
            match serde_json::from_str(line) {
                Ok(value) => self.value(&value, Some(&place)),
                Err(error) => {
                    self.found.total += 1;
                    let error = error.to_string();
                    let error = error.replace(" at line 1 column", " at column").into();
                    self.fault(Some(&place), EventFaultReason::NotJson(error));
                }
            }
        }
    }

    /// A value of the text: an event, or something that holds several. `place`: where it stands, unless it is to be counted.
    fn value(&mut self, value: &Value, place: Option<&str>) {
        if let Some(values) = value.as_array() {
            return values.iter().for_each(|value| self.value(value, place));
        }
        let list = |key| value.get(key).and_then(Value::as_array);
        let (records, events) = (list("Records"), list("Events"));
        if records.is_none() && events.is_none() {
            return self.event(value, place);
        }
        for record in records.into_iter().flatten() {
            self.event(record, place);
        }
        for event in events.into_iter().flatten() {
            self.looked_up(event, place);
        }
        if goes_on(value) {
            self.found.faults.push(EventFault {
                place: place.unwrap_or("the list").into(),
                reason: EventFaultReason::GoesOn,
            });
        }
    }

    /// An event of `aws cloudtrail lookup-events`, which holds the trail event as text.
    fn looked_up(&mut self, event: &Value, place: Option<&str>) {
        match event.get("CloudTrailEvent").and_then(Value::as_str) {
            None => self.event(event, place),
            Some(text) => match serde_json::from_str(text) {
                Ok(event) => self.event(&event, place),
                Err(error) => {
                    self.found.total += 1;
                    let error = format!("in `CloudTrailEvent`: {error}").into();
                    self.fault(place, EventFaultReason::NotJson(error));
                }
            },
        }
    }

    fn event(&mut self, value: &Value, place: Option<&str>) {
        self.found.total += 1;
        let event = value.get("detail").unwrap_or(value);
        let Some(raw) = Raw::of(event) else {
            return self.fault(place, EventFaultReason::NotAnEvent);
        };
        self.arrived(raw);
        if raw.failed() {
            return;
        }
        match followed(raw) {
            Ok(None) => {}
            Ok(Some(event)) => self.found.events.push(event),
            Err(reason) => self.fault(place, reason),
        }
    }

    fn arrived(&mut self, raw: Raw<'_>) {
        let at = raw.text("eventTime").and_then(|at| at.parse().ok());
        let (Some(region), Some(at)) = (raw.region(), at) else {
            return;
        };
        if is_followed(raw.source) {
            let source = EventSource {
                service: raw.source.into(),
                region: region.into(),
            };
            let newest = self.found.newest.entry(source).or_insert(at);
            *newest = at.max(*newest);
        }
    }

    fn fault(&mut self, place: Option<&str>, reason: EventFaultReason) {
        let counted = || format!("event {}", self.found.total);
        let place = place.map_or_else(counted, str::to_owned).into();
        self.found.faults.push(EventFault { place, reason });
    }
}

/// Whether a list says that there is a next page of it.
fn goes_on(list: &Value) -> bool {
    let token = list.get("NextToken").or_else(|| list.get("nextToken"));
    token.is_some_and(|token| !token.is_null() && token.as_str() != Some(""))
}

fn followed(raw: Raw<'_>) -> Result<Option<TrailEvent>, EventFaultReason> {
    let Some(acted_on) = acted_on(raw)? else {
        return Ok(None);
    };
    let at = raw.needed("eventTime")?.parse();
    Ok(Some(TrailEvent {
        id: raw.needed("eventID")?.into(),
        call: raw.call.into(),
        source: raw.source.into(),
        actor: actor(raw),
        at: at.map_err(|_| raw.lacks("eventTime"))?,
        account: raw.account(),
        region: raw.region().map(Box::from),
        acted_on,
        effects: effects(raw),
        policy: policy(raw).map(Box::from),
    }))
}

/// The policy that a call names.
fn policy(raw: Raw<'_>) -> Option<&str> {
    const NAMES: [&str; 4] = ["policyArn", "policyName", "permissionsBoundary", "policyId"];
    let mut names = NAMES.iter();
    names.find_map(|name| raw.at("requestParameters").get(name)?.as_str())
}
