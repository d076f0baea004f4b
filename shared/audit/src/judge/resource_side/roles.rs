//! Roles: which trust policies decide requests to assume the roles that scopes name?
//!
//! In: the requirements and the listing. Out: for each role of the account that a requirement assumes, its trust policy as that of a
//! resource. One that is not in the listing has one that nobody read. Those of other accounts are left out: nothing is known of them.

use std::collections::{BTreeMap, BTreeSet};

use iam::inventory::Fault;
use iam::{AccountId, ActionName, Document, Inventory, PrincipalArn, PrincipalKind};

use crate::bind::requirement::Requirement;

/// The trust policies of roles that are assumed, by ARN.
#[derive(Debug, Default)]
pub(super) struct Roles(BTreeMap<Box<str>, Result<Document, Fault>>);

impl Roles {
    pub(super) fn of<'r>(
        requirements: impl Iterator<Item = &'r Requirement>,
        inventory: &Inventory,
        account: AccountId,
    ) -> Self {
        let mut roles = Self::default();
        let mut principals = inventory.principals.iter();
        // Policies alone do not say who trusts whom.
        if !principals.any(|one| one.trust.is_some()) {
            return roles;
        }
        // Principals share requirements.
        let mut seen = BTreeSet::new();
        let requirements = requirements.filter(|one| seen.insert(std::ptr::from_ref(*one)));
        for check in requirements.flat_map(|one| one.checks.iter()) {
            let question = &check.question;
            if check.permit.resource.contains('*')
                || !question.actions.iter().any(assumes)
                || roles.0.contains_key(&*question.resource)
            {
                continue;
            }
            let Ok(arn) = question.resource.parse::<PrincipalArn>() else {
                continue;
            };
            if arn.kind() == PrincipalKind::Role && arn.account() == account {
                let name = (&*question.resource).into();
                roles.0.insert(name, trust(inventory, &arn));
            }
        }
        roles
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The trust policy of a role; `None` where nothing is known of it.
    pub(super) fn policy(&self, arn: &str) -> Option<Result<&Document, &Fault>> {
        self.0.get(arn).map(Result::as_ref)
    }
}

/// Whether an action is the one that the trust policy of a role decides.
#[must_use]
pub fn assumes(action: &ActionName) -> bool {
    action.as_str().eq_ignore_ascii_case("sts:AssumeRole")
}

/// The trust policy of a role as the policy of a resource.
///
/// # Errors
/// Why nobody read it.
pub fn trust(inventory: &Inventory, arn: &PrincipalArn) -> Result<Document, Fault> {
    let principals = &inventory.principals;
    let listed = principals.binary_search_by(|principal| principal.arn.cmp(arn));
    let Some(role) = listed.ok().and_then(|at| principals.get(at)) else {
        return Err(unread("the role is not in the listing"));
    };
    match role.trust.as_deref() {
        Some(Ok(policy)) => policy.document(),
        Some(Err(fault)) => Err(fault.clone()),
        None => Err(unread("the trust policy of the role is not in the listing")),
    }
}

fn unread(reason: &str) -> Fault {
    Fault {
        reason: reason.into(),
        line: 0,
        column: 0,
    }
}
