//! Faults of resources: in what state or setting do the resources that a requirement names keep its requests from working?
//!
//! In: a verdict on a requirement, and what is known of the resource side. Out: a [`ResourceFault`] for each
//! thing that is wrong. What was not read, or refused, is no fault: that it was not looked at is said elsewhere. What policies of
//! resources decide is not judged here but with the requests.
//!
//! A file holds the rules of one kind of resource; `inspected` what they look at. What a later audit has to look at again is `compare`'s business.

mod buckets;
mod endpoints;
pub mod fault;
mod inspected;
mod keys;
mod regions;
pub mod topic;
mod vaults;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use iam::{AccountId, Inventory};
use jiff::Timestamp;

use crate::bind::requirement::Requirement;
use crate::judge::verdict::Verdict;
use crate::resources::Resources;
use fault::ResourceFault;
use inspected::Inspected;
use regions::Judged;

/// Finds what is wrong with resources, for each requirement once.
pub(super) struct ResourceFaults<'a> {
    resources: &'a Resources,
    inventory: &'a Inventory,
    account: AccountId,
    now: Timestamp,
    /// Whether anything of the resource side is known.
    is_blank: bool,
    found: HashMap<*const Requirement, Found, RandomState>,
}

/// What is wrong with the resources of one requirement, whoever holds it.
struct Found {
    faults: Vec<ResourceFault>,
    /// Whether more hangs on what the principal may do.
    has_more: bool,
}

impl<'a> ResourceFaults<'a> {
    pub(super) fn new(
        resources: &'a Resources,
        inventory: &'a Inventory,
        account: AccountId,
        now: Timestamp,
    ) -> Self {
        Self {
            resources,
            inventory,
            account,
            now,
            is_blank: *resources == Resources::default(),
            found: HashMap::default(),
        }
    }

    /// What is wrong with the resources of a verdict's requirement, sorted.
    pub(super) fn of(&mut self, verdict: &Verdict) -> Vec<ResourceFault> {
        if self.is_blank {
            return Vec::new();
        }
        let requirement = &verdict.requirement;
        let inspect = || {
            Inspected::new(
                requirement,
                self.resources,
                self.inventory,
                self.account,
                self.now,
            )
        };
        let found = self.found.entry(Arc::as_ptr(requirement));
        let found = found.or_insert_with(|| find(&inspect()));
        let mut faults = found.faults.clone();
        if found.has_more {
            regions::find_with(&inspect(), &Judged(verdict), &mut faults);
            faults.sort();
        }
        faults
    }
}

fn find(inspected: &Inspected<'_>) -> Found {
    let mut faults = Vec::new();
    keys::find(inspected, &mut faults);
    buckets::find(inspected, &mut faults);
    vaults::find(inspected, &mut faults);
    regions::find(inspected, &mut faults);
    endpoints::find(inspected, &mut faults);
    faults.sort();
    // The worst of a kind stands first: a key may be several keys of the operations.
    let mut told = BTreeSet::new();
    faults.retain(|fault| told.insert((fault.resource.clone(), fault.kind.clone())));
    Found {
        faults,
        has_more: regions::has_more(inspected),
    }
}
