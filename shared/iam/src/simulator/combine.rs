//! Combining: what does each layer of one principal say about all actions, on one resource in one context?

use std::cell::OnceCell;

use super::document::CompiledDocument;
use super::effect::{
    ActionEffects, DocumentEffects, StatementEffect, Target, TargetEffects, effect,
};
use super::layers::request_context;
use super::library::PresentLayer;
use crate::context::Context;
use crate::inventory::Principal;

/// What the layers of a principal say.
pub(super) struct PrincipalEffects {
    /// For each layer that is there, in order.
    pub(super) layers: Vec<ActionEffects>,
    /// What statements say that depend on the principal, in order.
    pub(super) by_principal: Vec<ByPrincipal>,
    /// What is known of any request of the principal for this target.
    context: OnceCell<Context>,
    /// Where the first policy stands that cannot be read: the layer, and the policy in it.
    pub(super) unreadable: Option<(usize, usize)>,
}

/// What one statement that depends on the principal says.
pub(super) struct ByPrincipal {
    pub(super) layer: usize,
    pub(super) policy: usize,
    /// The position among the compiled statements.
    pub(super) statement: usize,
    pub(super) effect: StatementEffect,
}

impl PrincipalEffects {
    pub(super) fn new(
        documents: &[CompiledDocument<'_>],
        target: &mut TargetEffects,
        principal: &Principal,
        present: &[&PresentLayer<'_>],
    ) -> Self {
        let TargetEffects {
            target,
            documents: effects,
        } = target;
        let Target { resource, context } = &**target;
        let mut combined = Self {
            layers: Vec::with_capacity(present.len()),
            by_principal: Vec::new(),
            context: OnceCell::new(),
            unreadable: None,
        };
        for (layer, present) in present.iter().enumerate() {
            let mut of_layer = ActionEffects::default();
            for (policy, member) in present.policies.iter().enumerate() {
                let Some(position) = member.document else {
                    combined.unreadable.get_or_insert((layer, policy));
                    continue;
                };
                let Some(document) = documents.get(position) else {
                    continue;
                };
                let of_document = effects
                    .entry(position)
                    .or_insert_with(|| DocumentEffects::new(document, resource, context));
                of_layer.add_all(&of_document.on_actions);
                for &statement in &of_document.by_principal {
                    let Some(compiled) = document.statements.get(statement) else {
                        continue;
                    };
                    let whole = combined.context(principal, context);
                    if let Some(effect) = effect(compiled, document.version, resource, whole) {
                        of_layer.add(effect, &compiled.actions);
                        combined.by_principal.push(ByPrincipal {
                            layer,
                            policy,
                            statement,
                            effect,
                        });
                    }
                }
            }
            combined.layers.push(of_layer);
        }
        combined
    }

    /// What is known of any request of a principal, given what the question says.
    pub(super) fn context(&self, principal: &Principal, question: &Context) -> &Context {
        self.context
            .get_or_init(|| request_context(principal, question))
    }
}
