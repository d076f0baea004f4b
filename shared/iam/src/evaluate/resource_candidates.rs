//! Candidates of the resource side: which of its statements could apply, and what has to allow for the request to get through?
//!
//! In: what the principal's own layers say, and a [`ResourceSide`]. Out: the same with the candidates of the resource side, and the
//! [`Ways`] in which they combine:
//!
//! | resource | one of these has to allow |
//! |---|---|
//! | of the caller's account | identity, boundary and session policies; its policy for the caller's role, with boundary and session policies; its policy for the caller itself |
//! | a KMS key or role of the caller's account | as above, but what identity policies allow counts only where its policy allows the account; a grant |
//! | of another account | its policy together with identity, boundary and session policies |
//!
//! SCPs, RCPs and the endpoint policy must allow besides.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::caller::{Limits, Manner, or};
use super::candidate::{Candidate, Candidates, LayerCandidates};
use super::policy::Policy;
use super::request::{Layers, Request};
use super::resource_side::{ResourceSide, can_cross_accounts, is_backup, is_root_of_trust};
use super::statement;
use super::ways::{Part, Way, Ways};
use crate::condition::Evaluation;
use crate::condition::operator::{Operator, Test};
use crate::context::Context;
use crate::decision::Layer;
use crate::policy::grant::{ENCRYPTION_CONTEXT, ENCRYPTION_CONTEXT_KEYS};
use crate::policy::{Effect, Statement};
use crate::truth::Truth;

const ABOUT_EVERYBODY: &str = "AWS does not document whether a permissions boundary or session policy limits what a resource policy allows to everybody";
const ABOUT_GRANTS: &str = "AWS does not document whether a permissions boundary, a session policy or, in another account, missing identity policies limit a grant";
const ABOUT_VAULTS: &str = "AWS does not document whether the policy of a backup vault that only allows refuses everything else";
const ABOUT_ENDPOINTS: &str =
    "AWS does not document whom an endpoint policy means that names an account";

/// What the resource's own policy allows, by the manner in which it names the caller.
type ByManner<'a> = BTreeMap<Manner, LayerCandidates<'a>>;

/// Adds the resource side to the candidates of the principal's own layers.
pub(super) fn add<'a>(
    layers: &'a Layers<'a>,
    side: &'a ResourceSide<'a>,
    request: &Request<'_>,
    order: usize,
    candidates: &mut Candidates<'a>,
) {
    let mut collector = Collector {
        side,
        request,
        limits: layers.limits(),
        order,
    };
    let mut own = ByManner::new();
    let mut grants = None;
    for (layer, policies) in side.counting(request.principal, request.action) {
        let found = collector.collect(layer, policies, candidates);
        match layer {
            Layer::Resource => own = found,
            Layer::Grant => grants = Some(merged(layer, found)),
            Layer::Identity
            | Layer::Boundary
            | Layer::Session
            | Layer::ServiceControl { .. }
            | Layer::ResourceControl { .. }
            | Layer::Endpoint => candidates.layers.push(merged(layer, found)),
        }
    }
    if side.is_cross_account() && !can_cross_accounts(request.action) {
        own.clear();
    }
    let mut layout = Layout::of(candidates);
    if side.is_cross_account() {
        layout.across_accounts(merged(Layer::Resource, own));
    } else if side.policy.is_none() {
        layout.without_policy();
    } else {
        layout.within_account(side, request, own);
    }
    if let Some(grants) = grants {
        layout.grants(grants, side);
    }
    let ways = layout.ways;
    candidates.ways = Some(Ways {
        layers: candidates.layers.len(),
        ways,
    });
}

/// All manners together.
fn merged<'a>(layer: Layer, own: ByManner<'a>) -> LayerCandidates<'a> {
    let mut all = LayerCandidates {
        layer,
        allows: Vec::new(),
        narrower: Vec::new(),
    };
    for (_, one) in own {
        all.allows.extend(one.allows);
        all.narrower.extend(one.narrower);
    }
    all.allows.sort_by_key(|allow| allow.order);
    all.narrower.sort_by_key(|allow| allow.order);
    all
}

/// Puts layers in their places, and ways to let a request through.
struct Layout<'c, 'a> {
    candidates: &'c mut Candidates<'a>,
    identity: Vec<Part>,
    /// Boundary and session policies.
    limits: Vec<Part>,
    ways: Vec<Way>,
}

impl<'c, 'a> Layout<'c, 'a> {
    fn of(candidates: &'c mut Candidates<'a>) -> Self {
        let parts = |wanted: &[Layer]| {
            let layers = candidates.layers.iter().enumerate();
            layers
                .filter(|(_, one)| wanted.contains(&one.layer))
                .map(|(layer, _)| Part { layer, soft: false })
                .collect()
        };
        Self {
            identity: parts(&[Layer::Identity]),
            limits: parts(&[Layer::Boundary, Layer::Session]),
            ways: Vec::new(),
            candidates,
        }
    }

    fn push(&mut self, layer: LayerCandidates<'a>) -> Part {
        self.candidates.layers.push(layer);
        Part {
            layer: self.candidates.layers.len() - 1,
            soft: false,
        }
    }

    fn way(&mut self, parts: Vec<Part>, doubt: Option<&'static str>) {
        self.ways.push(Way { parts, doubt });
    }

    fn across_accounts(&mut self, own: LayerCandidates<'a>) {
        let own = self.push(own);
        let parts = [self.identity.as_slice(), &self.limits, &[own]].concat();
        self.way(parts, None);
    }

    fn without_policy(&mut self) {
        let parts = [self.identity.as_slice(), &self.limits].concat();
        self.way(parts, None);
    }

    fn within_account(
        &mut self,
        side: &ResourceSide<'_>,
        request: &Request<'_>,
        mut own: ByManner<'a>,
    ) {
        let usual = [self.identity.as_slice(), &self.limits].concat();
        if is_backup(request.action) && only_allows(side) {
            let vault = self.push(merged(Layer::Resource, own));
            let otherwise = usual.iter().copied().map(soft).chain([vault]).collect();
            self.way(
                usual.into_iter().chain([soft(vault)]).collect(),
                Some(ABOUT_VAULTS),
            );
            self.way(otherwise, Some(ABOUT_VAULTS));
            return;
        }
        let mut named = |manner| {
            let of_manner = own.remove(&manner);
            self.push(of_manner.unwrap_or_else(|| merged(Layer::Resource, ByManner::new())))
        };
        let by_role = named(Manner::Role);
        let directly = named(Manner::Directly);
        let as_one_of_all = named(Manner::Everybody);
        let by_account = is_root_of_trust(request.action).then(|| named(Manner::Account));
        self.way(usual.into_iter().chain(by_account).collect(), None);
        let limits = self.limits.clone();
        self.way(
            [by_role]
                .into_iter()
                .chain(limits.iter().copied())
                .collect(),
            None,
        );
        self.way(vec![directly], None);
        let limits = limits.into_iter().map(soft);
        self.way(
            [as_one_of_all].into_iter().chain(limits).collect(),
            Some(ABOUT_EVERYBODY),
        );
    }

    fn grants(&mut self, grants: LayerCandidates<'a>, side: &ResourceSide<'_>) {
        let grants = self.push(grants);
        let identity = self.identity.iter().filter(|_| side.is_cross_account());
        let softly = identity.chain(&self.limits).copied().map(soft);
        let parts = [grants].into_iter().chain(softly).collect();
        self.way(parts, Some(ABOUT_GRANTS));
    }
}

fn soft(part: Part) -> Part {
    Part { soft: true, ..part }
}

/// Whether the resource's own policy denies nobody anything.
fn only_allows(side: &ResourceSide<'_>) -> bool {
    let policies = side.policy.iter().filter_map(|policy| policy.document.ok());
    let mut statements = policies.flat_map(|document| &document.statements);
    statements.all(|statement| statement.effect == Effect::Allow)
}

/// Collects the statements of the resource side.
struct Collector<'r, 'a> {
    side: &'a ResourceSide<'a>,
    request: &'r Request<'r>,
    limits: Limits,
    order: usize,
}

impl<'a> Collector<'_, 'a> {
    /// The candidates of one layer. Denies and what cannot be read go to the candidates of all layers.
    fn collect(
        &mut self,
        layer: Layer,
        policies: &'a [Policy<'a>],
        candidates: &mut Candidates<'a>,
    ) -> ByManner<'a> {
        let context = context_of(layer, self.request.context);
        let mut own = ByManner::new();
        for policy in policies {
            let Some(document) = candidates.document(layer, policy) else {
                continue;
            };
            for (index, statement) in document.statements.iter().enumerate() {
                self.order += 1;
                let order = self.order;
                if !statement.is_about(self.request.action) {
                    continue;
                }
                let version = document.version;
                let resource = self.request.resource;
                let applies = statement::evaluate(statement, version, resource, &context);
                let is_narrower =
                    applies.is_none() && resource == "*" && statement.effect == Effect::Allow;
                let applies = match applies {
                    None if is_narrower => {
                        statement::evaluate_narrower(statement, version, &context)
                    }
                    other => other,
                };
                let Some(applies) = applies else {
                    continue;
                };
                for (manner, named) in self.named(layer, statement, &context) {
                    let mut evaluation: Evaluation<'a> = named;
                    evaluation.and(applies.clone());
                    if evaluation.can.never() {
                        continue;
                    }
                    let candidate = Candidate {
                        layer,
                        policy,
                        index,
                        statement,
                        version,
                        order,
                        counts: evaluation.counts(self.request.context),
                        evaluation,
                    };
                    if statement.effect == Effect::Deny {
                        candidates.denies.push(candidate);
                        continue;
                    }
                    let of_manner = own
                        .entry(manner)
                        .or_insert_with(|| merged(layer, ByManner::new()));
                    if is_narrower {
                        of_manner.narrower.push(candidate);
                    } else {
                        of_manner.allows.push(candidate);
                    }
                }
            }
        }
        own
    }

    /// In which manners a statement names the caller.
    fn named(
        &self,
        layer: Layer,
        statement: &Statement,
        context: &Context,
    ) -> Vec<(Manner, Evaluation<'static>)> {
        let mut found = named_in(self.side, layer, statement, self.limits, context);
        if layer == Layer::Resource && compares_principal_arn(statement) {
            for (manner, _) in &mut found {
                if *manner == Manner::Everybody {
                    *manner = Manner::Directly;
                }
            }
        }
        found
    }
}

/// In which manners a statement of a layer names the caller; nothing where it does not.
pub(super) fn named_in(
    side: &ResourceSide<'_>,
    layer: Layer,
    statement: &Statement,
    limits: Limits,
    context: &Context,
) -> Vec<(Manner, Evaluation<'static>)> {
    let Some(principals) = statement.principals.as_deref() else {
        return vec![(Manner::Everybody, Evaluation::settled(Truth::Yes))];
    };
    let mut found = side
        .caller
        .named_in(principals, statement.effect, limits, context);
    let leaves_open = |manner: Manner| match layer {
        Layer::Endpoint => (manner == Manner::Account).then_some(ABOUT_ENDPOINTS),
        Layer::Grant => (manner == Manner::Account).then_some(ABOUT_GRANTS),
        Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::ServiceControl { .. }
        | Layer::ResourceControl { .. }
        | Layer::Resource => None,
    };
    for (manner, evaluation) in &mut found {
        if let Some(reason) = leaves_open(*manner) {
            evaluation.and(Evaluation {
                reason: Some(Arc::from(reason)),
                ..Evaluation::settled(Truth::Unclear)
            });
        }
    }
    if statement.effect == Effect::Deny {
        // In which manner it names the caller makes no difference.
        let named = found.into_iter().map(|(_, evaluation)| evaluation);
        let named = named.reduce(|mut one, other| {
            or(&mut one, other);
            one
        });
        found = named
            .map(|named| (Manner::Everybody, named))
            .into_iter()
            .collect();
    }
    found
}

/// What a statement allows to everybody whose ARN it compares is allowed to that principal directly.
fn compares_principal_arn(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.key.eq_ignore_ascii_case("aws:PrincipalArn")
            && Operator::parse(&condition.operator)
                .is_some_and(|operator| !operator.negated && operator.test != Test::Null)
    })
}

/// The context for a layer. The constraints of grants ask for the names of all pairs of the encryption context; a complete context
/// that does not give these gives the pairs themselves.
pub(super) fn context_of(layer: Layer, context: &Context) -> Cow<'_, Context> {
    if layer != Layer::Grant || !context.is_complete() || context.names(ENCRYPTION_CONTEXT_KEYS) {
        return Cow::Borrowed(context);
    }
    let prefix = ENCRYPTION_CONTEXT.to_lowercase();
    let names: Vec<Box<str>> = context
        .entries()
        .filter(|(_, values)| !values.is_empty())
        .filter_map(|(key, _)| key.strip_prefix(prefix.as_str()).map(Box::from))
        .collect();
    let mut context = context.clone();
    context.pin(ENCRYPTION_CONTEXT_KEYS, names);
    Cow::Owned(context)
}
