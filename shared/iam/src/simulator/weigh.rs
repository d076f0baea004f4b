//! Weighing: what does each layer of one principal say about all actions, on one resource in one context?

use std::cell::OnceCell;

use super::document::CompiledDocument;
use super::layers::request_context;
use super::stance::{Planes, Says, Stance, says};
use super::{Place, Present, Scope};
use crate::context::Context;
use crate::inventory::Principal;

/// What the layers of a principal say.
pub(super) struct Weighed {
    /// For each layer that is there, in order.
    pub(super) layers: Vec<Planes>,
    /// What statements say that hang on who asks, in order.
    pub(super) personal: Vec<Personal>,
    /// What is known of any request of the principal in this scope.
    context: OnceCell<Context>,
    /// Where the first policy stands that cannot be read: the layer, and the policy in it.
    pub(super) unreadable: Option<(usize, usize)>,
}

/// What one statement says to one principal.
pub(super) struct Personal {
    pub(super) layer: usize,
    pub(super) policy: usize,
    /// The position among the compiled statements.
    pub(super) statement: usize,
    pub(super) says: Says,
}

impl Weighed {
    pub(super) fn new(
        documents: &[CompiledDocument<'_>],
        scope: &mut Scope,
        principal: &Principal,
        present: &[&Present<'_>],
    ) -> Self {
        let Scope { place, stances } = scope;
        let Place { resource, context } = &**place;
        let mut weighed = Self {
            layers: Vec::with_capacity(present.len()),
            personal: Vec::new(),
            context: OnceCell::new(),
            unreadable: None,
        };
        for (layer, present) in present.iter().enumerate() {
            let mut planes = Planes::default();
            for (policy, member) in present.policies.iter().enumerate() {
                let Some(position) = member.document else {
                    weighed.unreadable.get_or_insert((layer, policy));
                    continue;
                };
                let Some(document) = documents.get(position) else {
                    continue;
                };
                let stance = stances
                    .entry(position)
                    .or_insert_with(|| Stance::new(document, resource, context));
                planes.add_all(&stance.planes);
                for &statement in &stance.personal {
                    let Some(compiled) = document.statements.get(statement) else {
                        continue;
                    };
                    let whole = weighed.context(principal, context);
                    if let Some(says) = says(compiled, document.version, resource, whole) {
                        planes.add(says, &compiled.actions);
                        weighed.personal.push(Personal {
                            layer,
                            policy,
                            statement,
                            says,
                        });
                    }
                }
            }
            weighed.layers.push(planes);
        }
        weighed
    }

    /// What is known of any request of a principal, given what the question says.
    pub(super) fn context(&self, principal: &Principal, question: &Context) -> &Context {
        self.context
            .get_or_init(|| request_context(principal, question))
    }
}
