//! A key policy that is taken away, a key that is to be deleted, a bucket policy that denies, an SCP that is attached: is each told
//! with its name, and resolved when it is put back?
//!
//! ministack serves KMS and S3, moto AWS Organizations. What is changed is changed through their APIs, and what the function reads of it are
//! their answers. No server has a simulator that applies SCPs or boundaries, so IAM is the stand-in; it applies the SCPs that moto
//! has above the account, and does not say which, as AWS. ministack answers `GetBucketRequestPayment` with nothing, so who pays is not looked at.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

use std::path::Path;
use std::time::Duration;

use e2e::bridge::REGION;
use e2e::lambda::{Lambda, Outcome};
use e2e::organizations::Organizations;
use e2e::rig::{Rig, Told};
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const BUCKET: &str = "veeam-backups";
/// The pause is waited for, so that each change is looked at twice before people are told. One finding is opened three times here, for three causes.
const SETTINGS: &str = "confirm-pause-seconds = 1\n[flapping]\nopenings = 9\n";

fn document(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// A role that may do everything, as far as it is its own policies that decide.
fn account(key: &str) -> Value {
    let policy = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] });
    let trusted =
        json!({ "AWS": role_arn("appliance"), "Service": "batchoperations.s3.amazonaws.com" });
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let role = json!({
        "Path": "/", "RoleName": "repository", "RoleId": "AROAREPOSITORYROLE01", "Arn": role_arn("repository"),
        "CreateDate": "2026-05-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": policy(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted })),
        "InstanceProfileList": [],
        "RolePolicyList": [{ "PolicyName": "own",
            "PolicyDocument": policy(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })) }],
        "AttachedManagedPolicies": [],
        "Tags": [
            tag("veeam:action-sets", "vbaws-role-repository"), tag("veeam:regions", REGION),
            tag("veeam:bucket", BUCKET), tag("veeam:repository-key", key)],
    });
    json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": [] })
}

/// The audits of one account.
struct Audits<'a> {
    rig: Rig<'a>,
    function: Lambda,
    number: u32,
}

impl Audits<'_> {
    /// The verdicts of the next audit (compliant, drifted, undetermined), and what it told.
    #[track_caller]
    fn next(&mut self) -> ([u64; 3], Told) {
        self.number += 1;
        let event = json!({ "scheduled_time": format!("2026-11-22T{:02}:15:00Z", self.number) });
        let outcome = self.function.invoke(&event, Duration::from_secs(60));
        let Outcome::Answered(answer) = &outcome else {
            panic!("{outcome:?}\n{}", self.function.log())
        };
        let verdicts = ["compliant", "drifted", "undetermined"];
        let verdicts = verdicts.map(|name| answer[name].as_u64().unwrap_or(99));
        (verdicts, self.rig.told())
    }

    /// Something was changed: one finding of this code is opened, and the mail names these.
    #[track_caller]
    fn opens(&mut self, code: &str, names: &[&str]) {
        let (verdicts, told) = self.next();
        let log = self.function.log();
        assert_eq!(findings(&told), [("Finding Opened", code)], "{log}");
        assert_eq!(verdicts, [0, 1, 0], "{log}");
        let [(subject, text)] = told.people.as_slice() else {
            panic!("people were told {:#?}\n{log}", told.people)
        };
        for name in names {
            assert!(text.contains(name), "{name}: {subject}\n{text}");
        }
    }

    /// It was put back: that finding is resolved, and nothing else is told.
    #[track_caller]
    fn resolves(&mut self, code: &str) {
        let (verdicts, told) = self.next();
        let log = self.function.log();
        assert_eq!(findings(&told), [("Finding Resolved", code)], "{log}");
        assert_eq!(verdicts, [1, 0, 0], "{log}");
        assert_eq!(told.people.len(), 1, "{:#?}\n{log}", told.people);
    }
}

/// The steps of findings, with their codes.
fn findings(told: &Told) -> Vec<(&str, &str)> {
    let machines = told.machines.iter();
    let steps = machines.filter(|(kind, _)| kind.starts_with("Finding "));
    let named = steps.map(|(kind, detail)| {
        let code = detail["finding"]["code"].as_str();
        (kind.as_str(), code.unwrap_or_default())
    });
    named.collect()
}

#[test]
fn what_denies_is_named_and_what_is_put_back_is_resolved() {
    let server = Server::start(Enforcement::Off);
    let organizations = Organizations::start();
    let aws = server.aws();
    let made = aws.must("kms", "create_key", json!({}));
    let key = made["KeyMetadata"]["Arn"]
        .as_str()
        .expect("a key has an ARN");
    aws.must("s3", "create_bucket", json!({
        "Bucket": BUCKET, "ObjectLockEnabledForBucket": true, "CreateBucketConfiguration": { "LocationConstraint": REGION } }));

    let applied = || Conduct {
        service_control: organizations.service_control(),
        ..Conduct::default()
    };
    let rig = Rig::new(&server, "put-back", &account(key), applied());
    rig.set(SETTINGS);
    let variables = [("AWS_ENDPOINT_URL_ORGANIZATIONS", organizations.endpoint())];
    let mut audits = Audits {
        function: rig.function(Path::new(BINARY), &variables),
        rig,
        number: 0,
    };
    let (verdicts, told) = audits.next();
    assert_eq!(verdicts, [1, 0, 0], "{}", audits.function.log());
    assert_eq!(findings(&told), []);
    assert_eq!(told.people, []);

    let policy = |policy: &str| json!({ "KeyId": key, "PolicyName": "default", "Policy": policy });
    let of_key = aws.must(
        "kms",
        "get_key_policy",
        json!({ "KeyId": key, "PolicyName": "default" }),
    );
    let admins = document(
        &json!([{ "Sid": "Administrators", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": role_arn("admin") } }]),
    );
    aws.must("kms", "put_key_policy", policy(&admins));
    let end = key.get(key.len() - 4..).expect("an ARN is longer");
    audits.opens("missing-actions", &["resource policy", end]);
    aws.must(
        "kms",
        "put_key_policy",
        policy(of_key["Policy"].as_str().unwrap_or_default()),
    );
    audits.resolves("missing-actions");

    aws.must(
        "kms",
        "schedule_key_deletion",
        json!({ "KeyId": key, "PendingWindowInDays": 7 }),
    );
    audits.opens("key-state", &["deleted", end]);
    aws.must("kms", "cancel_key_deletion", json!({ "KeyId": key }));
    aws.must("kms", "enable_key", json!({ "KeyId": key }));
    audits.resolves("key-state");

    let denies = document(
        &json!([{ "Sid": "NoMoreObjects", "Effect": "Deny", "Action": "s3:PutObject", "Principal": "*",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*") }]),
    );
    aws.must(
        "s3",
        "put_bucket_policy",
        json!({ "Bucket": BUCKET, "Policy": denies }),
    );
    audits.opens(
        "missing-actions",
        &["NoMoreObjects", BUCKET, "s3:PutObject"],
    );
    aws.must("s3", "delete_bucket_policy", json!({ "Bucket": BUCKET }));
    audits.resolves("missing-actions");

    let organization = organizations.aws();
    let frozen = document(
        &json!([{ "Sid": "FrozenForTheYearEnd", "Effect": "Deny", "Action": "s3:PutObject*", "Resource": "*" }]),
    );
    let made = organization.must("organizations", "create_policy", json!({
        "Name": "year-end", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": frozen }));
    let id = made["Policy"]["PolicySummary"]["Id"]
        .as_str()
        .unwrap_or_default();
    let attachment = json!({ "PolicyId": id, "TargetId": organizations.unit() });
    organization.must("organizations", "attach_policy", attachment.clone());
    audits.rig.stand_in.behave(applied());
    audits.opens(
        "missing-actions",
        &["FrozenForTheYearEnd", id, "s3:PutObject"],
    );
    organization.must("organizations", "detach_policy", attachment);
    audits.rig.stand_in.behave(applied());
    audits.resolves("missing-actions");
}
