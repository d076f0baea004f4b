//! Conduct: how does the stand-in behave?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use iam::Document;
use serde_json::Value;

/// How the stand-in behaves; the default is a patient AWS.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// Items on a page of the listing.
    pub listing_page: usize,
    /// How long a page of the listing takes.
    pub listing_time: Duration,
    /// Results on a page of a simulation, unless the caller asks for fewer.
    pub simulation_page: usize,
    /// Service control policies, level by level from the root.
    pub service_control: Vec<Vec<Document>>,
    /// Sets of actions that want authorization information of their own and may not stand in one call with others.
    pub apart: Vec<BTreeSet<String>>,
    /// Principals that were deleted after they were listed.
    pub gone: BTreeSet<String>,
    /// Of a hundred simulations, so many are refused as too many.
    pub throttled_percent: u64,
    /// Whether `PolicyExclusionList` is known.
    pub knows_exclusion: bool,
    /// What CloudTrail has, whatever is looked up.
    pub recorded: Vec<Value>,
    /// Operations that are always refused: status, code and message.
    pub refused: BTreeMap<&'static str, (u16, &'static str, &'static str)>,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            listing_page: 100,
            listing_time: Duration::ZERO,
            simulation_page: 100,
            service_control: Vec::new(),
            apart: Vec::new(),
            gone: BTreeSet::new(),
            throttled_percent: 0,
            knows_exclusion: true,
            recorded: Vec::new(),
            refused: BTreeMap::new(),
        }
    }
}
