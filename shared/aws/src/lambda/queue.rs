//! The queue: how does a run hand on what it could not reach?

use aws_sdk_sqs::Client;

use crate::failure::Failure;
use crate::session::Session;

/// Puts a message into the queue of that URL.
///
/// # Errors
/// [`Failure`] where SQS did not take it.
pub async fn send(session: &Session, url: &str, body: &str) -> Result<(), Failure> {
    let sent = Client::new(&session.config)
        .send_message()
        .queue_url(url)
        .message_body(body)
        .send()
        .await;
    sent.map(|_| ()).map_err(|error| Failure::of(&error))
}
