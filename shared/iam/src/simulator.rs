//! The embedded simulator: what may each of many principals do?
//!
//! In: an inventory, the service control policies above the account, and [`Question`]s. Out: [`Group`]s of actions that are not plainly allowed, each with the outcome that
//! [`evaluate`](crate::evaluate()) gives for every one of its actions.
//!
//! The actions are known beforehand, so a pattern is matched once and becomes a set of positions in a table (`table`). A
//! document is compiled once for all principals that carry it (`document`), and asked once how its statements stand to a
//! resource in a context (`stance`). A principal is then decided by set operations, layer by layer (`weigh`), and only
//! what is not allowed is explained (`explain`). Where an outcome hangs on something that is not known, `evaluate` itself
//! is asked, for one action of each kind.

mod bits;
mod document;
mod explain;
mod layers;
mod stance;
mod table;
mod weigh;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

pub use layers::{ServiceControl, layers, request_context};

use crate::action::ActionName;
use crate::context::Context;
use crate::decision::Layer;
use crate::evaluate::is_always_allowed;
use crate::inventory::{Inventory, Principal};
use crate::policy::Document;
use crate::question::{Group, Question};
use bits::Bits;
use document::CompiledDocument;
use explain::Answer;
use layers::{Held, Source};
use stance::Stance;
use table::ActionTable;
use weigh::Weighed;

/// Decides many actions of many principals of one inventory.
pub struct Simulator<'a> {
    inventory: &'a Inventory,
    service_control: ServiceControl<'a>,
    /// The levels of `service_control`, compiled.
    levels: Vec<Present<'a>>,
    library: Library<'a>,
    scopes: Vec<Scope>,
    known_scopes: HashMap<Arc<Place>, usize, RandomState>,
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
    scope: usize,
    list: ActionList,
}

/// Actions that are asked about.
#[derive(Clone, Debug)]
struct ActionList {
    actions: Arc<[ActionName]>,
    /// `None` where not all are in the table, or not in its order.
    asked: Option<Arc<Asked>>,
}

/// A list of actions as positions in the table.
#[derive(Debug)]
struct Asked {
    /// Those that can be denied.
    deniable: Bits,
    /// For each position in the table, the position in the list.
    places: Vec<u16>,
}

/// Compiled documents.
struct Library<'a> {
    table: ActionTable<'a>,
    documents: Vec<CompiledDocument<'a>>,
    /// By the address of the document, which the inventory keeps where it is.
    known: HashMap<usize, usize, RandomState>,
}

/// What a question is about, besides its actions.
#[derive(PartialEq, Eq, Hash)]
struct Place {
    resource: Arc<str>,
    context: Arc<Context>,
}

/// A resource and a context, with what documents say about them.
struct Scope {
    place: Arc<Place>,
    /// By the position in the library.
    stances: HashMap<usize, Stance, RandomState>,
}

/// A layer that is there and counts for a principal.
struct Present<'a> {
    layer: Layer,
    policies: Vec<Member<'a>>,
}

/// A policy of a layer.
struct Member<'a> {
    held: Held<'a>,
    /// The position in the library; `None` where it cannot be read.
    document: Option<usize>,
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
        let mut library = Library {
            table: ActionTable::new(actions),
            documents: Vec::new(),
            known: HashMap::default(),
        };
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
            scopes: Vec::new(),
            known_scopes: HashMap::default(),
            known_lists: HashMap::default(),
        }
    }

    /// Prepares questions once for all principals that they will be asked about.
    pub fn prepare(&mut self, questions: &[Question]) -> Prepared {
        let questions = questions.iter().map(|question| PreparedQuestion {
            scope: self.scope(question),
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
        let present: Vec<&Present<'a>> = own.iter().chain(levels).collect();
        let mut groups = Vec::new();
        let mut last: Option<(usize, Weighed)> = None;
        for (at, question) in prepared.questions.iter().enumerate() {
            let Some(scope) = self.scopes.get_mut(question.scope) else {
                continue;
            };
            let weighed = match last.take() {
                Some((scope, weighed)) if scope == question.scope => weighed,
                _ => Weighed::new(&self.library.documents, scope, principal, &present),
            };
            let answer = Answer {
                inventory: self.inventory,
                service_control: &self.service_control,
                documents: &self.library.documents,
                scope,
                principal,
                present: &present,
                weighed: &weighed,
            };
            answer.groups(at, &question.list, &mut groups);
            last = Some((question.scope, weighed));
        }
        groups
    }

    fn own_layers(&mut self, principal: &'a Principal) -> Vec<Present<'a>> {
        let identity = layers::identity(self.inventory, principal);
        let mut own = vec![self.library.present(Layer::Identity, identity)];
        let boundary = layers::boundary(self.inventory, principal);
        own.extend(boundary.map(|held| self.library.present(Layer::Boundary, [held])));
        own
    }

    fn scope(&mut self, question: &Question) -> usize {
        let place = Arc::new(Place {
            resource: Arc::clone(&question.resource),
            context: Arc::clone(&question.context),
        });
        *self.known_scopes.entry(place).or_insert_with_key(|place| {
            self.scopes.push(Scope {
                place: Arc::clone(place),
                stances: HashMap::default(),
            });
            self.scopes.len() - 1
        })
    }

    fn list(&mut self, actions: &Arc<[ActionName]>) -> ActionList {
        let table = &self.library.table;
        self.known_lists
            .entry(address(actions))
            .or_insert_with(|| ActionList {
                actions: Arc::clone(actions),
                asked: Asked::new(actions, table).map(Arc::new),
            })
            .clone()
    }
}

fn address(actions: &Arc<[ActionName]>) -> usize {
    Arc::as_ptr(actions).addr()
}

impl Asked {
    fn new(actions: &[ActionName], table: &ActionTable<'_>) -> Option<Self> {
        if !actions.is_sorted_by(|one, two| one < two) {
            return None;
        }
        let mut asked = Self {
            deniable: Bits::default(),
            places: Vec::new(),
        };
        for (place, action) in actions.iter().enumerate() {
            let at = table.position(action)?;
            if !is_always_allowed(action) {
                asked.deniable.insert(at..at + 1);
            }
            if asked.places.len() <= at {
                asked.places.resize(at + 1, 0);
            }
            *asked.places.get_mut(at)? = u16::try_from(place).ok()?;
        }
        Some(asked)
    }
}

impl<'a> Library<'a> {
    fn present(&mut self, layer: Layer, held: impl IntoIterator<Item = Held<'a>>) -> Present<'a> {
        let policies = held.into_iter().map(|held| Member {
            document: held.document.ok().map(|document| self.find(document)),
            held,
        });
        Present {
            layer,
            policies: policies.collect(),
        }
    }

    /// The position of a document, which is compiled if it is new.
    fn find(&mut self, document: &'a Document) -> usize {
        let Self {
            table,
            documents,
            known,
        } = self;
        *known
            .entry(std::ptr::from_ref(document).addr())
            .or_insert_with(|| {
                documents.push(CompiledDocument::new(document, table));
                documents.len() - 1
            })
    }
}
