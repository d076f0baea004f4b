//! Stances: what does a document say about all actions at once, on one resource in one context?
//!
//! Neither resource nor context of a question hangs on the action. So it is enough to ask once how each statement stands
//! ([`Says`]), and to hold what it says of all its actions in a set. Statements that hang on who asks are left for each
//! principal.

use super::bits::Bits;
use super::document::{CompiledDocument, CompiledStatement};
use crate::context::Context;
use crate::evaluate::statement::{self, Standing};
use crate::policy::{Effect, Version};

/// What a statement says about its actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// It allows them.
    Allows,
    /// It allows them or not: that hangs on an open key, or cannot be evaluated.
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

/// For each of [`Says`], the actions about which it is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Planes {
    pub(super) allows: Bits,
    pub(super) may_allow: Bits,
    pub(super) narrower: Bits,
    pub(super) may_narrower: Bits,
    pub(super) denies: Bits,
    pub(super) may_deny: Bits,
}

/// What a document says, as far as that does not hang on who asks.
pub(super) struct Stance {
    pub(super) planes: Planes,
    /// Positions among the compiled statements, ascending, with what they say.
    pub(super) said: Vec<(usize, Says)>,
    /// Positions of the statements that hang on who asks, ascending.
    pub(super) personal: Vec<usize>,
}

impl Stance {
    pub(super) fn new(document: &CompiledDocument<'_>, resource: &str, context: &Context) -> Self {
        let mut stance = Self {
            planes: Planes::default(),
            said: Vec::new(),
            personal: Vec::new(),
        };
        for (at, compiled) in document.statements.iter().enumerate() {
            if is_personal(compiled, document.version, resource, context) {
                stance.personal.push(at);
            } else if let Some(says) = says(compiled, document.version, resource, context) {
                stance.planes.add(says, &compiled.actions);
                stance.said.push((at, says));
            }
        }
        stance
    }
}

/// Whether what a statement says hangs on who asks.
fn is_personal(
    compiled: &CompiledStatement<'_>,
    version: Version,
    resource: &str,
    context: &Context,
) -> bool {
    if compiled.personal_resource {
        return true;
    }
    // A deny on other resources is idle, whatever its conditions.
    let idle = || {
        compiled.statement.effect == Effect::Deny
            && statement::resource_answer(compiled.statement, version, resource, context)
                .can
                .never()
    };
    compiled.personal_conditions && !idle()
}

/// What a statement says about its actions; `None` where it has nothing to say.
pub(super) fn says(
    compiled: &CompiledStatement<'_>,
    version: Version,
    resource: &str,
    context: &Context,
) -> Option<Says> {
    let statement = compiled.statement;
    let pick = |standing: Standing<'_>, surely, perhaps| {
        if standing.can.surely() {
            surely
        } else {
            perhaps
        }
    };
    let standing = statement::stand(statement, version, resource, context);
    match (statement.effect, standing) {
        (Effect::Deny, standing) => Some(pick(standing?, Says::Denies, Says::MayDeny)),
        (Effect::Allow, Some(standing)) => Some(pick(standing, Says::Allows, Says::MayAllow)),
        (Effect::Allow, None) if resource == "*" => {
            let standing = statement::stand_narrower(statement, version, context)?;
            Some(pick(standing, Says::AllowsNarrower, Says::MayAllowNarrower))
        }
        (Effect::Allow, None) => None,
    }
}

impl Planes {
    pub(super) fn add(&mut self, says: Says, actions: &Bits) {
        let plane = match says {
            Says::Allows => &mut self.allows,
            Says::MayAllow => &mut self.may_allow,
            Says::AllowsNarrower => &mut self.narrower,
            Says::MayAllowNarrower => &mut self.may_narrower,
            Says::Denies => &mut self.denies,
            Says::MayDeny => &mut self.may_deny,
        };
        plane.insert_all(actions);
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
