//! The resource side of requests: what do the policies of declared keys, buckets, vaults and roles, grants, RCPs and endpoints make of
//! the answers?
//!
//! In: what a simulator and narrowing answered about the principal's side, and what was read of the resource side. Out: the same
//! answers, where a request is about a declared resource with what comes of it there. Sorting then tells them like any other.
//!
//! Principals share requirements, and policies of resources name few of them. So each requirement is planned once, and decided once
//! for all principals that its policies do not tell apart.
//!
//! What is wrong with the state or the settings of a resource is the business of `resource_faults`.

mod bearing;
mod class;
mod groups;
mod made_up;
pub(crate) mod passing;
mod plan;
pub(crate) mod roles;
mod samples;
mod side;
mod together;
mod undeclared;
pub(crate) mod vaults;
pub(crate) mod workers;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::thread;

use iam::evaluate::Caller;
use iam::evaluate::on_top::{ServiceControlLayers, on_top};
use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    AccountId, ActionName, Cause, Context, Decision, Group, Inventory, Layer, Layers, Outcome,
    Policy, Principal, Request,
};

use crate::bind::requirement::Requirement;
use crate::judge::service_control;
use crate::resources::{Organization, Resources};
use crate::simulate::Reply;
use crate::simulate::shares::share;
use class::{Action, Class};
use groups::{is_plainly_allowed, put};
use plan::{Contexts, Plan, Planned};
use roles::Roles;
use samples::denied_on;
use side::Site;
use together::together;

/// What one reply is about: a principal, by its position, and the requirements that its first lists are of.
pub(crate) type Subject<'a> = (usize, &'a [Arc<Requirement>]);

/// Everything that decides besides the principals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    pub(crate) account: AccountId,
    /// Where the principals are.
    pub(crate) inventory: &'a Inventory,
    /// Where the roles are that they assume: the whole account.
    pub(crate) listing: &'a Inventory,
    /// The SCPs above the account as far as the simulator's caller knows them.
    pub(crate) service_control: &'a ServiceControl<'a>,
    pub(crate) resources: &'a Resources,
}

/// Puts into each reply what holds with the resource side. `replies` are those to the subjects, in their order.
pub(crate) fn decide(given: Given<'_>, subjects: &[Subject<'_>], replies: &mut [Reply]) {
    let requirements = subjects.iter().flat_map(|(_, all)| all.iter());
    let requirements = requirements.map(|one| &**one);
    let roles = Roles::of(requirements, given.listing, given.account);
    if is_nothing_read(given.resources) && roles.is_empty() {
        return;
    }
    let mut principals = given.inventory.principals.iter();
    let site = Site {
        resources: given.resources,
        roles: &roles,
        account: given.account,
        partition: principals.next().map_or("aws", |one| one.arn.partition()),
    };
    let known = Known::of(given);
    let in_turn = |subjects: &[Subject<'_>], replies: &mut [Reply]| {
        let mut contexts = Contexts::default();
        let mut plans: HashMap<usize, Plan<'_>> = HashMap::new();
        let mut classes = HashMap::new();
        for ((principal, requirements), reply) in subjects.iter().zip(replies) {
            let (Some(principal), Reply::Decided(lists)) =
                (given.inventory.principals.get(*principal), reply)
            else {
                continue;
            };
            for (requirement, groups) in requirements.iter().zip(lists) {
                let address = address(requirement);
                let plan = plans
                    .entry(address)
                    .or_insert_with(|| Plan::of(requirement, site, &mut contexts));
                if plan.requests.is_empty() {
                    continue;
                }
                let deciding = Deciding {
                    known: &known,
                    plan,
                    principal,
                };
                let at_best = match plan.class(principal) {
                    Class::Own => &deciding.at_best(),
                    Class::Shared(alike) => classes
                        .entry((address, alike))
                        .or_insert_with(|| deciding.at_best()),
                };
                deciding.decide(requirement, at_best, groups);
            }
        }
    };
    let size = share(subjects.len());
    if subjects.len() <= size {
        return in_turn(subjects, replies);
    }
    thread::scope(|scope| {
        for (subjects, replies) in subjects.chunks(size).zip(replies.chunks_mut(size)) {
            scope.spawn(move || in_turn(subjects, replies));
        }
    });
}

fn is_nothing_read(resources: &Resources) -> bool {
    let organization = resources.organization.read().and_then(Option::as_ref);
    let has_rcps = organization.is_some_and(|one| one.resource_control.read().is_some());
    resources.keys.is_empty()
        && resources.buckets.is_empty()
        && resources.vaults.is_empty()
        && resources.regions.is_empty()
        && !has_rcps
}

/// Requirements are shared, and kept alive by what was bound.
fn address(requirement: &Arc<Requirement>) -> usize {
    Arc::as_ptr(requirement).addr()
}

/// What is known above the account.
struct Known<'a> {
    inventory: &'a Inventory,
    service_control: ServiceControl<'a>,
    /// Whether there can be SCPs that nobody gave.
    service_control_layers: ServiceControlLayers,
}

impl<'a> Known<'a> {
    fn of(given: Given<'a>) -> Self {
        let is_known =
            service_control::is_known(given.resources, given.service_control, given.account);
        Self {
            inventory: given.inventory,
            service_control: service_control_above(given),
            service_control_layers: match is_known {
                true => ServiceControlLayers::Known,
                false => ServiceControlLayers::Unknown,
            },
        }
    }
}

/// The SCPs above the account: those that were given, else those that were read with the organisation.
pub(crate) fn service_control_above(given: Given<'_>) -> ServiceControl<'_> {
    let mut service_control = given.service_control.clone();
    let organization = given.resources.organization.read();
    let organization = organization.and_then(Option::as_ref);
    if let Some(levels) = organization.and_then(service_control_of)
        && service_control.levels.is_empty()
    {
        service_control.levels = levels;
    }
    let is_management =
        organization.is_some_and(|one| one.management_account == Some(given.account));
    service_control.management_account |= is_management;
    service_control
}

fn service_control_of(organization: &Organization) -> Option<Vec<Vec<Policy<'_>>>> {
    Some(side::levels(organization.service_control.read()?))
}

/// One requirement of one principal.
struct Deciding<'a> {
    known: &'a Known<'a>,
    plan: &'a Plan<'a>,
    principal: &'a Principal,
}

/// What the resource side makes of requests that the principal's side lets through, where that is not plainly allowed: by the
/// position of the planned request, and the position of the action in it.
type AtBest = HashMap<(usize, usize), Outcome>;

impl<'a> Deciding<'a> {
    fn at_best(&self) -> AtBest {
        let let_through = allowed();
        // What the principal's side lets through is let through by all its layers: which there are is all that counts.
        let layers = Layers {
            boundary: self.principal.boundary.as_ref().map(|_| Vec::new()),
            management_account: self.known.service_control.management_account,
            ..Layers::default()
        };
        let mut found = AtBest::new();
        for (at, planned) in self.plan.requests.iter().enumerate() {
            let context = request_context(self.principal, &planned.context);
            let mut decided: HashMap<usize, Outcome> = HashMap::new();
            for (position, action) in planned.actions.iter().enumerate() {
                let outcome = decided.entry(action.alike).or_insert_with(|| {
                    let decide = |resource| {
                        let request = self.request(&action.name, resource, &context);
                        self.on_top(&let_through, &layers, planned, &request)
                    };
                    let outcome = planned.stands_for.outcome(decide(&*planned.resource));
                    let is_allowed = outcome.decision == Decision::Allowed;
                    let samples = planned.samples.iter().filter(|_| is_allowed);
                    let samples = samples.map(|sample| (sample, decide(&*sample.resource)));
                    denied_on(samples).unwrap_or(outcome)
                });
                if !is_plainly_allowed(outcome) {
                    found.insert((at, position), outcome.clone());
                }
            }
        }
        found
    }

    /// What the planned request comes to, whichever side it meets.
    fn on_top(
        &self,
        given: &Outcome,
        layers: &Layers<'_>,
        planned: &Planned<'_>,
        request: &Request<'_>,
    ) -> Outcome {
        let caller = Caller::of(&self.principal.arn, &self.principal.id);
        let outcomes = planned.sides.iter().map(|side| {
            let layers = Layers {
                resource_side: Some(side.of(caller.clone())),
                ..layers.clone()
            };
            let known = self.known.service_control_layers;
            (&**side, on_top(given, &layers, known, request))
        });
        together(outcomes).unwrap_or_else(|| given.clone())
    }

    fn request<'r>(
        &'r self,
        action: &'r ActionName,
        resource: &'r str,
        context: &'r Context,
    ) -> Request<'r> {
        Request {
            principal: Some(&self.principal.arn),
            action,
            resource,
            context,
        }
    }

    /// Puts the outcomes with the resource side into the groups of a requirement.
    fn decide(&self, requirement: &Requirement, at_best: &AtBest, groups: &mut Vec<Group>) {
        if at_best.is_empty() && groups.is_empty() {
            return;
        }
        let mut changed: HashMap<usize, HashMap<u16, Outcome>> = HashMap::new();
        let mut lifting = None;
        for (at, planned) in self.plan.requests.iter().enumerate() {
            let own: Vec<&Group> = groups
                .iter()
                .filter(|group| group.question == planned.question)
                .collect();
            for (position, action) in planned.actions.iter().enumerate() {
                let mut given = own.iter();
                let given = given.find(|group| group.actions.contains(&action.position));
                let at_best = at_best.get(&(at, position));
                let outcome = match (given.map(|group| &group.outcome), at_best) {
                    (None, None) => continue,
                    (None, Some(at_best)) => at_best.clone(),
                    (Some(given), at_best) => {
                        self.both(planned, action, given, at_best, &mut lifting)
                    }
                };
                let of_question = changed.entry(planned.question).or_default();
                let worst = of_question.entry(action.position).or_insert_with(allowed);
                if weight(&outcome) >= weight(worst) {
                    *worst = outcome;
                }
            }
        }
        if !changed.is_empty() {
            put(requirement, groups, changed);
        }
    }

    /// What both sides make of a request that the principal's side does not plainly let through, as
    /// [`on_top`](iam::evaluate::on_top) has it.
    fn both(
        &self,
        planned: &Planned<'a>,
        action: &Action,
        given: &Outcome,
        at_best: Option<&Outcome>,
        lifting: &mut Option<Layers<'a>>,
    ) -> Outcome {
        let best = at_best.map_or(Decision::Allowed, |one| one.decision);
        let of_resource = || at_best.cloned().unwrap_or_else(allowed);
        match (given.decision, best) {
            (Decision::ExplicitDeny, _) => given.clone(),
            (_, Decision::ExplicitDeny) => of_resource(),
            (Decision::Allowed, Decision::Allowed) if is_plainly_allowed(given) => of_resource(),
            (Decision::Allowed, Decision::Allowed) => given.clone(),
            (Decision::Allowed, Decision::ImplicitDeny | Decision::Undetermined) => of_resource(),
            (Decision::Undetermined, Decision::ImplicitDeny) => of_resource(),
            (Decision::Undetermined, Decision::Allowed | Decision::Undetermined) => given.clone(),
            (Decision::ImplicitDeny, Decision::ImplicitDeny) => given.clone(),
            (Decision::ImplicitDeny, Decision::Allowed | Decision::Undetermined) => {
                if planned.sides.iter().any(|side| side.serves_all()) {
                    return served(planned, given, of_resource());
                }
                if !action.can_lift {
                    return given.clone();
                }
                let layers = lifting.get_or_insert_with(|| {
                    let known = self.known;
                    layers(known.inventory, self.principal, &known.service_control)
                });
                let context = request_context(self.principal, &planned.context);
                let request = self.request(&action.name, &planned.resource, &context);
                let lifted = self.on_top(given, layers, planned, &request);
                match is_plainly_allowed(&lifted) {
                    true => of_resource(),
                    false => lifted,
                }
            }
        }
    }
}

/// What a key that AWS manages makes of a request that identity policies do not allow: its service serves everybody of the account. A
/// boundary or SCPs that do not allow it still decide.
fn served(planned: &Planned<'_>, given: &Outcome, of_resource: Outcome) -> Outcome {
    const SERVICE: &str = "kms:ViaService";
    if given.cause != Cause::NotAllowedIn(vec![Layer::Identity]) {
        return given.clone();
    }
    match planned.context.get(SERVICE) {
        iam::Known::Values([_, ..]) => of_resource,
        iam::Known::Values([]) | iam::Known::Absent => given.clone(),
        iam::Known::Unknown => Outcome {
            decision: Decision::Undetermined,
            cause: Cause::NoAnswer {
                reason: "AWS manages the key, which serves only requests that come through its service, and whether this one does is not known".into(),
            },
            missing: [SERVICE.into()].into(),
        },
    }
}

fn allowed() -> Outcome {
    Outcome {
        decision: Decision::Allowed,
        cause: Cause::AllowedBy(None),
        missing: BTreeSet::new(),
    }
}

/// Of several resources of one kind each must let a request through.
fn weight(outcome: &Outcome) -> u8 {
    match outcome.decision {
        Decision::Allowed => 0,
        Decision::Undetermined => 1,
        Decision::ImplicitDeny => 2,
        Decision::ExplicitDeny => 3,
    }
}
