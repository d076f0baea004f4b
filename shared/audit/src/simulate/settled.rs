//! Settled statements: what would hold if a statement that is in doubt surely applied?

use iam::policy::Statement;
use iam::{Document, Layers, Policy};

/// Documents that stand in for those of the layers, where there is one.
pub(super) struct Settled {
    identity: Vec<Option<Document>>,
    boundary: Option<Vec<Option<Document>>>,
    service_control: Vec<Vec<Option<Document>>>,
}

impl Settled {
    /// The documents in which the statement stands, without its doubt.
    pub(super) fn new(layers: &Layers<'_>, settled: &Statement) -> Self {
        let all = |policies: &[Policy<'_>]| -> Vec<Option<Document>> {
            let documents = policies.iter().map(|policy| {
                let mut document = policy.document.ok()?.clone();
                let original = policy.document.ok()?;
                let mut is_changed = false;
                for (statement, written) in document.statements.iter_mut().zip(&original.statements)
                {
                    if std::ptr::eq(written, settled) {
                        statement.doubt = None;
                        is_changed = true;
                    }
                }
                is_changed.then_some(document)
            });
            documents.collect()
        };
        Self {
            identity: all(&layers.identity),
            boundary: layers.boundary.as_deref().map(all),
            service_control: layers.service_control.iter().map(|one| all(one)).collect(),
        }
    }

    /// The layers with these documents in their places.
    pub(super) fn layers<'s>(&'s self, layers: &Layers<'s>) -> Layers<'s> {
        let replaced = |policies: &[Policy<'s>], instead: &'s [Option<Document>]| {
            let policies = policies
                .iter()
                .zip(instead)
                .map(|(policy, instead)| Policy {
                    name: policy.name.clone(),
                    document: instead.as_ref().map_or(policy.document, Ok),
                });
            policies.collect::<Vec<_>>()
        };
        Layers {
            identity: replaced(&layers.identity, &self.identity),
            boundary: match (&layers.boundary, &self.boundary) {
                (Some(policies), Some(instead)) => Some(replaced(policies, instead)),
                (boundary, _) => boundary.clone(),
            },
            session: layers.session.clone(),
            service_control: layers
                .service_control
                .iter()
                .zip(&self.service_control)
                .map(|(policies, instead)| replaced(policies, instead))
                .collect(),
            management_account: layers.management_account,
            resource_side: layers.resource_side.clone(),
        }
    }
}
