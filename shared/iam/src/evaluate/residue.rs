//! What is left of a question when some keys are known: do two answers differ, whatever the other keys are?
//!
//! In: a [`Weighing`]. Out: a [`Residue`]. Equal residues give equal decisions for every value of the keys that are still open;
//! a partial context does not tell one denial from another.

use std::collections::BTreeSet;

use super::decide::{LayerSays, Weighed, Weighing};
use crate::decision::{Cause, Outcome};
use crate::policy::{Statement, Version};
use crate::truth::{Truth, Truths};

/// A decision as far as it goes, and the statements on which the rest hangs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Residue {
    /// Denied, whatever the rest is.
    Denied,
    /// Not settled, or settled by layers that all allow.
    Rest {
        /// Denies that may apply.
        denies: Vec<Part>,
        allows: Allows,
    },
}

/// What the layers have left to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allows {
    /// Something cannot be read or evaluated, so it does not matter.
    Doubtful,
    /// Some layer allows in no case.
    Never,
    /// Some layer allows narrower resources only. Layer by layer, all allows.
    Narrower(Vec<Side>),
    /// Layer by layer, allows and, where they do not settle it, allows for narrower resources.
    Layers(Vec<(Side, Side)>),
}

/// Some allows of one layer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Side {
    Sure,
    Open(Vec<Part>),
}

/// A statement by its position, and what is possible.
type Part = (usize, Truths);

impl<'a> Weighing<'a> {
    /// What is left.
    pub(super) fn residue(&self) -> Residue {
        let can = |deny: &Weighed<'_>| deny.standing.can;
        if self.denies.iter().any(|deny| can(deny).surely()) {
            return Residue::Denied;
        }
        let denies = self.denies.iter().map(part).collect();
        let unclear = self
            .denies
            .iter()
            .any(|deny| can(deny) == Truth::Unclear.into());
        if self.unreadable.is_some() || (self.complete && unclear) {
            let allows = Allows::Doubtful;
            return Residue::Rest { denies, allows };
        }
        let says_never = |layer: &LayerSays<'_>| layer.allows.is_empty();
        if self.complete {
            let allows = if self.layers.iter().any(says_never) {
                Allows::Never
            } else {
                Allows::Layers(
                    self.layers
                        .iter()
                        .map(|layer| (Side::of(&layer.allows), Side::of([])))
                        .collect(),
                )
            };
            return Residue::Rest { denies, allows };
        }
        let barred = |layer: &LayerSays<'_>| says_never(layer) && layer.narrower.is_empty();
        if self.layers.iter().any(barred) {
            return Residue::Denied;
        }
        let allows = if self.layers.iter().any(says_never) {
            let all = |layer: &LayerSays<'_>| Side::of(layer.allows.iter().chain(&layer.narrower));
            Allows::Narrower(self.layers.iter().map(all).collect())
        } else {
            let both = |layer: &LayerSays<'_>| match Side::of(&layer.allows) {
                Side::Sure => (Side::Sure, Side::of([])),
                allows @ Side::Open(_) => (allows, Side::of(&layer.narrower)),
            };
            Allows::Layers(self.layers.iter().map(both).collect())
        };
        Residue::Rest { denies, allows }
    }

    /// Whether the context says all.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// All statements that could apply.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&'a Statement, Version)> {
        let allows = self
            .layers
            .iter()
            .flat_map(|layer| layer.allows.iter().chain(&layer.narrower));
        allows
            .chain(&self.denies)
            .map(|weighed| (weighed.statement, weighed.version))
    }

    /// An outcome that hangs on these keys only.
    pub(super) fn narrowed(&self, outcome: Outcome, missing: BTreeSet<Box<str>>) -> Outcome {
        let names = |weighed: &&Weighed<'_>| {
            let keys = &weighed.standing.keys;
            keys.iter()
                .any(|key| missing.iter().any(|one| one.eq_ignore_ascii_case(key)))
        };
        let cause = match outcome.cause {
            Cause::MissingContext { by } => {
                let allows = self
                    .layers
                    .iter()
                    .flat_map(|layer| layer.allows.iter().chain(&layer.narrower));
                let naming: Vec<_> = allows
                    .chain(&self.denies)
                    .filter(names)
                    .map(Weighed::at)
                    .collect();
                Cause::MissingContext {
                    by: by.into_iter().filter(|at| naming.contains(at)).collect(),
                }
            }
            other => other,
        };
        Outcome {
            missing,
            cause,
            ..outcome
        }
    }
}

impl Side {
    fn of<'k>(allows: impl IntoIterator<Item = &'k Weighed<'k>>) -> Self {
        let mut open = Vec::new();
        for allow in allows {
            if allow.standing.can.surely() {
                return Self::Sure;
            }
            open.push(part(allow));
        }
        Self::Open(open)
    }
}

fn part(statement: &Weighed<'_>) -> Part {
    (statement.order, statement.standing.can)
}
