//! The parts: what is read of what each command prints, and what of its errors.

use audit::resources::{ObjectLock, Reading, SourceKind, Versioning};
use serde_json::{Value, json};

use super::{BUCKET, KEY, REGION, VAULT, changed, read, take};

fn bucket(part: &str, printed: Value) -> audit::resources::Bucket {
    let mut resources = read(|snapshot| snapshot["buckets"][BUCKET][part] = printed).resources;
    resources.buckets.remove(BUCKET).unwrap()
}

fn error(code: &str) -> Value {
    json!({"error": {"code": code, "message": "as AWS says it"}})
}

#[test]
fn a_code_that_says_that_there_is_none_is_read_as_none() {
    let found = bucket("get-bucket-policy", error("NoSuchBucketPolicy"));
    assert_eq!(found.policy, Reading::Read(None));
    let found = bucket(
        "get-object-lock-configuration",
        error("ObjectLockConfigurationNotFoundError"),
    );
    assert_eq!(found.object_lock, Reading::Read(None));
    let found = bucket(
        "get-bucket-lifecycle-configuration",
        error("NoSuchLifecycleConfiguration"),
    );
    assert_eq!(found.lifecycle, Reading::Read(Vec::new()));
    let found = bucket(
        "get-bucket-replication",
        error("ReplicationConfigurationNotFoundError"),
    );
    assert_eq!(found.replicates, Reading::Read(false));
    let found = bucket(
        "get-bucket-encryption",
        error("ServerSideEncryptionConfigurationNotFoundError"),
    );
    assert_eq!(found.encryption, Reading::Read(None));
}

/// The code of one command does not count for another.
#[test]
fn every_other_code_is_a_refusal_of_its_part_alone() {
    for code in [
        "AccessDenied",
        "NoSuchBucket",
        "NoSuchLifecycleConfiguration",
    ] {
        let found = bucket("get-bucket-policy", error(code));
        assert_eq!(found.policy, Reading::Refused(code.into()));
        assert!(found.encryption.read().is_some());
    }
    let parts = [
        "get-bucket-versioning",
        "get-object-lock-configuration",
        "get-bucket-encryption",
        "get-bucket-lifecycle-configuration",
        "get-bucket-location",
        "get-bucket-request-payment",
        "get-bucket-replication",
    ];
    for part in parts {
        let found = format!("{:?}", bucket(part, error("AccessDenied")));
        assert_eq!(
            found.matches("Refused(\"AccessDenied\")").count(),
            1,
            "{part}"
        );
    }
}

#[test]
fn a_part_of_a_key_bucket_or_vault_that_is_absent_was_not_read() {
    let resources = read(|snapshot| {
        snapshot["buckets"][BUCKET] = json!({});
        snapshot["keys"][KEY] = json!({});
        snapshot["vaults"][VAULT] = json!({});
        snapshot["regions"][REGION] = json!({});
    })
    .resources;
    assert_eq!(resources.buckets[BUCKET], Default::default());
    assert_eq!(resources.keys[KEY], Default::default());
    assert_eq!(resources.vaults[VAULT], Default::default());
    assert_eq!(resources.regions[REGION], Default::default());
}

#[test]
fn a_bucket_that_never_kept_versions_prints_nothing() {
    for nothing in [json!({}), json!(null), json!("")] {
        let found = bucket("get-bucket-versioning", nothing);
        assert_eq!(found.versioning, Reading::Read(Versioning::Never));
    }
    let found = bucket("get-bucket-versioning", json!({"MFADelete": "Disabled"}));
    assert_eq!(found.versioning, Reading::Read(Versioning::Never));
    for (status, expected) in [
        ("Enabled", Versioning::Enabled),
        ("Suspended", Versioning::Suspended),
    ] {
        let found = bucket("get-bucket-versioning", json!({"Status": status}));
        assert_eq!(found.versioning, Reading::Read(expected));
    }
}

#[test]
fn old_locations_have_their_regions() {
    for (location, expected) in [
        (json!(null), "us-east-1"),
        (json!(""), "us-east-1"),
        (json!("EU"), "eu-west-1"),
        (json!("ap-south-2"), "ap-south-2"),
    ] {
        let found = bucket(
            "get-bucket-location",
            json!({"LocationConstraint": location}),
        );
        assert_eq!(found.region, Reading::Read(expected.into()));
    }
}

#[test]
fn object_lock_has_its_default_retention_in_words() {
    let lock = |rule: Value| {
        let mut configuration = json!({"ObjectLockEnabled": "Enabled"});
        if !rule.is_null() {
            configuration["Rule"] = json!({"DefaultRetention": rule});
        }
        let printed = json!({"ObjectLockConfiguration": configuration});
        bucket("get-object-lock-configuration", printed).object_lock
    };
    let with = |words: Option<&str>| {
        Reading::Read(Some(ObjectLock {
            default_retention: words.map(Into::into),
        }))
    };
    assert_eq!(lock(json!(null)), with(None));
    assert_eq!(
        lock(json!({"Mode": "COMPLIANCE", "Days": 30})),
        with(Some("COMPLIANCE, 30 days"))
    );
    assert_eq!(
        lock(json!({"Mode": "GOVERNANCE", "Years": 1})),
        with(Some("GOVERNANCE, 1 year"))
    );
}

#[test]
fn a_lifecycle_rule_says_what_it_reaches() {
    let rule = |rule: Value| {
        let printed = json!({"Rules": [rule]});
        let found = bucket("get-bucket-lifecycle-configuration", printed).lifecycle;
        found.read().unwrap()[0].clone()
    };
    let found = rule(json!({"Status": "Enabled", "Prefix": "logs/", "Expiration": {"Days": 3}}));
    assert_eq!(&*found.prefix, "logs/");
    assert!(found.is_enabled && !found.is_narrowed && !found.only_aborts_uploads);
    let found = rule(
        json!({"ID": "a", "Status": "Disabled", "Filter": {"And": {"Prefix": "x/", "Tags": []}},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}),
    );
    assert_eq!((&*found.id, &*found.prefix), ("a", "x/"));
    assert!(!found.is_enabled && found.is_narrowed && found.only_aborts_uploads);
    let found = rule(json!({"Status": "Enabled", "Filter": {"ObjectSizeLessThan": 9}}));
    assert!(found.is_narrowed && found.prefix.is_empty());
    // Whatever AWS may add can change objects.
    let found = rule(json!({"Status": "Enabled", "Filter": {}, "ObjectVanishing": {}}));
    assert!(!found.is_narrowed && !found.only_aborts_uploads);
}

#[test]
fn who_pays_and_what_is_replicated_is_read() {
    let found = bucket("get-bucket-request-payment", json!({"Payer": "Requester"}));
    assert_eq!(found.requester_pays, Reading::Read(true));
    let rules = |statuses: &[&str]| {
        let rules: Vec<Value> = statuses.iter().map(|one| json!({"Status": one})).collect();
        let printed = json!({"ReplicationConfiguration": {"Role": "r", "Rules": rules}});
        bucket("get-bucket-replication", printed).replicates
    };
    assert_eq!(rules(&["Disabled", "Enabled"]), Reading::Read(true));
    assert_eq!(rules(&["Disabled"]), Reading::Read(false));
}

#[test]
fn a_policy_may_stand_as_a_text_as_an_object_or_alone() {
    let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}/*")}]});
    let read = |printed| {
        let found = bucket("get-bucket-policy", printed).policy;
        let policy = found.read().unwrap().clone().unwrap();
        policy.as_ref().as_ref().unwrap().clone()
    };
    let text = read(json!({"Policy": document.to_string()}));
    assert_eq!(text.statements.len(), 1);
    assert_eq!(
        read(json!({"Policy": document})).statements,
        text.statements
    );
    assert_eq!(read(document).statements, text.statements);
}

#[test]
fn a_policy_that_cannot_be_parsed_is_a_fault_of_that_policy_alone() {
    let broken = json!({"Policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Deni"}]}});
    let text = changed(|snapshot| snapshot["keys"][KEY]["get-key-policy"] = broken);
    let resources = audit::snapshot::read_snapshot(&text).unwrap().resources;
    let key = &resources.keys[KEY];
    let fault = key.policy.read().unwrap().as_ref().as_ref().unwrap_err();
    let line = text.lines().position(|line| line.contains("Deni")).unwrap() + 1;
    assert!(
        (line - 1..=line + 1).contains(&fault.line),
        "{fault:?}, {line}"
    );
    assert!(key.metadata.read().is_some() && key.grants.read().is_some());
    for broken in [json!("{\"Version\""), json!(""), json!([1]), json!(5)] {
        let found = bucket("get-bucket-policy", json!({"Policy": broken}));
        let policy = found.policy.read().unwrap().clone().unwrap();
        let fault = policy.as_ref().as_ref().unwrap_err();
        assert!(fault.line > 1, "{fault:?}");
    }
    let mut resources = read(|snapshot| {
        snapshot["keys"][KEY]["list-grants"]["Grants"][0] = json!({"KeyId": KEY, "Operations": 5});
        snapshot["regions"][REGION]["describe-vpc-endpoints"]["VpcEndpoints"][0]["PolicyDocument"] =
            json!("{");
    })
    .resources;
    let key = resources.keys.remove(KEY).unwrap();
    assert!(key.grants.read().unwrap()[0].is_err());
    let endpoints = resources.regions[REGION].endpoints.read().unwrap();
    assert!(endpoints[0].policy.as_ref().unwrap().is_err());
}

#[test]
fn a_list_that_goes_on_is_not_read() {
    for (key, value) in [
        ("NextToken", json!("x")),
        ("NextMarker", json!("x")),
        ("Truncated", json!(true)),
    ] {
        let mut resources = read(|snapshot| {
            snapshot["keys"][KEY]["list-grants"][key] = value.clone();
            snapshot["regions"][REGION]["describe-volumes"][key] = value.clone();
            snapshot["list-buckets"][key] = value.clone();
        })
        .resources;
        let key = resources.keys.remove(KEY).unwrap();
        assert!(matches!(key.grants, Reading::Refused(_)));
        assert!(matches!(resources.own_buckets, Reading::Refused(_)));
        let sources = &resources.regions[REGION].source_keys;
        assert!(matches!(sources[&SourceKind::Volume], Reading::Refused(_)));
    }
    let resources = read(|snapshot| {
        snapshot["keys"][KEY]["list-grants"]["Truncated"] = json!(false);
    })
    .resources;
    assert_eq!(resources.keys[KEY].grants.read().unwrap().len(), 1);
}

#[test]
fn what_a_vault_has_not_is_told_from_a_vault_that_is_not_there() {
    let vault = |change: &dyn Fn(&mut Value)| {
        let mut resources = read(|snapshot| change(&mut snapshot["vaults"][VAULT])).resources;
        resources.vaults.remove(VAULT).unwrap()
    };
    let found = vault(&|_| {});
    assert_eq!(found.policy, Reading::Read(None));
    let found = vault(&|vault| vault["describe-backup-vault"] = error("ResourceNotFoundException"));
    assert_eq!(
        found.policy,
        Reading::Refused("ResourceNotFoundException".into())
    );
    let found = vault(&|vault| {
        vault["get-backup-vault-access-policy"] = error("AccessDeniedException");
    });
    assert_eq!(
        found.policy,
        Reading::Refused("AccessDeniedException".into())
    );
    // An older AWS CLI does not print these.
    for key in ["Locked", "VaultType"] {
        let found = vault(&|vault| take(&mut vault["describe-backup-vault"], key));
        assert!(matches!(found.description, Reading::Refused(_)), "{key}");
    }
}

#[test]
fn the_dates_of_a_key_are_read_in_both_forms_of_the_aws_cli() {
    for date in [
        json!("2026-12-01T01:00:00.500000+01:00"),
        json!(1_796_083_200.5),
    ] {
        let resources = read(|snapshot| {
            let metadata = &mut snapshot["keys"][KEY]["describe-key"]["KeyMetadata"];
            metadata["KeyState"] = json!("PendingDeletion");
            metadata["Enabled"] = json!(false);
            metadata["DeletionDate"] = date.clone();
            take(metadata, "KeySpec");
        })
        .resources;
        let metadata = resources.keys[KEY].metadata.read().unwrap();
        assert_eq!(&*metadata.state, "PendingDeletion");
        assert_eq!(&*metadata.spec, "SYMMETRIC_DEFAULT");
        let deletion = metadata.deletion.unwrap().to_string();
        assert_eq!(deletion, "2026-12-01T00:00:00.5Z");
    }
}

#[test]
fn the_keys_of_sources_are_kept_kind_by_kind() {
    let resources = read(|snapshot| {
        let region = &mut snapshot["regions"][REGION];
        region["describe-db-clusters"] =
            json!({"DBClusters": [{"StorageEncrypted": true, "KmsKeyId": KEY}]});
        region["describe-snapshots"] = json!({"Snapshots": []});
    })
    .resources;
    let sources = &resources.regions[REGION].source_keys;
    let count = |kind| sources[&kind].read().map(std::collections::BTreeSet::len);
    assert_eq!(count(SourceKind::Volume), Some(1));
    assert_eq!(count(SourceKind::DbCluster), Some(1));
    assert_eq!(count(SourceKind::EbsSnapshot), Some(0));
    assert_eq!(
        sources[&SourceKind::DbInstance],
        Reading::Refused("AccessDenied".into())
    );
}

#[test]
fn a_rule_that_removes_no_more_than_markers_says_so() {
    let rule = |expiration: Value| {
        let rules = json!({"Rules": [{"ID": "m", "Status": "Enabled", "Filter": {}, "Expiration": expiration}]});
        let found = bucket("get-bucket-lifecycle-configuration", rules);
        found.lifecycle.read().unwrap()[0].clone()
    };
    assert!(rule(json!({"ExpiredObjectDeleteMarker": true})).only_removes_markers);
    for other in [
        json!({"ExpiredObjectDeleteMarker": false}),
        json!({"Days": 7}),
        json!({"Days": 7, "ExpiredObjectDeleteMarker": true}),
    ] {
        let rule = rule(other);
        assert!(!rule.only_removes_markers && !rule.only_aborts_uploads);
    }
}
