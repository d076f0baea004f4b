//! KMS keys: what do `DescribeKey`, `GetKeyPolicy` and `ListGrants` say of one?

use futures_util::future::{OptionFuture, join3};
use iam::Arn;
use serde_json::{Map, Value, json};

use super::ask::{Asker, Destination, Unanswered, json_body, json_call, part};
use crate::signed::Service;

const SERVICE: Service = Service {
    name: "kms",
    id: "KMS",
    is_storage: false,
};
const TARGET: &str = "TrentService";
/// All grants that one call brings. A key with more was shared by services, not by hand: they are not read.
const GRANTS: u32 = 100;

/// How much is read of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// What it is.
    Description,
    /// And its policy.
    Policy,
    /// And its grants.
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
    let policy = (depth >= Depth::Policy).then(|| {
        call(
            "GetKeyPolicy",
            json!({ "KeyId": arn, "PolicyName": "default" }),
        )
    });
    let grants = (depth >= Depth::Grants)
        .then(|| call("ListGrants", json!({ "KeyId": arn, "Limit": GRANTS })));
    let (description, policy, grants) = join3(
        call("DescribeKey", json!({ "KeyId": arn })),
        OptionFuture::from(policy),
        OptionFuture::from(grants),
    )
    .await;
    let mut parts = Map::new();
    parts.insert("describe-key".to_owned(), part(description));
    if let Some(policy) = policy {
        parts.insert("get-key-policy".to_owned(), part(policy));
    }
    if let Some(grants) = grants {
        parts.insert("list-grants".to_owned(), part(grants));
    }
    Some(Value::Object(parts))
}

/// One call of KMS.
pub(super) async fn call(
    asker: &Asker,
    region: &str,
    operation: &'static str,
    body: Value,
) -> Result<Value, Unanswered> {
    let place = Destination {
        service: SERVICE,
        region,
        host: None,
    };
    let request = json_call(TARGET, operation, &body);
    asker.ask(place, request, json_body).await
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
