//! Found regions: in which region are the requests on a bucket that is in one region?
//!
//! A bucket answers in its own region, whatever regions were declared. In: a requirement, and what is known of the buckets. Out: the same
//! requirement, where the checks on a bucket whose location is known bear its region, each once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use iam::{Arn, Context};

use crate::bind::requirement::{Check, Requirement};
use crate::resources::Resources;

/// The same requirement with the checks of buckets in their regions.
pub(super) fn located(requirement: &Arc<Requirement>, resources: &Resources) -> Arc<Requirement> {
    let region = |check: &Check| region(&check.question.resource, resources);
    if requirement.checks.iter().all(|one| region(one).is_none()) {
        return Arc::clone(requirement);
    }
    let mut contexts: HashMap<(*const Context, &str), Arc<Context>> = HashMap::new();
    let mut seen = BTreeSet::new();
    let mut checks = Vec::with_capacity(requirement.checks.len());
    for check in requirement.checks.iter() {
        let Some(region) = region(check) else {
            checks.push(check.clone());
            continue;
        };
        // There is one check for each declared region, and all are in this one now.
        let question = &check.question;
        let carried = &check.permit.context;
        let key = (&question.resource, &question.actions, carried);
        if !seen.insert(key) {
            continue;
        }
        let known = contexts.entry((Arc::as_ptr(&question.context), region));
        let context = known.or_insert_with(|| {
            let mut context = Context::clone(&question.context);
            context.set_one(REGION, region);
            Arc::new(context)
        });
        let mut check = check.clone();
        check.question.context = Arc::clone(context);
        checks.push(check);
    }
    Arc::new(Requirement {
        checks: checks.into(),
        ..Requirement::clone(requirement)
    })
}

const REGION: &str = "aws:RequestedRegion";

/// The region of the bucket that a resource is, or is in.
fn region<'r>(resource: &str, resources: &'r Resources) -> Option<&'r str> {
    let arn = Arn::parse(resource)
        .ok()
        .filter(|arn| arn.service == "s3")?;
    let bucket = resources.buckets.get(arn.resource.split('/').next()?)?;
    let region = bucket.region.read().map(|region| &**region);
    region.filter(|region| !region.is_empty())
}
