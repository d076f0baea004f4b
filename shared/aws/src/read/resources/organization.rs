//! The organisation: who manages it, and which SCPs and RCPs stand between its root and the account?
//!
//! Every account may ask who manages it. The rest is for the management account and for delegated administrators: one refusal, and
//! nothing else is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::ask::{Asker, Destination, Unanswered, error, json_body, json_call, part};
use super::pages::{self, Paged};
use crate::failure::Failure;
use crate::signed::Service;

const SERVICE: Service = Service {
    name: "organizations",
    id: "Organizations",
    is_storage: false,
};
const TARGET: &str = "AWSOrganizationsV20161128";
/// From the root to the account are five levels of OUs at most.
const LEVELS: usize = 8;
/// The kinds of policies: as a snapshot and as AWS call them.
pub(super) const KINDS: [(&str, &str); 2] = [
    ("serviceControlPolicies", "SERVICE_CONTROL_POLICY"),
    ("resourceControlPolicies", "RESOURCE_CONTROL_POLICY"),
];

/// The parts of the organisation.
pub(super) async fn read(asker: &Asker) -> Value {
    let described = call(asker, "DescribeOrganization", json!({})).await;
    let is_read = described.is_ok();
    let mut parts = Map::new();
    parts.insert("describe-organization".to_owned(), part(described));
    if is_read {
        let path = path(asker).await;
        parts.insert("path".to_owned(), part(path));
    }
    Value::Object(parts)
}

/// The levels from the root to the account, with their policies.
async fn path(asker: &Asker) -> Result<Value, Unanswered> {
    let mut ids = vec![asker.account.to_string()];
    while let Some(id) = ids.last().filter(|id| !id.starts_with("r-")) {
        if ids.len() > LEVELS {
            return Err(Failure::Broken { code: None }.into());
        }
        let parents = call(asker, "ListParents", json!({ "ChildId": id })).await?;
        let parent = parents
            .pointer("/Parents/0/Id")
            .and_then(Value::as_str)
            .ok_or(Failure::Broken { code: None })?;
        ids.push(parent.to_owned());
    }
    ids.reverse();
    let mut levels: Vec<Map<String, Value>> = ids
        .iter()
        .map(|id| Map::from_iter([("id".to_owned(), json!(id))]))
        .collect();
    let mut known = BTreeMap::new();
    for (key, kind) in KINDS {
        let mut lists = Vec::with_capacity(ids.len());
        for id in &ids {
            lists.push(policies(asker, id, kind, &mut known).await);
        }
        let is_none = |list: &Value| list.as_array().is_some_and(Vec::is_empty);
        if lists.iter().all(is_none) {
            // AWS attaches one at least to each level of an organisation that has policies of the kind.
            let code = "PolicyTypeNotEnabledException";
            lists.fill(error(code, "none is attached to any level"));
        }
        for (level, list) in levels.iter_mut().zip(lists) {
            level.insert(key.to_owned(), list);
        }
    }
    Ok(json!(levels))
}

/// The policies of a kind that are attached to a level.
async fn policies(
    asker: &Asker,
    id: &str,
    kind: &str,
    known: &mut BTreeMap<String, Value>,
) -> Value {
    let body = json!({ "TargetId": id, "Filter": kind });
    let attached = match pages_of(asker, "ListPoliciesForTarget", "Policies", &body).await {
        Ok(attached) => attached,
        Err(unanswered) => return part(Err(unanswered)),
    };
    let mut list = Vec::new();
    for summary in &attached {
        let Some(policy) = summary.get("Id").and_then(Value::as_str) else {
            return part(Err(Failure::Broken { code: None }.into()));
        };
        let described = match known.get(policy) {
            Some(described) => described.clone(),
            None => {
                let body = json!({ "PolicyId": policy });
                let described = part(call(asker, "DescribePolicy", body).await);
                known.insert(policy.to_owned(), described.clone());
                described
            }
        };
        if described.get("error").is_some() {
            return described;
        }
        list.push(described);
    }
    Value::Array(list)
}

/// A list of AWS Organizations, whole.
pub(super) async fn pages_of(
    asker: &Asker,
    operation: &'static str,
    name: &'static str,
    body: &Value,
) -> Result<Vec<Value>, Unanswered> {
    let paged = Paged {
        list: name,
        token: "NextToken",
        read: json_body,
    };
    let page = |token: Option<&str>| {
        let mut body = body.clone();
        if let (Some(token), Some(body)) = (token, body.as_object_mut()) {
            body.insert("NextToken".to_owned(), json!(token));
        }
        json_call(TARGET, operation, &body)
    };
    let mut all = pages::all(asker, place(asker), &paged, page).await?;
    match all.get_mut(name).map(Value::take) {
        Some(Value::Array(list)) => Ok(list),
        Some(_) | None => Ok(Vec::new()),
    }
}

/// One call of AWS Organizations.
pub(super) async fn call(
    asker: &Asker,
    operation: &'static str,
    body: Value,
) -> Result<Value, Unanswered> {
    let request = json_call(TARGET, operation, &body);
    asker.ask(place(asker), request, json_body).await
}

/// Waits before a call that is not answered yet: AWS refuses what comes faster.
pub(super) async fn pause(asker: &Asker, operation: &'static str, body: &Value, pause: Duration) {
    if !asker.knows(place(asker), &json_call(TARGET, operation, body)) {
        sleep(pause).await;
    }
}

fn place(asker: &Asker) -> Destination<'_> {
    Destination {
        service: SERVICE,
        region: home(&asker.home),
        host: None,
    }
}

/// The region of AWS Organizations in the partition of a region.
fn home(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-northwest-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ if region.starts_with("us-isob-") => "us-isob-east-1",
        _ if region.starts_with("us-isof-") => "us-isof-south-1",
        _ if region.starts_with("us-iso-") => "us-iso-east-1",
        _ if region.starts_with("eu-isoe-") => "eu-isoe-west-1",
        _ if region.starts_with("eusc-") => "eusc-de-east-1",
        _ => "us-east-1",
    }
}
