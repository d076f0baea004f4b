//! Queues: how does a run pass on what it cannot do itself?

use std::time::Duration;

use aws_sdk_sqs::Client;

use crate::failure::Failure;
use crate::session::Session;

/// Puts a message into the queue of that URL.
///
/// # Errors
/// [`Failure`] where SQS did not take it.
pub async fn send(session: &Session, url: &str, body: &str) -> Result<(), Failure> {
    send_later(session, url, body, Duration::ZERO).await
}

/// Puts a message into the queue of that URL, which nobody receives before that time is over; whole seconds, 15 minutes at most.
///
/// # Errors
/// [`Failure`] where SQS did not take it.
pub async fn send_later(
    session: &Session,
    url: &str,
    body: &str,
    after: Duration,
) -> Result<(), Failure> {
    let seconds = i32::try_from(after.as_secs()).unwrap_or(i32::MAX);
    let sent = Client::new(&session.config)
        .send_message()
        .queue_url(url)
        .message_body(body)
        .set_delay_seconds((seconds > 0).then_some(seconds))
        .send()
        .await;
    sent.map(|_| ()).map_err(|error| Failure::of(&error))
}
