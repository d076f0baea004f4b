//! Plans: which requests of a requirement are about declared resources of which something was read?
//!
//! In: a requirement, and what is known of the resource side. Out: a [`Plan`], the same for all principals that have the requirement.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use iam::{AccountId, ActionName, Arn, Context, Known, Principal, Question};

use super::bearing::{Bearing, Kind, Passing, Service};
use super::class::{Action, Class, Traits, alike};
use super::passing::{ENDPOINT, NETWORK, endpoints};
use super::roles::assumes;
use super::samples::{self, Sample};
use super::side::{Side, Site};
use super::undeclared::{StandsFor, restricted};
use super::vaults::{about_vault, is_asked_about, keys_of_vaults};
use super::workers;
use crate::bind::requirement::Requirement;
use crate::resources::{Bucket, NamedResource};

/// The requests of a requirement that the resource side decides besides.
pub(super) struct Plan<'a> {
    pub(super) requests: Vec<Planned<'a>>,
    traits: Traits<'a>,
}

/// Requests for several actions on one resource in one context.
pub(super) struct Planned<'a> {
    /// The position of the question.
    pub(super) question: usize,
    /// As the policies of the resource side see it.
    pub(super) resource: Arc<str>,
    pub(super) context: Arc<Context>,
    pub(super) actions: Vec<Action>,
    /// What they meet; of several, one: which endpoint they pass is not known.
    pub(super) sides: Vec<Arc<Side<'a>>>,
    /// More objects for which the resource may stand, and which a policy may deny.
    pub(super) samples: Arc<[Sample]>,
    pub(super) stands_for: StandsFor,
}

/// Contexts that were made. Requirements share those of their questions.
#[derive(Default)]
pub(super) struct Contexts(HashMap<ContextKey, Arc<Context>>);

/// The address of the question's context, what else decides, the region, the endpoints that are passed.
type ContextKey = (
    usize,
    Bearing,
    Kind,
    Service,
    Option<AccountId>,
    Option<Box<str>>,
    Vec<Box<str>>,
);

impl<'a> Plan<'a> {
    pub(super) fn of(requirement: &Requirement, site: Site<'a>, contexts: &mut Contexts) -> Self {
        let mut planning = Planning {
            site,
            bearing: Bearing::of(requirement),
            contexts,
            private_network: requirement.private_network,
            sides: BTreeMap::new(),
            requests: Vec::new(),
        };
        for (at, question) in requirement.questions().enumerate() {
            planning.add(at, question, requirement);
        }
        let requests = planning.requests;
        let mut traits = Traits::default();
        for planned in &requests {
            let actions = planned.actions.iter().map(|action| &action.name);
            for side in &planned.sides {
                traits.add(side, actions.clone());
            }
        }
        Self { requests, traits }
    }

    /// Which principals are decided like this one.
    pub(super) fn class(&self, principal: &Principal) -> Class {
        self.traits.class(principal)
    }
}

/// What requests are about, and how they come there.
#[derive(Clone, Copy)]
struct Met<'m> {
    stands_for: StandsFor,
    resource: &'m Arc<str>,
    service: Service,
    /// The account of the resource where it is another one.
    owner: Option<AccountId>,
    /// The endpoints that they pass.
    passed: Passing<'m>,
}

struct Planning<'a, 'c> {
    site: Site<'a>,
    bearing: Bearing,
    contexts: &'c mut Contexts,
    /// Whether workers run without public addresses, where somebody said.
    private_network: Option<bool>,
    sides: BTreeMap<NamedResource, Option<Arc<Side<'a>>>>,
    requests: Vec<Planned<'a>>,
}

impl<'a> Planning<'a, '_> {
    fn add(&mut self, at: usize, question: &Question, requirement: &Requirement) {
        let is_vault = |named: &NamedResource| matches!(named, NamedResource::Vault(_));
        let resource = NamedResource::of(&question.resource).filter(|named| !is_vault(named));
        if let Some(resource) = &resource {
            let actions = question.actions.iter().cloned();
            let actions: Vec<_> = (0_u16..).zip(actions).collect();
            let met = Met {
                stands_for: StandsFor::Itself,
                resource: &question.resource,
                service: match resource {
                    NamedResource::Key { .. } => Service::Keys,
                    NamedResource::Bucket(_) => Service::Buckets,
                    NamedResource::Vault(_) => Service::Vaults,
                },
                owner: self.site.owner(resource),
                passed: Passing::Nothing,
            };
            let side = self.side(resource);
            let passed = match self.private_network {
                Some(true) => endpoints(question, self.site.resources),
                Some(false) | None => Vec::new(),
            };
            if !passed.is_empty() {
                let own = side.as_deref().cloned().unwrap_or_else(Side::nothing);
                let sides = passed.iter().map(|one| Arc::new(own.through(one)));
                let sides = sides.collect();
                let met = Met {
                    passed: Passing::OneOf(&passed),
                    ..met
                };
                self.push(at, question, met, actions.clone(), sides);
            } else if self.private_network != Some(false)
                && let Some(side) = &side
                && met.service == Service::Buckets
                && side.hangs_on(&[ENDPOINT, NETWORK])
                && self.bearing.hides_endpoints(&question.context)
            {
                // Each must be let through: those that pass no endpoint, and those of workers, of which nobody knows.
                let met = Met {
                    passed: Passing::Unknown,
                    ..met
                };
                self.push(at, question, met, actions.clone(), vec![Arc::clone(side)]);
            }
            if let Some(side) = side {
                self.push(at, question, met, actions, vec![side]);
            }
        }
        if let Some(side) = self.site.role(&question.resource) {
            let actions = (0_u16..).zip(question.actions.iter().cloned());
            let actions = actions.filter(|(_, action)| assumes(action)).collect();
            let met = Met {
                stands_for: StandsFor::Itself,
                resource: &question.resource,
                service: Service::Roles,
                owner: None,
                passed: Passing::Nothing,
            };
            self.push(at, question, met, actions, vec![Arc::new(side)]);
        }
        if &*question.resource == "*" {
            self.add_vaults(at, question, requirement);
            self.add_vault_keys(at, question, requirement);
            self.add_undeclared(at, question);
        }
        if requirement.is_carried_in_private() {
            self.add_called(at, question);
        }
    }

    /// What workers call through endpoints.
    fn add_called(&mut self, at: usize, question: &Question) {
        let account = (self.site.partition, self.site.account.as_str());
        for called in workers::called(question, self.site.resources, account) {
            let sides = called.endpoints.iter();
            let sides = sides.map(|one| Arc::new(Side::nothing().through(one)));
            let sides = sides.collect();
            let met = Met {
                stands_for: match called.is_any {
                    true => StandsFor::Itself,
                    false => StandsFor::Named,
                },
                resource: &called.resource,
                service: Service::Others,
                owner: None,
                passed: Passing::OneOf(&called.endpoints),
            };
            self.push(at, question, met, called.actions, sides);
        }
    }

    /// What RCPs make of requests on whatever resource of the account.
    fn add_undeclared(&mut self, at: usize, question: &Question) {
        let Some(side) = self.site.any_resource() else {
            return;
        };
        let account = (self.site.partition, self.site.account.as_str());
        let restricted = restricted(question, account, &side);
        let side = Arc::new(side);
        for (resource, actions) in restricted {
            let service = match Arn::parse(&resource).map(|arn| arn.service) {
                Ok("kms") => Service::Keys,
                Ok("s3") => Service::Buckets,
                Ok(_) | Err(_) => Service::Others,
            };
            let met = Met {
                stands_for: StandsFor::AnyResource,
                resource: &resource,
                service,
                owner: None,
                passed: Passing::Nothing,
            };
            self.push(at, question, met, actions, vec![Arc::clone(&side)]);
        }
    }

    /// Keys of vaults that AWS Backup uses by itself: what their policies deny the role may keep its jobs from starting.
    fn add_vault_keys(&mut self, at: usize, question: &Question, requirement: &Requirement) {
        let resources = self.site.resources;
        for (key, actions) in keys_of_vaults(question, requirement, resources) {
            let named = NamedResource::Key {
                arn: (&*key).into(),
                role: None,
            };
            if let Some(side) = self.side(&named) {
                let met = Met {
                    stands_for: StandsFor::Service,
                    resource: &key,
                    service: Service::Keys,
                    owner: self.site.owner(&named),
                    passed: Passing::Nothing,
                };
                self.push(at, question, met, actions, vec![side]);
            }
        }
    }

    /// Nothing names a vault in a question: most actions on what is in it are about recovery points. Each vault must let them through,
    /// so that one without a policy counts beside one whose policy allows more than the principal's own.
    fn add_vaults(&mut self, at: usize, question: &Question, requirement: &Requirement) {
        let vaults = requirement.resources.iter();
        let vaults = vaults.filter(|named| is_asked_about(question, named));
        let sides: Vec<_> = vaults.map(|named| (named, self.side(named))).collect();
        if sides.iter().all(|(_, side)| side.is_none()) {
            return;
        }
        for (named, side) in sides {
            let side = side.unwrap_or_else(|| Arc::new(Side::nothing()));
            let owner = self.site.owner(named);
            for (resource, actions) in about_vault(question, named, &requirement.set) {
                let met = Met {
                    stands_for: StandsFor::Itself,
                    resource: &resource,
                    service: Service::Vaults,
                    owner,
                    passed: Passing::Nothing,
                };
                self.push(at, question, met, actions, vec![Arc::clone(&side)]);
            }
        }
    }

    fn side(&mut self, resource: &NamedResource) -> Option<Arc<Side<'a>>> {
        let site = self.site;
        let known = self.sides.entry(resource.clone());
        let side = known.or_insert_with_key(|resource| {
            let side = match resource {
                NamedResource::Key { arn, .. } => site.key(arn),
                NamedResource::Bucket(name) => site.bucket(name),
                NamedResource::Vault(arn) => site.vault(arn),
            };
            side.map(Arc::new)
        });
        side.clone()
    }

    fn push(
        &mut self,
        at: usize,
        question: &Question,
        met: Met<'_>,
        actions: Vec<(u16, ActionName)>,
        sides: Vec<Arc<Side<'a>>>,
    ) {
        let mut kinds: BTreeMap<Kind, Vec<(u16, ActionName)>> = BTreeMap::new();
        for (position, action) in actions {
            let of_kind = kinds.entry(Kind::of(&action)).or_default();
            of_kind.push((position, action));
        }
        let samples: Arc<[Sample]> = match met.service {
            Service::Buckets => samples::of(met.resource, &sides, &question.context).into(),
            Service::Keys | Service::Vaults | Service::Roles | Service::Others => Arc::default(),
        };
        let stands_for = met.stands_for;
        for (kind, actions) in kinds {
            let context = self.context(question, kind, met);
            self.requests.push(Planned {
                question: at,
                resource: Arc::clone(met.resource),
                context,
                actions: alike(actions, &sides),
                sides: sides.clone(),
                samples: Arc::clone(&samples),
                stands_for,
            });
        }
    }

    fn context(&mut self, question: &Question, kind: Kind, met: Met<'_>) -> Arc<Context> {
        let Met {
            stands_for: _,
            resource,
            service,
            owner,
            passed,
        } = met;
        let region = self.region(resource);
        let address = Arc::as_ptr(&question.context).addr();
        let region_key = region.map(Box::from);
        let ids = passed.endpoints().iter();
        let ids = ids.map(|endpoint| endpoint.id.clone()).collect();
        let site = self.site;
        let bearing = self.bearing.on(self.bucket(resource), passed);
        let key = (address, bearing, kind, service, owner, region_key, ids);
        let context = self.contexts.0.entry(key).or_insert_with(|| {
            let asked = &question.context;
            let mut context = bearing.context(site, asked, kind, service, owner, passed);
            if let Some(region) = region
                && context.get("aws:RequestedRegion") == Known::Unknown
            {
                context.set_one("aws:RequestedRegion", region);
            }
            Arc::new(context)
        });
        Arc::clone(context)
    }

    /// The region of a bucket.
    fn region(&self, resource: &str) -> Option<&'a str> {
        let bucket = self.bucket(resource)?;
        bucket.region.read().map(|region| &**region)
    }

    /// The bucket that a resource is, or is in.
    fn bucket(&self, resource: &str) -> Option<&'a Bucket> {
        let arn = Arn::parse(resource)
            .ok()
            .filter(|arn| arn.service == "s3")?;
        let bucket = arn.resource.split('/').next()?;
        self.site.resources.buckets.get(bucket)
    }
}
