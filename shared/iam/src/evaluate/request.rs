//! What is decided: a request, and the layers of policies that it must pass.

use std::sync::Arc;

use super::caller::Limits;
use super::policy::Policy;
use super::resource_side::ResourceSide;
use crate::action::ActionName;
use crate::arn::PrincipalArn;
use crate::context::Context;
use crate::decision::{Layer, StatementRef};
use crate::policy::{Effect, Statement};

/// All policies that a request must pass.
#[derive(Clone, Debug, Default)]
pub struct Layers<'a> {
    /// The principal's own policies and those of its groups.
    pub identity: Vec<Policy<'a>>,
    /// The permissions boundary, if there is one.
    pub boundary: Option<Vec<Policy<'a>>>,
    /// The session policies, if there are any.
    pub session: Option<Vec<Policy<'a>>>,
    /// Service control policies, level by level from the root to the account. A level without a policy lets nothing through.
    pub service_control: Vec<Vec<Policy<'a>>>,
    /// The principal belongs to the organisation's management account, which no service control policy restricts.
    pub management_account: bool,
    /// What the request meets where the resource is; `None` where only the principal's own side is to be decided.
    pub resource_side: Option<ResourceSide<'a>>,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks; `None` for anything but an IAM user or role. Decides only whether SCPs count.
    pub principal: Option<&'a PrincipalArn>,
    /// The action.
    pub action: &'a ActionName,
    /// An ARN, or `*`: the text, which patterns narrower than `*` do not match.
    pub resource: &'a str,
    /// What else is known. What follows from the principal must be in it, see [`crate::context::principal_context`].
    pub context: &'a Context,
}

/// Why the service control policies given do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// They restrict no principal of the management account.
    ManagementAccount,
    /// They restrict no service-linked role.
    ServiceLinkedRole,
}

impl<'a> Layers<'a> {
    /// Every statement of every policy that can be read.
    pub fn statements(&self) -> impl Iterator<Item = &'a Statement> {
        let own = self.identity.iter();
        own.chain(self.boundary.iter().flatten())
            .chain(self.session.iter().flatten())
            .chain(self.service_control.iter().flatten())
            .chain(self.resource_side.iter().flat_map(ResourceSide::policies))
            .filter_map(|policy| policy.document.ok())
            .flat_map(|document| &document.statements)
    }

    /// Which layers limit the caller besides its identity policies.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            boundary: self.boundary.is_some(),
            session: self.session.is_some(),
        }
    }

    /// Why the service control policies do not count for this principal; `None` where they do.
    #[must_use]
    pub fn exemption(&self, principal: Option<&PrincipalArn>) -> Option<Exemption> {
        if self.management_account {
            Some(Exemption::ManagementAccount)
        } else {
            principal
                .is_some_and(PrincipalArn::is_service_linked)
                .then_some(Exemption::ServiceLinkedRole)
        }
    }

    /// The layers that are there and count, in their order.
    pub(super) fn counting(
        &self,
        principal: Option<&PrincipalArn>,
    ) -> impl Iterator<Item = (Layer, &[Policy<'a>])> {
        let levels = match self.exemption(principal) {
            Some(_) => &[],
            None => self.service_control.as_slice(),
        };
        let level = |index: usize| Layer::ServiceControl {
            level: Some(u8::try_from(index).unwrap_or(u8::MAX)),
        };
        let boundary = self
            .boundary
            .as_deref()
            .map(|layer| (Layer::Boundary, layer));
        let session = self.session.as_deref().map(|layer| (Layer::Session, layer));
        std::iter::once((Layer::Identity, self.identity.as_slice()))
            .chain(boundary)
            .chain(session)
            .chain(
                levels
                    .iter()
                    .enumerate()
                    .map(move |(index, policies)| (level(index), policies.as_slice())),
            )
    }
}

/// Names a statement for a cause.
pub(super) fn statement_ref(
    layer: Layer,
    policy: &Policy<'_>,
    index: usize,
    statement: &Statement,
) -> StatementRef {
    StatementRef {
        layer,
        policy: Arc::clone(&policy.name),
        // What a grant allows stands in no document that somebody could look into.
        index: (layer != Layer::Grant).then_some(index),
        sid: statement.sid.as_deref().map(Arc::from),
    }
}

pub(super) fn is_allow(statement: &Statement) -> bool {
    match statement.effect {
        Effect::Allow => true,
        Effect::Deny => false,
    }
}
