//! People: which users and roles came, went, were renamed or made anew between two listings?
//!
//! IAM gives every user and role an id for life, so a user with another name is known again, and a role that was deleted and
//! made anew under its old name is not taken for the old one: trust and resource policies that named it still mean the old one.

use std::collections::BTreeMap;

use iam::inventory::Principal;
use iam::{Inventory, PrincipalArn};

/// What became of a user or role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrincipalChange {
    /// Who: as in the later listing, if it is there.
    pub arn: PrincipalArn,
    /// What.
    pub kind: PrincipalChangeKind,
}

/// What became of a user or role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalChangeKind {
    /// Only the later listing has it.
    Appeared,
    /// Only the earlier listing has it.
    Vanished,
    /// It had this ARN before.
    Renamed(PrincipalArn),
    /// It has its name still, and another id.
    MadeAnew,
}

/// Who came, went, was renamed or made anew, by ARN.
#[must_use]
pub fn principal_changes(before: &Inventory, after: &Inventory) -> Vec<PrincipalChange> {
    let by_id = |inventory: &Inventory| -> BTreeMap<Box<str>, PrincipalArn> {
        let known = inventory.principals.iter().filter(|one| !one.id.is_empty());
        known.map(|one| (one.id.clone(), one.arn.clone())).collect()
    };
    let (earlier, later) = (by_id(before), by_id(after));
    let mut changes = Vec::new();
    for principal in &after.principals {
        let Principal { arn, id, .. } = principal;
        let kind = match (before.principal(arn), earlier.get(id)) {
            // A listing made by hand may name no ids.
            (Some(was), _) if was.id == *id || was.id.is_empty() || id.is_empty() => continue,
            (_, Some(was)) if was != arn => PrincipalChangeKind::Renamed(was.clone()),
            (Some(_), _) => PrincipalChangeKind::MadeAnew,
            (None, _) => PrincipalChangeKind::Appeared,
        };
        changes.push(PrincipalChange {
            arn: arn.clone(),
            kind,
        });
    }
    for principal in &before.principals {
        let arn = &principal.arn;
        if after.principal(arn).is_none() && !later.contains_key(&principal.id) {
            let kind = PrincipalChangeKind::Vanished;
            changes.push(PrincipalChange {
                arn: arn.clone(),
                kind,
            });
        }
    }
    changes.sort();
    changes
}
