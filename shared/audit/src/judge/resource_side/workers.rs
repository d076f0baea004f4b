//! Workers: what do endpoints make of the requests of those who work without public addresses?
//!
//! In: a question of the set of a role that worker instances carry, and what is known of the regions. Out: for each service that workers
//! reach through an interface endpoint its endpoints, with the actions that workers call themselves. Those of the appliance, which may
//! assume the role too, are left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::meant_resources;
use iam::policy::Statement;
use iam::{ActionName, Known, Question, glob};

use super::made_up::made_up;
use super::passing::{ENDPOINT, is_usable};
use super::vaults::Actions;
use crate::bind::requirement::Requirement;
use crate::resources::{Resources, VpcEndpoint};

/// The services that workers reach through endpoints, as actions and endpoints name them.
const SERVICES: [&str; 4] = ["ec2messages", "sqs", "ssm", "ssmmessages"];
/// What the appliance calls to have workers and to tell them what to do.
const OF_APPLIANCE: [&str; 5] = [
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:SetQueueAttributes",
    "ssm:GetCommandInvocation",
    "ssm:SendCommand",
];

/// Requests of workers that pass one of some endpoints.
pub(super) struct Called<'a> {
    pub(super) endpoints: Vec<&'a VpcEndpoint>,
    pub(super) resource: Arc<str>,
    /// Whether the policies of the endpoints name no resources for the actions, so that what holds of the one holds of any.
    pub(super) is_any: bool,
    pub(super) actions: Actions,
}

/// What workers call themselves, where endpoints are known.
pub(super) fn called<'a>(
    question: &Question,
    resources: &'a Resources,
    (partition, account): (&str, &str),
) -> Vec<Called<'a>> {
    let Some(region) = region_of(question) else {
        return Vec::new();
    };
    let mut found: BTreeMap<(&str, String, bool), Called<'a>> = BTreeMap::new();
    for (position, action) in (0_u16..).zip(question.actions.iter()) {
        let Some(service) = service(action) else {
            continue;
        };
        let endpoints = of_service(question, region, service, resources);
        // Of what was not printed nothing is known.
        if endpoints.is_empty() || endpoints.iter().any(|one| one.policy.is_none()) {
            continue;
        }
        let meant = meant_resources(action).unwrap_or_default();
        let form = meant.first().and_then(|one| one.arns.first());
        let resource = form.map_or_else(
            || "*".to_owned(),
            |form| made_up(form, partition, region, account),
        );
        let is_any = endpoints.iter().all(|one| is_for_all(one, action));
        let called = found
            .entry((service, resource.clone(), is_any))
            .or_insert_with(|| Called {
                endpoints,
                resource: resource.into(),
                is_any,
                actions: Vec::new(),
            });
        called.actions.push((position, action.clone()));
    }
    found.into_values().collect()
}

/// The endpoints that requests of workers pass, of any service.
pub(crate) fn endpoints<'a>(
    requirement: &Requirement,
    resources: &'a Resources,
) -> Vec<&'a VpcEndpoint> {
    if !requirement.is_carried_in_private() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for question in requirement.questions() {
        let services = SERVICES.into_iter().filter(|service| {
            let mut actions = question.actions.iter();
            actions.any(|action| self::service(action) == Some(service))
        });
        let region = region_of(question);
        found.extend(
            services
                .zip(region.into_iter().cycle())
                .flat_map(|(service, region)| of_service(question, region, service, resources)),
        );
    }
    found
}

fn region_of(question: &Question) -> Option<&str> {
    match question.context.get("aws:RequestedRegion") {
        Known::Values([region]) => Some(region),
        Known::Values(_) | Known::Absent | Known::Unknown => None,
    }
}

/// The service of an action that workers call through an endpoint.
fn service(action: &ActionName) -> Option<&'static str> {
    let name = action.as_str();
    let is_own = !OF_APPLIANCE
        .iter()
        .any(|one| name.eq_ignore_ascii_case(one));
    let (prefix, _) = name.split_once(':').filter(|_| is_own)?;
    let mut services = SERVICES.into_iter();
    services.find(|service| prefix.eq_ignore_ascii_case(service))
}

fn of_service<'a>(
    question: &Question,
    region: &str,
    service: &str,
    resources: &'a Resources,
) -> Vec<&'a VpcEndpoint> {
    let known = resources.regions.get(region);
    let endpoints = known.and_then(|known| known.endpoints.read());
    let is_passed = |one: &&VpcEndpoint| {
        let is_meant = match question.context.get(ENDPOINT) {
            Known::Values(ids) => ids.contains(&one.id),
            Known::Absent => false,
            Known::Unknown => true,
        };
        is_meant && is_usable(one) && one.is_of(service) && one.private_dns
    };
    endpoints.into_iter().flatten().filter(is_passed).collect()
}

fn is_for_all(endpoint: &VpcEndpoint, action: &ActionName) -> bool {
    let Some(Ok(document)) = endpoint.policy.as_deref() else {
        return true;
    };
    let names_none = |one: &Statement| {
        let mut patterns = one.resource.patterns.iter();
        !one.resource.negated && patterns.any(|pattern| glob::is_everything(pattern))
    };
    let mut about = document
        .statements
        .iter()
        .filter(|one| one.is_about(action));
    about.all(names_none)
}
