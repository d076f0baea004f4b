//! Plans as text, made of a few words for each resource.

use deployment::{Deployment, Form};
use serde_json::{Value, json};

use crate::summary::{gaps, try_read};

/// A resource of a plan: its address, its known values, what is open, and what the configuration refers to.
pub struct Resource {
    pub address: &'static str,
    pub values: Value,
    pub open: Value,
    pub refers: Value,
}

pub fn resource(address: &'static str, values: Value, open: Value, refers: Value) -> Resource {
    Resource {
        address,
        values,
        open,
        refers,
    }
}

fn references(refers: &Value) -> Value {
    match refers {
        Value::Object(attributes) => attributes
            .iter()
            .map(|(name, refers)| (name.clone(), json!({ "references": refers })))
            .collect(),
        _ => json!({}),
    }
}

/// A plan in which all resources stand in the root module.
pub fn plan(resources: &[Resource]) -> String {
    let parts = |address: &str| -> (bool, String) {
        let own = address.strip_prefix("data.").unwrap_or(address);
        let kind = own.split('.').next().unwrap_or_default();
        (address.starts_with("data."), kind.to_owned())
    };
    let planned: Vec<Value> = resources
        .iter()
        .filter(|one| !one.address.starts_with("data."))
        .map(|one| {
            let (_, kind) = parts(one.address);
            json!({"address": one.address, "mode": "managed", "type": kind, "values": one.values})
        })
        .collect();
    let changes: Vec<Value> = resources
        .iter()
        .map(|one| {
            let (is_data, kind) = parts(one.address);
            let actions = if is_data { "read" } else { "create" };
            json!({"address": one.address, "type": kind,
                "change": {"actions": [actions], "after": one.values, "after_unknown": one.open}})
        })
        .collect();
    let configured: Vec<Value> = resources
        .iter()
        .map(|one| {
            let base = one.address.split('[').next().unwrap_or_default();
            json!({"address": base, "expressions": references(&one.refers)})
        })
        .collect();
    json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    })
    .to_string()
}

pub fn policy(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#
    )
}

pub fn role(address: &'static str, name: Option<&str>) -> Resource {
    let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;
    let values = match name {
        Some(name) => json!({"name": name, "path": "/", "assume_role_policy": trust}),
        None => json!({"path": "/", "assume_role_policy": trust}),
    };
    // As the provider has it: what is not configured is computed.
    let open = json!({"arn": true, "id": true, "inline_policy": true, "managed_policy_arns": true, "name": name.is_none(),
        "tags_all": {}});
    resource(address, values, open, json!({}))
}

#[track_caller]
pub fn read(resources: &[Resource]) -> Deployment {
    let deployment = try_read(&plan(resources), &[]).unwrap();
    assert_eq!(deployment.form, Form::Terraform);
    assert_eq!(gaps(&deployment), Vec::<String>::new());
    deployment
}

/// Puts members into an object.
pub fn put(into: &mut Value, members: &Value) {
    let members = members.as_object().unwrap().clone();
    into.as_object_mut().unwrap().extend(members);
}

pub fn push(text: &mut Value, list: &str, item: Value) {
    let list = text.pointer_mut(list).and_then(Value::as_array_mut);
    list.unwrap().push(item);
}

/// A plan with a change of `KIND.x` beside these resources.
pub fn changed(
    resources: &[Resource],
    kind: &str,
    actions: &[&str],
    before: &Value,
    after: &Value,
) -> Value {
    let mut text: Value = serde_json::from_str(&plan(resources)).unwrap();
    let address = format!("{kind}.x");
    let change = json!({"actions": actions, "before": before, "after": after, "after_unknown": {}});
    let planned = json!({"address": address, "mode": "managed", "type": kind, "values": after});
    let change = json!({"address": address, "type": kind, "change": change});
    push(&mut text, "/resource_changes", change);
    if !after.is_null() {
        push(&mut text, "/planned_values/root_module/resources", planned);
    }
    text
}

/// A resource of which all is known.
pub fn known(address: &'static str, values: Value) -> Resource {
    resource(address, values, json!({}), json!({}))
}

pub fn without_reasons(held: Vec<String>) -> Vec<String> {
    let cut = |line: String| match line.split_once("? ") {
        Some((front, _)) => format!("{front}?"),
        None => line,
    };
    held.into_iter().map(cut).collect()
}
