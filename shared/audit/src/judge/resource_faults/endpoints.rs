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
        for service in &needed {
            let is_elsewhere = *service == STORAGE
                && of_repository
                    .as_ref()
                    .is_some_and(|regions| !regions.contains(name));
            if is_elsewhere {
                continue;
            }
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
        if !endpoint.is_interface() {
            gateway = true;
        } else if endpoint.is_available() && (endpoint.private_dns || service == STORAGE) {
            return Found::Usable;
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
