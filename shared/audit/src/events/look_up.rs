//! Look-ups: what is asked of CloudTrail's event history, and what came back?
//!
//! Which look-ups explain a finding is `explain`'s business; who asks is behind the port
//! [`Environment`](crate::ports::Environment).

use std::collections::BTreeMap;

use super::explanation::Unseen;
use super::read::TrailEvents;

/// One look-up in the event history of a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LookUp {
    /// The region.
    pub region: Box<str>,
    /// Which events.
    pub by: LookUpBy,
}

/// Which events are looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LookUpBy {
    /// Those that list a resource of this name: the name of a user, role or group, the ARN of a policy or key, the name of a bucket.
    Resource(Box<str>),
    /// Those of this call, such as `ModifyVpcEndpoint`.
    Call(Box<str>),
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// The events of all look-ups; one that several found stands here several times.
    pub events: TrailEvents,
    /// The look-ups that were not answered, or not to the end.
    pub unanswered: BTreeMap<LookUp, Unseen>,
}

impl LookedUp {
    /// That none of these were made.
    #[must_use]
    pub fn none(wanted: &[LookUp], why: &Unseen) -> Self {
        let unanswered = wanted.iter().map(|one| (one.clone(), why.clone()));
        Self {
            events: TrailEvents::default(),
            unanswered: unanswered.collect(),
        }
    }
}

/// The region in which the calls of IAM and of Organizations are recorded.
#[must_use]
pub fn region_of_iam(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        _ => "us-east-1",
    }
}
