//! What starts an audit on change: do the rules let through exactly the calls that are followed, from each region, to the stack's queue
//! and to nobody else?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use audit::events::{ReadEventsError, read};
use e2e::template::{Place, transformed, transformed_from};
use e2e::tools::root;
use serde_json::{Value, json};

const RULES: [&str; 3] = ["IamChanges", "ResourceChanges", "AccountChanges"];

/// The longest pattern that a rule takes.
const LONGEST: usize = 2_048;

fn watch() -> &'static Value {
    static WATCH: OnceLock<Value> = OnceLock::new();
    WATCH.get_or_init(|| transformed_from(&root().join("infra/watch.yaml")))
}

/// The calls that a rule of the stack lets through, by source.
fn let_through() -> BTreeMap<String, BTreeSet<String>> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().into_iter().flatten();
        texts
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    };
    for rule in RULES {
        let pattern = &transformed()["Resources"][rule]["Properties"]["EventPattern"];
        for source in texts(&pattern["source"]) {
            let service = source.replace("aws.", "") + ".amazonaws.com";
            let names = texts(&pattern["detail"]["eventName"]);
            calls.entry(service).or_default().extend(names);
        }
    }
    calls
}

/// Whether a call is followed: it is an event, or one that lacks something.
fn is_followed(service: &str, call: &str) -> bool {
    // A new version that is not the default one changes nothing.
    let event = json!({ "eventSource": service, "eventName": call, "requestParameters": { "setAsDefault": true } });
    match read(&event.to_string()) {
        Ok(found) => !found.events.is_empty(),
        Err(ReadEventsError::NoEvent(_)) => true,
        Err(error) => panic!("{error}"),
    }
}

/// The words in quotes of the file that says which calls are followed.
fn words() -> BTreeSet<String> {
    let path = root().join("shared/audit/src/events/call.rs");
    let text = std::fs::read_to_string(path).expect("it can be read");
    let quoted = text.split('"').skip(1).step_by(2);
    quoted
        .filter(|word| word.chars().all(|c| c.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_rule_lets_through_each_call_that_is_followed_and_no_other() {
    let let_through = let_through();
    let words = words();
    assert!(words.len() > 80, "{words:?}");
    for (service, calls) in &let_through {
        // Rules of several services let through a call of one that has the name of another's.
        let followed = words.iter().filter(|word| is_followed(service, word));
        let missing: Vec<&String> = followed.filter(|word| !calls.contains(*word)).collect();
        assert!(missing.is_empty(), "no rule has {missing:?} of {service}");
    }
    let by_nobody = |call: &&String| {
        let mut services = let_through.iter();
        !services.any(|(service, calls)| calls.contains(*call) && is_followed(service, call))
    };
    let all: BTreeSet<&String> = let_through.values().flatten().collect();
    let needless: Vec<&&String> = all.iter().filter(|call| by_nobody(call)).collect();
    assert!(needless.is_empty(), "nobody follows {needless:?}");
    assert_eq!(let_through["iam.amazonaws.com"].len(), 36);
}

#[test]
fn a_failed_call_and_one_that_only_reads_pass_no_rule() {
    for rule in RULES {
        let pattern = &transformed()["Resources"][rule]["Properties"]["EventPattern"];
        assert_eq!(pattern["detail"]["errorCode"], json!([{ "exists": false }]));
        assert_eq!(
            pattern["detail-type"],
            json!(["AWS API Call via CloudTrail"])
        );
        let size = pattern.to_string().len();
        assert!(size <= LONGEST, "{rule} has {size} characters");
    }
}

#[test]
fn another_region_forwards_what_the_stack_takes_in_its_own() {
    let watch = watch();
    for rule in RULES {
        let [here, there] = [transformed(), watch].map(|template| {
            let properties = &template["Resources"][rule]["Properties"];
            (
                properties["EventPattern"].clone(),
                properties["State"].clone(),
            )
        });
        assert_eq!(here, there, "{rule}");
        let targets = &watch["Resources"][rule]["Properties"]["Targets"];
        assert_eq!(targets[0]["Arn"], json!({ "Ref": "TrailBusArn" }));
        assert_eq!(targets.as_array().map(Vec::len), Some(1));
    }
    let rules = watch["Resources"].as_object().into_iter().flatten();
    let rules = rules.filter(|(_, resource)| resource["Type"] == "AWS::Events::Rule");
    assert_eq!(rules.count(), RULES.len());
    let role = &watch["Resources"]["ForwardRole"]["Properties"];
    assert_eq!(
        role["Policies"][0]["PolicyDocument"]["Statement"],
        json!([{ "Effect": "Allow", "Action": "events:PutEvents", "Resource": { "Ref": "TrailBusArn" } }])
    );
    assert_eq!(role["Policies"].as_array().map(Vec::len), Some(1));
    assert!(!watch.to_string().contains("arn:aws"), "one partition only");
}

/// What trail events hold is for the function alone: no rule of the stack puts them anywhere else, and what they wait in is encrypted and
/// keeps them for a day.
#[test]
fn trail_events_go_to_one_encrypted_queue_and_nowhere_else() {
    let place = Place {
        partition: "aws",
        region: "eu-central-1",
        account: "123456789012",
        parameters: &[],
    };
    let resources = place.part(&["Resources"]);
    let resources = resources.as_object().expect("the template has resources");
    for (name, resource) in resources {
        if resource["Type"] != "AWS::Events::Rule" {
            continue;
        }
        let properties = &resource["Properties"];
        let is_trail =
            properties["EventPattern"]["detail-type"] == json!(["AWS API Call via CloudTrail"]);
        assert_eq!(
            is_trail,
            RULES.contains(&name.as_str()) || name == "ForwardedChanges",
            "{name}"
        );
        let bus = properties["EventBusName"].as_str();
        let expected = match name.as_str() {
            "ForwardedChanges" => Some("permdrift-trail"),
            name if RULES.contains(&name) => None,
            _ => Some("permdrift"),
        };
        assert_eq!(bus, expected, "{name}");
        if is_trail {
            let targets = properties["Targets"]
                .as_array()
                .expect("a rule has targets");
            assert_eq!(targets.len(), 1, "{name}");
            assert_eq!(targets[0]["Arn"], json!(place.arn("TrailEvents")));
        }
    }
    for queue in ["TrailEvents", "DeadTrailEvents"] {
        let properties = &resources[queue]["Properties"];
        assert_eq!(properties["KmsMasterKeyId"], json!(place.arn("Key")));
        assert_eq!(properties["MessageRetentionPeriod"], 86_400);
    }
}
