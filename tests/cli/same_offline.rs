//! The same offline: does an audit of what `permdrift snapshot` saved give the verdicts of the live audit?
//!
//! Accounts that the stand-in plays, with every policy in their listings (of one that a listing lacks, AWS may know more), and one whose key, bucket and organisation are changed through the APIs of ministack and moto.

use e2e::bridge::REGION;
use e2e::organizations::Organizations;
use e2e::proxy::Proxy;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::{Conduct, StandIn};
use serde_json::{Value, json};

use crate::binary::{file, printed};
use crate::live::{live, messages, offline};

/// Sets that the accounts of the sessions are bound to.
const SETS: [&str; 2] = ["--action-sets", "tests/cli/cases/audit.in/sets.toml"];

/// What an audit says of the account, whenever and by whom it was read.
#[track_caller]
fn judged(output: &std::process::Output) -> Value {
    let text = printed(output);
    let document: Result<Value, _> = serde_json::from_str(text);
    assert!(document.is_ok(), "{text}{}", messages(output));
    let document = document.unwrap();
    let mut findings = document["findings"].clone();
    for finding in findings.as_array_mut().unwrap() {
        for time in ["opened", "seen"] {
            finding.as_object_mut().unwrap().remove(time);
        }
    }
    json!({ "verdicts": document["verdicts"], "findings": findings, "summary": document["summary"] })
}

/// Audits live, saves, and audits what was saved; how many verdicts there are.
#[track_caller]
fn check(url: &str, variables: &[(&str, &str)], what: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    let audit = ["audit", "--output", "json", SETS[0], SETS[1]];
    let of_aws = live(url, &audit).envs(variables.iter().copied()).output();
    let mut saving = live(url, &["snapshot", SETS[0], SETS[1], "-o"]);
    let saved = saving.arg(&path).envs(variables.iter().copied()).output();
    let saved = saved.unwrap();
    assert_eq!(saved.status.code(), Some(0), "{what}: {}", messages(&saved));
    let of_file = offline(&audit).arg("--snapshot").arg(&path).output();
    let (of_aws, of_file) = (of_aws.unwrap(), of_file.unwrap());
    let (live, saved) = (judged(&of_aws), judged(&of_file));
    assert_eq!(live, saved, "{what}");
    assert_eq!(of_aws.status.code(), of_file.status.code(), "{what}");
    live["verdicts"].as_array().unwrap().len()
}

#[test]
fn each_account_that_is_played() {
    let accounts = [
        "tests/cli/cases/audit.in/account.json",
        "tests/cli/cases/audit.in/same-name.json",
        "tests/cli/cases/audit.in/undetermined.json",
        "tests/cli/cases/audit.in/unknown-set.json",
        "tests/cli/cases/audit.in/untagged.json",
        "tests/cli/cases/catalog.in/upgrading.json",
        "tests/cli/cases/diff.in/march.json",
        "tests/cli/cases/diff.in/today.json",
        "tests/cli/cases/events.in/account.json",
    ];
    let verdicts = accounts.map(|account| {
        let text = std::fs::read_to_string(file(account)).unwrap();
        let listing = serde_json::from_str(&text).unwrap();
        let stand_in = StandIn::start(&listing, Conduct::default());
        check(&stand_in.url(), &[], account)
    });
    assert!(verdicts.iter().sum::<usize>() >= 20, "{verdicts:?}");
}

fn document(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// A role that may do everything, as far as it is its own policies that decide.
fn account(key: &str) -> Value {
    let policy = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] });
    let appliance = format!("arn:aws:iam::{ACCOUNT}:role/appliance");
    let trusted = json!({ "AWS": appliance, "Service": "batchoperations.s3.amazonaws.com" });
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let role = json!({
        "Path": "/", "RoleName": "repository", "RoleId": "AROAREPOSITORYROLE01",
        "Arn": format!("arn:aws:iam::{ACCOUNT}:role/repository"), "CreateDate": "2026-05-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": policy(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted })),
        "InstanceProfileList": [], "AttachedManagedPolicies": [],
        "RolePolicyList": [{ "PolicyName": "own",
            "PolicyDocument": policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })) }],
        "Tags": [
            tag("veeam:action-sets", "vbaws-role-repository"), tag("veeam:regions", REGION),
            tag("veeam:bucket", "backups"), tag("veeam:repository-key", key)],
    });
    json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": [] })
}

#[test]
fn an_account_with_keys_buckets_and_scps() {
    let server = Server::start(Enforcement::Off);
    let organizations = Organizations::start();
    let aws = server.aws();
    let made = aws.must("kms", "create_key", json!({}));
    let key = made["KeyMetadata"]["Arn"].as_str().unwrap();
    aws.must("s3", "create_bucket", json!({
        "Bucket": "backups", "ObjectLockEnabledForBucket": true, "CreateBucketConfiguration": { "LocationConstraint": REGION } }));
    let applied = || Conduct {
        service_control: organizations.service_control(),
        ..Conduct::default()
    };
    let stand_in = StandIn::start(&account(key), applied());
    let proxy = Proxy::start(&stand_in.url(), server.endpoint());
    let variables = [
        ("AWS_ENDPOINT_URL_ORGANIZATIONS", organizations.endpoint()),
        ("AWS_REGION", REGION),
    ];
    let same = |what: &str| assert_eq!(check(&proxy.url(), &variables, what), 1, "{what}");
    same("as it is");
    let denies = document(
        &json!({ "Sid": "NoMoreObjects", "Effect": "Deny", "Action": "s3:PutObject", "Principal": "*",
        "Resource": "arn:aws:s3:::backups/*" }),
    );
    aws.must(
        "s3",
        "put_bucket_policy",
        json!({ "Bucket": "backups", "Policy": denies }),
    );
    same("a bucket policy that denies");
    let organization = organizations.aws();
    let frozen = document(
        &json!({ "Sid": "Frozen", "Effect": "Deny", "Action": "s3:PutObject*", "Resource": "*" }),
    );
    let made = organization.must("organizations", "create_policy", json!({
        "Name": "year-end", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": frozen }));
    let id = &made["Policy"]["PolicySummary"]["Id"];
    organization.must(
        "organizations",
        "attach_policy",
        json!({ "PolicyId": id, "TargetId": organizations.unit() }),
    );
    stand_in.behave(applied());
    same("and an SCP that denies");
    let admins = document(
        &json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:role/admin") } }),
    );
    aws.must(
        "kms",
        "put_key_policy",
        json!({ "KeyId": key, "PolicyName": "default", "Policy": admins }),
    );
    same("and a key policy that shuts the account out");
    aws.must(
        "kms",
        "schedule_key_deletion",
        json!({ "KeyId": key, "PendingWindowInDays": 7 }),
    );
    same("and a key that is to be deleted");
}
