//! The site: a hub's bucket, and the functions with their surroundings.

use std::path::Path;
use std::time::Duration;

use e2e::bridge::REGION;
use e2e::lambda::{Lambda, Outcome};
use e2e::rig::Rig;
use e2e::server::Server;
use serde_json::{Value, json};

/// A member of the organisation.
pub(crate) const MEMBER: &str = "222222222222";
/// Time that an invocation has.
pub(crate) const TIME: Duration = Duration::from_secs(60);

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
/// Impatient, so that a test takes seconds.
const VARIABLES: [(&str, &str); 4] = [
    ("AWS_MAX_ATTEMPTS", "2"),
    ("PERMDRIFT_TIMEOUT_SECONDS", "5"),
    ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
    ("PERMDRIFT_RESERVE_SECONDS", "5"),
];

/// The bucket of a hub.
pub(crate) struct Bucket<'a> {
    server: &'a Server,
    pub(crate) name: String,
}

impl<'a> Bucket<'a> {
    /// A new one.
    pub(crate) fn new(server: &'a Server, name: &str) -> Self {
        server.aws().must(
            "s3",
            "create_bucket",
            json!({ "Bucket": name, "CreateBucketConfiguration": { "LocationConstraint": REGION } }),
        );
        Self {
            server,
            name: name.to_owned(),
        }
    }

    pub(crate) fn put(&self, key: &str, text: &str) {
        let object = json!({ "Bucket": self.name, "Key": key, "Body": { "$bytes": text } });
        self.server.aws().must("s3", "put_object", object);
    }

    /// The text of an object; `None` if there is none.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let object = json!({ "Bucket": self.name, "Key": key });
        let got = self.server.aws().call("s3", "get_object", object);
        match got {
            Ok(got) => got["Body"].as_str().map(str::to_owned),
            Err(refusal) => {
                assert_eq!(refusal.code, "NoSuchKey", "{refusal}");
                None
            }
        }
    }

    /// All of it, by key.
    pub(crate) fn everything(&self) -> Vec<(String, String)> {
        let listed = json!({ "Bucket": self.name });
        let listed = self.server.aws().must("s3", "list_objects_v2", listed);
        let objects = listed["Contents"].as_array().cloned().unwrap_or_default();
        let keys = objects.iter().filter_map(|object| object["Key"].as_str());
        keys.map(|key| (key.to_owned(), self.get(key).unwrap_or_default()))
            .collect()
    }

    /// A function of the hub.
    pub(crate) fn function(&self, rig: &Rig<'_>, variables: &[(&str, &str)]) -> Lambda {
        let mut all = VARIABLES.to_vec();
        all.push(("PERMDRIFT_HUB_BUCKET", &self.name));
        all.extend(variables);
        rig.function(Path::new(BINARY), &all)
    }
}

/// What a function answered.
#[track_caller]
pub(crate) fn answer(function: &mut Lambda, event: &Value, time: Duration) -> Value {
    match function.invoke(event, time) {
        Outcome::Answered(answer) => answer,
        other => panic!("{other:?}\n{}", function.log()),
    }
}

/// Why a function failed.
#[track_caller]
pub(crate) fn failure(function: &mut Lambda, event: &Value) -> String {
    match function.invoke(event, TIME) {
        Outcome::Failed(error) => error["errorMessage"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        other => panic!("{other:?}\n{}", function.log()),
    }
}

/// An account with so many users that hold everything, each bound to a set.
pub(crate) fn account(id: &str, users: usize) -> Value {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let users: Vec<Value> = (0..users)
        .map(|at| {
            let name = format!("veeam-{at:03}");
            json!({
                "Path": "/", "UserName": name, "UserId": format!("AIDAVEEAMVEEAMVE{at:03}"), "Arn": user(id, at),
                "CreateDate": "2026-05-01T00:00:00+00:00", "GroupList": [], "AttachedManagedPolicies": [],
                "UserPolicyList": [{ "PolicyName": "all", "PolicyDocument": policy }],
                "Tags": [{ "Key": "veeam:action-sets", "Value": "copy" }] })
        })
        .collect();
    json!({ "UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": [] })
}

/// The ARN of one of these users.
pub(crate) fn user(id: &str, at: usize) -> String {
    format!("arn:aws:iam::{id}:user/veeam-{at:03}")
}

/// Nothing is waited for; the set is small, so that an audit is.
pub(crate) const SETTINGS: &str = r#"
confirm-pause-seconds = 0
change-confirm-pause-seconds = 0
regions = ["eu-central-1"]

[[action-set]]
id = "copy"
title = "Copies"
operation = "Copy snapshots."
impact = "Copies fail."
severity = "high"
principal = "user"
lifetime = "standing"
actions = [{ name = "ec2:CopySnapshot" }, { name = "ec2:CreateTags" }]
[[action-set.source]]
page = "https://example.com/copies"
date = "2026-01-01"
build = "1"
"#;
