//! Faults of resources: an account for each, and its twin in which nothing is wrong.

mod buckets;
mod comparing;
mod endpoints;
mod files;
mod keys;
mod layers;
mod regions;
mod telling;
mod vaults;

use std::sync::Arc;

use audit::judge::assess;
use audit::requirement::Requirement;
use audit::resource_faults::fault::{ResourceFaultKind, Weight};
use audit::resources::{NamedResource, Reading, Resources};
use audit::simulate::inquiries;
use audit::{Assessment, Judgement, Listed, Selection, Settings};
use iam::{AccountId, Inventory, ServiceControl};

use crate::phases::{asked, listed};
use crate::principals::{inventory, principal, role};
use crate::rules::Rules;

pub(crate) const NOW: &str = "2026-11-01T06:00:00Z";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const ELSEWHERE: &str = "999988887777";

/// An account with one role that is bound to a set, and what is known of its resources.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) set: &'static str,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) named: Vec<NamedResource>,
    pub(crate) workers: Vec<AccountId>,
    pub(crate) private: bool,
    pub(crate) resources: Resources,
    pub(crate) rules: Rules,
    pub(crate) inventory: Option<Inventory>,
}

impl Account {
    pub(crate) fn of(set: &'static str) -> Self {
        Self {
            set,
            roles: vec!["a"],
            named: Vec::new(),
            workers: Vec::new(),
            private: false,
            resources: Resources::default(),
            rules: Rules::default(),
            inventory: None,
        }
    }

    pub(crate) fn inventory(&self) -> Inventory {
        let tags = [("action-sets", self.set), ("regions", REGION)];
        let roles = self.roles.iter().map(|name| {
            let mut one = principal(role(name), &tags);
            one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(TRUST)));
            one.instance_profiles.push((*name).into());
            one
        });
        inventory(roles.collect())
    }

    fn listed(&self, settings: &Settings) -> Listed {
        let inventory = self.inventory.clone().unwrap_or_else(|| self.inventory());
        let asked = asked(settings, NOW, &Selection::default());
        let mut listed = listed(&inventory, &asked);
        for subject in &mut listed.bound.subjects {
            let requirements = subject.requirements.iter().map(|one| {
                Arc::new(Requirement {
                    resources: self.named.clone().into(),
                    worker_accounts: self.workers.clone().into(),
                    private_network: self.private.then_some(true),
                    ..Requirement::clone(one)
                })
            });
            subject.requirements = requirements.collect();
        }
        listed.resources = Arc::new(self.resources.clone());
        listed
    }

    pub(crate) fn audit(&self) -> Assessment {
        self.audit_at(NOW)
    }

    pub(crate) fn audit_at(&self, now: &str) -> Assessment {
        let settings = Settings::default();
        let asked = asked(&settings, now, &Selection::default());
        let listed = self.listed(&settings);
        let inquiries = inquiries(&listed.bound);
        let replies = self.rules.replies(&listed.inventory, &inquiries);
        assess(
            &asked,
            &listed,
            &ServiceControl::default(),
            &inquiries,
            replies,
        )
    }

    /// What is wrong, by the label of the resource.
    #[track_caller]
    pub(crate) fn has(&self, label: &str, weight: Weight, kind: ResourceFaultKind) -> &Self {
        let found = self.audit();
        let verdict = &found.verdicts[0];
        let faults = verdict.faults.iter();
        let faults: Vec<_> = faults
            .map(|fault| (fault.resource.label(), fault.weight, fault.kind.clone()))
            .collect();
        assert_eq!(faults, [(label.to_owned(), weight, kind)]);
        let judgement = match weight {
            Weight::Breaks => Judgement::Drifted,
            Weight::Unknown => Judgement::Undetermined,
            Weight::Notice => Judgement::Compliant,
        };
        assert_eq!(verdict.judgement(), judgement);
        self
    }

    /// Nothing is wrong.
    #[track_caller]
    pub(crate) fn is_quiet(&self) -> &Self {
        let found = self.audit();
        assert_eq!(found.verdicts[0].faults, []);
        self
    }

    /// The same with other resources.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }
}

pub(crate) fn read<T>(value: T) -> Reading<T> {
    Reading::Read(value)
}

pub(crate) fn refused<T>() -> Reading<T> {
    Reading::Refused("AccessDenied".into())
}

/// A policy of a resource.
pub(crate) fn policy(text: &str) -> iam::inventory::PolicyText {
    Arc::new(iam::Document::parse_resource_policy(text))
}

const TRUST: &str = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*","Service":[
    "backup.amazonaws.com","batchoperations.s3.amazonaws.com","ec2.amazonaws.com","rds.amazonaws.com"]}}]}"#;

pub(crate) fn elsewhere() -> AccountId {
    ELSEWHERE.parse().unwrap()
}
