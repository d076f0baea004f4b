//! The residual of a decision: what is left of it when some keys are known?
//!
//! In: the [`Candidates`]. Out: a [`Residual`]. Equal residuals give equal decisions for every value of the keys that are still
//! open; a partial context does not distinguish one denial from another.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Candidates, LayerCandidates};
use super::ways::{Reach, Ways};
use crate::decision::{Cause, Outcome};
use crate::policy::{Statement, Version};
use crate::truth::{Truth, Truths};

/// A decision as far as it is certain, and the statements on which the rest depends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Residual {
    /// Denied, whatever the rest is.
    Denied,
    /// Not settled, or settled by layers that all allow.
    Rest {
        /// Denies that may apply.
        denies: Vec<Part>,
        allows: Allows,
    },
}

/// The allows that still matter.
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
    /// What the ways come to at worst and at best, without narrower resources and with them; and unless that settles it, the
    /// allows of each layer, without and with those for narrower resources.
    Ways([Reach; 2], Vec<(Side, Side)>),
}

/// Some allows of one layer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Side {
    Sure,
    Open(Vec<Part>),
}

/// A statement by its position, and what is possible.
type Part = (usize, Truths);

impl<'a> Candidates<'a> {
    /// What is left.
    pub(super) fn residual(&self) -> Residual {
        let can = |deny: &Candidate<'_>| deny.evaluation.can;
        if self.denies.iter().any(|deny| can(deny).surely()) {
            return Residual::Denied;
        }
        let denies = self.denies.iter().map(part).collect();
        let unclear = self
            .denies
            .iter()
            .any(|deny| can(deny) == Truth::Unclear.into());
        if self.unreadable.is_some() || (self.complete && unclear) {
            let allows = Allows::Doubtful;
            return Residual::Rest { denies, allows };
        }
        if let Some(ways) = &self.ways {
            return match self.residual_of(ways) {
                Allows::Never if !self.complete => Residual::Denied,
                allows => Residual::Rest { denies, allows },
            };
        }
        let never_allows = |layer: &LayerCandidates<'_>| layer.allows.is_empty();
        if self.complete {
            let allows = if self.layers.iter().any(never_allows) {
                Allows::Never
            } else {
                Allows::Layers(
                    self.layers
                        .iter()
                        .map(|layer| (Side::of(&layer.allows), Side::of([])))
                        .collect(),
                )
            };
            return Residual::Rest { denies, allows };
        }
        let barred = |layer: &LayerCandidates<'_>| never_allows(layer) && layer.narrower.is_empty();
        if self.layers.iter().any(barred) {
            return Residual::Denied;
        }
        let allows = if self.layers.iter().any(never_allows) {
            let all =
                |layer: &LayerCandidates<'_>| Side::of(layer.allows.iter().chain(&layer.narrower));
            Allows::Narrower(self.layers.iter().map(all).collect())
        } else {
            let both = |layer: &LayerCandidates<'_>| match Side::of(&layer.allows) {
                Side::Sure => (Side::Sure, Side::of([])),
                allows @ Side::Open(_) => (allows, Side::of(&layer.narrower)),
            };
            Allows::Layers(self.layers.iter().map(both).collect())
        };
        Residual::Rest { denies, allows }
    }

    fn residual_of(&self, ways: &Ways) -> Allows {
        let reach = |layer| self.reach(layer);
        // A complete context makes no difference for narrower resources.
        let narrower = |layer| match self.complete {
            true => self.reach(layer),
            false => self.reach(layer).or(self.reach_narrower(layer)),
        };
        let bounds = [ways.reach(&reach), ways.reach(&narrower)];
        if bounds.iter().all(|one| one.best == Truth::No) {
            return Allows::Never;
        }
        if !bounds.iter().any(|one| one.is_open()) {
            return Allows::Ways(bounds, Vec::new());
        }
        let side = |(at, layer): (usize, &LayerCandidates<'_>)| {
            let allows = match reach(at) {
                own if own.is_open() && !ways.matters(at, &reach) => Side::of([]),
                _ => Side::of(&layer.allows),
            };
            let narrower = match narrower(at) {
                own if own.is_open() && !ways.matters(at, &narrower) => Side::of([]),
                _ => Side::of(layer.allows.iter().chain(&layer.narrower)),
            };
            (allows, narrower)
        };
        Allows::Ways(bounds, self.layers.iter().enumerate().map(side).collect())
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
            .map(|candidate| (candidate.statement, candidate.version))
    }

    /// An outcome that depends on these keys only.
    pub(super) fn narrowed(&self, outcome: Outcome, missing: BTreeSet<Box<str>>) -> Outcome {
        let names = |candidate: &&Candidate<'_>| {
            let keys = &candidate.evaluation.keys;
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
                    .map(Candidate::at)
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
    fn of<'k>(allows: impl IntoIterator<Item = &'k Candidate<'k>>) -> Self {
        let mut open = Vec::new();
        for allow in allows {
            if allow.evaluation.can.surely() {
                return Self::Sure;
            }
            open.push(part(allow));
        }
        Self::Open(open)
    }
}

fn part(statement: &Candidate<'_>) -> Part {
    (statement.order, statement.evaluation.can)
}
