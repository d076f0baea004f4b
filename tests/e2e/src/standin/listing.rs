//! The listing: `GetAccountAuthorizationDetails`, page by page.
//!
//! Documents are percent-encoded, as on the wire. A page may end anywhere between two items; `MaxItems` can make it shorter.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

const LISTS: [&str; 4] = [
    "UserDetailList",
    "GroupDetailList",
    "RoleDetailList",
    "Policies",
];

/// Every item of an account with the list that it belongs to, in the order of the listing.
pub(super) fn items(account: &Value) -> Vec<Value> {
    let mut items = Vec::new();
    for list in LISTS {
        for item in account[list].as_array().into_iter().flatten() {
            let mut item = item.clone();
            encode_documents(&mut item);
            items.push(json!({ "list": list, "item": item }));
        }
    }
    items
}

/// One page.
pub(super) fn page<'a>(
    items: &[Value],
    size: usize,
    field: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Value, Refusal> {
    let start = position(field("Marker"))?;
    let size = field("MaxItems")
        .and_then(|most| most.parse().ok())
        .map_or(size, |most: usize| most.min(size))
        .max(1);
    let mut page = Map::new();
    for list in LISTS {
        page.insert(list.to_owned(), json!([]));
    }
    for entry in items.iter().skip(start).take(size) {
        let list = entry["list"].as_str().unwrap_or_default();
        if let Some(Value::Array(list)) = page.get_mut(list) {
            list.push(entry["item"].clone());
        }
    }
    let end = start + size;
    page.insert("IsTruncated".to_owned(), json!(end < items.len()));
    if end < items.len() {
        page.insert("Marker".to_owned(), json!(marker(end)));
    }
    Ok(Value::Object(page))
}

/// The access keys of a user: each has one, made when the user was, and active unless `AccessKeyStatus` says otherwise.
pub(super) fn access_keys(items: &[Value], user: &str) -> Result<Value, Refusal> {
    let found = items
        .iter()
        .map(|entry| &entry["item"])
        .find(|item| item["UserName"] == user)
        .ok_or_else(|| Refusal {
            status: 404,
            code: "NoSuchEntity",
            message: format!("The user with name {user} cannot be found."),
        })?;
    Ok(json!({
        "IsTruncated": false,
        "AccessKeyMetadata": [{
            "UserName": user,
            "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "Status": found["AccessKeyStatus"].as_str().unwrap_or("Active"),
            "CreateDate": &found["CreateDate"],
        }],
    }))
}

/// Opaque to the caller, as AWS's.
pub(super) fn marker(position: usize) -> String {
    format!("AAYgc3RhbmQtaW4{position:08}==")
}

/// Where a marker says to go on; the start without one.
pub(super) fn position(marker: Option<&str>) -> Result<usize, Refusal> {
    let Some(marker) = marker else { return Ok(0) };
    marker
        .strip_prefix("AAYgc3RhbmQtaW4")
        .and_then(|rest| rest.strip_suffix("==")?.parse().ok())
        .ok_or_else(|| Refusal::invalid("Invalid Marker"))
}

fn encode_documents(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(encode_documents),
        Value::Object(fields) => {
            for (key, value) in fields {
                if value.is_object() && key.ends_with("Document") {
                    *value = Value::String(percent_encoded(&value.to_string()));
                } else {
                    encode_documents(value);
                }
            }
        }
        _ => {}
    }
}

/// RFC 3986: all but the unreserved characters.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
