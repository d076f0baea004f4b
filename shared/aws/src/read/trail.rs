//! The trail: what does CloudTrail's event history say of calls?
//!
//! In: look-ups, the most telling first. Out: the events that changed something, and the look-ups that were not answered. CloudTrail
//! takes two look-ups a second, so one is made after the other; an audit makes [`MOST`] at most, pages included. The first page of each
//! look-up comes before the second of any. What is not answered ends nothing.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use audit::events::{LookUp, LookUpBy, LookedUp, ReadEventsError, TrailEvents, Unseen};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{info, warn};

use super::resources::{code, json_call};
use crate::failure::Failure;
use crate::iam_client::Reads;
use crate::session::Session;
use crate::signed::{Service, Signer};

/// Look-ups of one audit, each page one.
pub(crate) const MOST: usize = 20;
/// CloudTrail takes two a second, in each account and region.
const PACE: Duration = Duration::from_millis(500);
const PAGE: usize = 50;
const ATTEMPTS: u32 = 3;
const ONE_ATTEMPT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(3);
pub(super) const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
pub(super) const CLOUDTRAIL: Service = Service {
    name: "cloudtrail",
    id: "CloudTrail",
    is_storage: false,
};

/// What an audit may still look up.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: usize,
    /// From one to the next.
    pace: Duration,
    /// When the next look-up may be made.
    next: Option<Instant>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            left: MOST,
            pace: PACE,
            next: None,
        }
    }
}

/// One page of a look-up.
#[derive(Debug)]
struct Page {
    events: TrailEvents,
    /// What gets the next one.
    next: Option<String>,
}

/// Looks up what was recorded since a time; makes no call after `until`, and waits for none.
pub(crate) async fn look_up(
    session: &Session,
    wanted: &[LookUp],
    since: Timestamp,
    (allowance, until): (&mut Allowance, Instant),
) -> (LookedUp, Reads) {
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ONE_ATTEMPT)
        .build();
    let signer = Signer::new(session).with_limits(retries, timeouts);
    let mut looked_up = LookedUp::default();
    let mut reads = Reads::default();
    let mut silent: BTreeMap<Box<str>, Unseen> = BTreeMap::new();
    let mut refused: Option<Unseen> = None;
    let first = wanted.iter().map(|one| (one, None));
    let mut open: VecDeque<(&LookUp, Option<String>)> = first.collect();
    while let Some((one, token)) = open.pop_front() {
        let known = refused.as_ref().or_else(|| silent.get(&one.region));
        let is_over = allowance.left == 0 || Instant::now() >= until;
        if let Some(why) = known.or(is_over.then_some(&Unseen::CutOff)) {
            looked_up.unanswered.insert(one.clone(), why.clone());
            continue;
        }
        if let Some(next) = allowance.next {
            sleep_until(next).await;
        }
        allowance.left -= 1;
        allowance.next = Some(Instant::now() + allowance.pace);
        reads.calls += 1;
        let asking = ask(&signer, one, Some(since), token.as_deref());
        match timeout_at(until, asking).await {
            Ok(Ok(page)) => {
                add(&mut looked_up.events, page.events);
                if let Some(next) = page.next {
                    open.push_back((one, Some(next)));
                }
            }
            Err(_) => {
                reads.failed += 1;
                looked_up.unanswered.insert(one.clone(), Unseen::CutOff);
            }
            Ok(Err(failure)) => {
                let why = Unseen::Unanswered(code(&failure).into());
                let is_refusal = matches!(failure, Failure::Denied { .. });
                warn!(
                    region = &*one.region,
                    reason = code(&failure),
                    "CloudTrail was asked who changed something, and did not answer"
                );
                match is_refusal {
                    true => {
                        reads.refused += 1;
                        refused = Some(why.clone());
                    }
                    false => {
                        reads.failed += 1;
                        silent.insert(one.region.clone(), why.clone());
                    }
                }
                looked_up.unanswered.insert(one.clone(), why);
            }
        }
    }
    info!(
        calls = reads.calls,
        events = looked_up.events.events.len(),
        "looked up who changed something"
    );
    (looked_up, reads)
}

async fn ask(
    signer: &Signer,
    one: &LookUp,
    since: Option<Timestamp>,
    token: Option<&str>,
) -> Result<Page, Failure> {
    let (key, value) = match &one.by {
        LookUpBy::Resource(name) => ("ResourceName", name),
        LookUpBy::Call(name) => ("EventName", name),
    };
    let mut body = json!({
        "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }],
        "MaxResults": PAGE,
        "StartTime": since.map(Timestamp::as_second),
        "NextToken": token,
    });
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    let request = json_call(TARGET, "LookupEvents", &body);
    let url = signer.url(CLOUDTRAIL, &one.region, None);
    let answer = signer.send(CLOUDTRAIL, &one.region, &url, request, page);
    answer.await.map_err(|error| Failure::of(&error))
}

/// Whether CloudTrail may be asked: one look-up that finds nothing.
pub(crate) async fn try_once(session: &Session, until: Instant) -> Result<(), Failure> {
    let signer = Signer::new(session);
    let region = signer.region().unwrap_or_default().into();
    let one = LookUp {
        region,
        by: LookUpBy::Resource("permdrift-doctor".into()),
    };
    match timeout_at(until, ask(&signer, &one, None, None)).await {
        Ok(answer) => answer.map(|_| ()),
        Err(_) => Err(Failure::TimedOut),
    }
}

fn page(body: &[u8]) -> Result<Page, BoxError> {
    let text = std::str::from_utf8(body)?;
    let answer: Value = serde_json::from_str(text)?;
    if !answer.get("Events").is_some_and(Value::is_array) {
        return Err("no list of events".into());
    }
    let next = answer.get("NextToken").and_then(Value::as_str);
    let events = match audit::events::read(text) {
        Ok(events) => events,
        Err(ReadEventsError::NoEvent(fault)) => TrailEvents {
            total: 1,
            faults: vec![fault],
            ..TrailEvents::default()
        },
        Err(error @ (ReadEventsError::Empty | ReadEventsError::NotJson(_))) => {
            return Err(error.into());
        }
    };
    Ok(Page {
        events,
        next: next.filter(|next| !next.is_empty()).map(str::to_owned),
    })
}

fn add(all: &mut TrailEvents, page: TrailEvents) {
    all.events.extend(page.events);
    all.faults.extend(page.faults);
    all.total += page.total;
}

#[cfg(test)]
mod tests;
