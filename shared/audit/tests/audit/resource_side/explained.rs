//! Explained: which calls about keys, buckets, vaults, endpoints and trust policies are said to have led to a finding?

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use audit::events::{LookUp, LookedUp, read};
use audit::ports::{Environment, Simulate};
use audit::resources::{BucketEncryption, Reading, Region, Resources, Wanted};
use audit::simulate::{Inquiry, Reply};
use audit::{Asked, EventKind, Explain, Ports, Saved, Settings, run};
use catalog::{Catalog, PolicyDocument};
use iam::trust::TrustPolicy;
use iam::{Inventory, PrincipalArn, ServiceControl};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::case::{ADMINISTRATORS, Case, HAND_OVER, KEY, VAULT};
use super::endpoints::endpoint;
use crate::outside::{Clock, Memory, Recorder, now_or_never};
use crate::principals::{account, at};

const FULL: &str = r#"{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}"#;
const OTHER: &str =
    r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::other"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#;

/// An account that was read before, with what CloudTrail has of it.
struct Recorded {
    saved: Saved<'static>,
    events: LookedUp,
}

impl Simulate for Recorded {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> Vec<Reply> {
        self.saved.simulate(inventory, inquiries, proposed).await
    }
}

impl Environment for Recorded {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        self.saved.listing().await
    }

    async fn add_access_keys(&self, inventory: &mut Arc<Inventory>, users: &[PrincipalArn]) {
        self.saved.add_access_keys(inventory, users).await;
    }

    async fn resources(&self, wanted: &Wanted) -> Arc<Resources> {
        self.saved.resources(wanted).await
    }

    fn service_control(&self) -> ServiceControl<'_> {
        self.saved.service_control()
    }

    async fn look_up(&self, _: &[LookUp], _: Timestamp) -> LookedUp {
        self.events.clone()
    }
}

fn recorded(case: &Case, events: &[Value]) -> Recorded {
    Recorded {
        saved: Saved {
            inventory: Arc::new(case.inventory()),
            service_control: ServiceControl::default(),
            resources: Arc::new(case.resources.clone()),
        },
        events: LookedUp {
            events: read(&json!(events).to_string()).unwrap(),
            ..LookedUp::default()
        },
    }
}

/// A call in the account, at half past ten.
fn call(service: &str, name: &str, parameters: Value) -> Value {
    json!({
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "eventID": format!("{name} {parameters}"), "eventTime": "2026-11-28T10:30:00Z",
        "recipientAccountId": "111122223333", "userIdentity": { "type": "Root" }, "requestParameters": parameters,
    })
}

/// Of these calls those that are said to have led to what opened, and those that are not.
#[track_caller]
fn check(before: &Case, after: &Case, led: &[Value], did_not: &[Value]) {
    let all = [led, did_not].concat();
    assert_eq!(
        read(&json!(all).to_string()).unwrap().events.len(),
        all.len()
    );
    let (memory, recorder) = (Memory::default(), Recorder::default());
    let settings = Settings::parse("confirm-pause-seconds = 0").unwrap();
    let catalog = Catalog::embedded();
    let audit = |environment: &Recorded, now| {
        let asked = Asked {
            account: Some(account()),
            explain: Explain::LookUp,
            ..Asked::new(&catalog, &settings, at(now))
        };
        let ports = Ports {
            environment,
            store: &memory,
            publisher: &recorder,
            pause: None::<&Clock>,
        };
        now_or_never(run(&asked, &ports)).unwrap().step.events
    };
    audit(&recorded(before, &[]), "2026-11-28T09:00:00Z");
    let events = audit(&recorded(after, &all), "2026-11-28T12:00:00Z");
    let opened = events
        .iter()
        .filter(|event| event.kind == EventKind::Opened);
    let explained = opened.filter_map(|event| event.explanation.as_ref());
    let said: BTreeSet<&str> = explained
        .flat_map(|one| &one.candidates)
        .map(|event| &*event.id)
        .collect();
    let expected = led.iter().map(|event| event["eventID"].as_str().unwrap());
    assert_eq!(said, expected.collect());
}

fn on_key(name: &str, arn: &str) -> Value {
    call("kms", name, json!({ "keyId": arn }))
}

fn on_bucket(name: &str, bucket: &str) -> Value {
    call("s3", name, json!({ "bucketName": bucket }))
}

fn on_vault(name: &str, vault: &str) -> Value {
    call("backup", name, json!({ "backupVaultName": vault }))
}

fn on_role(name: &str, role: &str) -> Value {
    call(
        "iam",
        name,
        json!({ "roleName": role, "policyArn": "arn:aws:iam::111122223333:policy/p" }),
    )
}

fn repository() -> Case {
    let tags = [
        ("action-sets", "vbaws-role-repository"),
        ("bucket", "backups"),
        ("repository-key", KEY),
    ];
    Case::role(&tags)
        .bucket("backups", &[])
        .key(KEY, &[HAND_OVER])
}

const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/5678";

#[test]
fn the_policy_of_a_key() {
    check(
        &repository(),
        &repository().key(KEY, &[ADMINISTRATORS]),
        &[on_key("PutKeyPolicy", KEY), on_key("RevokeGrant", KEY)],
        &[
            on_key("PutKeyPolicy", OTHER_KEY),
            on_key("DisableKey", KEY),
            on_bucket("PutBucketPolicy", "backups"),
            on_role("DetachRolePolicy", "other"),
        ],
    );
}

#[test]
fn the_state_of_a_key() {
    let mut disabled = repository();
    let key = disabled.resources.keys.get_mut(KEY).unwrap();
    let mut metadata = super::case::metadata(KEY, "CUSTOMER");
    metadata.state = "Disabled".into();
    key.metadata = Reading::Read(metadata);
    check(
        &repository(),
        &disabled,
        &[
            on_key("DisableKey", KEY),
            on_key("ScheduleKeyDeletion", KEY),
        ],
        &[
            on_key("EnableKey", KEY),
            on_key("PutKeyPolicy", KEY),
            on_key("DisableKey", OTHER_KEY),
        ],
    );
}

#[test]
fn the_policy_of_a_bucket() {
    check(
        &repository(),
        &repository().bucket("backups", &[DENY]),
        &[
            on_bucket("PutBucketPolicy", "backups"),
            on_bucket("PutBucketPublicAccessBlock", "backups"),
        ],
        &[
            on_bucket("PutBucketPolicy", "other"),
            on_bucket("PutBucketEncryption", "backups"),
            on_key("PutKeyPolicy", KEY),
        ],
    );
}

#[test]
fn the_encryption_of_a_bucket() {
    let before = || {
        let tags = [
            ("action-sets", "vbr-s3-immutability"),
            ("bucket", "backups"),
        ];
        Case::user(&tags).bucket("backups", &[])
    };
    let mut encrypted = before();
    let bucket = encrypted.resources.buckets.get_mut("backups").unwrap();
    bucket.versioning = Reading::Read(audit::resources::Versioning::Suspended);
    bucket.encryption = Reading::Read(Some(BucketEncryption {
        algorithm: "AES256".into(),
        key: None,
    }));
    check(
        &before(),
        &encrypted,
        &[
            on_bucket("PutBucketVersioning", "backups"),
            on_bucket("PutBucketObjectLockConfiguration", "backups"),
        ],
        &[
            on_bucket("PutBucketVersioning", "other"),
            on_bucket("PutBucketPolicy", "backups"),
        ],
    );
}

#[test]
fn the_policy_of_a_vault() {
    let efs = |statements: &[&str]| {
        Case::role(&[("action-sets", "vbaws-role-efs-backup"), ("vault", VAULT)])
            .vault(statements, None)
    };
    let mut elsewhere = on_vault("PutBackupVaultAccessPolicy", "veeam");
    elsewhere["awsRegion"] = "us-east-1".into();
    elsewhere["eventID"] = "elsewhere".into();
    check(
        &efs(&[]),
        &efs(&[DENY]),
        &[on_vault("PutBackupVaultAccessPolicy", "veeam")],
        &[
            elsewhere,
            on_vault("PutBackupVaultAccessPolicy", "other"),
            on_vault("PutBackupVaultLockConfiguration", "veeam"),
        ],
    );
}

#[test]
fn the_policy_of_an_endpoint() {
    let private = |statements: &[&str]| {
        let mut case = repository();
        case.principal
            .tags
            .push(("veeam:private-network".into(), "yes".into()));
        let region = Region {
            endpoints: Reading::Read(vec![endpoint("vpce-1", "s3", statements)]),
            ..Region::default()
        };
        case.resources.regions.insert("eu-west-1".into(), region);
        case
    };
    let modified = call(
        "ec2",
        "ModifyVpcEndpoint",
        json!({ "ModifyVpcEndpointRequest": {} }),
    );
    let mut elsewhere = modified.clone();
    elsewhere["awsRegion"] = "us-east-1".into();
    elsewhere["eventID"] = "elsewhere".into();
    check(
        &private(&[FULL]),
        &private(&[OTHER]),
        &[modified],
        &[elsewhere, on_bucket("PutBucketPolicy", "backups")],
    );
}

#[test]
fn the_trust_policy() {
    let mut closed = repository();
    closed.principal.trust = Some(Arc::new(TrustPolicy::parse(r#"{"Statement": []}"#)));
    check(
        &repository(),
        &closed,
        &[
            on_role("UpdateAssumeRolePolicy", "veeam"),
            on_role("CreateRole", "veeam"),
        ],
        &[
            on_role("UpdateAssumeRolePolicy", "other"),
            on_role("DetachRolePolicy", "veeam"),
            on_role("RemoveRoleFromInstanceProfile", "veeam"),
        ],
    );
}

/// A grant may have let in whom the policy of the key lets in no more, or never did.
#[test]
fn the_grants_of_a_key() {
    let operations = r#""Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey""#;
    let closed = || repository().key(KEY, &[ADMINISTRATORS]);
    check(
        &closed().grant(KEY, "arn:aws:iam::111122223333:role/veeam", operations),
        &closed(),
        &[
            on_key("RevokeGrant", KEY),
            on_key("RetireGrant", KEY),
            on_key("PutKeyPolicy", KEY),
        ],
        &[on_key("RevokeGrant", OTHER_KEY), on_key("DisableKey", KEY)],
    );
}
