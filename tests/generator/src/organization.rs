//! Organisations: accounts of one shape in OUs, with what stands above them.
//!
//! In: how many accounts, and of how many principals each. Out: files as `permdrift snapshot` writes them, one account at a time, because a
//! large organisation is not to lie in memory. One SCP stands in the way of the accounts of one OU. One account of a hundred has no file.

use serde_json::{Value, json};

use crate::account::account;
use crate::shape::Shape;

/// The account that a listing is made of; each gets its own id in its place.
const MADE: &str = "111122223333";
/// So many accounts lie in one OU.
const IN_AN_OU: usize = 50;
/// Of so many accounts the last has no snapshot.
const WITHOUT: usize = 100;

/// An organisation of so many accounts.
#[derive(Clone, Copy, Debug)]
pub struct Organization {
    /// How many accounts.
    pub accounts: usize,
    /// How many principals each has, all of them tagged.
    pub principals: usize,
    /// What is drawn.
    pub seed: u64,
}

impl Organization {
    /// The id of an account.
    #[must_use]
    pub fn id(at: usize) -> String {
        format!("{:012}", 200_000_000_000 + at * 37)
    }

    fn unit(at: usize) -> String {
        format!("ou-ab12-unit{:04}", at / IN_AN_OU)
    }

    /// What stands above each account, as `permdrift snapshot --organization` writes it.
    #[must_use]
    pub fn file(&self) -> Value {
        let mut accounts = serde_json::Map::new();
        let mut names = serde_json::Map::new();
        let mut attached = serde_json::Map::new();
        attached.insert("r-ab12".to_owned(), json!(["p-FullAWSAccess"]));
        for at in 0..self.accounts {
            let (id, unit) = (Self::id(at), Self::unit(at));
            let policies = match at / IN_AN_OU {
                1 => json!(["p-FullAWSAccess", "p-keepsnap01"]),
                _ => json!(["p-FullAWSAccess"]),
            };
            attached.insert(unit.clone(), policies);
            attached.insert(id.clone(), json!(["p-FullAWSAccess"]));
            accounts.insert(id.clone(), json!(["r-ab12", unit, id]));
            names.insert(id, json!(format!("workload-{at:04}")));
        }
        let policy = |id: &str, statement: Value| {
            let content = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            let summary = json!({ "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY" });
            json!({ "Policy": { "PolicySummary": summary, "Content": content } })
        };
        let full = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let keep = json!({ "Sid": "KeepSnapshots", "Effect": "Deny", "Action": "ec2:DeleteSnapshot", "Resource": "*" });
        json!({
            "schemaVersion": 1,
            "takenAt": "2026-11-30T03:15:00Z",
            "describe-organization": { "Organization": { "Id": "o-exampleorgid", "MasterAccountId": Self::id(0) } },
            "accounts": accounts,
            "accountNames": names,
            "policies": {
                "p-FullAWSAccess": policy("p-FullAWSAccess", full),
                "p-keepsnap01": policy("p-keepsnap01", keep),
            },
            "serviceControlPolicies": attached,
            "resourceControlPolicies": { "error": { "code": "PolicyTypeNotEnabledException" } },
        })
    }

    /// A snapshot of an account, by its place; `None` for those without.
    ///
    /// # Panics
    /// Where the generator makes no JSON.
    #[must_use]
    pub fn snapshot(&self, at: usize) -> Option<String> {
        if (at + 1).is_multiple_of(WITHOUT) {
            return None;
        }
        let shape = Shape {
            tagged_percent: 100,
            ..Shape::mixed(self.principals)
        };
        let seed = self.seed.wrapping_add(at as u64);
        let listing = account(&shape, seed).to_json();
        let listing: Value = serde_json::from_slice(&listing).expect("a listing is JSON");
        let snapshot = json!({
            "schemaVersion": 1,
            "account": MADE,
            "takenAt": "2026-11-30T03:15:00Z",
            "listing": listing,
        });
        Some(snapshot.to_string().replace(MADE, &Self::id(at)))
    }
}
