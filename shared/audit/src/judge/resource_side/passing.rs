//! Passing: which VPC endpoints can a request pass on its way to a declared resource?
//!
//! In: a question of a requirement whose workers run in a private network, and what is known of the regions. Out: the interface endpoints
//! of the service that can be used there. Of several nobody knows which one it passes, unless the settings say.
//!
//! Where no endpoint can be used, `resource_faults` tells that.

use iam::{Arn, Known, Question};

use crate::bind::requirement::Requirement;
use crate::resources::{Resources, VpcEndpoint};

/// The key that says which endpoint a request passes.
pub(super) const ENDPOINT: &str = "aws:SourceVpce";
/// The key that says from which VPC it comes.
pub(super) const NETWORK: &str = "aws:SourceVpc";

/// The endpoints that requests of a question can pass; none where that is not known, or they pass none.
pub(super) fn endpoints<'a>(question: &Question, resources: &'a Resources) -> Vec<&'a VpcEndpoint> {
    let Ok(arn) = Arn::parse(&question.resource) else {
        return Vec::new();
    };
    let place = match arn.service {
        // It is reached by the endpoint's own name, in the region of the bucket.
        "s3" => {
            let name = arn.resource.split('/').next().unwrap_or_default();
            let bucket = resources.buckets.get(name);
            let region = bucket.and_then(|bucket| bucket.region.read());
            region.map(|region| (&**region, false))
        }
        "kms" if is_direct(question) => Some((arn.region, true)),
        _ => None,
    };
    let Some((region, needs_name)) = place else {
        return Vec::new();
    };
    let region = resources.regions.get(region);
    let endpoints = region.and_then(|region| region.endpoints.read());
    let is_passed = |endpoint: &&VpcEndpoint| {
        let is_meant = match question.context.get(ENDPOINT) {
            Known::Values(ids) => ids.contains(&endpoint.id),
            Known::Absent => false,
            Known::Unknown => true,
        };
        is_meant
            && endpoint.is_interface()
            && endpoint.is_available()
            && endpoint.is_of(arn.service)
            && (endpoint.private_dns || !needs_name)
    };
    endpoints.into_iter().flatten().filter(is_passed).collect()
}

/// Whether the principal itself calls KMS. A service that calls it does so from a network of its own.
fn is_direct(question: &Question) -> bool {
    let via = question.context.get("aws:ViaAWSService");
    let is_own = matches!(via, Known::Values([value]) if value.eq_ignore_ascii_case("false"));
    is_own && question.context.get("kms:ViaService") == Known::Absent
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
