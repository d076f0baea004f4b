//! Cases: an account with one principal that may do everything, and what is read of the resources that it works with.

use std::sync::Arc;

use audit::assessment::LayerCoverage;
use audit::fix::{Fix, fix};
use audit::resources::{
    Bucket, Key, KeyMetadata, NamedPolicy, ObjectLock, Organization, Reading, Region, Resources,
    Vault, VaultDescription, Versioning,
};
use audit::verdict::{Place, Verdict};
use audit::{Asked, Assessment, Saved, Settings, look};
use catalog::Catalog;
use futures_util::FutureExt as _;
use iam::inventory::{InlinePolicy, ManagedPolicy, PolicyText, Principal};
use iam::trust::TrustPolicy;
use iam::{Cause, Document, Policy, PrincipalArn, ServiceControl};

use crate::principals::{account, at, inventory, principal, role, user};

pub(super) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";
pub(super) const FOREIGN_KEY: &str = "arn:aws:kms:eu-west-1:999900001111:key/1234";
pub(super) const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:veeam";
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";
/// The unique id of the principal.
pub(super) const ID: &str = "AROAOWNOWNOWNOWNOWNOW";

/// What hands a key to the identity policies of the account: AWS's default key policy.
pub(super) const HAND_OVER: &str = r#"{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}"#;
/// A key policy without that.
pub(super) const ADMINISTRATORS: &str = r#"{"Sid": "Administrators", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"}, "Action": "kms:*", "Resource": "*"}"#;
/// Who may do everything.
pub(super) const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
/// Who may do everything but what keys are for.
pub(super) const ALL_BUT_KEYS: &str =
    r#"{"Effect": "Allow", "NotAction": "kms:*", "Resource": "*"}"#;

const TRUST: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:role/appliance", "Service": ["backup.amazonaws.com", "batchoperations.s3.amazonaws.com", "ec2.amazonaws.com", "rds.amazonaws.com"]}}]}"#;

/// An account.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) principal: Principal,
    /// Who else is listed.
    pub(super) others: Vec<Principal>,
    /// The permissions boundary of the principal.
    boundary: Option<PolicyText>,
    pub(super) resources: Resources,
    pub(super) settings: String,
}

/// A document with these statements.
pub(super) fn document(statements: &[&str]) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statements.join(", ")
    )
}

/// The policy of a resource.
pub(super) fn policy(statements: &[&str]) -> PolicyText {
    let document = Document::parse_resource_policy(&document(statements));
    assert!(document.is_ok(), "{document:?}");
    Arc::new(document)
}

/// Levels of policies of an organisation: one statement each, after AWS's own.
pub(super) fn levels(statements: &[&str], full: &str) -> Vec<Vec<NamedPolicy>> {
    let policy = |name: &str, statements: &[&str]| NamedPolicy {
        name: name.into(),
        document: Arc::new(match full.contains("Principal") {
            true => Document::parse_resource_control_policy(&document(statements)),
            false => Document::parse(&document(statements)),
        }),
    };
    let level = |at: usize, statement: &&str| {
        vec![
            policy("full", &[full]),
            policy(&format!("perimeter-{at}"), &[statement]),
        ]
    };
    let levels = statements.iter().enumerate();
    levels.map(|(at, statement)| level(at, statement)).collect()
}

impl Case {
    /// A role in an account without an organisation, in one region where the tags say no others.
    pub(super) fn role(tags: &[(&str, &str)]) -> Self {
        Self::of(role("veeam"), tags)
    }

    /// The same with a user.
    pub(super) fn user(tags: &[(&str, &str)]) -> Self {
        Self::of(user("veeam"), tags)
    }

    fn of(arn: PrincipalArn, tags: &[(&str, &str)]) -> Self {
        let has_regions = tags.iter().any(|(key, _)| *key == "regions");
        let region = [("regions", "eu-west-1")];
        let region = region.iter().filter(|_| !has_regions);
        let all: Vec<_> = region.chain(tags).copied().collect();
        let mut principal = principal(arn, &all);
        principal.id = ID.into();
        principal.trust = Some(Arc::new(TrustPolicy::parse(TRUST)));
        principal.instance_profiles.push("veeam".into());
        let resources = Resources {
            organization: Reading::Read(None),
            ..Resources::default()
        };
        let case = Self {
            principal,
            others: Vec::new(),
            boundary: None,
            resources,
            settings: String::new(),
        };
        case.may(&[ALL])
    }

    /// With these statements in place of its policy.
    pub(super) fn may(mut self, statements: &[&str]) -> Self {
        let document = Document::parse(&document(statements));
        assert!(document.is_ok(), "{document:?}");
        self.principal.inline = vec![InlinePolicy {
            name: "veeam".into(),
            document: Arc::new(document),
        }];
        self
    }

    /// With these statements as its permissions boundary.
    pub(super) fn bounded(mut self, statements: &[&str]) -> Self {
        self.principal.boundary = Some(BOUNDARY.into());
        self.boundary = Some(Arc::new(Document::parse(&document(statements))));
        self
    }

    /// With settings.
    pub(super) fn settings(mut self, settings: &str) -> Self {
        self.settings = settings.to_owned();
        self
    }

    /// With a key and its policy.
    pub(super) fn key(mut self, arn: &str, statements: &[&str]) -> Self {
        let key = Key {
            policy: Reading::Read(policy(statements)),
            metadata: Reading::Read(metadata(arn, "CUSTOMER")),
            grants: Reading::Read(Vec::new()),
        };
        self.resources.keys.insert(arn.into(), key);
        self
    }

    /// With a grant on a key that is there.
    pub(super) fn grant(mut self, arn: &str, grantee: &str, operations: &str) -> Self {
        let text = format!(
            r#"{{"KeyId": "{arn}", "GrantId": "g", "GranteePrincipal": "{grantee}", "Operations": [{operations}]}}"#
        );
        let key = self.resources.keys.get_mut(arn).unwrap();
        key.grants = Reading::Read(vec![Arc::new(iam::policy::grant::read(&text))]);
        self
    }

    /// With a bucket and its policy; none: it has none.
    pub(super) fn bucket(mut self, name: &str, statements: &[&str]) -> Self {
        let policy = (!statements.is_empty()).then(|| policy(statements));
        let mut tags = self.principal.tags.iter();
        let is_locked = !tags.any(|(_, value)| value.ends_with("no-immutability"));
        let lock = ObjectLock {
            default_retention: None,
        };
        let bucket = Bucket {
            policy: Reading::Read(policy),
            region: Reading::Read("eu-west-1".into()),
            versioning: Reading::Read(match is_locked {
                true => Versioning::Enabled,
                false => Versioning::Never,
            }),
            mfa_delete: Reading::Read(false),
            object_lock: Reading::Read(is_locked.then_some(lock)),
            encryption: Reading::Read(None),
            lifecycle: Reading::Read(Vec::new()),
            ..Bucket::default()
        };
        self.resources.buckets.insert(name.into(), bucket);
        self
    }

    /// With a vault, its policy and its key.
    pub(super) fn vault(mut self, statements: &[&str], key: Option<&str>) -> Self {
        let policy = (!statements.is_empty()).then(|| policy(statements));
        let vault = Vault {
            policy: Reading::Read(policy),
            description: Reading::Read(VaultDescription {
                is_locked: false,
                state: "AVAILABLE".into(),
                kind: "BACKUP_VAULT".into(),
                key: key.map(Box::from),
            }),
        };
        self.resources.vaults.insert(VAULT.into(), vault);
        self
    }

    /// With a default key of the region, which encrypts all new volumes.
    pub(super) fn default_key(mut self, key: &str) -> Self {
        let region = Region {
            ebs_default_key: Reading::Read(key.into()),
            ebs_encryption_by_default: Reading::Read(true),
            ..Region::default()
        };
        self.resources.regions.insert("eu-west-1".into(), region);
        self
    }

    /// In an organisation with these SCPs and RCPs, one a level.
    pub(super) fn organization(mut self, service: &[&str], resource: &[&str]) -> Self {
        let full = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
        self.resources.organization = Reading::Read(Some(Organization {
            id: "o-own".into(),
            management_account: Some("777788889999".parse().unwrap()),
            service_control: Reading::Read(levels(service, ALL)),
            resource_control: Reading::Read(levels(resource, full)),
            ..Organization::default()
        }));
        self
    }

    /// The SCPs above the account, as a file has them.
    fn service_control(&self) -> ServiceControl<'_> {
        fn named(policy: &NamedPolicy) -> Policy<'_> {
            Policy {
                name: Arc::clone(&policy.name),
                document: (*policy.document).as_ref(),
            }
        }
        let organization = self.resources.organization.read().and_then(Option::as_ref);
        let levels = organization.and_then(|one| one.service_control.read());
        let levels = levels.into_iter().flatten();
        ServiceControl {
            levels: levels
                .map(|level| level.iter().map(named).collect())
                .collect(),
            ..ServiceControl::default()
        }
    }

    /// Everybody who is listed.
    pub(super) fn inventory(&self) -> iam::Inventory {
        let mut all = self.others.clone();
        all.push(self.principal.clone());
        all.sort_by(|one, other| one.arn.cmp(&other.arn));
        let mut inventory = inventory(all);
        let boundary = self.boundary.iter().map(|document| {
            let policy = ManagedPolicy {
                name: "boundary".into(),
                version: "v1".into(),
                newest: "v1".into(),
                document: Arc::clone(document),
            };
            (BOUNDARY.into(), policy)
        });
        inventory.policies.extend(boundary);
        inventory
    }

    /// What was looked at.
    pub(super) fn layers(&self) -> LayerCoverage {
        self.assessment().coverage.layers
    }

    /// The whole audit.
    pub(super) fn assessment(&self) -> Assessment {
        let settings = Settings::parse(&self.settings).unwrap();
        let catalog = Catalog::embedded();
        let asked = Asked {
            account: Some(account()),
            ..Asked::new(&catalog, &settings, at("2026-11-01T06:00:00Z"))
        };
        let saved = Saved {
            inventory: Arc::new(self.inventory()),
            service_control: self.service_control(),
            resources: Arc::new(self.resources.clone()),
        };
        let looked = look(&asked, &saved).now_or_never().unwrap().unwrap();
        looked.assessment
    }

    /// The verdict on its only requirement.
    pub(super) fn verdict(&self) -> Verdict {
        let mut assessment = self.assessment();
        assert_eq!(assessment.faults, []);
        assessment.verdicts.remove(0)
    }

    /// What closes its gaps.
    pub(super) fn fix(&self) -> Fix {
        let settings = Settings::parse(&self.settings).unwrap();
        let catalog = Catalog::embedded();
        let asked = Asked {
            account: Some(account()),
            ..Asked::new(&catalog, &settings, at("2026-11-01T06:00:00Z"))
        };
        let saved = Saved {
            inventory: Arc::new(self.inventory()),
            service_control: ServiceControl::default(),
            resources: Arc::new(self.resources.clone()),
        };
        let looked = look(&asked, &saved).now_or_never().unwrap().unwrap();
        let fixed = fix(&looked, &self.principal, &saved).now_or_never();
        fixed.unwrap().unwrap()
    }

    /// The judgement, and why, one line a cause.
    #[track_caller]
    pub(super) fn is(&self, expected: &[&str]) {
        let verdict = self.verdict();
        let mut lines = vec![verdict.judgement().as_str().to_owned()];
        let told = |cause: &Cause, places: &[Place]| {
            let actions = places.iter().flat_map(|place| {
                let actions = place.actions(&verdict.requirement);
                actions.map(|action| action.as_str().to_owned())
            });
            let mut actions: Vec<String> = actions.collect();
            actions.sort();
            actions.dedup();
            let actions = match actions.as_slice() {
                [first, second, rest @ ..] if !rest.is_empty() => {
                    format!("{first}, {second}, and {} more", rest.len())
                }
                few => few.join(", "),
            };
            format!("{actions}: {}", why(cause))
        };
        for missing in &verdict.missing {
            lines.push(told(&missing.cause, &missing.places));
        }
        for unknown in &verdict.unknown {
            let keys: Vec<&str> = unknown.keys.iter().map(AsRef::as_ref).collect();
            let why = told(&unknown.cause, &unknown.places);
            lines.push(format!("{why}; {}", keys.join(" ")));
        }
        assert_eq!(lines, expected);
    }

    /// Nothing is wrong and nothing is unknown.
    #[track_caller]
    pub(super) fn is_well(&self) {
        self.is(&["compliant"]);
    }
}

pub(super) fn metadata(arn: &str, manager: &str) -> KeyMetadata {
    let account = iam::Arn::parse(arn).unwrap().account;
    KeyMetadata {
        arn: arn.into(),
        account: account.parse().unwrap(),
        state: "Enabled".into(),
        manager: manager.into(),
        spec: "SYMMETRIC_DEFAULT".into(),
        deletion: None,
        valid_to: None,
    }
}

fn why(cause: &Cause) -> String {
    match cause {
        Cause::DeniedBy(by) | Cause::MissingContext { by } => {
            let by: Vec<String> = by.iter().map(|at| format!("{at} ({})", at.layer)).collect();
            let what = match cause {
                Cause::DeniedBy(_) => "denied by",
                _ => "depends on",
            };
            format!("{what} {}", by.join("; "))
        }
        Cause::NotAllowedIn(layers) => {
            let layers: Vec<String> = layers.iter().map(ToString::to_string).collect();
            format!("not allowed in {}", layers.join(", "))
        }
        other => format!("{other:?}"),
    }
}
