//! Named resources: which statements of a principal are about some resources only?

use iam::policy::{Effect, Statement, Version};
use iam::{Layers, Policy, Principal, glob};

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

/// Whether it is about every resource, for certain.
fn is_for_all(statement: &Statement) -> bool {
    let doubtful = statement.doubt.as_ref();
    let mut patterns = statement.resource.patterns.iter();
    !statement.resource.negated
        && doubtful.is_none_or(|doubt| doubt.resources.is_empty())
        && patterns.any(|pattern| glob::is_everything(pattern))
}
