//! Assembling: how do the parts of a listing become one inventory?
//!
//! In: principals, groups, policies and documents in any order. Out: an [`Inventory`], sorted,
//! each thing once. A text that was met before is not parsed again, however many principals bear it.
//!
//! A thing that is listed twice with the same content is one thing. Twice with different content (pages of two points in
//! time) is a gap, because nobody knows which one holds; [`twice`] says what is kept of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::error::ReadInventoryError;
use super::wire::ListSet;
use super::{Gap, Group, Inventory, ManagedPolicy, Principal, twice};
use crate::arn::{AccountId, Arn};
use crate::fault::Fault;
use crate::policy::Document;
use crate::trust::TrustPolicy;

const LACKING: &str = "not in the listing, so nobody knows what AWS has there: pass all that `aws iam get-account-authorization-details` prints, without `--query`";

/// An inventory in the making.
#[derive(Default)]
pub(super) struct Assembly<'a> {
    inventory: Inventory,
    /// The lists that were there, empty or not.
    pub(super) lists: ListSet,
    pub(super) documents: Interned<'a, Document>,
    /// Managed policies of AWS, to which not all rules for a customer's documents apply.
    pub(super) of_aws: Interned<'a, Document>,
    pub(super) trusts: Interned<'a, TrustPolicy>,
}

/// Parsed texts by what is written. Faults are not kept, for each has its own place.
pub(super) struct Interned<'a, T> {
    known: HashMap<Cow<'a, str>, Arc<Result<T, Fault>>, foldhash::fast::RandomState>,
}

impl<T> Default for Interned<'_, T> {
    fn default() -> Self {
        Self {
            known: HashMap::default(),
        }
    }
}

impl<'a, T> Interned<'a, T> {
    /// What the text says; it is parsed, and kept as `keep` has it, only where it is new.
    pub(super) fn get<'t>(
        &mut self,
        text: &'t str,
        keep: fn(&'t str) -> Cow<'a, str>,
        parse: impl FnOnce() -> Result<T, Fault>,
    ) -> Arc<Result<T, Fault>> {
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        let parsed = Arc::new(parse());
        if parsed.is_ok() {
            self.known.insert(keep(text), Arc::clone(&parsed));
        }
        parsed
    }
}

impl Assembly<'_> {
    /// Adds a user or a role.
    pub(super) fn principal(&mut self, principal: Principal) {
        self.inventory.principals.push(principal);
    }

    /// Adds a group.
    pub(super) fn group(&mut self, name: Box<str>, group: Group) {
        let known = self.inventory.groups.get(&name);
        let group = match known.filter(|known| **known != group) {
            Some(known) => {
                let known = twice::group(known, group);
                self.gap(twice::gap(format!("group `{name}`")));
                known
            }
            None => group,
        };
        self.inventory.groups.insert(name, group);
    }

    /// Adds a managed policy.
    pub(super) fn policy(&mut self, arn: Box<str>, policy: ManagedPolicy) {
        let known = self.inventory.policies.get(&arn);
        let policy = if known.is_some_and(|known| *known != policy) {
            self.gap(twice::gap(format!("policy `{arn}`")));
            twice::policy(policy)
        } else {
            policy
        };
        self.inventory.policies.insert(arn, policy);
    }

    /// Notes something that could not be read.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.inventory.gaps.push(gap);
    }

    /// Notes the lists that no page had: AWS gives all of them, the empty ones too.
    pub(super) fn note_lacking_lists(&mut self) {
        let lacking: Vec<String> = self
            .lists
            .lacking()
            .map(|list| format!("`{}`", list.as_str()))
            .collect();
        let what = match lacking.as_slice() {
            [] => return,
            [list] => format!("the list {list}"),
            lists => format!("the lists {}", lists.join(", ")),
        };
        self.gap(Gap::Part {
            what: what.into(),
            reason: LACKING.into(),
        });
    }

    /// The whole.
    ///
    /// # Errors
    /// [`ReadInventoryError::Accounts`] where the principals belong to more than one account.
    pub(super) fn finish(self) -> Result<Inventory, ReadInventoryError> {
        let mut inventory = self.inventory;
        inventory.account = account(&inventory)?;
        // Stable, so that of two listings of one principal the later stays the later.
        inventory
            .principals
            .sort_by(|left, right| left.arn.cmp(&right.arn));
        let mut gaps = Vec::new();
        inventory.principals.dedup_by(|later, kept| {
            if later.arn != kept.arn {
                return false;
            }
            if later != kept {
                gaps.push(twice::gap(format!("{} `{}`", kept.arn.kind(), kept.arn)));
                *kept = twice::principal(kept.clone(), later.clone());
            }
            true
        });
        inventory.gaps.append(&mut gaps);
        Ok(inventory)
    }
}

/// The account that all principals belong to; without any, that of a customer's own policy.
fn account(inventory: &Inventory) -> Result<Option<AccountId>, ReadInventoryError> {
    let mut accounts = inventory
        .principals
        .iter()
        .map(|principal| principal.arn.account());
    let Some(first) = accounts.next() else {
        let mut policies: Vec<AccountId> = inventory
            .policies
            .keys()
            .filter_map(|arn| Arn::parse(arn).ok()?.account.parse().ok())
            .collect();
        policies.sort_unstable();
        return Ok(policies.first().copied());
    };
    match accounts.find(|account| *account != first) {
        Some(second) => Err(ReadInventoryError::Accounts { first, second }),
        None => Ok(Some(first)),
    }
}
