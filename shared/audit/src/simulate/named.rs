//! Named resources: which statements of a principal are about some resources only?

use iam::policy::{Effect, Statement, Version};
use iam::{Layers, Outcome, Policy, Principal, StatementRef, glob};

/// A statement that is not simply about every resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// The position of its layer among those that count.
    pub(super) layer: usize,
    pub(super) statement: &'a Statement,
    pub(super) version: Version,
}

impl Named<'_> {
    /// Whether it can make less allowed on some resource than on `*`.
    pub(super) fn takes_away(&self) -> bool {
        self.statement.effect == Effect::Deny || self.statement.resource.negated
    }
}

/// The statements of all layers that count for a principal and are about some resources only.
pub(super) fn named<'a>(layers: &'a Layers<'_>, principal: &Principal) -> Vec<Named<'a>> {
    let levels: &[Vec<Policy<'_>>] = match layers.exemption(Some(&principal.arn)) {
        Some(_) => &[],
        None => &layers.service_control,
    };
    let all = std::iter::once(&layers.identity)
        .chain(&layers.boundary)
        .chain(&layers.session)
        .chain(levels);
    all.enumerate()
        .flat_map(|(layer, policies)| policies.iter().map(move |policy| (layer, policy)))
        .filter_map(|(layer, policy)| Some((layer, policy.document.ok()?)))
        .flat_map(|(layer, document)| {
            let version = document.version;
            document.statements.iter().map(move |statement| Named {
                layer,
                statement,
                version,
            })
        })
        .filter(|one| !is_for_all(one.statement))
        .collect()
}

/// Whether a statement that names what it denies keeps a request from its resource, or may do so. What is allowed elsewhere
/// does not help then.
pub(super) fn is_denied_by_name(layers: &Layers<'_>, outcome: &Outcome) -> bool {
    let by = outcome.cause.denied_or_left_open_by();
    let mut statements = by.iter().filter_map(|one| statement(layers, one));
    statements.any(|one| one.effect == Effect::Deny && !one.resource.negated)
}

fn statement<'a>(layers: &Layers<'a>, by: &StatementRef) -> Option<&'a Statement> {
    let own = layers
        .identity
        .iter()
        .chain(layers.boundary.iter().flatten());
    let above = layers.service_control.iter().flatten();
    let mut policies = own.chain(layers.session.iter().flatten()).chain(above);
    let policy = policies.find(|policy| policy.name == by.policy)?;
    policy.document.ok()?.statements.get(by.index?)
}

/// Whether it is about every resource, for certain.
fn is_for_all(statement: &Statement) -> bool {
    let doubtful = statement.doubt.as_ref();
    let mut patterns = statement.resource.patterns.iter();
    !statement.resource.negated
        && doubtful.is_none_or(|doubt| doubt.resources.is_empty())
        && patterns.any(|pattern| glob::is_everything(pattern))
}
