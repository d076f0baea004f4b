//! The queue: how does a run pass the principals that it did not reach to the next run?

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
