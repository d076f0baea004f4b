//! Totals: what did an audit count, over all its runs?

use audit::VerdictCounts;
use serde::{Deserialize, Serialize};

/// What an audit counted, over all its runs; part of the message that hands on the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Totals {
    #[serde(flatten, with = "StoredCounts")]
    pub(crate) counts: VerdictCounts,
    pub(crate) calls: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "VerdictCounts")]
struct StoredCounts {
    #[serde(default)]
    principals: u64,
    #[serde(default)]
    requirements: u64,
    #[serde(default)]
    compliant: u64,
    #[serde(default)]
    drifted: u64,
    #[serde(default)]
    undetermined: u64,
}
