//! Effects: what does a document say about all actions at once, on one resource in one context?
//!
//! Neither resource nor context of a question depends on the action. So each statement is evaluated once
//! ([`StatementEffect`]), and what it says of all its actions is held in a set. Statements that depend on the principal are
//! left for each principal.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bits::Bits;
use super::document::{CompiledDocument, CompiledStatement};
use crate::condition::Evaluation;
use crate::context::Context;
use crate::evaluate::statement;
use crate::policy::{Effect, Version};

/// What a question is about, besides its actions.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) resource: Arc<str>,
    pub(super) context: Arc<Context>,
}

/// What documents say about a target.
pub(super) struct TargetEffects {
    pub(super) target: Arc<Target>,
    /// By the position in the library.
    pub(super) documents: HashMap<usize, DocumentEffects, RandomState>,
}

/// What a statement does to its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatementEffect {
    /// It allows them.
    Allows,
    /// It allows them or not: that depends on an open key, or cannot be evaluated.
    MayAllow,
    /// It allows them on narrower resources than the `*` asked for.
    AllowsNarrower,
    /// The same, or not.
    MayAllowNarrower,
    /// It denies them.
    Denies,
    /// It denies them or not.
    MayDeny,
}

/// For each [`StatementEffect`], the actions that some statement has it on.
#[derive(Clone, Debug, Default)]
pub(super) struct ActionEffects {
    pub(super) allows: Bits,
    pub(super) may_allow: Bits,
    pub(super) narrower: Bits,
    pub(super) may_narrower: Bits,
    pub(super) denies: Bits,
    pub(super) may_deny: Bits,
}

/// What a document says, as far as that does not depend on the principal.
pub(super) struct DocumentEffects {
    pub(super) on_actions: ActionEffects,
    /// Positions among the compiled statements, ascending, with their effects.
    pub(super) statements: Vec<(usize, StatementEffect)>,
    /// Positions of the statements that depend on the principal, ascending.
    pub(super) by_principal: Vec<usize>,
}

impl DocumentEffects {
    pub(super) fn new(document: &CompiledDocument<'_>, resource: &str, context: &Context) -> Self {
        let mut effects = Self {
            on_actions: ActionEffects::default(),
            statements: Vec::new(),
            by_principal: Vec::new(),
        };
        for (at, compiled) in document.statements.iter().enumerate() {
            if depends_on_principal(compiled, document.version, resource, context) {
                effects.by_principal.push(at);
            } else if let Some(effect) = effect(compiled, document.version, resource, context) {
                effects.on_actions.add(effect, &compiled.actions);
                effects.statements.push((at, effect));
            }
        }
        effects
    }
}

/// Whether what a statement says depends on the principal.
fn depends_on_principal(
    compiled: &CompiledStatement<'_>,
    version: Version,
    resource: &str,
    context: &Context,
) -> bool {
    if compiled.resource_by_principal {
        return true;
    }
    // A deny on other resources is idle, whatever its conditions.
    let idle = || {
        compiled.statement.effect == Effect::Deny
            && statement::evaluate_resource(compiled.statement, version, resource, context)
                .can
                .never()
    };
    compiled.conditions_by_principal && !idle()
}

/// What a statement does to its actions; `None` where nothing.
pub(super) fn effect(
    compiled: &CompiledStatement<'_>,
    version: Version,
    resource: &str,
    context: &Context,
) -> Option<StatementEffect> {
    let statement = compiled.statement;
    let pick = |evaluation: Evaluation<'_>, surely, perhaps| {
        if evaluation.can.surely() {
            surely
        } else {
            perhaps
        }
    };
    let evaluation = statement::evaluate(statement, version, resource, context);
    match (statement.effect, evaluation) {
        (Effect::Deny, evaluation) => Some(pick(
            evaluation?,
            StatementEffect::Denies,
            StatementEffect::MayDeny,
        )),
        (Effect::Allow, Some(evaluation)) => Some(pick(
            evaluation,
            StatementEffect::Allows,
            StatementEffect::MayAllow,
        )),
        (Effect::Allow, None) if resource == "*" => {
            let evaluation = statement::evaluate_narrower(statement, version, context)?;
            Some(pick(
                evaluation,
                StatementEffect::AllowsNarrower,
                StatementEffect::MayAllowNarrower,
            ))
        }
        (Effect::Allow, None) => None,
    }
}

impl ActionEffects {
    pub(super) fn add(&mut self, effect: StatementEffect, actions: &Bits) {
        let set = match effect {
            StatementEffect::Allows => &mut self.allows,
            StatementEffect::MayAllow => &mut self.may_allow,
            StatementEffect::AllowsNarrower => &mut self.narrower,
            StatementEffect::MayAllowNarrower => &mut self.may_narrower,
            StatementEffect::Denies => &mut self.denies,
            StatementEffect::MayDeny => &mut self.may_deny,
        };
        set.insert_all(actions);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        self.allows.insert_all(&other.allows);
        self.may_allow.insert_all(&other.may_allow);
        self.narrower.insert_all(&other.narrower);
        self.may_narrower.insert_all(&other.may_narrower);
        self.denies.insert_all(&other.denies);
        self.may_deny.insert_all(&other.may_deny);
    }

    /// Whether all of these actions are allowed, and none may be denied.
    pub(super) fn let_through(&self, actions: &Bits) -> bool {
        actions.is_within(&self.allows)
            && !actions.meets(&self.denies)
            && !actions.meets(&self.may_deny)
    }

    /// The actions about which some statement is not sure.
    pub(super) fn unsure(&self) -> Bits {
        self.may_allow
            .clone()
            .or(&self.may_narrower)
            .or(&self.may_deny)
    }
}
