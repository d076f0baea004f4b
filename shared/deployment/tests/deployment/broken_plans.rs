//! Plans of which any part may be missing or something else.

use serde_json::{Value, json};

use crate::summary::try_read;

/// Every document that differs from this one in one value.
fn odd(value: &Value, with: &Value) -> Vec<Value> {
    let mut all = vec![with.clone()];
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                all.extend(odd(item, with).into_iter().map(|changed| {
                    let mut items = items.clone();
                    items.splice(at..=at, [changed]);
                    Value::Array(items)
                }));
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                all.extend(odd(item, with).into_iter().map(|changed| {
                    let mut members = members.clone();
                    members.insert(key.clone(), changed);
                    Value::Object(members)
                }));
            }
        }
        _ => {}
    }
    all
}

#[test]
fn no_plan_makes_it_panic() {
    let text = include_str!("../../../../examples/deployment/plan.json");
    let plan: Value = serde_json::from_str(text).unwrap();
    for with in [Value::Null, json!([null]), json!("x")] {
        for changed in odd(&plan, &with).into_iter().step_by(5) {
            let _ = try_read(&changed.to_string(), &[]);
        }
    }
}
