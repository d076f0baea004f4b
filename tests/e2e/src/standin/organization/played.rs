//! What an organisation is made of: accounts, levels above them, policies on the levels.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use iam::Document;
use serde_json::{Value, json};

use super::incident::Incident;
use crate::standin::State;
use crate::standin::conduct::Conduct;

/// The organisation's id.
pub const ORGANIZATION: &str = "o-a1b2c3d4e5";
/// Its root.
pub const ROOT: &str = "r-ab12";
/// An account of the organisation.
#[derive(Clone, Debug)]
pub struct Member {
    /// Twelve digits.
    pub account: String,
    /// Such as `ACTIVE`, `SUSPENDED`.
    pub state: &'static str,
    /// The OUs above it, below the root.
    pub units: Vec<String>,
    /// Its users, roles and policies, as IAM lists them.
    pub listing: Value,
    /// How its IAM behaves; its SCPs come from the organisation's policies.
    pub conduct: Conduct,
    /// Whether it has a role that trusts the hub.
    pub lets_in: bool,
    /// What happens as soon as that operation is asked of it.
    pub incident: Option<(&'static str, Incident)>,
}

/// An SCP or RCP.
#[derive(Clone, Debug)]
pub struct AttachedPolicy {
    /// Such as `p-deny`.
    pub id: String,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    pub kind: &'static str,
    /// The document.
    pub content: Value,
    /// Root, OUs and accounts.
    pub targets: Vec<String>,
}

/// The organisation as it is now.
pub(super) struct Played {
    pub(super) members: BTreeMap<String, Member>,
    pub(super) iams: BTreeMap<String, Arc<Mutex<State>>>,
    pub(super) policies: Vec<AttachedPolicy>,
}

impl Member {
    /// An active account directly in these OUs, that lets the hub in and behaves.
    #[must_use]
    pub fn new(account: &str, units: &[&str], listing: Value) -> Self {
        Self {
            account: account.to_owned(),
            state: "ACTIVE",
            units: units.iter().map(|&unit| unit.to_owned()).collect(),
            listing,
            conduct: Conduct::default(),
            lets_in: true,
            incident: None,
        }
    }

    pub(super) fn levels(&self) -> impl Iterator<Item = &str> {
        let units = self.units.iter().map(String::as_str);
        std::iter::once(ROOT)
            .chain(units)
            .chain(std::iter::once(self.account.as_str()))
    }
}

impl AttachedPolicy {
    fn is_of_aws(&self) -> bool {
        self.id.ends_with("FullAWSAccess")
    }

    pub(super) fn summary(&self, management: &str) -> Value {
        let place = if self.is_of_aws() {
            "arn:aws:organizations::aws:policy".to_owned()
        } else {
            format!("arn:aws:organizations::{management}:policy/{ORGANIZATION}")
        };
        let kind = self.kind.to_lowercase();
        json!({ "Id": self.id, "Arn": format!("{place}/{kind}/{}", self.id), "Name": self.id, "Description": "",
            "Type": self.kind, "AwsManaged": self.is_of_aws() })
    }
}

/// What AWS attaches to each level.
fn full_access() -> [AttachedPolicy; 2] {
    let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let document = |statement| json!({ "Version": "2012-10-17", "Statement": [statement] });
    let mut of_everybody = all.clone();
    of_everybody["Principal"] = "*".into();
    [
        ("p-FullAWSAccess", "SERVICE_CONTROL_POLICY", all),
        (
            "p-RCPFullAWSAccess",
            "RESOURCE_CONTROL_POLICY",
            of_everybody,
        ),
    ]
    .map(|(id, kind, statement)| AttachedPolicy {
        id: id.to_owned(),
        kind,
        content: document(statement),
        targets: Vec::new(),
    })
}

impl Played {
    /// Those of AWS and those of the organisation.
    pub(super) fn policies(&self) -> Vec<AttachedPolicy> {
        let mut all = full_access().to_vec();
        all.extend(self.policies.iter().cloned());
        all
    }

    /// The ids of the policies of a kind on a target; AWS's own is on each.
    pub(super) fn on<'a>(
        &'a self,
        target: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = AttachedPolicy> {
        let policies = self.policies().into_iter();
        policies.filter(move |one| {
            one.kind == kind && (one.is_of_aws() || one.targets.iter().any(|one| one == target))
        })
    }

    /// Has each account's simulator decide with the SCPs above it; they do not restrict the management account.
    pub(super) fn put_in_force(&mut self, management: &str) {
        for (account, member) in &self.members {
            let levels = member.levels().map(|level| {
                let on_level = self.on(level, "SERVICE_CONTROL_POLICY");
                let read = on_level.map(|one| {
                    Document::parse(&one.content.to_string()).expect("an SCP of a test can be read")
                });
                read.collect()
            });
            let levels: Vec<Vec<Document>> = levels.collect();
            let conduct = Conduct {
                service_control: if account == management {
                    Vec::new()
                } else {
                    levels
                },
                ..member.conduct.clone()
            };
            if let Some(iam) = self.iams.get(account) {
                iam.lock().expect("no answer panics").conduct = Arc::new(conduct);
            }
        }
    }
}
