//! Instants: dates as the AWS CLI prints them.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// An instant: a text of ISO 8601, as version 2 of the AWS CLI prints it, or seconds since 1970, as version 1 does.
pub(super) struct Instant(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl Visitor<'_> for Forms {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date with time and offset, or seconds since 1970")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
                text.parse()
                    .map(Instant)
                    .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<Instant, E> {
                jiff::SignedDuration::try_from_secs_f64(seconds)
                    .and_then(Timestamp::from_duration)
                    .map(Instant)
                    .map_err(|_| E::invalid_value(Unexpected::Float(seconds), &self))
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Instant, E> {
                let known = i64::try_from(seconds).ok();
                known
                    .and_then(|seconds| Timestamp::from_second(seconds).ok())
                    .map(Instant)
                    .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(seconds), &self))
            }
        }
        deserializer.deserialize_any(Forms)
    }
}
