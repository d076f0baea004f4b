//! The embedded simulator: what may each of many principals do?
//!
//! In: an inventory, the service control policies above the account, and [`Question`]s. Out: [`Group`]s of actions that are not plainly allowed, each with the outcome that
//! [`evaluate`](crate::evaluate()) gives for every one of its actions.
//!
//! The actions are known beforehand, so a pattern is matched once and becomes a set of positions in a table (`table`). A
//! document is compiled once for all principals that have it (`document`, `library`), and its statements are evaluated once
//! for each resource and context (`effect`). A principal is then decided by set operations, layer by layer (`combine`), and
//! only what is not allowed is explained (`explain`). Where an outcome depends on something that is not known, `evaluate`
//! itself is asked, for one action of each kind.

mod bits;
mod combine;
mod document;
mod effect;
mod explain;
mod layers;
mod library;
mod table;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

pub use layers::{ServiceControl, layers, request_context};

use crate::action::ActionName;
use crate::decision::Layer;
use crate::inventory::{Inventory, Principal};
use crate::question::{Group, Question};
use combine::PrincipalEffects;
use effect::{Target, TargetEffects};
use explain::Explainer;
use layers::{Held, Source};
use library::{Library, PresentLayer};
use table::{ActionList, ActionTable};

/// Decides many actions of many principals of one inventory.
pub struct Simulator<'a> {
    inventory: &'a Inventory,
    service_control: ServiceControl<'a>,
    /// The levels of `service_control`, compiled.
    levels: Vec<PresentLayer<'a>>,
    library: Library<'a>,
    targets: Vec<TargetEffects>,
    /// Positions among the targets.
    known_targets: HashMap<Arc<Target>, usize, RandomState>,
    /// By the address of the list, which is kept alive there.
    known_lists: HashMap<usize, ActionList, RandomState>,
}

/// Questions in a form that serves any principal of the simulator that prepared them.
#[derive(Clone, Debug)]
pub struct Prepared {
    questions: Vec<PreparedQuestion>,
}

#[derive(Clone, Debug)]
struct PreparedQuestion {
    target: usize,
    list: ActionList,
}

impl<'a> Simulator<'a> {
    /// A simulator for the principals of an inventory and for all questions that will be asked about any of them. A
    /// question that is not among them is answered as well, but slowly.
    #[must_use]
    pub fn new<'q>(
        inventory: &'a Inventory,
        service_control: ServiceControl<'a>,
        questions: impl IntoIterator<Item = &'q Question>,
    ) -> Self {
        // Questions share few lists of actions.
        let lists: HashMap<usize, &[ActionName], RandomState> = questions
            .into_iter()
            .map(|question| (address(&question.actions), &*question.actions))
            .collect();
        let actions = lists.into_values().flatten();
        let mut library = Library::new(ActionTable::new(actions));
        let levels = service_control.levels.iter().enumerate();
        let levels = levels
            .map(|(level, policies)| {
                let policies = policies.iter().map(|policy| Held {
                    source: Source::Named(Arc::clone(&policy.name)),
                    document: policy.document,
                });
                let level = Some(u8::try_from(level).unwrap_or(u8::MAX));
                library.present(Layer::ServiceControl { level }, policies)
            })
            .collect();
        Self {
            inventory,
            service_control,
            levels,
            library,
            targets: Vec::new(),
            known_targets: HashMap::default(),
            known_lists: HashMap::default(),
        }
    }

    /// Prepares questions once for all principals that they will be asked about.
    pub fn prepare(&mut self, questions: &[Question]) -> Prepared {
        let questions = questions.iter().map(|question| PreparedQuestion {
            target: self.target(question),
            list: self.list(&question.actions),
        });
        Prepared {
            questions: questions.collect(),
        }
    }

    /// Decides all questions for one principal of the inventory. What is allowed is not mentioned; the groups come in the
    /// order of the questions, and within one in the order of their first actions.
    pub fn decide(&mut self, principal: &'a Principal, prepared: &Prepared) -> Vec<Group> {
        let own = self.own_layers(principal);
        let levels = match self.levels.as_slice() {
            levels if !levels.is_empty() && self.service_control.exempts(&principal.arn) => &[],
            levels => levels,
        };
        let present: Vec<&PresentLayer<'a>> = own.iter().chain(levels).collect();
        let mut groups = Vec::new();
        let mut last: Option<(usize, PrincipalEffects)> = None;
        for (at, question) in prepared.questions.iter().enumerate() {
            let Some(target) = self.targets.get_mut(question.target) else {
                continue;
            };
            let effects = match last.take() {
                Some((target, effects)) if target == question.target => effects,
                Some(_) | None => {
                    PrincipalEffects::new(&self.library.documents, target, principal, &present)
                }
            };
            let explainer = Explainer {
                inventory: self.inventory,
                service_control: &self.service_control,
                documents: &self.library.documents,
                target,
                principal,
                present: &present,
                effects: &effects,
            };
            explainer.groups(at, &question.list, &mut groups);
            last = Some((question.target, effects));
        }
        groups
    }

    fn own_layers(&mut self, principal: &'a Principal) -> Vec<PresentLayer<'a>> {
        let identity = layers::identity(self.inventory, principal);
        let mut own = vec![self.library.present(Layer::Identity, identity)];
        let boundary = layers::boundary(self.inventory, principal);
        own.extend(boundary.map(|held| self.library.present(Layer::Boundary, [held])));
        own
    }

    fn target(&mut self, question: &Question) -> usize {
        let target = Arc::new(Target {
            resource: Arc::clone(&question.resource),
            context: Arc::clone(&question.context),
        });
        *self
            .known_targets
            .entry(target)
            .or_insert_with_key(|target| {
                self.targets.push(TargetEffects {
                    target: Arc::clone(target),
                    documents: HashMap::default(),
                });
                self.targets.len() - 1
            })
    }

    fn list(&mut self, actions: &Arc<[ActionName]>) -> ActionList {
        let table = self.library.table();
        self.known_lists
            .entry(address(actions))
            .or_insert_with(|| ActionList::new(actions, table))
            .clone()
    }
}

fn address(actions: &Arc<[ActionName]>) -> usize {
    Arc::as_ptr(actions).addr()
}
