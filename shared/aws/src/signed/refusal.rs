//! Refusals: what does the body of one say?

use serde_json::Value;

/// What the body of a refusal says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// The region where to ask instead.
    pub(super) region: Option<String>,
}

impl Refusal {
    /// In JSON, where a service may have a code of its own besides AWS's.
    pub(super) fn of_json(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |keys: &[&str]| {
            let mut found = keys.iter().filter_map(|key| body.get(key)?.as_str());
            found.next().map(str::to_owned)
        };
        Self {
            code: text(&["__type", "code", "Code"]),
            message: text(&["message", "Message"]),
            region: None,
        }
    }
}
