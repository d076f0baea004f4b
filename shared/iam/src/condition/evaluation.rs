//! Evaluations: does something hold for a request, could it turn out otherwise, and on which keys does that depend?
//!
//! The result of a condition, of a statement's resource and of a whole statement. A key is open if the context does not know
//! it, or which of its values, or if it is absent from a complete context, see [`Context::is_open`](crate::Context::is_open).

use std::sync::Arc;

use crate::context::Context;
use crate::policy::{Doubt, Effect};
use crate::truth::{Truth, Truths};

/// Whether something holds for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation<'a> {
    /// The truth if every open key is absent.
    pub now: Truth,
    /// What is possible, whatever the open keys are.
    pub can: Truths,
    /// The open keys that make the difference, as spelled; empty where `can` is settled.
    pub keys: Vec<&'a str>,
    /// Why it is unclear, where it may be.
    pub reason: Option<Arc<str>>,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn settled(truth: Truth) -> Self {
        Self {
            now: truth,
            can: truth.into(),
            keys: Vec::new(),
            reason: None,
        }
    }

    /// The truth that counts: now in a complete context; what is settled, else unclear, in a partial one.
    pub(crate) fn counts(&self, context: &Context) -> Truth {
        if context.is_complete() {
            self.now
        } else {
            self.can.settled().unwrap_or(Truth::Unclear)
        }
    }

    /// Both must hold. The first reason stays.
    pub(crate) fn and(&mut self, other: Self) {
        self.now = self.now.and(other.now);
        self.can = self.can.and(other.can);
        self.keys.extend(other.keys);
        if self.reason.is_none() {
            self.reason = other.reason;
        }
    }

    /// It holds only as far as the statement itself is known.
    pub(crate) fn doubt(&mut self, doubt: &Doubt) {
        self.now = self.now.and(Truth::Unclear);
        self.can = self.can.and(Truth::Unclear.into());
        self.reason = Some(Arc::clone(&doubt.reason));
    }
}

/// What stands for a case that AWS's documentation does not settle: an Allow does not apply, a Deny may.
pub(crate) fn unsettled(effect: Effect) -> Truth {
    match effect {
        Effect::Allow => Truth::No,
        Effect::Deny => Truth::Unclear,
    }
}
