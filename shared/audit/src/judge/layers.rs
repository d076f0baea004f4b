//! Layers: which policies did an audit look at, and does a verdict rest on all that it has to?
//!
//! In: requirements, what was read of the resource side, which layers are required. Out: for each requirement the policies that
//! nobody looked at; for the audit how many were read; and a verdict that would be compliant without a required layer is
//! undetermined.

mod checked;
mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::evaluate::is_covered_by_rcps;
use iam::simulator::ServiceControl;
use iam::{ActionName, Cause, Layer};

use crate::bind::requirement::{Requirement, ResourcePolicy};
use crate::judge::assessment::{Assessment, LayerCoverage, LevelsRead, Readings};
use crate::judge::resource_side::passing::{self, Passed};
use crate::judge::resource_side::{vaults, workers};
use crate::judge::service_control;
use crate::judge::verdict::{Judgement, Place, Unknown, Verdict};
use crate::resources::{NamedPolicy, NamedResource, Reading, Resources};
use crate::settings::required::RequiredLayer;
pub(crate) use checked::NotChecked;
use checked::{HowRead, how_read_endpoints, reading};

/// The policies of the resource side that a cause blames for what becomes of an action.
pub(crate) fn blamed(cause: &Cause, action: &str) -> BTreeSet<ResourcePolicy> {
    let of_resource = || ResourcePolicy::of(&action.parse().ok()?);
    let layers = cause.layers().into_iter();
    let policies = layers.filter_map(|layer| match layer {
        Layer::Resource => of_resource(),
        Layer::Grant => Some(ResourcePolicy::Key),
        Layer::ResourceControl { .. } => Some(ResourcePolicy::ResourceControl),
        Layer::Identity | Layer::Boundary | Layer::Session | Layer::ServiceControl { .. } => None,
        Layer::Endpoint => Some(ResourcePolicy::Endpoint),
    });
    policies.collect()
}

/// Says which layers were looked at, and takes back what rests on too few.
pub(crate) fn conclude(
    assessment: &mut Assessment,
    required: &BTreeSet<RequiredLayer>,
    given: &ServiceControl<'_>,
) {
    let resources = Arc::clone(&assessment.coverage.resources);
    let layers = LayerCoverage {
        keys: Readings::default(),
        buckets: Readings::default(),
        vaults: Readings::default(),
        service_control: levels_read(&resources, given),
        resource_control: match &resources.organization {
            Reading::Read(None) => LevelsRead::NoOrganization,
            Reading::Read(Some(organization)) => of_levels(
                &organization.resource_control,
                &organization.refused_resource_control,
            ),
            Reading::Refused(_) => LevelsRead::Refused,
            Reading::NotRead => LevelsRead::NotRead,
        },
        endpoints: endpoints(&assessment.verdicts, &resources),
        regions: lists::regions(&assessment.verdicts, &resources),
        enabled_regions: lists::enabled_regions(&assessment.verdicts, &resources),
        own_buckets: lists::own_buckets(&assessment.verdicts, &resources),
    };
    assessment.coverage.layers = layers;
    let verdicts = assessment.verdicts.iter();
    let requirements = verdicts.map(|verdict| &verdict.requirement);
    let named: BTreeSet<NamedResource> = requirements
        .flat_map(|requirement| requirement.resources.iter())
        .map(NamedResource::without_role)
        .collect();
    for named in &named {
        let layers = &mut assessment.coverage.layers;
        let readings = match named {
            NamedResource::Key { .. } => &mut layers.keys,
            NamedResource::Bucket(_) => &mut layers.buckets,
            NamedResource::Vault(_) => &mut layers.vaults,
        };
        reading(named, &resources, assessment.account).count(readings);
    }
    let knows_service_control = service_control::is_known(&resources, given, assessment.account);
    let can_restrict = service_control::can_restrict(&resources, given, assessment.account);
    for verdict in &mut assessment.verdicts {
        if verdict.judgement() != Judgement::Compliant {
            continue;
        }
        let lacking = required.iter().filter(|layer| match layer.policy() {
            Some(policy) => verdict.not_checked.contains(&policy),
            None => !knows_service_control,
        });
        let mut unknown: Vec<Unknown> = lacking
            .map(|layer| not_checked(&verdict.requirement, *layer))
            .collect();
        if knows_service_control
            && can_restrict
            && required.contains(&RequiredLayer::ServiceControl)
        {
            unknown.extend(service_control::not_confirmed(verdict));
        }
        verdict.unknown.extend(unknown);
    }
}

/// The policies of the endpoints that requests pass. A region of which nobody read the endpoints counts as one.
fn endpoints(verdicts: &[Verdict], resources: &Resources) -> Readings {
    let requirements = verdicts.iter().map(|verdict| &verdict.requirement);
    let requirements: BTreeMap<usize, &Arc<Requirement>> = requirements
        .filter(|requirement| requirement.private_network == Some(true))
        .map(|requirement| (Arc::as_ptr(requirement).addr(), requirement))
        .collect();
    let mut endpoints_read: BTreeMap<&str, HowRead> = BTreeMap::new();
    for requirement in requirements.into_values() {
        let declared = passing::of_requirement(requirement, resources).into_iter();
        for endpoint in declared.chain(workers::endpoints(requirement, resources)) {
            let how_read = match endpoint.policy {
                Some(_) => HowRead::Read,
                None => HowRead::NotRead,
            };
            endpoints_read.insert(&endpoint.id, how_read);
        }
        for region in Passed::by(requirement, resources).regions {
            let how_read = how_read_endpoints(region, resources);
            if how_read != HowRead::Read {
                endpoints_read.insert(region, how_read);
            }
        }
    }
    let count = |wanted| {
        endpoints_read
            .values()
            .filter(|how_read| **how_read == wanted)
            .count()
    };
    Readings {
        read: count(HowRead::Read),
        refused: count(HowRead::Refused),
        not_read: count(HowRead::NotRead),
    }
}

fn levels_read(resources: &Resources, given: &ServiceControl<'_>) -> LevelsRead {
    let organization = resources.organization.read().and_then(Option::as_ref);
    let is_whole = organization.is_none_or(|one| one.refused_service_control.is_empty());
    if !given.levels.is_empty() && is_whole {
        return LevelsRead::Read(given.levels.len());
    }
    match &resources.organization {
        Reading::Read(None) => LevelsRead::NoOrganization,
        Reading::Read(Some(organization)) => of_levels(
            &organization.service_control,
            &organization.refused_service_control,
        ),
        Reading::Refused(_) => LevelsRead::Refused,
        Reading::NotRead => LevelsRead::NotRead,
    }
}

fn of_levels(levels: &Reading<Vec<Vec<NamedPolicy>>>, refused: &[Box<str>]) -> LevelsRead {
    match levels {
        Reading::Read(levels) if refused.is_empty() => LevelsRead::Read(levels.len()),
        Reading::Read(levels) => LevelsRead::Partly {
            read: levels.len().saturating_sub(refused.len()),
            refused: refused.len(),
        },
        Reading::Refused(_) => LevelsRead::Refused,
        Reading::NotRead => LevelsRead::NotRead,
    }
}

/// That the actions which a layer decides besides are not known.
fn not_checked(requirement: &Requirement, required: RequiredLayer) -> Unknown {
    let (layer, name) = match required {
        RequiredLayer::KeyPolicy => (Layer::Resource, "key policy"),
        RequiredLayer::BucketPolicy => (Layer::Resource, "bucket policy"),
        RequiredLayer::VaultPolicy => (Layer::Resource, "vault policy"),
        RequiredLayer::ServiceControl => (Layer::ServiceControl { level: None }, "SCPs"),
        RequiredLayer::ResourceControl => (Layer::ResourceControl { level: None }, "RCPs"),
    };
    let is_about = |action: &ActionName| match required {
        RequiredLayer::KeyPolicy | RequiredLayer::BucketPolicy | RequiredLayer::VaultPolicy => {
            ResourcePolicy::of(action) == required.policy()
                || (required == RequiredLayer::KeyPolicy
                    && vaults::starts_job(action)
                    && vaults::uses_keys_of_vaults(requirement))
        }
        RequiredLayer::ServiceControl => true,
        RequiredLayer::ResourceControl => is_covered_by_rcps(action),
    };
    let places = requirement.questions().enumerate();
    let places = places.filter_map(|(question, asked)| {
        let actions = (0_u16..).zip(asked.actions.iter());
        let actions: Vec<u16> = actions
            .filter(|(_, action)| is_about(action))
            .map(|(at, _)| at)
            .collect();
        (!actions.is_empty()).then_some(Place { question, actions })
    });
    Unknown {
        cause: Cause::NotChecked {
            layer,
            policy: name.into(),
        },
        keys: BTreeSet::new(),
        places: places.collect(),
    }
}
