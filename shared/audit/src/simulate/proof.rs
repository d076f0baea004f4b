//! Proof: on which concrete requests does an answer about `*` rest?
//!
//! A simulator that applies SCPs without showing them is asked about the text `*`, which no narrower resource of an SCP matches. So
//! it is asked again, about the resources on which narrowing found the actions allowed. In: an inquiry and what was answered about
//! `*`. Out: a [`Proof`], with the questions to ask; with the answers to those, what holds of the inquiry.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use catalog::known_action;
use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    ActionName, Arn, Cause, Context, Decision, Group, Inventory, Layers, Outcome, Principal,
    Question, Request, evaluate,
};

use super::form::{ArnValues, plain};
use super::kinds::needed;
use super::named::named;
use super::narrow::{Accounts, KnownKinds, narrow, region_of};
use super::reach::lets_through;
use super::witness::{Witness, tagless};
use super::{Inquiry, Reply};
use crate::bind::resource::global_region;

/// Concrete requests, and which answers rest on them.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// What is to be asked.
    pub questions: Arc<[Question]>,
    rests: Vec<Rest>,
}

/// An answer about `*` that lets an action through.
#[derive(Clone, Debug)]
struct Rest {
    list: usize,
    question: usize,
    action: u16,
    /// For each resource that a request of the action has.
    kinds: Vec<OfKind>,
}

/// Requests about resources of one kind; one that is allowed is enough.
#[derive(Clone, Debug)]
struct OfKind {
    is_required: bool,
    /// Positions of question and action. None: no such request could be made up.
    requests: Vec<(usize, u16)>,
}

impl Proof {
    /// The requests on which the answers rest that let actions of requirements through. `lists` are the answers, list by list.
    #[must_use]
    pub fn of(inventory: &Inventory, inquiry: &Inquiry, lists: &[Vec<Group>]) -> Self {
        let Some(principal) = inventory.principals.get(inquiry.principal) else {
            return Self::default();
        };
        let own = ServiceControl::default();
        let mut narrowed = [Reply::Decided(lists.to_vec())];
        let inquiries = std::slice::from_ref(inquiry);
        narrow(Accounts::Own, inventory, &own, inquiries, &mut narrowed);
        let [Reply::Decided(lists)] = narrowed else {
            return Self::default();
        };
        let layers = layers(inventory, principal, &own);
        let named = named(&layers, principal);
        let mut requests = Requests {
            principal,
            layers: &layers,
            kinds: KnownKinds::new(),
            contexts: HashMap::new(),
            about: BTreeMap::new(),
            questions: Vec::new(),
        };
        let mut rests = Vec::new();
        let asked = inquiry.lists.iter().zip(&lists).enumerate();
        for (list, (questions, groups)) in asked.take(inquiry.requirements) {
            let point = inquiry.points.get(list).copied().flatten();
            for (question, asked) in questions.iter().enumerate() {
                if &*asked.resource != "*" {
                    continue;
                }
                let own = groups.iter().filter(|group| group.question == question);
                let refused: BTreeSet<u16> = own
                    .filter(|group| !lets_through(&group.outcome))
                    .flat_map(|group| group.actions.iter().copied())
                    .collect();
                let context = request_context(principal, &asked.context);
                let witness = Witness::new(&layers, principal, &named, context);
                let actions = asked.actions.iter().zip(0_u16..);
                for (name, action) in actions.filter(|(_, at)| !refused.contains(at)) {
                    let kinds = requests.about(asked, (name, point), &witness);
                    if !kinds.is_empty() {
                        rests.push(Rest {
                            list,
                            question,
                            action,
                            kinds,
                        });
                    }
                }
            }
        }
        Self {
            questions: requests.into_questions(),
            rests,
        }
    }

    /// Puts into the answers what the concrete requests came to: `answers` are the groups of what is not plainly allowed of
    /// [`questions`](Self::questions). Where a request was not answered, the action stays allowed with a note of it: a group that
    /// allows, with the reason.
    pub fn conclude(&self, answers: &[Group], lists: &mut [Vec<Group>]) {
        let mut outcomes: HashMap<(usize, u16), &Outcome> = HashMap::new();
        for group in answers {
            for &action in &group.actions {
                outcomes.insert((group.question, action), &group.outcome);
            }
        }
        let mut found: BTreeMap<(usize, usize, Outcome), Vec<u16>> = BTreeMap::new();
        for rest in &self.rests {
            let Some(outcome) = rest.outcome(&outcomes) else {
                continue;
            };
            if outcome.decision != Decision::Allowed
                && let Some(groups) = lists.get_mut(rest.list)
            {
                let own = groups.iter_mut();
                for group in own.filter(|group| group.question == rest.question) {
                    group.actions.retain(|action| *action != rest.action);
                }
                groups.retain(|group| !group.actions.is_empty());
            }
            let actions = found.entry((rest.list, rest.question, outcome));
            actions.or_default().push(rest.action);
        }
        for ((list, question, outcome), actions) in found {
            if let Some(groups) = lists.get_mut(list) {
                let at = groups.partition_point(|group| group.question <= question);
                let group = Group {
                    question,
                    outcome,
                    actions,
                };
                groups.insert(at, group);
            }
        }
    }
}

/// What requests about one kind came to, best first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    Allowed,
    /// Why it is not known.
    NotAnswered(Arc<str>),
    /// Not denied for certain, or denied.
    Not(Outcome),
}

impl Rest {
    /// What holds of the action; `None` where it is allowed as it was.
    fn outcome(&self, outcomes: &HashMap<(usize, u16), &Outcome>) -> Option<Outcome> {
        let some_required = self.kinds.iter().any(|kind| kind.is_required);
        let came = self
            .kinds
            .iter()
            .filter(|kind| kind.is_required || !some_required)
            .map(|kind| kind.came(outcomes));
        // Of each that every request has; where there is none such, of any.
        let came = match some_required {
            true => came.max(),
            false => came.min(),
        };
        match came? {
            Came::Allowed => None,
            Came::NotAnswered(reason) => Some(Outcome {
                decision: Decision::Allowed,
                cause: Cause::NoAnswer { reason },
                missing: BTreeSet::new(),
            }),
            Came::Not(outcome) => Some(outcome),
        }
    }
}

impl OfKind {
    fn came(&self, outcomes: &HashMap<(usize, u16), &Outcome>) -> Came {
        let requests = self.requests.iter();
        let came = requests.map(|request| match outcomes.get(request) {
            None => Came::Allowed,
            Some(outcome) => match &outcome.cause {
                Cause::NoAnswer { reason } => Came::NotAnswered(Arc::clone(reason)),
                Cause::AllowedBy(_)
                | Cause::AllowedOnlyOn { .. }
                | Cause::DeniedOn { .. }
                | Cause::CannotEvaluate { .. }
                | Cause::DeniedBy(_)
                | Cause::DeniedInLayer(_)
                | Cause::MissingContext { .. }
                | Cause::NotAllowedIn(_)
                | Cause::Unreadable { .. }
                | Cause::NotChecked { .. } => Came::Not((*outcome).clone()),
            },
        });
        came.min().unwrap_or_else(|| {
            Came::NotAnswered("no request about such a resource could be made up".into())
        })
    }
}

/// The requests of one principal as they come up.
struct Requests<'a> {
    principal: &'a Principal,
    layers: &'a Layers<'a>,
    kinds: KnownKinds,
    contexts: HashMap<(*const Context, Box<str>, Tags), Arc<Context>>,
    /// Positions of questions, by the address of the context and by resource.
    about: BTreeMap<(usize, Arc<str>), usize>,
    /// What they are about, and the actions.
    questions: Vec<(Arc<Context>, Arc<str>, Vec<ActionName>)>,
}

/// Whether a request can bear tags.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Tags {
    Open,
    None,
}

impl Requests<'_> {
    /// The requests of an action that let it through, for each resource that such a request has. `point`: what recovery points are.
    fn about(
        &mut self,
        asked: &Question,
        (action, point): (&ActionName, Option<&'static str>),
        witness: &Witness<'_>,
    ) -> Vec<OfKind> {
        let region = region_of(asked);
        let arn = &self.principal.arn;
        let account = arn.account();
        let kinds = self
            .kinds
            .entry((region.clone(), action.clone(), point))
            .or_insert_with(|| {
                let arn_values = ArnValues {
                    partition: arn.partition(),
                    region: region.as_deref(),
                    account: account.as_str(),
                    any_account: false,
                };
                needed(action, arn_values, point).into()
            });
        let kinds = Rc::clone(kinds);
        // What is about no resource is decided already.
        let concrete = kinds
            .iter()
            .filter(|one| one.kinds.iter().any(|kind| kind.form.is_some()));
        let of_kind = concrete.map(|one| {
            let resources = one
                .kinds
                .iter()
                .flat_map(|kind| witness.allowed(action, kind));
            OfKind {
                is_required: one.required,
                requests: resources
                    .filter_map(|resource| self.add(asked, action, &resource))
                    .collect(),
            }
        });
        of_kind.collect()
    }

    /// The place of a request; `None` where it is not allowed about a name that AWS takes.
    fn add(
        &mut self,
        asked: &Question,
        action: &ActionName,
        resource: &str,
    ) -> Option<(usize, u16)> {
        let region = global_region(self.principal.arn.partition());
        let resource: Arc<str> = plain(resource, region).into();
        // Of an action that AWS's reference does not tell, the resource may be anything.
        Arn::parse(&resource).ok()?;
        let takes_tags = known_action(action).is_none_or(|known| known.takes_tags);
        let tags: &[Tags] = match takes_tags {
            true => &[Tags::Open],
            false => &[Tags::Open, Tags::None],
        };
        let context = tags.iter().find_map(|&tags| {
            let context = self.context(asked, &resource, tags);
            self.is_allowed(&context, action, &resource)
                .then_some(context)
        })?;
        let key = (Arc::as_ptr(&context).addr(), Arc::clone(&resource));
        let question = *self.about.entry(key).or_insert_with(|| {
            self.questions.push((context, resource, Vec::new()));
            self.questions.len() - 1
        });
        let (_, _, actions) = self.questions.get_mut(question)?;
        let known = actions.iter().position(|one| one == action);
        let at = known.unwrap_or_else(|| {
            actions.push(action.clone());
            actions.len() - 1
        });
        Some((question, u16::try_from(at).ok()?))
    }

    /// The context of a question, with the account of a resource.
    fn context(&mut self, asked: &Question, resource: &str, tags: Tags) -> Arc<Context> {
        let of_resource = Arn::parse(resource).map_or("", |arn| arn.account);
        let account: Box<str> = match of_resource {
            "" => self.principal.arn.account().as_str().into(),
            account => account.into(),
        };
        let key = (Arc::as_ptr(&asked.context), account, tags);
        let context = self.contexts.entry(key).or_insert_with_key(|key| {
            let mut context = (*asked.context).clone();
            for name in ["aws:ResourceAccount", "s3:ResourceAccount"] {
                if !context.names(name) {
                    context.set_one(name, key.1.clone());
                }
            }
            match tags {
                Tags::Open => context.into(),
                Tags::None => tagless(&context).into(),
            }
        });
        Arc::clone(context)
    }

    fn is_allowed(&self, context: &Context, action: &ActionName, resource: &str) -> bool {
        let context = request_context(self.principal, context);
        let request = Request {
            principal: Some(&self.principal.arn),
            action,
            resource,
            context: &context,
        };
        evaluate(self.layers, &request).decision == Decision::Allowed
    }

    fn into_questions(self) -> Arc<[Question]> {
        let questions = self.questions.into_iter();
        questions
            .map(|(context, resource, actions)| Question {
                resource,
                context,
                actions: actions.into(),
            })
            .collect()
    }
}
