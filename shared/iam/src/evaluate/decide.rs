//! From statements to a decision, taking every open key as independent of the others.
//!
//! Each statement that could apply is a [`Candidate`], with what it says now and what it could say. The outcome may call a key
//! missing that two conditions together make harmless; `possible` corrects that afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::request::{Layers, Policy, Request, statement_ref};
use super::statement;
use crate::condition::Evaluation;
use crate::decision::{Cause, Decision, Layer, Outcome, StatementRef};
use crate::policy::{Effect, Statement, Version};
use crate::truth::Truth;

/// A statement that could apply.
pub(super) struct Candidate<'a> {
    layer: Layer,
    policy: &'a Policy<'a>,
    index: usize,
    pub(super) statement: &'a Statement,
    pub(super) version: Version,
    /// The position among all statements of all layers.
    pub(super) order: usize,
    pub(super) evaluation: Evaluation<'a>,
    /// The truth that counts: now in a complete context; what is settled, else unclear, in a partial one.
    counts: Truth,
}

impl Candidate<'_> {
    pub(super) fn at(&self) -> StatementRef {
        statement_ref(self.layer, self.policy, self.index, self.statement)
    }
}

/// The candidates of one layer that allow.
pub(super) struct LayerCandidates<'a> {
    layer: Layer,
    pub(super) allows: Vec<Candidate<'a>>,
    /// Allows for narrower resources than the `*` asked for.
    pub(super) narrower: Vec<Candidate<'a>>,
}

/// All statements that could apply, and what cannot be read.
pub(super) struct Candidates<'a> {
    pub(super) complete: bool,
    pub(super) layers: Vec<LayerCandidates<'a>>,
    pub(super) denies: Vec<Candidate<'a>>,
    pub(super) unreadable: Option<Cause>,
}

/// Evaluates every statement of every layer that counts.
pub(super) fn candidates<'a>(layers: &'a Layers<'a>, request: &Request<'_>) -> Candidates<'a> {
    let complete = request.context.is_complete();
    let mut candidates = Candidates {
        complete,
        layers: Vec::new(),
        denies: Vec::new(),
        unreadable: None,
    };
    let mut order = 0;
    for (layer, policies) in layers.counting(request.principal) {
        let mut of_layer = LayerCandidates {
            layer,
            allows: Vec::new(),
            narrower: Vec::new(),
        };
        for policy in policies {
            let document = match policy.document {
                Ok(document) => document,
                Err(fault) => {
                    candidates
                        .unreadable
                        .get_or_insert_with(|| Cause::Unreadable {
                            layer,
                            policy: Arc::clone(&policy.name),
                            reason: fault.to_string().into(),
                        });
                    continue;
                }
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
                    counts: if complete {
                        evaluation.now
                    } else {
                        evaluation.can.settled().unwrap_or(Truth::Unclear)
                    },
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
    candidates
}

impl LayerCandidates<'_> {
    fn truth(&self) -> Truth {
        most(&self.allows)
    }

    fn narrower_truth(&self) -> Truth {
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
            (false, Some(_) | None) => self.answer(Decision::Undetermined, self.doubt(&undecided)),
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
        } else if let Cause::MissingContext { .. } = &cause {
            missing.add(self.undecided());
        }
        Outcome {
            decision,
            cause,
            missing: missing.spelled,
        }
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
        let reachable = self.layers.iter().all(|layer| !layer.allows.is_empty());
        let surely = |layer: &LayerCandidates<'_>| {
            layer
                .allows
                .iter()
                .any(|allow| allow.evaluation.can.surely())
        };
        let allows = self
            .layers
            .iter()
            .filter(|layer| reachable && !in_doubt && !surely(layer))
            .flat_map(|layer| &layer.allows);
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
