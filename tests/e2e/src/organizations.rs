//! The organisation: moto plays AWS Organizations, with the account of the other servers in an OU.
//!
//! Whoever calls it is the management account; AWS answers a delegated administrator in the same way.

use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iam::Document;
use serde_json::{Value, json};

use crate::bridge::Bridge;
use crate::server::{ACCOUNT, follow, free_port};
use crate::tools::{Tools, root};

/// The account that manages the organisation.
pub const MANAGEMENT: &str = "999988887777";

/// A running organisation with one member.
pub struct Organizations {
    endpoint: String,
    process: Child,
    bridge: Bridge,
    /// From the root to the account.
    levels: [String; 3],
}

impl Organizations {
    /// Starts it and puts the account into an OU.
    ///
    /// # Panics
    /// If it does not start, or refuses a call; the message holds what it printed.
    #[must_use]
    pub fn start() -> Self {
        Self::with_members(&[])
    }

    /// The same, with these members besides, which stay below the root.
    ///
    /// # Panics
    /// As [`Organizations::start`].
    #[must_use]
    pub fn with_members(others: &[&str]) -> Self {
        let members: Vec<&str> = [&[ACCOUNT], others].concat();
        let port = free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut process = Tools::Organizations
            .command("python")
            .arg(root().join("tests/e2e/tools/serve_organizations.py"))
            .env("MOTO_ACCOUNT_ID", MANAGEMENT)
            .env("MOTO_PORT", port.to_string())
            .env("MEMBERS", members.join(","))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the organisation starts");
        let log = Arc::new(Mutex::new(String::new()));
        let ready = follow(
            process.stderr.take().expect("the organisation logs"),
            log.clone(),
        );
        let is_ready = ready.recv_timeout(Duration::from_secs(60)).is_ok();
        let printed = || log.lock().expect("the log is only appended to").clone();
        assert!(is_ready, "the organisation did not start:\n{}", printed());
        let aws = Bridge::new(&*endpoint);
        let call = |operation: &str, parameters| aws.must("organizations", operation, parameters);
        call("create_organization", json!({ "FeatureSet": "ALL" }));
        for member in members {
            call(
                "create_account",
                json!({ "Email": format!("{member}@example.com"), "AccountName": format!("member {member}") }),
            );
        }
        let roots = call("list_roots", json!({}));
        let top = text(&roots["Roots"][0]["Id"]);
        let made = call(
            "create_organizational_unit",
            json!({ "ParentId": top, "Name": "backup" }),
        );
        let unit = text(&made["OrganizationalUnit"]["Id"]);
        call(
            "move_account",
            json!({ "AccountId": ACCOUNT, "SourceParentId": top, "DestinationParentId": unit }),
        );
        Self {
            levels: [top, unit, ACCOUNT.to_owned()],
            endpoint,
            process,
            bridge: aws,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The OU in which the account is.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.levels[1]
    }

    /// Calls it as the management account.
    #[must_use]
    pub fn aws(&self) -> &Bridge {
        &self.bridge
    }

    /// The SCPs above the account, level by level from the root.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn service_control(&self) -> Vec<Vec<Document>> {
        let levels = self.levels.iter().map(|level| {
            let of_level = json!({ "TargetId": level, "Filter": "SERVICE_CONTROL_POLICY" });
            let listed = self
                .bridge
                .must("organizations", "list_policies_for_target", of_level);
            let listed = listed["Policies"].as_array().cloned().unwrap_or_default();
            let documents = listed.iter().map(|policy| {
                let id = json!({ "PolicyId": policy["Id"] });
                let described = self.bridge.must("organizations", "describe_policy", id);
                let content = text(&described["Policy"]["Content"]);
                Document::parse(&content).expect("the organisation holds policies")
            });
            documents.collect()
        });
        levels.collect()
    }
}

impl Drop for Organizations {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
