//! Candidates: which statements could apply to a request?
//!
//! Each has what it says now and what it could say, and the layer on whose behalf it says so. `decide` makes a decision of them.

use std::sync::Arc;

use super::policy::Policy;
use super::request::statement_ref;
use super::ways::{Reach, Way, Ways};
use crate::condition::Evaluation;
use crate::decision::{Cause, Layer, StatementRef};
use crate::policy::{Document, Statement, Version};
use crate::truth::Truth;

/// A statement that could apply.
pub(super) struct Candidate<'a> {
    pub(super) layer: Layer,
    pub(super) policy: &'a Policy<'a>,
    pub(super) index: usize,
    pub(super) statement: &'a Statement,
    pub(super) version: Version,
    /// The position among all statements of all layers.
    pub(super) order: usize,
    pub(super) evaluation: Evaluation<'a>,
    /// The truth that counts: now in a complete context; what is settled, else unclear, in a partial one.
    pub(super) counts: Truth,
}

impl Candidate<'_> {
    pub(super) fn at(&self) -> StatementRef {
        statement_ref(self.layer, self.policy, self.index, self.statement)
    }
}

/// The candidates of one layer that allow.
pub(super) struct LayerCandidates<'a> {
    pub(super) layer: Layer,
    pub(super) allows: Vec<Candidate<'a>>,
    /// Allows for narrower resources than the `*` asked for.
    pub(super) narrower: Vec<Candidate<'a>>,
}

/// Whether allows for narrower resources count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrower {
    Counts,
    DoesNotCount,
}

/// All statements that could apply, and what cannot be read.
pub(super) struct Candidates<'a> {
    pub(super) complete: bool,
    pub(super) layers: Vec<LayerCandidates<'a>>,
    pub(super) denies: Vec<Candidate<'a>>,
    pub(super) unreadable: Option<Cause>,
    /// How the layers combine, where they do not all have to allow.
    pub(super) ways: Option<Ways>,
}

impl LayerCandidates<'_> {
    pub(super) fn truth(&self) -> Truth {
        most(&self.allows)
    }

    pub(super) fn narrower_truth(&self) -> Truth {
        most(&self.narrower)
    }
}

fn most(allows: &[Candidate<'_>]) -> Truth {
    allows
        .iter()
        .map(|allow| allow.counts)
        .max()
        .unwrap_or(Truth::No)
}

impl<'a> Candidates<'a> {
    /// The document of a policy. Of the policies that cannot be read the first is kept as the cause.
    pub(super) fn document(&mut self, layer: Layer, policy: &Policy<'a>) -> Option<&'a Document> {
        match policy.document {
            Ok(document) => Some(document),
            Err(fault) => {
                self.unreadable.get_or_insert_with(|| Cause::Unreadable {
                    layer,
                    policy: Arc::clone(&policy.name),
                    reason: fault.to_string().into(),
                });
                None
            }
        }
    }

    /// What a layer says to the request.
    pub(super) fn allows(&self, layer: usize) -> Truth {
        let layer = self.layers.get(layer);
        layer.map_or(Truth::No, LayerCandidates::truth)
    }

    /// What a layer says to the request for narrower resources.
    pub(super) fn allows_narrower(&self, layer: usize) -> Truth {
        let layer = self.layers.get(layer);
        layer.map_or(Truth::No, LayerCandidates::narrower_truth)
    }

    /// The statements that may apply or not and decide, if that is what the layers can say.
    pub(super) fn undecided_by(
        &self,
        ways: &Ways,
        reach: &impl Fn(usize) -> Reach,
        narrower: Narrower,
    ) -> Vec<&Candidate<'a>> {
        let layers = self.layers.iter().enumerate();
        let open = layers.filter(|(layer, _)| ways.matters(*layer, reach));
        let allows = open.flat_map(|(_, layer)| {
            let narrower = match narrower {
                Narrower::Counts => layer.narrower.as_slice(),
                Narrower::DoesNotCount => &[],
            };
            layer.allows.iter().chain(narrower)
        });
        let allows = allows.filter(|allow| allow.counts == Truth::Unclear);
        let denies = self.denies.iter().filter(|deny| deny.counts != Truth::No);
        let mut undecided: Vec<&Candidate<'a>> = allows.chain(denies).collect();
        undecided.sort_by_key(|candidate| candidate.order);
        // A statement that names the caller in several manners is several candidates.
        undecided.dedup_by_key(|candidate| candidate.order);
        undecided
    }

    /// The first statement of a way that allows, as surely as this.
    pub(super) fn first_allow(&self, way: &Way, truth: Truth) -> Option<&Candidate<'a>> {
        let layers = way
            .parts
            .iter()
            .filter_map(|part| self.layers.get(part.layer));
        let allows = layers.flat_map(|layer| layer.allows.iter().chain(&layer.narrower));
        allows.into_iter().find(|allow| allow.counts == truth)
    }

    /// Whether the decision can depend on which allows of a layer apply, if each open key were free.
    pub(super) fn can_matter(&self, layer: usize) -> bool {
        match &self.ways {
            Some(ways) => ways.matters(layer, &|layer| self.reach(layer)),
            None => {
                let mut layers = self.layers.iter();
                layers.all(|layer| !layer.allows.is_empty()) && self.reach(layer).is_open()
            }
        }
    }

    /// What a layer can say.
    pub(super) fn reach(&self, layer: usize) -> Reach {
        let layer = self.layers.get(layer);
        reach(layer.map_or(&[], |layer| layer.allows.as_slice()))
    }

    /// What a layer can say to the request for narrower resources.
    pub(super) fn reach_narrower(&self, layer: usize) -> Reach {
        let layer = self.layers.get(layer);
        reach(layer.map_or(&[], |layer| layer.narrower.as_slice()))
    }
}

fn reach(allows: &[Candidate<'_>]) -> Reach {
    allows.iter().fold(Reach::of(Truth::No), |reach, allow| {
        let (worst, best) = allow.evaluation.can.bounds();
        reach.or(Reach { worst, best })
    })
}
