//! Passing: which VPC endpoints can a request pass on its way to a declared resource?
//!
//! In: a question of a requirement whose workers run in a private network, and what is known of the regions. Out: the interface endpoints
//! of the service that can be used there. Of several nobody knows which one it passes, unless the settings say.
//!
//! Where no endpoint can be used, `resource_faults` tells that.

use std::collections::BTreeSet;

use catalog::setting_needs;
use iam::{Arn, Known, Question};

use crate::bind::requirement::Requirement;
use crate::resources::{Resources, VpcEndpoint};

/// The key that says which endpoint a request passes.
pub(super) const ENDPOINT: &str = "aws:SourceVpce";
/// The key that says from which VPC it comes.
pub(super) const NETWORK: &str = "aws:SourceVpc";

/// Where requests pass endpoints.
enum Route<'a> {
    /// They pass none.
    Nowhere,
    /// In this region; `needs_name`: by the service's own name.
    Region { name: &'a str, needs_name: bool },
    /// Nobody knows in which.
    Unknown,
}

fn place<'a>(question: &'a Question, resources: &'a Resources) -> Route<'a> {
    let arn = Arn::parse(&question.resource);
    match arn {
        // It is reached by the endpoint's own name, in the region of the bucket.
        Ok(arn) if arn.service == "s3" => {
            let name = arn.resource.split('/').next().unwrap_or_default();
            let bucket = resources.buckets.get(name);
            match bucket.and_then(|bucket| bucket.region.read()) {
                Some(name) => Route::Region {
                    name,
                    needs_name: false,
                },
                None => Route::Unknown,
            }
        }
        Ok(arn) if arn.service == "kms" && is_direct(question) => Route::Region {
            name: arn.region,
            needs_name: true,
        },
        Ok(_) | Err(_) => Route::Nowhere,
    }
}

/// The endpoints that requests of a question can pass; none where that is not known, or they pass none.
pub(super) fn endpoints<'a>(question: &Question, resources: &'a Resources) -> Vec<&'a VpcEndpoint> {
    let (Ok(arn), Route::Region { name, needs_name }) =
        (Arn::parse(&question.resource), place(question, resources))
    else {
        return Vec::new();
    };
    let region = resources.regions.get(name);
    let endpoints = region.and_then(|region| region.endpoints.read());
    let is_passed = |endpoint: &&VpcEndpoint| {
        let is_meant = match question.context.get(ENDPOINT) {
            Known::Values(ids) => ids.contains(&endpoint.id),
            Known::Absent => false,
            Known::Unknown => true,
        };
        is_meant
            && is_usable(endpoint)
            && endpoint.is_of(arn.service)
            && (endpoint.private_dns || !needs_name)
    };
    endpoints.into_iter().flatten().filter(is_passed).collect()
}

pub(super) fn is_usable(endpoint: &VpcEndpoint) -> bool {
    endpoint.is_interface() && endpoint.is_available()
}

/// Whether the principal itself calls KMS. A service that calls it does so from a network of its own.
fn is_direct(question: &Question) -> bool {
    let via = question.context.get("aws:ViaAWSService");
    let is_own = matches!(via, Known::Values([value]) if value.eq_ignore_ascii_case("false"));
    is_own && question.context.get("kms:ViaService") == Known::Absent
}

/// The regions in which requests of a requirement pass endpoints.
pub(crate) struct Passed<'a> {
    pub(crate) regions: BTreeSet<&'a str>,
    /// Whether these are all.
    pub(crate) is_whole: bool,
}

impl<'a> Passed<'a> {
    /// None where workers are not known to run in a private network.
    pub(crate) fn by(requirement: &'a Requirement, resources: &'a Resources) -> Self {
        let mut passed = Self {
            regions: BTreeSet::new(),
            is_whole: true,
        };
        if requirement.private_network != Some(true) {
            return passed;
        }
        let mut needs = setting_needs().iter().filter(|need| {
            let mut sets = need.sets.iter();
            sets.any(|set| set.as_str() == &*requirement.set)
        });
        if needs.any(|need| !need.endpoints.is_empty()) || requirement.is_carried_in_private() {
            let regions = requirement.regions.iter();
            passed.regions.extend(regions.map(AsRef::as_ref));
            passed.is_whole = !requirement.regions.is_empty();
        }
        // Nobody said which bucket they are about.
        passed.is_whole &= requirement.one_bucket.is_empty();
        for question in requirement.questions() {
            match place(question, resources) {
                Route::Nowhere => {}
                Route::Region { name, .. } => {
                    passed.regions.insert(name);
                    passed.is_whole &= names_known(question, name, resources);
                }
                Route::Unknown => passed.is_whole = false,
            }
        }
        passed
    }
}

/// Whether the endpoints that the settings name are among those of the region; one of another account is not.
fn names_known(question: &Question, region: &str, resources: &Resources) -> bool {
    let region = resources.regions.get(region);
    match (
        question.context.get(ENDPOINT),
        region.and_then(|region| region.endpoints.read()),
    ) {
        (Known::Values(ids), Some(endpoints)) => ids
            .iter()
            .all(|id| endpoints.iter().any(|endpoint| endpoint.id == *id)),
        (Known::Values(_) | Known::Absent | Known::Unknown, _) => true,
    }
}

/// All endpoints that requests of a requirement can pass.
pub(crate) fn of_requirement<'a>(
    requirement: &Requirement,
    resources: &'a Resources,
) -> Vec<&'a VpcEndpoint> {
    if requirement.private_network != Some(true) {
        return Vec::new();
    }
    let questions = requirement.questions();
    questions
        .flat_map(|question| endpoints(question, resources))
        .collect()
}
