//! Assumptions: what does every request bear, whoever makes it and whatever it asks for?
//!
//! Veeam calls AWS over TLS, directly, with credentials that never saw a second factor, and the time is that of the audit. A role's
//! session is at most 36 hours old: none lasts longer. What the settings say comes last and wins. All else is unknown.

use iam::context::no_second_factor;
use iam::{Context, Limit};
use jiff::{Timestamp, ToSpan};

use crate::settings::Settings;

/// What is known of any request.
#[must_use]
pub fn context(settings: &Settings, now: Timestamp) -> Context {
    let mut context = Context::partial();
    context.set_one("aws:SecureTransport", "true");
    context.set_one("aws:ViaAWSService", "false");
    context.limit("aws:MultiFactorAuthPresent", no_second_factor());
    for key in [
        "aws:MultiFactorAuthAge",
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
    ] {
        context.set::<_, Box<str>>(key, []);
    }
    let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
    context.set_one("aws:CurrentTime", whole.to_string());
    context.set_one("aws:EpochTime", whole.as_second().to_string());
    context.limit("aws:TokenIssueTime", token_issue_times(whole));
    for (key, values) in &settings.context {
        context.set(key, values.iter().cloned());
    }
    context
}

/// Whether a key is about the tags in a request, which not every action takes.
pub(crate) fn is_about_tags(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key == "aws:tagkeys" || key.starts_with("aws:requesttag/")
}

/// When the session of a role can have begun. The hours stand for all times between them.
fn token_issue_times(now: Timestamp) -> Limit {
    let hours = (0_i64..=36).filter_map(|hours| now.checked_sub(hours.hours()).ok());
    Limit::OneOf {
        values: hours.map(|time| time.to_string().into()).collect(),
        or_absent: false,
    }
}
