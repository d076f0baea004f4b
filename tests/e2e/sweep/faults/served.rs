//! An account with keys, buckets and vaults: four roles, each with one of each, and what KMS, S3 and AWS Backup say of them.

use e2e::bridge::REGION;
use e2e::http::{Answer, Listener, Message, listen};
use e2e::lambda::Lambda;
use e2e::proxy::Proxy;
use e2e::rig::Rig;
use e2e::server::ACCOUNT;
use serde_json::{Value, json};

use crate::cell::function;

/// All roles.
pub(crate) const ROLES: [&str; 4] = ["broken", "falling", "healing", "steady"];

/// The ARN of a role.
pub(crate) fn arn(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

fn key(role: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{role}")
}

/// The account: roles that may do anything, as far as it is theirs.
pub(crate) fn account() -> Value {
    let role = |name: &&str| {
        let trusted = json!({ "AWS": arn("appliance"), "Service": [
            "backup.amazonaws.com", "batchoperations.s3.amazonaws.com", "ec2.amazonaws.com", "rds.amazonaws.com"] });
        let document =
            |statement: Value| json!({ "Version": "2012-10-17", "Statement": statement });
        let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
        json!({
            "Path": "/", "RoleName": name, "RoleId": format!("AROA{name:0>16}").to_uppercase(), "Arn": arn(name),
            "CreateDate": "2026-05-01T00:00:00+00:00",
            "AssumeRolePolicyDocument": document(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted })),
            "InstanceProfileList": [{
                "Path": "/", "InstanceProfileName": name, "InstanceProfileId": format!("AIPA{name:0>16}").to_uppercase(),
                "Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/{name}"),
                "CreateDate": "2026-05-01T00:00:00+00:00", "Roles": [] }],
            "RolePolicyList": [{ "PolicyName": "own",
                "PolicyDocument": document(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })) }],
            "AttachedManagedPolicies": [],
            "Tags": [
                tag("veeam:action-sets", "vbaws-role-repository vbaws-role-efs-backup"), tag("veeam:regions", REGION),
                tag("veeam:bucket", name), tag("veeam:repository-key", &key(name)), tag("veeam:vault", name)],
        })
    };
    let roles: Vec<Value> = ROLES.iter().map(role).collect();
    json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": [] })
}

/// KMS, S3 and AWS Backup of the account, behind a proxy that spoils their calls.
pub(crate) struct Resources {
    pub(crate) proxy: Proxy,
    _listener: Listener,
}

impl Resources {
    /// Their policies deny these roles.
    pub(crate) fn start(denied: [&'static str; 2]) -> Self {
        let listener =
            listen(move |request| Answer::Whole(answer(&request, &|name| denied.contains(&name))));
        let url = listener.url();
        Self {
            proxy: Proxy::start(&url, &url),
            _listener: listener,
        }
    }

    /// The function of a rig, with these resources.
    pub(crate) fn function(&self, rig: &Rig<'_>) -> Lambda {
        let url = self.proxy.url();
        let services = ["KMS", "S3", "BACKUP"].map(|name| format!("AWS_ENDPOINT_URL_{name}"));
        let variables = services
            .each_ref()
            .map(|name| (name.as_str(), url.as_str()));
        let mut variables = variables.to_vec();
        // Many audits at once keep a small machine busy.
        variables.push(("PERMDRIFT_TIMEOUT_SECONDS", "4"));
        function(rig, &variables)
    }
}

fn answer(request: &Message, is_denied: &dyn Fn(&str) -> bool) -> Message {
    if let Some(target) = request.header("x-amz-target") {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        return of_kms(
            target,
            asked["KeyId"].as_str().unwrap_or_default(),
            is_denied,
        );
    }
    let target = request.target();
    match target
        .strip_prefix("/backup-vaults")
        .or(target.strip_prefix("/account-settings"))
    {
        Some(rest) => of_backup(target, rest, is_denied),
        None => of_storage(target, is_denied),
    }
}

fn of_json(body: &Value) -> Message {
    Message::answer(200, "application/x-amz-json-1.1", body.to_string())
}

fn document(statement: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn of_kms(target: &str, arn_of_key: &str, is_denied: &dyn Fn(&str) -> bool) -> Message {
    let name = arn_of_key.rsplit('/').next().unwrap_or_default();
    of_json(&match target {
        "TrentService.DescribeKey" => json!({ "KeyMetadata": {
            "AWSAccountId": ACCOUNT, "KeyId": name, "Arn": arn_of_key, "Enabled": true, "KeyState": "Enabled",
            "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS" } }),
        "TrentService.ListGrants" => json!({ "Grants": [], "Truncated": false }),
        _ => {
            let whom = if is_denied(name) {
                arn("admin")
            } else {
                format!("arn:aws:iam::{ACCOUNT}:root")
            };
            let statement = json!({ "Sid": "Own", "Effect": "Allow", "Principal": { "AWS": whom }, "Action": "kms:*", "Resource": "*" });
            json!({ "PolicyName": "default", "Policy": document(statement) })
        }
    })
}

fn of_backup(target: &str, rest: &str, is_denied: &dyn Fn(&str) -> bool) -> Message {
    let rest = rest.split('?').next().unwrap_or_default().trim_matches('/');
    let arn_of = |name: &str| format!("arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{name}");
    if target.starts_with("/account-settings") {
        return of_json(&json!({
            "ResourceTypeOptInPreference": { "EFS": true }, "ResourceTypeManagementPreference": { "EFS": true } }));
    }
    let Some((name, part)) = rest
        .split_once('/')
        .or((!rest.is_empty()).then_some((rest, "")))
    else {
        let vaults =
            ROLES.map(|name| json!({ "BackupVaultName": name, "BackupVaultArn": arn_of(name) }));
        return of_json(&json!({ "BackupVaultList": vaults }));
    };
    if part.is_empty() {
        return of_json(&json!({
            "BackupVaultName": name, "BackupVaultArn": arn_of(name), "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE", "Locked": false, "NumberOfRecoveryPoints": 0 }));
    }
    // Of what a set needs, or of what none does: AWS does not say what a policy means that only allows.
    let action = if is_denied(name) {
        "backup:StartBackupJob"
    } else {
        "backup:DeleteBackupVault"
    };
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": action, "Resource": arn_of(name) });
    of_json(
        &json!({ "BackupVaultName": name, "BackupVaultArn": arn_of(name), "Policy": document(statement) }),
    )
}

fn of_storage(target: &str, is_denied: &dyn Fn(&str) -> bool) -> Message {
    let xml = |body: &str| Message::answer(200, "application/xml", body);
    let none = |code: &str| {
        let body = format!("<Error><Code>{code}</Code><Message>none</Message></Error>");
        Message::answer(404, "application/xml", body)
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let name = path.trim_matches('/');
    match query.split('=').next().unwrap_or_default() {
        _ if name.is_empty() => {
            let buckets = ROLES.map(|name| {
                format!("<Bucket><Name>{name}</Name><BucketRegion>{REGION}</BucketRegion></Bucket>")
            });
            let buckets = buckets.concat();
            xml(&format!(
                "<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>"
            ))
        }
        "location" => xml(&format!(
            "<LocationConstraint>{REGION}</LocationConstraint>"
        )),
        "policy" => {
            let effect = if is_denied(name) { "Deny" } else { "Allow" };
            let statement = json!({
                "Sid": "Own", "Effect": effect, "Principal": { "AWS": arn(name) }, "Action": "s3:PutObject",
                "Resource": format!("arn:aws:s3:::{name}/*") });
            Message::answer(200, "application/json", document(statement))
        }
        "versioning" => {
            xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        "object-lock" => xml(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
        ),
        "encryption" => xml(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
            <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
        ),
        "lifecycle" => none("NoSuchLifecycleConfiguration"),
        "replication" => none("ReplicationConfigurationNotFoundError"),
        "requestPayment" => xml(
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
        ),
        other => panic!("nothing answers {other}"),
    }
}
