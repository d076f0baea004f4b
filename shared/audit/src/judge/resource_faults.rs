//! Faults of resources: in what state or setting do the resources that a requirement names keep its requests from working?
//!
//! In: a requirement, and what is known of the resource side. Out: a [`ResourceFault`] for each thing that is wrong, or that
//! nobody could read. What policies of resources decide is not judged here but with the requests.

use iam::AccountId;

use crate::bind::requirement::Requirement;
use crate::resources::Resources;

/// One thing that is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceFault {
    /// Which resource, as people call it: an ARN, or the name of a bucket or region.
    pub resource: Box<str>,
    /// What it means.
    pub weight: Weight,
}

/// What a fault of a resource means for a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// What the requirement is for does not work.
    Breaks,
    /// It is not known whether it works.
    Unknown,
    /// It works; worth knowing.
    Notice,
}

/// What is wrong with the resources of a requirement, sorted.
pub(super) fn find(
    _requirement: &Requirement,
    _resources: &Resources,
    _account: AccountId,
) -> Vec<ResourceFault> {
    Vec::new()
}
