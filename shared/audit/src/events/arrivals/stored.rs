//! The stored form of arrivals: one JSON object with its format. A newer format is refused before anything else of it is read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Arrival, Arrivals, EventSource};

/// The newest format that this release knows.
const FORMAT: u32 = 1;

/// Why stored arrivals cannot be used. Then nobody knows what arrived.
#[derive(Debug, thiserror::Error)]
pub enum ReadArrivalsError {
    /// Written by a newer release.
    #[error("the arrivals have format {found}, newest known is {FORMAT}")]
    TooNew {
        /// Their format.
        found: u32,
    },
    /// It is no JSON, or not the JSON of arrivals.
    #[error("the arrivals are malformed")]
    Malformed(#[source] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    since: Option<Timestamp>,
    last: Vec<StoredArrival>,
}

#[derive(Serialize, Deserialize)]
struct StoredArrival {
    service: Box<str>,
    region: Box<str>,
    at: Timestamp,
    received: Timestamp,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Arrivals {
    /// The stored form: one line of JSON.
    #[must_use]
    pub fn write(&self) -> String {
        let last = self.last.iter().map(|(source, last)| StoredArrival {
            service: source.service.clone(),
            region: source.region.clone(),
            at: last.at,
            received: last.received,
        });
        let stored = Stored {
            format: FORMAT,
            since: self.since,
            last: last.collect(),
        };
        // Texts, times and a number: there is nothing in it that JSON cannot say.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`ReadArrivalsError`].
    pub fn read(text: &str) -> Result<Self, ReadArrivalsError> {
        let FormatOnly { format } =
            serde_json::from_str(text).map_err(ReadArrivalsError::Malformed)?;
        if format > FORMAT {
            return Err(ReadArrivalsError::TooNew { found: format });
        }
        let stored: Stored = serde_json::from_str(text).map_err(ReadArrivalsError::Malformed)?;
        let last = stored.last.into_iter().map(|one| {
            let source = EventSource {
                service: one.service,
                region: one.region,
            };
            let arrival = Arrival {
                at: one.at,
                received: one.received,
            };
            (source, arrival)
        });
        Ok(Self {
            since: stored.since,
            last: last.collect(),
        })
    }
}
