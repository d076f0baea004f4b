//! The example: one company's account, in which every verdict, every cause and every finding code is found.
//!
//! About forty principals with names that say what is wrong with them. [`example`] gives the files that stand in `examples/`
//! (all but the settings, which a person wrote); a test holds them equal.

mod roles;
mod users;

use catalog::{Catalog, ProductVersion, ScopeValues};
use serde::Serialize;

use crate::document::{Document, allow, allow_all_but, deny, document, pretty};
use crate::grants;
use crate::listing::{Account, ManagedPolicy};
use crate::parts::{Holdings, Parts, tags};

/// The files of the example.
pub struct Example {
    /// What `aws iam get-account-authorization-details` prints.
    pub account: Account,
    /// What `aws iam get-credential-report` holds, as CSV.
    pub credential_report: String,
    /// The SCPs of the organization's root.
    pub scp_root: Document,
    /// The SCPs of the account.
    pub scp_account: Document,
}

/// The example, the same each time.
#[must_use]
pub fn example() -> Example {
    let mut making = Making::new();
    roles::veeam(&mut making);
    roles::others(&mut making);
    let credential_report = users::all(&mut making);
    Example {
        account: making.account.counted(),
        credential_report,
        scp_root: document([
            allow(["*"], ["*"]).sid("FullAccess"),
            deny(
                ["organizations:LeaveOrganization", "account:CloseAccount"],
                ["*"],
            )
            .sid("StayInTheOrganization"),
            crate::Statement {
                action: crate::Texts::default(),
                not_action: [
                    "iam:*",
                    "sts:*",
                    "organizations:*",
                    "account:*",
                    "pricing:*",
                    "support:*",
                ]
                .into(),
                ..deny(["*"], ["*"])
            }
            .sid("EuropeOnly")
            .when(
                "StringNotEquals",
                "aws:RequestedRegion",
                ["eu-central-1", "eu-west-1", "us-east-1"],
            ),
        ]),
        scp_account: document([
            allow_all_but(["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"])
                .sid("AlarmsAreMadeByObservability"),
            deny(["ec2:ImportImage", "ec2:ImportVolume"], ["*"]).sid("ImagesComeFromThePipeline"),
        ]),
    }
}

impl Example {
    /// A file of the example, as it stands in `examples/`.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        let json = |document: &Document| lines(document);
        match name {
            "account.json" => Some(self.account.to_json()),
            "credential-report.csv" => Some(self.credential_report.clone().into_bytes()),
            "scp-root.json" => Some(json(&self.scp_root)),
            "scp-account.json" => Some(json(&self.scp_account)),
            _ => None,
        }
    }

    /// The names that [`Example::file`] knows.
    pub const FILES: [&str; 4] = [
        "account.json",
        "credential-report.csv",
        "scp-root.json",
        "scp-account.json",
    ];
}

fn lines(value: &impl Serialize) -> Vec<u8> {
    let mut json = pretty(value);
    json.push(b'\n');
    json
}

const VERSION: ProductVersion = ProductVersion::LATEST;
const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/5f2c9d1e-7a34-4b8e-9c06-d3a1b7e4f280";

/// The account while it is being made.
struct Making {
    parts: Parts,
    catalog: Catalog,
    account: Account,
}

impl Making {
    fn new() -> Self {
        Self {
            parts: Parts::new(2611, ACCOUNT),
            catalog: Catalog::embedded(),
            account: Account::default(),
        }
    }

    /// A managed policy in one version, added to the account.
    fn policy(
        &mut self,
        name: &str,
        statements: impl IntoIterator<Item = crate::Statement>,
    ) -> ManagedPolicy {
        let policy = self.parts.policy(name, vec![document(statements)], 0);
        self.account.policies.push(policy.clone());
        policy
    }

    fn aws_policy(&mut self, name: &str, document: Document) -> ManagedPolicy {
        let policy = self.parts.aws_policy(name, document);
        self.account.policies.push(policy.clone());
        policy
    }

    /// All that a set needs, in managed policies of this name.
    fn set_policies(&mut self, name: &str, set: &str, version: ProductVersion) -> Holdings {
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
    fn set_inline(&self, set: &str, scope: &ScopeValues) -> Holdings {
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

    fn smallest(&self, set: &str, version: ProductVersion, scope: &ScopeValues) -> Vec<Document> {
        grants::smallest(&self.catalog, set, version, scope, |_| true)
    }

    fn services(&self, set: &str) -> Vec<String> {
        let set = self
            .catalog
            .find(set)
            .unwrap_or_else(|error| panic!("{error}"));
        set.trusted_services_for(VERSION)
            .map(str::to_owned)
            .collect()
    }

    /// The trust policy that a set asks for.
    fn trust_for(&self, set: &str) -> Document {
        let services = self.services(set);
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        self.parts.appliance_trust(&services)
    }

    /// A role for sets, with the trust policy of the first and in an instance profile if that asks for one.
    fn role(&mut self, name: &str, sets: &str, more: &[(&str, &str)], holds: Holdings) {
        let first = sets.split(' ').next().unwrap_or(sets);
        let trusts = self.trust_for(first);
        let profile = self
            .catalog
            .find(first)
            .is_ok_and(|set| set.instance_profile);
        self.role_with(name, sets, more, holds, trusts, profile);
    }

    fn role_with(
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

    fn user(&mut self, name: &str, sets: &str, more: &[(&str, &str)], holds: Holdings) {
        let mut user = self.parts.user("/", name, holds);
        let own = [("team", "backup"), ("veeam:action-sets", sets)];
        user.tags = tags(own.into_iter().chain(more.iter().copied()));
        self.account.user_detail_list.push(user);
    }
}
