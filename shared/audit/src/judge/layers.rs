//! Layers: which policies did an audit look at, and does a verdict rest on all that it has to?
//!
//! In: requirements, what was read of the resource side, which layers are required. Out: for each requirement the policies that
//! nobody looked at; for the audit how many were read; and a verdict that would be compliant without a required layer is
//! undetermined.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use iam::evaluate::{account_of, is_covered_by_rcps};
use iam::policy::Effect;
use iam::simulator::ServiceControl;
use iam::{AccountId, ActionName, Cause, Layer};

use crate::bind::requirement::{Requirement, ResourcePolicy};
use crate::judge::assessment::{Assessment, LayerCoverage, LevelsRead, Readings};
use crate::judge::resource_side::passing;
use crate::judge::verdict::{Judgement, NOT_CHECKED, Place, Unknown, Verdict};
use crate::resources::{Bucket, Key, NamedPolicy, NamedResource, Reading, Resources, Vault};
use crate::settings::required::RequiredLayer;

/// The policies that nobody looked at, by requirement.
pub(crate) struct NotChecked<'a> {
    resources: &'a Resources,
    account: AccountId,
    known: HashMap<usize, Arc<[ResourcePolicy]>>,
}

impl<'a> NotChecked<'a> {
    pub(crate) fn new(resources: &'a Resources, account: AccountId) -> Self {
        Self {
            resources,
            account,
            known: HashMap::new(),
        }
    }

    /// Those of a requirement, sorted.
    pub(crate) fn of(&mut self, requirement: &Arc<Requirement>) -> Arc<[ResourcePolicy]> {
        let (resources, account) = (self.resources, self.account);
        let known = self.known.entry(Arc::as_ptr(requirement).addr());
        let found = known.or_insert_with(|| {
            let unread = requirement.unread.iter().copied();
            unread
                .filter(|policy| !is_checked(*policy, requirement, resources, account))
                .collect()
        });
        Arc::clone(found)
    }
}

fn is_checked(
    policy: ResourcePolicy,
    requirement: &Requirement,
    resources: &Resources,
    account: AccountId,
) -> bool {
    let of_resource = |policy| {
        let named = requirement.resources.iter();
        let mut found = named
            .filter(|named| policy_of(named) == policy)
            .map(|named| reading(named, resources, account))
            .peekable();
        found.peek().is_some() && found.all(|sight| sight == Sight::Read)
    };
    match policy {
        ResourcePolicy::Bucket | ResourcePolicy::Key | ResourcePolicy::Vault => of_resource(policy),
        ResourcePolicy::ResourceControl => match &resources.organization {
            Reading::Read(None) => true,
            Reading::Read(Some(organization)) => {
                let is_of_management = organization.management_account == Some(account);
                let levels = organization.resource_control.read();
                // They are decided for declared resources; where none of them denies, nothing is left to decide.
                let is_whole = organization.refused_resource_control.is_empty();
                is_of_management
                    || (is_whole && levels.is_some_and(|levels| !denies(levels)))
                    || (is_whole && levels.is_some() && is_all_named(requirement))
            }
            Reading::NotRead | Reading::Refused(_) => false,
        },
    }
}

fn denies(levels: &[Vec<NamedPolicy>]) -> bool {
    let mut policies = levels.iter().flatten();
    policies.any(|policy| match &*policy.document {
        Ok(document) => {
            let mut statements = document.statements.iter();
            statements.any(|statement| statement.effect == Effect::Deny)
        }
        Err(_) => true,
    })
}

/// Whether each request that RCPs restrict is about a resource that was declared.
fn is_all_named(requirement: &Requirement) -> bool {
    let mut questions = requirement.questions();
    questions.all(|question| {
        let mut covered = question
            .actions
            .iter()
            .filter(|one| is_covered_by_rcps(one));
        &*question.resource != "*" || covered.next().is_none()
    })
}

/// The policies of the resource side that a cause blames for what becomes of an action.
pub(crate) fn blamed(cause: &Cause, action: &str) -> BTreeSet<ResourcePolicy> {
    let of_resource = || ResourcePolicy::of(&action.parse().ok()?);
    let layers = cause.layers().into_iter();
    let policies = layers.filter_map(|layer| match layer {
        Layer::Resource => of_resource(),
        Layer::Grant => Some(ResourcePolicy::Key),
        Layer::ResourceControl { .. } => Some(ResourcePolicy::ResourceControl),
        Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::ServiceControl { .. }
        | Layer::Endpoint => None,
    });
    policies.collect()
}

/// How well a resource was seen: its policy, and the state or settings that decide besides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Read,
    Refused,
    NotRead,
}

impl Sight {
    fn of<T>(reading: &Reading<T>) -> Self {
        match reading {
            Reading::Read(_) => Self::Read,
            Reading::Refused(_) => Self::Refused,
            Reading::NotRead => Self::NotRead,
        }
    }

    /// What was refused outweighs what nobody asked for, and either outweighs what was read.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refused, _) | (_, Self::Refused) => Self::Refused,
            (Self::NotRead, _) | (_, Self::NotRead) => Self::NotRead,
            (Self::Read, Self::Read) => Self::Read,
        }
    }
}

fn policy_of(named: &NamedResource) -> ResourcePolicy {
    match named {
        NamedResource::Key { .. } => ResourcePolicy::Key,
        NamedResource::Bucket(_) => ResourcePolicy::Bucket,
        NamedResource::Vault(_) => ResourcePolicy::Vault,
    }
}

fn reading(named: &NamedResource, resources: &Resources, account: AccountId) -> Sight {
    match named {
        NamedResource::Key { arn, .. } => {
            let of_key = |key| sight_of_key(arn, key, account);
            resources.keys.get(arn).map_or(Sight::NotRead, of_key)
        }
        NamedResource::Bucket(name) => {
            let bucket = resources.buckets.get(name);
            bucket.map_or(Sight::NotRead, sight_of_bucket)
        }
        NamedResource::Vault(arn) => {
            let of_vault =
                |vault: &Vault| Sight::of(&vault.policy).and(Sight::of(&vault.description));
            resources.vaults.get(arn).map_or(Sight::NotRead, of_vault)
        }
    }
}

fn sight_of_key(arn: &str, key: &Key, account: AccountId) -> Sight {
    let metadata = key.metadata.read();
    // Its service lets everybody of the account in.
    let serves = metadata.is_some_and(|metadata| &*metadata.manager == "AWS")
        && account_of(arn) == Some(account);
    match serves {
        true => Sight::Read,
        false => Sight::of(&key.policy).and(Sight::of(&key.metadata)),
    }
}

fn sight_of_bucket(bucket: &Bucket) -> Sight {
    Sight::of(&bucket.policy)
        .and(Sight::of(&bucket.versioning))
        .and(Sight::of(&bucket.object_lock))
        .and(Sight::of(&bucket.encryption))
        .and(Sight::of(&bucket.lifecycle))
}

/// Says which layers were looked at, and takes back what rests on too few.
pub(crate) fn conclude(
    assessment: &mut Assessment,
    required: &BTreeSet<RequiredLayer>,
    service_control: &ServiceControl<'_>,
) {
    let resources = Arc::clone(&assessment.coverage.resources);
    let layers = LayerCoverage {
        keys: Readings::default(),
        buckets: Readings::default(),
        vaults: Readings::default(),
        service_control: levels_read(&resources, service_control),
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
        match reading(named, &resources, assessment.account) {
            Sight::Read => readings.read += 1,
            Sight::Refused => readings.refused += 1,
            Sight::NotRead => readings.not_read += 1,
        }
    }
    let knows_service_control = match assessment.coverage.layers.service_control {
        LevelsRead::Read(_) | LevelsRead::NoOrganization => true,
        LevelsRead::NotRead | LevelsRead::Refused | LevelsRead::Partly { .. } => false,
    };
    for verdict in &mut assessment.verdicts {
        if verdict.judgement() != Judgement::Compliant {
            continue;
        }
        let lacking = required.iter().filter(|layer| match layer.policy() {
            Some(policy) => verdict.not_checked.contains(&policy),
            None => !knows_service_control,
        });
        let unknown: Vec<Unknown> = lacking
            .map(|layer| not_checked(&verdict.requirement, *layer))
            .collect();
        verdict.unknown.extend(unknown);
    }
}

/// The policies of the endpoints that requests pass.
fn endpoints(verdicts: &[Verdict], resources: &Resources) -> Readings {
    let requirements = verdicts.iter().map(|verdict| &verdict.requirement);
    let private = requirements.filter(|requirement| requirement.private_network == Some(true));
    let private: BTreeMap<usize, &Arc<Requirement>> = private
        .map(|requirement| (Arc::as_ptr(requirement).addr(), requirement))
        .collect();
    let passed = private
        .into_values()
        .flat_map(|requirement| passing::of_requirement(requirement, resources));
    let passed: BTreeMap<&str, bool> = passed
        .map(|endpoint| (&*endpoint.id, endpoint.policy.is_some()))
        .collect();
    let read = passed.values().filter(|is_read| **is_read).count();
    Readings {
        read,
        refused: 0,
        not_read: passed.len() - read,
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
        cause: Cause::Unreadable {
            layer,
            policy: name.into(),
            reason: NOT_CHECKED.into(),
        },
        keys: BTreeSet::new(),
        places: places.collect(),
    }
}
