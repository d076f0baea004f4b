//! What starts an audit on change: do the rules let through exactly the calls that are followed, from each region and account, to the
//! stack's or the hub's queue and to nobody else?

use std::collections::{BTreeMap, BTreeSet};

use audit::events::{ActedOn, ReadEventsError, read};
use e2e::template::{Place, Template};
use e2e::tools::root;
use serde_json::{Value, json};

const RULES: [&str; 3] = ["IamChanges", "ResourceChanges", "AccountChanges"];

/// What CloudTrail's events are called on a bus: a call, and what a service did by itself.
const CALL: &str = "AWS API Call via CloudTrail";
const OF_SERVICE: &str = "AWS Service Event via CloudTrail";

/// The longest pattern that a rule takes.
const LONGEST: usize = 2_048;

fn texts(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

/// The calls that a rule of the stack lets through, by source.
fn let_through() -> BTreeMap<String, BTreeSet<String>> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in RULES {
        let pattern =
            &Template::Account.transformed()["Resources"][rule]["Properties"]["EventPattern"];
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
        let pattern =
            &Template::Account.transformed()["Resources"][rule]["Properties"]["EventPattern"];
        assert_eq!(pattern["detail"]["errorCode"], json!([{ "exists": false }]));
        let expected = match rule {
            "ResourceChanges" => json!([CALL, OF_SERVICE]),
            _ => json!([CALL]),
        };
        assert_eq!(pattern["detail-type"], expected, "{rule}");
        let size = pattern.to_string().len();
        assert!(size <= LONGEST, "{rule} has {size} characters");
    }
}

/// A key whose waiting period is over, and material that expired: nobody called, so CloudTrail has an event of the service, whose parameters are
/// null. The form is that of AWS's documentation.
#[test]
fn what_kms_does_by_itself_passes_and_names_the_key() {
    let key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let hub = &Template::Hub.transformed()["Resources"]["ForwardedChanges"];
    let account = Template::Account.transformed();
    let forwarded = &account["Resources"]["ForwardedChanges"];
    let rule = &account["Resources"]["ResourceChanges"];
    for call in ["DeleteKey", "DeleteExpiredKeyMaterial"] {
        let event = json!({ "source": "aws.kms", "detail-type": OF_SERVICE, "account": "111122223333", "detail": {
            "userIdentity": { "accountId": "111122223333", "invokedBy": "AWS Internal" },
            "eventTime": "2026-11-30T00:07:00Z", "eventSource": "kms.amazonaws.com", "eventName": call, "awsRegion": "us-west-2",
            "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal", "requestParameters": null, "responseElements": null,
            "eventID": "b25f9cda-74e1-4458-847b-4972a0bf9668", "eventType": "AwsServiceEvent", "recipientAccountId": "111122223333",
            "resources": [{ "accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": key }] } });
        for (rule, name) in [(rule, "rule"), (forwarded, "forwarded"), (hub, "hub")] {
            let pattern = &rule["Properties"]["EventPattern"];
            let lets_through = |field: &Value, found: &Value| {
                field.is_null() || texts(field).iter().any(|one| found == one)
            };
            assert!(lets_through(&pattern["source"], &event["source"]), "{name}");
            let kinds = &pattern["detail-type"];
            assert!(lets_through(kinds, &event["detail-type"]), "{name}");
            let names = &pattern["detail"]["eventName"];
            assert!(
                lets_through(names, &event["detail"]["eventName"]),
                "{name} {call}"
            );
        }
        let read = read(&event.to_string()).expect("it is an event");
        assert_eq!(read.events[0].acted_on, ActedOn::Key(key.into()), "{call}");
    }
}

#[test]
fn another_region_forwards_what_the_stack_takes_in_its_own() {
    let watch = Template::Watch.transformed();
    for rule in RULES {
        let [here, there] = [Template::Account.transformed(), watch].map(|template| {
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
    assert!(!watch.to_string().contains("arn:aws"), "one partition only");
}

/// The rules of a region put events on a bus with the role that is made there, or with the account's for all regions.
#[test]
fn rules_forward_with_a_role_that_may_put_events_on_that_bus_alone() {
    let bus = "arn:aws:events:eu-west-1:999988887777:event-bus/permdrift-hub-trail";
    let place = |template, parameters| Place {
        template,
        partition: "aws",
        region: "us-east-1",
        account: "123456789012",
        parameters,
    };
    let forwarder = "arn:aws:iam::123456789012:role/permdrift-audit-forward";
    let named = [
        ("TrailBusArn", bus),
        ("ForwardRoleName", "permdrift-audit-forward"),
    ];
    let own = place(Template::Watch, &named[..1]);
    let hub = place(Template::Watch, &named);
    let made = "arn:aws:iam::123456789012:role/permdrift-watch-ForwardRole";
    for (place, role) in [(own, made), (hub, forwarder)] {
        for rule in RULES {
            let targets = place.part(&["Resources", rule, "Properties", "Targets"]);
            assert_eq!(
                targets,
                json!([{ "Id": "bus", "Arn": bus, "RoleArn": role }])
            );
        }
    }
    let watch = Template::Watch.transformed();
    assert_eq!(
        watch["Resources"]["ForwardRole"]["Condition"], "MakesRole",
        "a role is made only where none is named"
    );
    let member = place(Template::Member, &named[..1]);
    assert_eq!(member.arn("ForwardRole"), forwarder);
    for place in [own, member] {
        let policies = place.part(&["Resources", "ForwardRole", "Properties", "Policies"]);
        assert_eq!(
            policies,
            json!([{ "PolicyName": "forward", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Action": "events:PutEvents", "Resource": bus }] } }])
        );
    }
}

/// What a bus's policy says of who may put events on it, and what its rule takes from it.
#[test]
fn the_hub_takes_events_of_aws_from_forwarders_of_its_organisation_alone() {
    let hub = Place {
        template: Template::Hub,
        partition: "aws",
        region: "eu-west-1",
        account: "999988887777",
        parameters: &[("OrganizationId", "o-a1b2c3d4e5")],
    };
    let policy = hub.part(&["Resources", "TrailBusPolicy", "Properties", "Statement"]);
    let bus = "arn:aws:events:eu-west-1:999988887777:event-bus/permdrift-hub-trail";
    assert_eq!(
        policy,
        json!({ "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": bus, "Condition": {
            "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
            "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/permdrift-audit-forward" } } })
    );
    let rules = Template::Hub.transformed()["Resources"].as_object();
    let rules = rules.into_iter().flatten();
    let rules: Vec<&String> = rules
        .filter(|(_, resource)| resource["Type"] == "AWS::Events::Rule")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(rules, ["ForwardedChanges"]);
    let rule = hub.part(&["Resources", "ForwardedChanges", "Properties"]);
    let sources = rule["EventPattern"]["source"].as_array();
    let sources: BTreeSet<&str> = sources
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let forwarded = let_through();
    let forwarded: BTreeSet<String> = forwarded
        .keys()
        .map(|service| format!("aws.{}", service.replace(".amazonaws.com", "")))
        .collect();
    let forwarded: BTreeSet<&str> = forwarded.iter().map(String::as_str).collect();
    assert_eq!(sources, forwarded, "AWS's own sources, and each of them");
    assert_eq!(rule["EventBusName"], "permdrift-hub-trail");
    assert_eq!(rule["Targets"].as_array().map(Vec::len), Some(1));
    assert_eq!(rule["Targets"][0]["Arn"], json!(hub.arn("TrailEvents")));
    for queue in ["TrailEvents", "DeadTrailEvents"] {
        let properties = hub.part(&["Resources", queue, "Properties"]);
        assert_eq!(properties["KmsMasterKeyId"], json!(hub.arn("Key")));
        assert_eq!(properties["MessageRetentionPeriod"], 86_400);
    }
}

/// What trail events hold is for the function alone: no rule of the stack puts them anywhere else, and what they wait in is encrypted and
/// keeps them for a day.
#[test]
fn trail_events_go_to_one_encrypted_queue_and_nowhere_else() {
    let place = Place {
        template: Template::Account,
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
        let types = texts(&properties["EventPattern"]["detail-type"]);
        let is_trail = types.iter().any(|one| one == CALL);
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
