//! Endpoints: do workers without public addresses reach the services that they need?
//!
//! Only where somebody said that workers run so, what is not there is missed. Else what is there and cannot be used is worth knowing.

use std::collections::BTreeSet;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::Inspected;
use crate::resources::VpcEndpoint;

/// The service that has gateway endpoints too. It is reached in the region of the repository, by the endpoint's own name.
const STORAGE: &str = "s3";
/// Who has interface endpoints for these has workers in a private network.
const SIGNS: [&str; 2] = ["sqs", "ssm"];

pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    let needed: BTreeSet<&str> = inspected
        .settings
        .iter()
        .flat_map(|need| need.endpoints.iter().map(AsRef::as_ref))
        .collect();
    if needed.is_empty() {
        return;
    }
    let is_private = inspected.requirement.private_network == Some(true);
    let of_repository = repository_regions(inspected);
    for (name, region) in inspected.regions() {
        let Some(endpoints) = region.endpoints.read() else {
            continue;
        };
        let looks_private = SIGNS
            .iter()
            .all(|service| of(endpoints, service).any(VpcEndpoint::is_interface));
        let is_here = |service: &&&str| {
            let mut regions = of_repository.iter();
            **service != STORAGE || regions.all(|regions| regions.contains(name))
        };
        let needed: Vec<&str> = needed.iter().filter(is_here).copied().collect();
        if is_private {
            faults.extend(apart(name, endpoints, &needed));
        }
        for service in &needed {
            let found = judge(endpoints, service);
            let weight = match (is_private, &found) {
                // Nobody said in which region the repository is.
                (true, Found::Nothing | Found::Gateway)
                    if *service == STORAGE && of_repository.is_none() =>
                {
                    Weight::Unknown
                }
                (true, _) => Weight::Breaks,
                (false, Found::Faulty(..)) => Weight::Notice,
                (false, Found::Gateway) if looks_private => Weight::Notice,
                (false, Found::Usable | Found::Gateway | Found::Nothing) => continue,
            };
            let of_region = || FaultyResource::Region(name.into());
            let service = Box::from(*service);
            let (resource, kind) = match found {
                Found::Usable => continue,
                Found::Nothing => (of_region(), ResourceFaultKind::EndpointMissing(service)),
                Found::Gateway => (of_region(), ResourceFaultKind::EndpointGateway(service)),
                Found::Faulty(endpoint) => {
                    let resource = FaultyResource::Endpoint {
                        region: name.into(),
                        id: endpoint.id.clone(),
                    };
                    let state = endpoint.state.clone();
                    let kind = match endpoint.is_available() {
                        false => ResourceFaultKind::EndpointState { state, service },
                        true => ResourceFaultKind::EndpointDns(service),
                    };
                    (resource, kind)
                }
            };
            faults.push(ResourceFault {
                resource,
                weight,
                kind,
            });
        }
    }
}

/// What is lacking beside the other endpoints, where each service has one that can be used, and no VPC has all. Nobody knows in which
/// VPC workers run, nor whether another one leads to their endpoints.
fn apart(region: &str, endpoints: &[VpcEndpoint], needed: &[&str]) -> Vec<ResourceFault> {
    let usable = |service: &str| {
        let of_service = endpoints.iter().filter(move |one| one.is_of(service));
        let networks = of_service.filter(move |one| is_usable(one, service));
        networks.map(|one| &*one.vpc).collect::<BTreeSet<&str>>()
    };
    let by_service: Vec<(&str, BTreeSet<&str>)> = needed
        .iter()
        .map(|service| (*service, usable(service)))
        .collect();
    if by_service.iter().any(|(_, networks)| networks.is_empty()) {
        return Vec::new();
    }
    let all: BTreeSet<&str> = by_service
        .iter()
        .flat_map(|(_, all)| all)
        .copied()
        .collect();
    let lacking = all.into_iter().map(|network| {
        let lacking = by_service.iter().filter(|(_, all)| !all.contains(network));
        lacking.map(|(service, _)| *service).collect::<Vec<&str>>()
    });
    let fewest = lacking.min_by_key(Vec::len).unwrap_or_default();
    let faults = fewest.into_iter().map(|service| ResourceFault {
        resource: FaultyResource::Region(region.into()),
        weight: Weight::Unknown,
        kind: ResourceFaultKind::EndpointApart(service.into()),
    });
    faults.collect()
}

/// Whether workers can use an interface endpoint for a service.
fn is_usable(endpoint: &VpcEndpoint, service: &str) -> bool {
    endpoint.is_interface()
        && endpoint.is_available()
        && (endpoint.private_dns || service == STORAGE)
}

/// What leads to a service.
enum Found<'a> {
    /// An interface endpoint that can be used.
    Usable,
    /// Interface endpoints, none of which can be used: the first.
    Faulty(&'a VpcEndpoint),
    /// Only a gateway.
    Gateway,
    Nothing,
}

fn judge<'a>(endpoints: &'a [VpcEndpoint], service: &str) -> Found<'a> {
    let mut faulty = None;
    let mut gateway = false;
    for endpoint in of(endpoints, service) {
        if is_usable(endpoint, service) {
            return Found::Usable;
        } else if !endpoint.is_interface() {
            gateway = true;
        } else {
            faulty = faulty.or(Some(endpoint));
        }
    }
    match (faulty, gateway) {
        (Some(endpoint), _) => Found::Faulty(endpoint),
        (None, true) => Found::Gateway,
        (None, false) => Found::Nothing,
    }
}

fn of<'a>(endpoints: &'a [VpcEndpoint], service: &str) -> impl Iterator<Item = &'a VpcEndpoint> {
    endpoints.iter().filter(move |one| one.is_of(service))
}

/// The regions of the buckets that it names; `None` where one is not known, or none is named.
fn repository_regions<'a>(inspected: &Inspected<'a>) -> Option<BTreeSet<&'a str>> {
    let regions: Option<BTreeSet<&str>> = inspected
        .buckets()
        .map(|name| {
            let bucket = inspected.resources.buckets.get(name)?;
            Some(&**bucket.region.read()?)
        })
        .collect();
    regions.filter(|regions| !regions.is_empty())
}
