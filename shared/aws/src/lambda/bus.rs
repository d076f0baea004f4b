//! The bus: how are events sent to EventBridge?
//!
//! One call takes at most ten entries and a quarter of a megabyte, and may accept some of its entries and refuse others. Those
//! are sent again, until all are accepted or the attempts are used up. An event may arrive twice, and in any order; its id and
//! its version are in the detail.

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::operation::describe_event_bus::DescribeEventBusError;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::failure::Failure;
use crate::session::Session;

/// The source of every event that is sent.
const SOURCE: &str = "permdrift";

/// The most entries that one call takes.
const ENTRIES: usize = 10;
/// The most bytes that one call takes, with room for what EventBridge counts besides the texts.
const BYTES: usize = 250_000;
/// Attempts of each entry.
const ATTEMPTS: u32 = 5;
/// Attempts to find out whether the bus exists: without an answer only the error message is less clear.
const LOOKUP_ATTEMPTS: u32 = 2;
/// The first wait before entries are sent again; doubled each time.
const WAIT: Duration = Duration::from_millis(200);

/// An EventBridge bus.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
}

/// An event for machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub detail_type: &'static str,
    /// JSON.
    pub detail: String,
    /// ARNs that it is about.
    pub resources: Vec<String>,
}

/// Why not all events were accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] Failure),
    /// EventBridge accepted the call and refused entries, in every attempt.
    #[error("EventBridge refused {count} event(s): {code}: {message}")]
    Entries {
        /// How many.
        count: usize,
        /// The first refusal's code.
        code: String,
        /// The first refusal's message.
        message: String,
    },
}

impl Bus {
    /// The bus of that name or ARN.
    #[must_use]
    pub fn new(session: &Session, name: &str) -> Self {
        Self {
            client: Client::new(&session.config),
            name: name.to_owned(),
        }
    }

    /// Whether the bus exists. EventBridge accepts events for one that does not, and drops them silently.
    ///
    /// # Errors
    /// [`Failure`] where AWS does not say.
    pub async fn exists(&self) -> Result<bool, Failure> {
        let answer = self
            .client
            .describe_event_bus()
            .name(&self.name)
            .customize()
            .config_override(
                aws_sdk_eventbridge::config::Builder::default()
                    .retry_config(RetryConfig::standard().with_max_attempts(LOOKUP_ATTEMPTS)),
            )
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeEventBusError::is_resource_not_found_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Failure::of(&error)),
        }
    }

    /// Sends all events. After an error some may have been accepted.
    ///
    /// # Errors
    /// [`PutError`] unless every one was accepted. The others are sent all the same.
    pub async fn put(&self, entries: &[Entry]) -> Result<(), PutError> {
        let mut failed = None;
        for batch in batches(entries) {
            if let Err(error) = self.put_batch(batch).await {
                failed = failed.or(Some(error));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn put_batch(&self, entries: &[Entry]) -> Result<(), PutError> {
        let mut waiting: Vec<PutEventsRequestEntry> =
            entries.iter().map(|entry| self.request(entry)).collect();
        let mut wait = WAIT;
        for attempt in 1.. {
            let answer = self
                .client
                .put_events()
                .set_entries(Some(waiting.clone()))
                .send()
                .await
                .map_err(|error| Failure::of(&error))?;
            let results = answer.entries.unwrap_or_default();
            // An entry counts as accepted only if its own result says so, whatever the count of failures is.
            let mut refusal = None;
            let mut refused = Vec::new();
            for (at, entry) in waiting.into_iter().enumerate() {
                let result = results.get(at);
                if result
                    .is_some_and(|result| result.event_id.is_some() && result.error_code.is_none())
                {
                    continue;
                }
                refused.push(entry);
                refusal = refusal.or_else(|| {
                    let code = result.and_then(|result| result.error_code.clone());
                    let message = result.and_then(|result| result.error_message.clone());
                    Some((
                        code.unwrap_or_else(|| "no answer".to_owned()),
                        message.unwrap_or_else(|| "no message".to_owned()),
                    ))
                });
            }
            let Some((code, message)) = refusal else {
                return Ok(());
            };
            if attempt >= ATTEMPTS {
                return Err(PutError::Entries {
                    count: refused.len(),
                    code,
                    message,
                });
            }
            waiting = refused;
            self.pause(wait).await;
            wait *= 2;
        }
        Ok(())
    }

    async fn pause(&self, time: Duration) {
        match self.client.config().sleep_impl() {
            Some(sleep) => {
                use aws_smithy_async::rt::sleep::AsyncSleep;
                sleep.sleep(time).await;
            }
            None => tokio::time::sleep(time).await,
        }
    }

    fn request(&self, entry: &Entry) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(entry.detail_type)
            .detail(&entry.detail)
            .set_resources((!entry.resources.is_empty()).then(|| entry.resources.clone()))
            .build()
    }
}

/// Batches as large as one call takes.
fn batches(entries: &[Entry]) -> Vec<&[Entry]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, entry) in entries.iter().enumerate() {
        let size = size(entry);
        if at > start && (at - start >= ENTRIES || bytes + size > BYTES) {
            batches.extend(entries.get(start..at));
            (start, bytes) = (at, 0);
        }
        bytes += size;
    }
    batches.extend(entries.get(start..).filter(|rest| !rest.is_empty()));
    batches
}

/// The size in bytes as EventBridge counts it; 14 are for the time stamp.
fn size(entry: &Entry) -> usize {
    let resources: usize = entry.resources.iter().map(String::len).sum();
    14 + SOURCE.len() + entry.detail_type.len() + entry.detail.len() + resources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    fn entry(detail: &str) -> Entry {
        Entry {
            detail_type: "Finding Opened",
            detail: detail.to_owned(),
            resources: vec!["arn:aws:iam::123456789012:role/Veeam".to_owned()],
        }
    }

    fn answer(codes: &[Option<&str>]) -> (u16, String) {
        let entries: Vec<String> = codes
            .iter()
            .map(|code| match code {
                None => r#"{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}"#.to_owned(),
                Some(code) => format!(r#"{{"ErrorCode":"{code}","ErrorMessage":"try again"}}"#),
            })
            .collect();
        let failed = codes.iter().flatten().count();
        let entries = entries.join(",");
        (
            200,
            format!(r#"{{"Entries":[{entries}],"FailedEntryCount":{failed}}}"#),
        )
    }

    async fn put(
        answers: Vec<(u16, String)>,
        entries: &[Entry],
    ) -> (Result<(), PutError>, Vec<String>) {
        let replay = Replay::of(answers);
        let bus = Bus::new(&replay.session(), "findings");
        let result = bus.put(entries).await;
        (
            result,
            replay.sent().into_iter().map(|sent| sent.body).collect(),
        )
    }

    #[test]
    fn a_call_takes_ten_entries_and_a_quarter_of_a_megabyte() {
        let check = |entries: Vec<Entry>, expected: &[usize]| {
            let found: Vec<usize> = batches(&entries).iter().map(|batch| batch.len()).collect();
            assert_eq!(found, expected);
        };
        check(Vec::new(), &[]);
        check(vec![entry("{}"); 10], &[10]);
        check(vec![entry("{}"); 21], &[10, 10, 1]);
        check(vec![entry(&"x".repeat(100_000)); 5], &[2, 2, 1]);
        check(vec![entry(&"x".repeat(300_000)); 2], &[1, 1]);
    }

    #[tokio::test]
    async fn only_what_was_refused_is_sent_again() {
        let answers = vec![
            answer(&[None, Some("InternalFailure"), None]),
            answer(&[Some("ThrottlingException")]),
            answer(&[None]),
        ];
        let entries = [entry("1"), entry("2"), entry("3")];
        let (result, sent) = put(answers, &entries).await;
        assert_eq!(result, Ok(()));
        let contained: Vec<_> = sent
            .iter()
            .map(|body| {
                ["1", "2", "3"].map(|detail| body.contains(&format!(r#""Detail":"{detail}""#)))
            })
            .collect();
        assert_eq!(
            contained,
            [
                [true, true, true],
                [false, true, false],
                [false, true, false]
            ]
        );
    }

    #[tokio::test]
    async fn a_final_refusal_is_an_error_and_the_rest_is_sent() {
        let refused = vec![Some("InternalFailure"); 10];
        let entries = vec![entry("1"); 11];
        let mut answers = vec![answer(&refused); 5];
        answers.push(answer(&[None]));
        let (result, sent) = put(answers, &entries).await;
        assert_eq!(
            result,
            Err(PutError::Entries {
                count: 10,
                code: "InternalFailure".to_owned(),
                message: "try again".to_owned(),
            })
        );
        assert_eq!(sent.len(), 6);
    }

    #[tokio::test]
    async fn a_bus_exists_or_not_or_that_is_not_known() {
        for (status, body, expected) in [
            (200, r#"{"Name":"findings"}"#, Ok(true)),
            (400, r#"{"__type":"ResourceNotFoundException"}"#, Ok(false)),
            (
                400,
                r#"{"__type":"AccessDeniedException","message":"no"}"#,
                Err("AWS refused: AccessDeniedException: no".to_owned()),
            ),
            (
                500,
                r#"{"__type":"InternalException"}"#,
                Err("AWS did not answer properly: InternalException".to_owned()),
            ),
        ] {
            let replay = Replay::of(vec![(status, body.to_owned())]);
            let found = Bus::new(&replay.session(), "findings").exists().await;
            assert_eq!(found.map_err(|failure| failure.to_string()), expected);
            assert!(replay.sent().len() <= 2);
        }
    }

    #[tokio::test]
    async fn an_entry_without_a_result_is_sent_again() {
        let answers = vec![
            (200, r#"{"Entries":[],"FailedEntryCount":0}"#.to_owned()),
            answer(&[None]),
        ];
        let (result, sent) = put(answers, &[entry("1")]).await;
        assert_eq!((result, sent.len()), (Ok(()), 2));
    }
}
