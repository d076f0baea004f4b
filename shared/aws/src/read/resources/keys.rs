//! KMS keys: what do `DescribeKey`, `GetKeyPolicy` and `ListGrants` say of one?

use futures_util::future::{OptionFuture, join};
use iam::Arn;
use serde_json::{Map, Value, json};

use super::ask::{Asker, Destination, Unanswered, json_body, json_call, part};
use super::pages::{self, Paged};
use crate::signed::Service;

const SERVICE: Service = Service {
    name: "kms",
    id: "KMS",
    is_storage: false,
};
const TARGET: &str = "TrentService";
/// As many grants as a page holds.
const GRANTS: u32 = 100;

/// How much is read of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// What it is.
    Description,
    /// And its policy and its grants.
    Grants,
}

/// The parts of a key; `None` for what is not the ARN of a key.
pub(super) async fn read(asker: &Asker, arn: &str, depth: Depth) -> Option<Value> {
    let parsed = Arn::parse(arn).ok()?;
    let is_key = parsed.service == "kms" && parsed.resource.starts_with("key/");
    if !is_key || parsed.region.is_empty() {
        return None;
    }
    let call = |operation, body| call(asker, parsed.region, operation, body);
    let reads_all = depth == Depth::Grants;
    let policy = json!({ "KeyId": arn, "PolicyName": "default" });
    let (described, policy) = join(
        call("DescribeKey", json!({ "KeyId": arn })),
        OptionFuture::from(reads_all.then(|| call("GetKeyPolicy", policy))),
    )
    .await;
    let manager = described.as_ref().ok();
    let manager = manager.and_then(|answer| answer.pointer("/KeyMetadata/KeyManager"));
    let is_of_aws = manager.and_then(Value::as_str) == Some("AWS");
    let mut parts = Map::new();
    parts.insert("describe-key".to_owned(), part(described));
    if let Some(policy) = policy {
        parts.insert("get-key-policy".to_owned(), part(policy));
    }
    // A key that AWS manages serves everybody through its service, and has a grant for each volume or database.
    if reads_all && !is_of_aws {
        let grants = grants(asker, arn, parsed.region).await;
        parts.insert("list-grants".to_owned(), part(grants));
    }
    Some(Value::Object(parts))
}

async fn grants(asker: &Asker, arn: &str, region: &str) -> Result<Value, Unanswered> {
    const PAGED: Paged = Paged {
        list: "Grants",
        token: "NextMarker",
        read: json_body,
    };
    let list = |marker: Option<&str>| {
        let mut body = json!({ "KeyId": arn, "Limit": GRANTS });
        if let (Some(marker), Some(body)) = (marker, body.as_object_mut()) {
            body.insert("Marker".to_owned(), json!(marker));
        }
        json_call(TARGET, "ListGrants", &body)
    };
    pages::all(asker, place(region), &PAGED, list).await
}

/// One call of KMS.
pub(super) async fn call(
    asker: &Asker,
    region: &str,
    operation: &'static str,
    body: Value,
) -> Result<Value, Unanswered> {
    let request = json_call(TARGET, operation, &body);
    asker.ask(place(region), request, json_body).await
}

fn place(region: &str) -> Destination<'_> {
    Destination {
        service: SERVICE,
        region,
        host: None,
    }
}

/// The ARN of a key that a service names in an account and region: by its ARN or its id; `None` for an alias.
pub(super) fn arn_of(name: &str, partition: &str, region: &str, account: &str) -> Option<String> {
    if name.starts_with("arn:") {
        return name.contains(":key/").then(|| name.to_owned());
    }
    let is_id = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id.then(|| format!("arn:{partition}:kms:{region}:{account}:key/{name}"))
}
