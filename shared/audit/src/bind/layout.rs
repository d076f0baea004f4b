//! Layout: what does the simulator have to be asked for a set?
//!
//! A set becomes questions: its actions grouped by what they are checked against, then one question for each resource
//! and region. What is grouped together is `groups`' business.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{ActionSet, Catalog, Holder, Lifetime};
use iam::{ActionName, Context, PrincipalKind, Question};

use super::groups::{ActionGroups, Bears, Carries, GroupKey, group};
use super::key_asks;
use super::named;
use super::resource::{ANY_REGION, Resource, global_region, is_global, resources};
use super::scope::Scope;
use crate::asked::{Asked, Extent};
use crate::bind::assumptions;
use crate::bind::requirement::{Check, Permit, Requirement, RequirementNotice};
use crate::judge::excess;
use crate::level::Level;
use crate::settings::RequestContext;

/// Makes requirements, and remembers what they can share.
pub(super) struct Layouts<'c> {
    catalog: &'c Catalog,
    extent: Extent,
    /// What holds for every request, whatever the region.
    context: Arc<Context>,
    /// What the settings say of some requests.
    requests: &'c [RequestContext],
    /// By what the actions bear besides, and by region: a request has few that differ, and each may be long.
    contexts: BTreeMap<ContextKey, Arc<Context>>,
    groups: BTreeMap<GroupsKey, Arc<ActionGroups>>,
    requirements: BTreeMap<(Box<str>, PrincipalKind, Scope, bool), Arc<Requirement>>,
}

/// The keys that the catalog names, those that the settings name, the region.
type ContextKey = (Bears, Carries, Option<Arc<str>>);

type GroupsKey = (
    Box<str>,
    catalog::ProductVersion,
    Vec<(Box<str>, bool)>,
    Vec<Box<str>>,
    Vec<usize>,
);

/// The condition that says whether workers run without public addresses.
const PRIVATE_NETWORK: &str = "private-network";

impl<'c> Layouts<'c> {
    pub(super) fn new(asked: &Asked<'c>) -> Self {
        Self {
            catalog: asked.catalog,
            extent: asked.extent,
            context: assumptions::context(asked.settings, asked.now).into(),
            requests: &asked.settings.requests,
            contexts: BTreeMap::new(),
            groups: BTreeMap::new(),
            requirements: BTreeMap::new(),
        }
    }

    /// The requirement of one set for principals of one kind with one scope.
    pub(super) fn requirement(
        &mut self,
        set: &ActionSet,
        kind: PrincipalKind,
        scope: &Scope,
        sets: &BTreeMap<Box<str>, Box<str>>,
    ) -> Arc<Requirement> {
        let lacking = lacking(set, sets);
        let is_alone = lacking.is_some();
        let key = (Box::from(set.id.as_str()), kind, scope.clone(), is_alone);
        if let Some(requirement) = self.requirements.get(&key) {
            return Arc::clone(requirement);
        }
        let requirement = Arc::new(self.lay_out(set, kind, scope, lacking));
        self.requirements.insert(key, Arc::clone(&requirement));
        requirement
    }

    /// `lacking`: that the principal has none of the sets without which this one is of no use.
    fn lay_out(
        &mut self,
        set: &ActionSet,
        kind: PrincipalKind,
        scope: &Scope,
        lacking: Option<RequirementNotice>,
    ) -> Requirement {
        let resources = self.resources(scope);
        let groups = self.groups(set, scope, &resources);
        let regions: Arc<[Arc<str>]> = scope
            .regions
            .iter()
            .map(|region| Arc::from(&**region))
            .collect();
        let mut checks = Vec::new();
        for group in &groups.groups {
            let bears = &group.against.context;
            for (resource, region) in self.places(&group.against, scope, &resources, &regions) {
                checks.push(Check {
                    question: Question {
                        resource: resource.arn,
                        context: self.context(bears, &group.against.carries, region),
                        actions: Arc::clone(&group.actions),
                    },
                    needs: Arc::clone(&group.needs),
                    permit: Permit {
                        resource: resource.pattern,
                        context: Arc::clone(bears),
                    },
                });
            }
        }
        let sets = self.catalog.resolve(&set.id).unwrap_or_else(|_| vec![set]);
        let keys = key_asks::declared(&resources);
        let requests = self.requests_of(scope);
        let key_asks = key_asks::of(&sets, scope, &keys, &self.context, &requests);
        let named = named::named(&groups, key_asks.as_ref(), &resources, &regions);
        if let Some(asks) = &key_asks {
            let known = keys.values().flatten().copied().collect();
            let needed = key_asks::settle(&[asks], &known, &mut checks);
            key_asks::add(asks, &keys, &needed, &mut checks);
        }
        // Policies alone do not say whose they are.
        let is_role = kind == PrincipalKind::Role && self.extent != Extent::Policies;
        let is_user = kind == PrincipalKind::User && self.extent == Extent::Whole;
        let assumed = set.trust.appliance && is_role;
        let mut notices = Vec::new();
        if set.lifetime == Lifetime::Transient {
            notices.push(RequirementNotice::Transient);
        }
        notices.extend(lacking);
        if assumed && scope.assumed_by.is_empty() {
            notices.push(RequirementNotice::TrustedByWhom);
        }
        let mut trust_services: Vec<Box<str>> = match is_role {
            true => set
                .trusted_services_for(scope.version)
                .map(Box::from)
                .collect(),
            false => Vec::new(),
        };
        trust_services.sort();
        let mut requirement = Requirement {
            set: set.id.as_str().into(),
            title: set.title.as_str().into(),
            impact: set.impact.as_str().into(),
            level: Level::of(set.severity),
            version: scope.version,
            names: groups.names,
            checks: checks.into(),
            trust_services: trust_services.into(),
            trusted: if assumed {
                scope.assumed_by.iter().cloned().collect()
            } else {
                Arc::default()
            },
            one_bucket: groups.one_bucket.iter().cloned().collect(),
            instance_profile: set.instance_profile && is_role,
            access_key: set.principal == Holder::User
                && set.lifetime == Lifetime::Standing
                && is_user,
            regions,
            notices: notices.into(),
            unread: groups.unread.iter().copied().collect(),
            resources: named.into_iter().collect(),
            key_asks: key_asks.map(Arc::new),
            worker_accounts: scope.worker_accounts.iter().copied().collect(),
            external_ids: scope.external_ids.iter().cloned().collect(),
            private_network: scope.answers.get(PRIVATE_NETWORK).copied(),
        };
        requirement.count();
        requirement
    }

    /// What the settings say of the requests of principals with this scope.
    fn requests_of(&self, scope: &Scope) -> Vec<&'c RequestContext> {
        let requests = scope.requests.iter();
        requests.filter_map(|&at| self.requests.get(at)).collect()
    }

    /// One question, whose one action must be denied.
    pub(super) fn canary(&self, action: &ActionName, regions: &[Box<str>]) -> Arc<[Question]> {
        let region = regions.first().map(AsRef::as_ref);
        [self.everywhere(vec![action.clone()], region)].into()
    }

    /// Questions that show what a principal can do beyond its sets.
    pub(super) fn excess(&self, partition: &str, regions: &[Box<str>]) -> Arc<[Question]> {
        let (global, regional): (Vec<ActionName>, Vec<ActionName>) = excess::probes()
            .into_iter()
            .partition(|action| is_global(action.service()));
        let region = regions.first().map(AsRef::as_ref);
        [
            self.everywhere(global, Some(global_region(partition))),
            self.everywhere(regional, region),
        ]
        .into()
    }

    /// A question about every resource.
    fn everywhere(&self, actions: Vec<ActionName>, region: Option<&str>) -> Question {
        let mut context = Context::clone(&self.context);
        if let Some(region) = region {
            context.set_one("aws:RequestedRegion", region);
        }
        Question {
            resource: "*".into(),
            context: context.into(),
            actions: actions.into(),
        }
    }

    /// The context of requests in a region that bear these keys.
    fn context(
        &mut self,
        bears: &Bears,
        carries: &Carries,
        region: Option<Arc<str>>,
    ) -> Arc<Context> {
        let key = (Arc::clone(bears), Arc::clone(carries), region);
        let known = self.contexts.entry(key);
        let known = known.or_insert_with_key(|(bears, carries, region)| {
            let mut context = Context::clone(&self.context);
            for (key, values) in bears.iter() {
                context.set(key, values.iter().map(String::as_str));
            }
            for (key, values) in carries.iter() {
                context.set(key, values.iter().cloned());
            }
            if let Some(region) = region {
                context.set_one("aws:RequestedRegion", &**region);
                context.set_one("ec2:Region", &**region);
            }
            Arc::new(context)
        });
        Arc::clone(known)
    }

    /// The resources of each scope variable whose values are known.
    fn resources(&self, scope: &Scope) -> BTreeMap<Box<str>, Vec<Resource>> {
        let mut known = BTreeMap::new();
        for variable in self.catalog.scope_variables() {
            let resources = resources(variable, scope);
            if !resources.is_empty() {
                known.insert(variable.name.clone(), resources);
            }
        }
        known
    }

    fn groups(
        &mut self,
        set: &ActionSet,
        scope: &Scope,
        resources: &BTreeMap<Box<str>, Vec<Resource>>,
    ) -> Arc<ActionGroups> {
        let answers = scope.answers.iter().map(|(name, yes)| (name.clone(), *yes));
        let key = (
            Box::from(set.id.as_str()),
            scope.version,
            answers.collect(),
            resources.keys().cloned().collect(),
            scope.requests.clone(),
        );
        if let Some(groups) = self.groups.get(&key) {
            return Arc::clone(groups);
        }
        let requests = self.requests_of(scope);
        let groups = Arc::new(group(
            self.catalog,
            set,
            scope,
            resources,
            (&self.context, &requests),
        ));
        self.groups.insert(key, Arc::clone(&groups));
        groups
    }

    /// Every resource with every region that it can be asked about in.
    fn places(
        &self,
        against: &GroupKey,
        scope: &Scope,
        resources: &BTreeMap<Box<str>, Vec<Resource>>,
        regions: &[Arc<str>],
    ) -> Vec<(Resource, Option<Arc<str>>)> {
        let any = Resource::any();
        let resources = against
            .variable
            .as_ref()
            .and_then(|variable| resources.get(variable))
            .map_or(std::slice::from_ref(&any), Vec::as_slice);
        let mut places = Vec::new();
        for resource in resources {
            if against.global {
                let region = global_region(&scope.partition);
                places.push((resource.clone(), Some(Arc::from(region))));
                continue;
            }
            let own = iam::Arn::parse(&resource.arn).map_or("", |arn| arn.region);
            if !own.is_empty() && own != ANY_REGION {
                places.push((resource.clone(), Some(Arc::from(own))));
            } else if regions.is_empty() {
                // An ARN with a region, and no region to put there, is no request that could be made.
                let resource = if own.is_empty() { resource } else { &any };
                places.push((resource.clone(), None));
            } else {
                for region in regions {
                    places.push((resource.in_region(region), Some(Arc::clone(region))));
                }
            }
        }
        places
    }
}

/// That a set needs one of others, of which the principal has none.
fn lacking(set: &ActionSet, sets: &BTreeMap<Box<str>, Box<str>>) -> Option<RequirementNotice> {
    let ids = || set.needs_one_of.iter().map(catalog::SetId::as_str);
    let is_lacking = ids().next().is_some() && !ids().any(|id| sets.contains_key(id));
    is_lacking.then(|| RequirementNotice::NeedsOneOf(ids().map(Box::from).collect()))
}
