//! Rules: what does EventBridge make of an event, by the template's patterns and input transformers?
//!
//! As far as the template goes: patterns of texts and `$or`; paths of names; variables that stand for whole JSON values.

use e2e::template::{Place, Template};
use serde_json::{Value, json};

const PLACE: Place<'_> = Place {
    template: Template::Account,
    partition: "aws",
    region: "eu-central-1",
    account: "111122223333",
    parameters: &[
        ("PagerDutyRoutingKey", KEY),
        ("OpsgenieApiKey", "01234567-89ab-cdef-0123-456789abcdef"),
    ],
};

/// Stands for a PagerDuty integration key.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A call that an API destination gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) url: String,
    pub(crate) body: Value,
}

/// The calls that the template's rules make of an event, by the rule's id.
pub(crate) fn calls(event: &Value) -> Vec<(&'static str, Call)> {
    ["PagerDutyRule", "OpsgenieRule", "OpsgenieCloseRule"]
        .into_iter()
        .filter_map(|id| {
            let rule = PLACE.part(&["Resources", id, "Properties"]);
            assert_eq!(rule["EventBusName"], "permdrift");
            matches(&rule["EventPattern"], event).then(|| (id, call(&rule["Targets"][0], event)))
        })
        .collect()
}

fn call(target: &Value, event: &Value) -> Call {
    let destinations = [
        "PagerDutyDestination",
        "OpsgenieDestination",
        "OpsgenieCloseDestination",
    ];
    let id = destinations
        .into_iter()
        .find(|id| target["Arn"] == PLACE.arn(id).as_str())
        .expect("the target is one of the destinations");
    let destination = PLACE.part(&["Resources", id, "Properties"]);
    let mut url = destination["InvocationEndpoint"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in list(&target["HttpParameters"]["PathParameterValues"]) {
        let value = at(event, path.as_str().unwrap());
        url = url.replacen('*', value.as_str().unwrap(), 1);
    }
    assert!(!url.contains('*'), "{url}");
    for (name, value) in target["HttpParameters"]["QueryStringParameters"]
        .as_object()
        .into_iter()
        .flatten()
    {
        url = format!("{url}?{name}={}", value.as_str().unwrap());
    }
    let mut body = transform(&target["InputTransformer"], event);
    // What the connection adds.
    let connection = id
        .replace("CloseDestination", "Connection")
        .replace("Destination", "Connection");
    let added = PLACE.part(&[
        "Resources",
        &connection,
        "Properties",
        "AuthParameters",
        "InvocationHttpParameters",
        "BodyParameters",
    ]);
    for parameter in list(&added) {
        body[parameter["Key"].as_str().unwrap()] = parameter["Value"].clone();
    }
    Call { url, body }
}

fn matches(pattern: &Value, event: &Value) -> bool {
    pattern
        .as_object()
        .expect("a pattern has fields")
        .iter()
        .all(|(name, wanted)| {
            if name == "$or" {
                return list(wanted).iter().any(|one| matches(one, event));
            }
            match wanted {
                Value::Object(_) => event.get(name).is_some_and(|inner| matches(wanted, inner)),
                one_of => list(one_of).iter().any(|one| event.get(name) == Some(one)),
            }
        })
}

/// One pass, so that a value that looks like a variable is none.
fn transform(transformer: &Value, event: &Value) -> Value {
    let template = transformer["InputTemplate"].as_str().unwrap();
    assert!(template.len() <= 8192, "EventBridge's limit");
    assert!(
        !template.contains("\"<"),
        "a variable in quotes would not be escaped"
    );
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        let (name, after) = after.split_once('>').expect("a variable is closed");
        let path = transformer["InputPathsMap"][name].as_str();
        text.push_str(before);
        text.push_str(&at(event, path.unwrap_or_else(|| panic!("no path for {name}"))).to_string());
        rest = after;
    }
    text.push_str(rest);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn at<'e>(event: &'e Value, path: &str) -> &'e Value {
    let names = path.strip_prefix("$.").expect("a path begins at the event");
    let mut value = event;
    for name in names.split('.') {
        value = value
            .get(name)
            .unwrap_or_else(|| panic!("no {path} in {event}"));
    }
    value
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn what_is_less_bad_is_not_called_for_but_always_resolved() {
    let event = |action: &str, level: &str| {
        json!({ "source": "permdrift", "detail": {
            "metadata": { "time": "2026-11-05T06:00:00Z", "audit": "a" },
            "alert": {
                "id": "0123456789abcdef", "action": action, "level": level, "account": "111122223333",
                "code": "missing-actions", "severity": "error", "priority": "P2", "title": "t", "summary": "s",
                "description": "d", "source": "x", "findings": [], "principals": [], "count": 1 } } })
    };
    let check = |action, level, expected: &[&str]| {
        let called: Vec<&str> = calls(&event(action, level))
            .iter()
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(called, expected, "{action} {level}");
    };
    check("trigger", "critical", &["PagerDutyRule", "OpsgenieRule"]);
    check("trigger", "high", &["PagerDutyRule", "OpsgenieRule"]);
    check("trigger", "medium", &[]);
    check("trigger", "notice", &[]);
    for level in ["critical", "notice"] {
        check("resolve", level, &["PagerDutyRule", "OpsgenieCloseRule"]);
    }
    let mut other = event("trigger", "high");
    other["source"] = json!("somebody.else");
    assert_eq!(calls(&other), []);
}
