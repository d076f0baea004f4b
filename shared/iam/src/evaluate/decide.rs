//! From statements to a decision, taking every open key as independent of the others.
//!
//! Each statement that could apply is weighed by what it says now and by what it could say ([`Weighed`]). What comes out may
//! call a key missing that two conditions together make harmless; `possible` sorts that out afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::statement::{self, Standing};
use super::{Layers, Policy, Request, is_allow, statement_ref};
use crate::decision::{Cause, Decision, Layer, Outcome, StatementRef};
use crate::policy::{Statement, Version};
use crate::truth::Truth;

/// A statement that could apply, and how it stands.
pub(super) struct Weighed<'a> {
    layer: Layer,
    policy: &'a Policy<'a>,
    index: usize,
    pub(super) statement: &'a Statement,
    pub(super) version: Version,
    /// The position among all statements of all layers.
    pub(super) order: usize,
    pub(super) standing: Standing<'a>,
    /// The truth that counts: now in a complete context; what is settled, else unclear, in a partial one.
    counts: Truth,
}

impl Weighed<'_> {
    pub(super) fn at(&self) -> StatementRef {
        statement_ref(self.layer, self.policy, self.index, self.statement)
    }
}

/// What one layer has to say.
pub(super) struct LayerSays<'a> {
    layer: Layer,
    pub(super) allows: Vec<Weighed<'a>>,
    /// Allows for narrower resources than the `*` asked for.
    pub(super) narrower: Vec<Weighed<'a>>,
}

/// All statements that could apply, and what cannot be read.
pub(super) struct Weighing<'a> {
    pub(super) complete: bool,
    pub(super) layers: Vec<LayerSays<'a>>,
    pub(super) denies: Vec<Weighed<'a>>,
    pub(super) unreadable: Option<Cause>,
}

/// Weighs every statement of every layer that counts.
pub(super) fn weigh<'a>(layers: &'a Layers<'a>, request: &Request<'_>) -> Weighing<'a> {
    let complete = request.context.is_complete();
    let mut weighing = Weighing {
        complete,
        layers: Vec::new(),
        denies: Vec::new(),
        unreadable: None,
    };
    let mut order = 0;
    for (layer, policies) in layers.counting(request.principal) {
        let mut says = LayerSays {
            layer,
            allows: Vec::new(),
            narrower: Vec::new(),
        };
        for policy in policies {
            let document = match policy.document {
                Ok(document) => document,
                Err(fault) => {
                    weighing
                        .unreadable
                        .get_or_insert_with(|| Cause::Unreadable {
                            layer,
                            policy: Arc::clone(&policy.name),
                            reason: fault.told().into(),
                        });
                    continue;
                }
            };
            for (index, statement) in document.statements.iter().enumerate() {
                order += 1;
                if !statement.is_about(request.action) {
                    continue;
                }
                let weighed = |standing: Standing<'a>| Weighed {
                    layer,
                    policy,
                    index,
                    statement,
                    version: document.version,
                    order,
                    counts: if complete {
                        standing.now
                    } else {
                        standing.can.settled().unwrap_or(Truth::Unclear)
                    },
                    standing,
                };
                let stands = statement::stand(
                    statement,
                    document.version,
                    request.resource,
                    request.context,
                )
                .map(weighed);
                match (is_allow(statement), stands) {
                    (true, Some(allow)) => says.allows.push(allow),
                    (false, Some(deny)) => weighing.denies.push(deny),
                    (false, None) => {}
                    (true, None) => {
                        if request.resource == "*" {
                            says.narrower.extend(
                                statement::stand_narrower(
                                    statement,
                                    document.version,
                                    request.context,
                                )
                                .map(weighed),
                            );
                        }
                    }
                }
            }
        }
        weighing.layers.push(says);
    }
    weighing
}

impl LayerSays<'_> {
    fn says(&self) -> Truth {
        most(&self.allows)
    }

    fn says_of_narrower(&self) -> Truth {
        most(&self.narrower)
    }
}

fn most(allows: &[Weighed<'_>]) -> Truth {
    allows
        .iter()
        .map(|allow| allow.counts)
        .max()
        .unwrap_or(Truth::No)
}

impl<'a> Weighing<'a> {
    /// The decision, each open key taken by itself.
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
        let closed: Vec<&LayerSays<'a>> = self.closed().collect();
        let narrower = closed.iter().map(|layer| layer.says_of_narrower()).min();
        if narrower == Some(Truth::No) {
            return self.answer(Decision::ImplicitDeny, not_allowed_in(&closed));
        }
        let hanging = self.hanging(narrower.is_some());
        match (hanging.is_empty(), narrower) {
            (true, None) => self.answer(Decision::Allowed, self.allowed_by()),
            (true, Some(_)) => {
                self.answer(Decision::ImplicitDeny, allowed_only_on(&closed, request))
            }
            // The text `*` is not allowed in any case; only whether anything narrower is cannot be told.
            (false, Some(_)) if self.complete => {
                self.answer(Decision::ImplicitDeny, not_allowed_in(&closed))
            }
            (false, _) => self.answer(Decision::Undetermined, doubt(&hanging, self.complete)),
        }
    }

    /// The statements on which it hangs whether the request, or a narrower one, is allowed. Where some layer is `closed` to
    /// all but narrower ones, it does not matter whether another allows more.
    fn hanging(&self, closed: bool) -> Vec<&Weighed<'a>> {
        let allows = self.layers.iter().flat_map(move |layer| {
            let (allows, narrower) = (layer.says(), layer.says_of_narrower());
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
        let mut hanging: Vec<&Weighed<'a>> = allows.chain(denies).collect();
        hanging.sort_by_key(|weighed| weighed.order);
        hanging
    }

    fn allowed_by(&self) -> Cause {
        let identity = self.layers.first();
        Cause::AllowedBy(identity.and_then(|layer| {
            layer
                .allows
                .iter()
                .find(|allow| allow.counts == Truth::Yes)
                .map(Weighed::at)
        }))
    }

    fn answer(&self, decision: Decision, cause: Cause) -> Outcome {
        let mut missing = Keys::default();
        if self.complete {
            self.could_change(&mut missing);
        } else if let Cause::MissingContext { .. } = &cause {
            missing.add(self.hanging(self.closed().next().is_some()));
        }
        Outcome {
            decision,
            cause,
            missing: missing.spelled,
        }
    }

    fn closed(&self) -> impl Iterator<Item = &LayerSays<'a>> {
        self.layers.iter().filter(|layer| layer.says() == Truth::No)
    }

    /// The keys of a complete context that could change the decision, if each were free.
    fn could_change(&self, keys: &mut Keys) {
        if self.denies.iter().any(|deny| deny.standing.can.surely()) {
            return;
        }
        let denies = self.denies.iter();
        // Whether it is allowed matters only where every layer could allow and nothing else makes it undetermined.
        let in_doubt = self.unreadable.is_some()
            || denies
                .clone()
                .any(|deny| deny.standing.can == Truth::Unclear.into());
        let reachable = self.layers.iter().all(|layer| !layer.allows.is_empty());
        let surely =
            |layer: &LayerSays<'_>| layer.allows.iter().any(|allow| allow.standing.can.surely());
        let allows = self
            .layers
            .iter()
            .filter(|layer| reachable && !in_doubt && !surely(layer))
            .flat_map(|layer| &layer.allows);
        let mut hanging: Vec<&Weighed<'a>> = denies.chain(allows).collect();
        hanging.sort_by_key(|weighed| weighed.order);
        keys.add(hanging);
    }
}

/// Keys as first spelled, each once whatever its case.
#[derive(Default)]
struct Keys {
    spelled: BTreeSet<Box<str>>,
    folded: BTreeSet<String>,
}

impl Keys {
    fn add<'k>(&mut self, statements: impl IntoIterator<Item = &'k Weighed<'k>>) {
        for key in statements
            .into_iter()
            .flat_map(|weighed| &weighed.standing.keys)
        {
            if self.folded.insert(key.to_lowercase()) {
                self.spelled.insert((*key).into());
            }
        }
    }
}

fn refs<'k>(statements: impl Iterator<Item = &'k Weighed<'k>>) -> Vec<StatementRef> {
    statements.map(Weighed::at).collect()
}

fn not_allowed_in(closed: &[&LayerSays<'_>]) -> Cause {
    Cause::NotAllowedIn(closed.iter().map(|layer| layer.layer).collect())
}

fn allowed_only_on(closed: &[&LayerSays<'_>], request: &Request<'_>) -> Cause {
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

/// Why it hangs: on keys that nobody gave, else on what cannot be evaluated at all.
fn doubt(hanging: &[&Weighed<'_>], complete: bool) -> Cause {
    let named = |weighed: &&&Weighed<'_>| !complete && !weighed.standing.keys.is_empty();
    let by = refs(hanging.iter().filter(named).copied());
    match hanging.first() {
        Some(first) if by.is_empty() => cannot_evaluate(first),
        _ => Cause::MissingContext { by },
    }
}

fn cannot_evaluate(weighed: &Weighed<'_>) -> Cause {
    let reason = weighed.standing.reason.clone();
    Cause::CannotEvaluate {
        by: weighed.at(),
        reason: reason.unwrap_or_else(|| Arc::from("a condition cannot be evaluated")),
    }
}
