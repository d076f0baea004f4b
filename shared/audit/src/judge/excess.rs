//! Excess: which principals may do anything at all?
//!
//! Veeam itself recommends administrator rights for some operations, so this is a notice and never drift.

use std::collections::HashSet;
use std::sync::Arc;

use iam::inventory::PolicyText;
use iam::policy::{Effect, Matches, Statement};
use iam::{Inventory, Principal};

/// The managed policies that allow everything, looked through once.
pub(super) struct Unlimited<'i> {
    managed: HashSet<&'i str>,
}

impl<'i> Unlimited<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let managed = inventory
            .policies
            .iter()
            .filter(|(_, policy)| allows_everything(&policy.document))
            .map(|(arn, _)| arn.as_ref());
        Self {
            managed: managed.collect(),
        }
    }

    /// The policy that lets a principal do anything, if one does.
    pub(super) fn holder(&self, principal: &Principal, inventory: &Inventory) -> Option<Arc<str>> {
        let own = self.first(&principal.attached).or_else(|| {
            let inline = principal.inline.iter();
            let mut found = inline.filter(|policy| allows_everything(&policy.document));
            found
                .next()
                .map(|policy| format!("inline {}", policy.name).into())
        });
        own.or_else(|| {
            let groups = principal.groups.iter();
            let mut found = groups.filter_map(|name| {
                let group = inventory.groups.get(name)?;
                let inline = || {
                    let mut inline = group.inline.iter();
                    inline
                        .find(|policy| allows_everything(&policy.document))
                        .map(|policy| format!("group {name}: inline {}", policy.name).into())
                };
                self.first(&group.attached).or_else(inline)
            });
            found.next()
        })
    }

    fn first(&self, attached: &[Box<str>]) -> Option<Arc<str>> {
        attached
            .iter()
            .find(|arn| self.managed.contains(arn.as_ref()))
            .map(|arn| Arc::from(arn.as_ref()))
    }
}

fn allows_everything(document: &PolicyText) -> bool {
    document
        .as_ref()
        .as_ref()
        .is_ok_and(|document| document.statements.iter().any(is_everything))
}

fn is_everything(statement: &Statement) -> bool {
    let any = |matches: &Matches| {
        !matches.negated && matches.patterns.iter().any(|pattern| matches_all(pattern))
    };
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && any(&statement.action)
        && any(&statement.resource)
}

fn matches_all(pattern: &str) -> bool {
    matches!(pattern, "*" | "*:*" | "**")
}
