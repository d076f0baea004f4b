//! Refusals: how does IAM say no?

use super::xml;
use crate::http::Message;

/// An error as IAM sends it.
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn throttled() -> Self {
        Self {
            status: 400,
            code: "Throttling",
            message: "Rate exceeded".to_owned(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: "InvalidInput",
            message: message.into(),
        }
    }

    pub(super) fn message(&self) -> Message {
        Message::answer(
            self.status,
            "text/xml",
            xml::error(self.code, &self.message),
        )
    }
}
