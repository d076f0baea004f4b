//! Descriptions: what does a finding say, before it has an id and a date?

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::PrincipalArn;
use jiff::Timestamp;

use super::finding::{Code, Finding, FindingId, Item, Lack};
use crate::level::Level;

/// What a finding says besides whose it is.
pub(super) struct Description {
    pub(super) level: Level,
    pub(super) title: Arc<str>,
    pub(super) impact: Arc<str>,
    pub(super) items: Arc<BTreeSet<Item>>,
    pub(super) lacks: Arc<Vec<Lack>>,
}

/// A description of somebody's finding.
pub(super) struct Described {
    principal: Option<PrincipalArn>,
    code: Code,
    set: Box<str>,
    description: Description,
}

impl Description {
    pub(super) fn of(self, principal: Option<&PrincipalArn>, code: Code, set: &str) -> Described {
        Described {
            principal: principal.cloned(),
            code,
            set: set.into(),
            description: self,
        }
    }
}

impl Described {
    /// The finding, as if seen for the first time.
    pub(super) fn into_finding(self, account: iam::AccountId, at: Timestamp) -> Finding {
        let Description {
            level,
            title,
            impact,
            items,
            lacks,
        } = self.description;
        Finding {
            id: FindingId::new(account, self.principal.as_ref(), self.code, &self.set),
            account,
            principal: self.principal,
            code: self.code,
            set: self.set,
            level,
            title,
            impact,
            items,
            lacks,
            opened: at,
            seen: at,
            openings: 1,
        }
    }
}

pub(super) fn one(item: Item) -> Arc<BTreeSet<Item>> {
    Arc::new(BTreeSet::from([item]))
}

pub(super) fn all(items: impl Iterator<Item = Item>) -> Arc<BTreeSet<Item>> {
    Arc::new(items.collect())
}
