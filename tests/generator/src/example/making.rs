//! Making the example: its account while principals and policies are added to it.

use catalog::{Catalog, ProductVersion, ScopeValues};

use crate::document::{Document, document};
use crate::grants;
use crate::listing::{Account, ManagedPolicy};
use crate::parts::{Holdings, Parts, tags};

pub(super) const VERSION: ProductVersion = ProductVersion::LATEST;
pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const KEY: &str =
    "arn:aws:kms:eu-central-1:111122223333:key/5f2c9d1e-7a34-4b8e-9c06-d3a1b7e4f280";

/// The account while it is being made.
pub(super) struct Making {
    pub(super) parts: Parts,
    pub(super) catalog: Catalog,
    pub(super) account: Account,
}

impl Making {
    pub(super) fn new() -> Self {
        Self {
            parts: Parts::new(2611, ACCOUNT),
            catalog: Catalog::embedded(),
            account: Account::default(),
        }
    }

    /// A managed policy in one version, added to the account.
    pub(super) fn policy(
        &mut self,
        name: &str,
        statements: impl IntoIterator<Item = crate::Statement>,
    ) -> ManagedPolicy {
        let policy = self.parts.policy(name, vec![document(statements)], 0);
        self.account.policies.push(policy.clone());
        policy
    }

    pub(super) fn aws_policy(&mut self, name: &str, document: Document) -> ManagedPolicy {
        let policy = self.parts.aws_policy(name, document);
        self.account.policies.push(policy.clone());
        policy
    }

    /// All that a set needs, in managed policies of this name.
    pub(super) fn set_policies(
        &mut self,
        name: &str,
        set: &str,
        version: ProductVersion,
    ) -> Holdings {
        let documents = self.smallest(set, version, &ScopeValues::default());
        let several = documents.len() > 1;
        let mut holds = Holdings::default();
        for (at, document) in documents.into_iter().enumerate() {
            let name = if several {
                format!("{name}-{}", at + 1)
            } else {
                name.to_owned()
            };
            let policy = self.parts.policy(&name, vec![document], 0);
            holds = holds.attach(&policy);
            self.account.policies.push(policy);
        }
        holds
    }

    /// All that a set needs, written into the principal.
    pub(super) fn set_inline(&self, set: &str, scope: &ScopeValues) -> Holdings {
        let documents = self.smallest(set, VERSION, scope);
        let several = documents.len() > 1;
        documents
            .into_iter()
            .enumerate()
            .fold(Holdings::default(), |holds, (at, document)| {
                let name = if several {
                    format!("{set}-{}", at + 1)
                } else {
                    set.to_owned()
                };
                holds.write(&name, document)
            })
    }

    pub(super) fn smallest(
        &self,
        set: &str,
        version: ProductVersion,
        scope: &ScopeValues,
    ) -> Vec<Document> {
        grants::smallest(&self.catalog, set, version, scope, |_| true)
    }

    pub(super) fn services(&self, set: &str) -> Vec<String> {
        let set = self
            .catalog
            .find(set)
            .unwrap_or_else(|error| panic!("{error}"));
        set.trusted_services_for(VERSION)
            .map(str::to_owned)
            .collect()
    }

    /// The trust policy that a set asks for.
    pub(super) fn trust_for(&self, set: &str) -> Document {
        let services = self.services(set);
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        self.parts.appliance_trust(&services)
    }

    /// A role for sets, with the trust policy of the first and in an instance profile if that asks for one.
    pub(super) fn role(&mut self, name: &str, sets: &str, more: &[(&str, &str)], holds: Holdings) {
        let first = sets.split(' ').next().unwrap_or(sets);
        let trusts = self.trust_for(first);
        let profile = self
            .catalog
            .find(first)
            .is_ok_and(|set| set.instance_profile);
        self.role_with(name, sets, more, holds, trusts, profile);
    }

    pub(super) fn role_with(
        &mut self,
        name: &str,
        sets: &str,
        more: &[(&str, &str)],
        holds: Holdings,
        trusts: Document,
        profile: bool,
    ) {
        let mut role = self.parts.role("/", name, trusts, holds);
        if profile {
            self.parts.profile(&mut role);
        }
        let own = [("team", "backup"), ("veeam:action-sets", sets)];
        role.tags = tags(own.into_iter().chain(more.iter().copied()));
        self.account.role_detail_list.push(role);
    }

    pub(super) fn user(&mut self, name: &str, sets: &str, more: &[(&str, &str)], holds: Holdings) {
        let mut user = self.parts.user("/", name, holds);
        let own = [("team", "backup"), ("veeam:action-sets", sets)];
        user.tags = tags(own.into_iter().chain(more.iter().copied()));
        self.account.user_detail_list.push(user);
    }
}
