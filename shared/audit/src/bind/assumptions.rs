//! What is taken to hold: what does every request bear, whoever makes it and whatever it asks for?
//!
//! Veeam calls AWS over TLS, directly, with credentials that never saw a second factor, and the time is that of the audit.
//! What the settings say comes last and wins. All else is unknown.

use iam::Context;
use jiff::Timestamp;

use crate::settings::Settings;

/// What is known of any request.
pub(crate) fn context(settings: &Settings, now: Timestamp) -> Context {
    let mut context = Context::partial();
    context.set_one("aws:SecureTransport", "true");
    context.set_one("aws:ViaAWSService", "false");
    for key in [
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
        "aws:CalledVia",
    ] {
        context.set::<_, Box<str>>(key, []);
    }
    let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
    context.set_one("aws:CurrentTime", whole.to_string());
    context.set_one("aws:EpochTime", whole.as_second().to_string());
    for (key, values) in &settings.context {
        context.set(key, values.iter().cloned());
    }
    context
}
