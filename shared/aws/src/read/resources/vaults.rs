//! Vaults of AWS Backup: what do `DescribeBackupVault` and `GetBackupVaultAccessPolicy` say of one, and which are in a region?

use futures_util::future::join;
use iam::Arn;
use serde_json::{Value, json};

use super::ask::{Asker, Destination, Unanswered, get_call, json_body, part};
use super::pages::{self, Paged};
use crate::signed::{Service, encoded};

const SERVICE: Service = Service {
    name: "backup",
    id: "Backup",
    is_storage: false,
};

fn place(region: &str) -> Destination<'_> {
    Destination {
        service: SERVICE,
        region,
        host: None,
    }
}

/// The parts of a vault; `None` for what is not the ARN of one.
pub(super) async fn read(asker: &Asker, arn: &str) -> Option<Value> {
    let parsed = Arn::parse(arn).ok()?;
    let name = parsed.resource.strip_prefix("backup-vault:")?;
    if parsed.service != "backup" || parsed.region.is_empty() || name.is_empty() {
        return None;
    }
    let (description, policy) = join(
        describe(asker, parsed.region, name),
        policy(asker, parsed.region, name),
    )
    .await;
    Some(json!({
        "describe-backup-vault": part(description),
        "get-backup-vault-access-policy": part(policy),
    }))
}

pub(super) async fn describe(asker: &Asker, region: &str, name: &str) -> Result<Value, Unanswered> {
    let uri = format!("/backup-vaults/{}", encoded(name));
    let call = get_call("DescribeBackupVault", uri);
    asker.ask(place(region), call, json_body).await
}

pub(super) async fn policy(asker: &Asker, region: &str, name: &str) -> Result<Value, Unanswered> {
    let uri = format!("/backup-vaults/{}/access-policy", encoded(name));
    let call = get_call("GetBackupVaultAccessPolicy", uri);
    asker.ask(place(region), call, json_body).await
}

/// What AWS Backup may back up in a region.
pub(super) async fn settings(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    let call = get_call("DescribeRegionSettings", "/account-settings".to_owned());
    asker.ask(place(region), call, json_body).await
}

/// The vaults of a region.
pub(super) async fn list(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    const VAULTS: Paged = Paged {
        list: "BackupVaultList",
        token: "NextToken",
        read: json_body,
    };
    let call = |token: Option<&str>| {
        let token = token.map_or_else(String::new, |token| {
            format!("&nextToken={}", encoded(token))
        });
        let uri = format!("/backup-vaults?maxResults=1000{token}");
        get_call("ListBackupVaults", uri)
    };
    pages::all(asker, place(region), &VAULTS, call).await
}
