//! From statements to a decision, taking every open key as independent of the others.
//!
//! Each statement that could apply is a [`Candidate`], with what it says now and what it could say. The outcome may call a key
//! missing that two conditions together make harmless; `possible` corrects that afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::candidate::{Candidate, Candidates, LayerCandidates, Narrower};
use super::request::{Layers, Request};
use super::resource_candidates;
use super::statement;
use super::ways::{Reach, Ways};
use crate::condition::Evaluation;
use crate::decision::{Cause, Decision, Outcome, StatementRef};
use crate::policy::Effect;
use crate::truth::Truth;

/// Evaluates every statement of every layer that counts.
pub(super) fn candidates<'a>(layers: &'a Layers<'a>, request: &Request<'_>) -> Candidates<'a> {
    let mut candidates = Candidates {
        complete: request.context.is_complete(),
        layers: Vec::new(),
        denies: Vec::new(),
        unreadable: None,
        ways: None,
    };
    let mut order = 0;
    for (layer, policies) in layers.counting(request.principal) {
        let mut of_layer = LayerCandidates {
            layer,
            allows: Vec::new(),
            narrower: Vec::new(),
        };
        for policy in policies {
            let Some(document) = candidates.document(layer, policy) else {
                continue;
            };
            for (index, statement) in document.statements.iter().enumerate() {
                order += 1;
                if !statement.is_about(request.action) {
                    continue;
                }
                let candidate = |evaluation: Evaluation<'a>| Candidate {
                    layer,
                    policy,
                    index,
                    statement,
                    version: document.version,
                    order,
                    counts: evaluation.counts(request.context),
                    evaluation,
                };
                let applies = statement::evaluate(
                    statement,
                    document.version,
                    request.resource,
                    request.context,
                )
                .map(candidate);
                match (statement.effect, applies) {
                    (Effect::Allow, Some(allow)) => of_layer.allows.push(allow),
                    (Effect::Deny, Some(deny)) => candidates.denies.push(deny),
                    (Effect::Deny, None) => {}
                    (Effect::Allow, None) => {
                        if request.resource == "*" {
                            of_layer.narrower.extend(
                                statement::evaluate_narrower(
                                    statement,
                                    document.version,
                                    request.context,
                                )
                                .map(candidate),
                            );
                        }
                    }
                }
            }
        }
        candidates.layers.push(of_layer);
    }
    if let Some(side) = &layers.resource_side {
        resource_candidates::add(layers, side, request, order, &mut candidates);
    }
    candidates
}

impl<'a> Candidates<'a> {
    /// The decision, with each open key independent of the others.
    pub(super) fn outcome(&self, request: &Request<'_>) -> Outcome {
        let denied = refs(self.denies.iter().filter(|deny| deny.counts == Truth::Yes));
        if !denied.is_empty() {
            let cause = Cause::DeniedBy(denied);
            return self.answer(Decision::ExplicitDeny, cause);
        }
        if let Some(cause) = &self.unreadable {
            return self.answer(Decision::Undetermined, cause.clone());
        }
        // Whatever the layers say, IAM would tell this from an implicit deny. In a partial context, where only "allowed or
        // not" counts, the layers may settle it.
        if self.complete
            && let Some(deny) = self
                .denies
                .iter()
                .find(|deny| deny.counts == Truth::Unclear)
        {
            return self.answer(Decision::Undetermined, cannot_evaluate(deny));
        }
        match &self.ways {
            None => self.outcome_of_all(request),
            Some(ways) => self.outcome_by(ways, request),
        }
    }

    /// The decision where every layer has to allow and no deny is sure.
    fn outcome_of_all(&self, request: &Request<'_>) -> Outcome {
        let closed: Vec<&LayerCandidates<'a>> = self.closed().collect();
        let narrower = closed.iter().map(|layer| layer.narrower_truth()).min();
        if narrower == Some(Truth::No) {
            return self.answer(Decision::ImplicitDeny, not_allowed_in(&closed));
        }
        let undecided = self.undecided();
        match (undecided.is_empty(), narrower) {
            (true, None) => self.answer(Decision::Allowed, self.allowed_by()),
            (true, Some(_)) => {
                self.answer(Decision::ImplicitDeny, allowed_only_on(&closed, request))
            }
            // The text `*` is not allowed in any case; whether anything narrower is allowed cannot be known.
            (false, Some(_)) if self.complete => {
                self.answer(Decision::ImplicitDeny, not_allowed_in(&closed))
            }
            (false, Some(_) | None) => self.undetermined(&undecided),
        }
    }

    /// The decision where some layers can stand in for others and no deny is sure.
    fn outcome_by(&self, ways: &Ways, request: &Request<'_>) -> Outcome {
        let allows = |layer| self.allows(layer);
        let narrower = |layer| self.allows(layer).max(self.allows_narrower(layer));
        let as_asked = ways.truth(&allows);
        let closed = || -> Vec<&LayerCandidates<'a>> {
            let closed = ways.closed(&allows).into_iter();
            closed.filter_map(|layer| self.layers.get(layer)).collect()
        };
        // In a complete context nothing is open but what cannot be evaluated.
        let reach = |layer| match self.complete {
            true => Reach::of(self.allows(layer)),
            false => self.reach(layer),
        };
        let reach_narrower = |layer| match self.complete {
            true => Reach::of(narrower(layer)),
            false => self.reach(layer).or(self.reach_narrower(layer)),
        };
        let undecided = match as_asked {
            Truth::No => match ways.truth(&narrower) {
                Truth::No => {
                    return self.answer(Decision::ImplicitDeny, not_allowed_in(&closed()));
                }
                Truth::Unclear if self.complete => {
                    return self.answer(Decision::ImplicitDeny, not_allowed_in(&closed()));
                }
                Truth::Unclear | Truth::Yes => {
                    self.undecided_by(ways, &reach_narrower, Narrower::Counts)
                }
            },
            Truth::Unclear | Truth::Yes => {
                let narrower = match self.complete {
                    true => Narrower::DoesNotCount,
                    false => Narrower::Counts,
                };
                self.undecided_by(ways, &reach, narrower)
            }
        };
        match (undecided.is_empty(), as_asked) {
            (false, _) => self.undetermined(&undecided),
            (true, Truth::Yes) => {
                self.answer(Decision::Allowed, self.allowed_by_way(ways, &allows))
            }
            (true, Truth::No) if ways.truth(&narrower) == Truth::Yes => {
                self.answer(Decision::ImplicitDeny, allowed_only_on(&closed(), request))
            }
            (true, Truth::No | Truth::Unclear) => {
                self.answer(Decision::Undetermined, self.left_open(ways, &narrower))
            }
        }
    }

    /// The first statement of the first way that allows.
    fn allowed_by_way(&self, ways: &Ways, value: &impl Fn(usize) -> Truth) -> Cause {
        let way = ways.first_with(Truth::Yes, value);
        let by = way.and_then(|way| self.first_allow(way, Truth::Yes));
        Cause::AllowedBy(by.map(Candidate::at))
    }

    /// What AWS does not document, where nothing else leaves it open.
    fn left_open(&self, ways: &Ways, value: &impl Fn(usize) -> Truth) -> Cause {
        let gates = ways.gates().filter_map(|gate| self.layers.get(gate));
        let mut gates = gates.filter(|gate| gate.truth() == Truth::Unclear);
        let of_gate = gates.find_map(|gate| {
            let mut allows = gate.allows.iter();
            allows.find(|allow| allow.counts == Truth::Unclear)
        });
        let way = ways.first_with(Truth::Unclear, value);
        let unclear = of_gate.or_else(|| self.first_allow(way?, Truth::Unclear));
        let sure = way.and_then(|way| self.first_allow(way, Truth::Yes));
        let doubt = way.and_then(|way| way.doubt).unwrap_or_default();
        match (unclear, sure) {
            (Some(unclear), _) => cannot_evaluate(unclear),
            (None, Some(sure)) => Cause::CannotEvaluate {
                by: sure.at(),
                reason: Arc::from(doubt),
            },
            (None, None) => Cause::NoAnswer {
                reason: Arc::from(doubt),
            },
        }
    }

    /// The statements that decide whether the request, or a narrower one, is allowed, and may apply or not. Where some layer
    /// allows at most narrower requests, it does not matter whether another allows more.
    fn undecided(&self) -> Vec<&Candidate<'a>> {
        let closed = self.closed().next().is_some();
        let allows = self.layers.iter().flat_map(move |layer| {
            let (allows, narrower) = (layer.truth(), layer.narrower_truth());
            let sure = allows == Truth::Yes || (closed && narrower == Truth::Yes);
            // IAM itself makes no difference for narrower ones; an audit does.
            let narrower_counts = narrower != Truth::Yes && (closed || !self.complete);
            let allows = layer.allows.iter().filter(move |_| !sure);
            allows.chain(
                layer
                    .narrower
                    .iter()
                    .filter(move |_| !sure && narrower_counts),
            )
        });
        let allows = allows.filter(|allow| allow.counts == Truth::Unclear);
        let denies = self.denies.iter().filter(|deny| deny.counts != Truth::No);
        let mut undecided: Vec<&Candidate<'a>> = allows.chain(denies).collect();
        undecided.sort_by_key(|candidate| candidate.order);
        undecided
    }

    fn allowed_by(&self) -> Cause {
        let identity = self.layers.first();
        Cause::AllowedBy(identity.and_then(|layer| {
            layer
                .allows
                .iter()
                .find(|allow| allow.counts == Truth::Yes)
                .map(Candidate::at)
        }))
    }

    fn answer(&self, decision: Decision, cause: Cause) -> Outcome {
        let mut missing = Keys::default();
        if self.complete {
            self.could_change(&mut missing);
        }
        Outcome {
            decision,
            cause,
            missing: missing.spelled,
        }
    }

    /// The answer where it depends on statements that may apply or not.
    fn undetermined(&self, undecided: &[&Candidate<'a>]) -> Outcome {
        let mut outcome = self.answer(Decision::Undetermined, self.doubt(undecided));
        if let Cause::MissingContext { .. } = &outcome.cause {
            let mut missing = Keys::default();
            missing.add(undecided.iter().copied());
            outcome.missing = missing.spelled;
        }
        outcome
    }

    /// Why it is undecided: for keys that are not known, else for what cannot be evaluated at all.
    fn doubt(&self, undecided: &[&Candidate<'a>]) -> Cause {
        let for_keys = |one: &&&Candidate<'_>| !self.complete && !one.evaluation.keys.is_empty();
        let by = refs(undecided.iter().filter(for_keys).copied());
        match undecided.first() {
            Some(first) if by.is_empty() => cannot_evaluate(first),
            Some(_) | None => Cause::MissingContext { by },
        }
    }

    /// The layers that do not allow the request as it is.
    fn closed(&self) -> impl Iterator<Item = &LayerCandidates<'a>> {
        self.layers
            .iter()
            .filter(|layer| layer.truth() == Truth::No)
    }

    /// The keys of a complete context that could change the decision, if each were free.
    fn could_change(&self, keys: &mut Keys) {
        if self.denies.iter().any(|deny| deny.evaluation.can.surely()) {
            return;
        }
        let denies = self.denies.iter();
        // Whether it is allowed matters only where every layer could allow and nothing else makes it undetermined.
        let in_doubt = self.unreadable.is_some()
            || denies
                .clone()
                .any(|deny| deny.evaluation.can == Truth::Unclear.into());
        let allows = self.layers.iter().enumerate();
        let allows = allows
            .filter(|(layer, _)| !in_doubt && self.can_matter(*layer))
            .flat_map(|(_, layer)| &layer.allows);
        let mut undecided: Vec<&Candidate<'a>> = denies.chain(allows).collect();
        undecided.sort_by_key(|candidate| candidate.order);
        keys.add(undecided);
    }
}

/// Keys as first spelled, each once whatever its case.
#[derive(Default)]
struct Keys {
    spelled: BTreeSet<Box<str>>,
    folded: BTreeSet<String>,
}

impl Keys {
    fn add<'k>(&mut self, statements: impl IntoIterator<Item = &'k Candidate<'k>>) {
        for key in statements
            .into_iter()
            .flat_map(|candidate| &candidate.evaluation.keys)
        {
            if self.folded.insert(key.to_lowercase()) {
                self.spelled.insert((*key).into());
            }
        }
    }
}

fn refs<'k>(statements: impl Iterator<Item = &'k Candidate<'k>>) -> Vec<StatementRef> {
    statements.map(Candidate::at).collect()
}

fn not_allowed_in(closed: &[&LayerCandidates<'_>]) -> Cause {
    Cause::NotAllowedIn(closed.iter().map(|layer| layer.layer).collect())
}

fn allowed_only_on(closed: &[&LayerCandidates<'_>], request: &Request<'_>) -> Cause {
    let by = || {
        closed
            .iter()
            .flat_map(|layer| &layer.narrower)
            .filter(|allow| allow.counts == Truth::Yes)
    };
    let resources: BTreeSet<Box<str>> = by()
        .flat_map(|allow| {
            statement::narrower_patterns(allow.statement, allow.version, request.context)
        })
        .map(Box::from)
        .collect();
    Cause::AllowedOnlyOn {
        by: refs(by()),
        resources: resources.into_iter().collect(),
    }
}

fn cannot_evaluate(candidate: &Candidate<'_>) -> Cause {
    let reason = candidate.evaluation.reason.clone();
    Cause::CannotEvaluate {
        by: candidate.at(),
        reason: reason.unwrap_or_else(|| Arc::from("a condition cannot be evaluated")),
    }
}
