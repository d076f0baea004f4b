//! Whom trail events touched, in the JSON form of an assessment.
//!
//! In: values of `audit`. Out: the objects that `docs/schemas/assessment-1.json` describes.

use audit::events::{EventFault, Touched, TrailEvent};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct TouchedJson<'a> {
    principal: &'a str,
    by: Vec<CallJson<'a>>,
}

/// A call.
#[derive(Serialize)]
pub(super) struct CallJson<'a> {
    event: &'a str,
    call: &'a str,
    /// `null` where the event does not say.
    who: Option<&'a str>,
    at: Timestamp,
}

#[derive(Serialize)]
pub(super) struct EventFaultJson<'a> {
    place: &'a str,
    reason: String,
}

/// The bound principals, by ARN.
pub(super) fn touched(touched: &Touched) -> Vec<TouchedJson<'_>> {
    let bound = touched.bound.iter();
    bound
        .map(|(principal, events)| TouchedJson {
            principal: principal.as_str(),
            by: events.iter().map(|event| call(event)).collect(),
        })
        .collect()
}

/// A call as JSON.
pub(super) fn call(event: &TrailEvent) -> CallJson<'_> {
    CallJson {
        event: &event.id,
        call: &event.call,
        who: event.actor.arn.as_deref(),
        at: event.at,
    }
}

pub(super) fn event_fault(fault: &EventFault) -> EventFaultJson<'_> {
    EventFaultJson {
        place: &fault.place,
        reason: fault.reason.to_string(),
    }
}
