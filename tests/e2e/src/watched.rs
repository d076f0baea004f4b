//! What is watched: which metrics do a template's alarms and its dashboard look at, and does somebody write them?
//!
//! Ours are those that the functions write into their logs, under the stack's name. AWS's are held against the names that its documentation
//! has, and each must be about something of the stack.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bridge::REGION;
use crate::server::{ACCOUNT, Server};
use crate::template::{Place, Template};
use crate::tools::root;

/// Metrics of AWS, with the dimension that they have there: each service's user guide, "CloudWatch metrics".
const OF_AWS: [(&str, &str, &[&str]); 5] = [
    (
        "AWS/States",
        "StateMachineArn",
        &[
            "ExecutionTime",
            "ExecutionsAborted",
            "ExecutionsFailed",
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsTimedOut",
        ],
    ),
    (
        "AWS/Lambda",
        "FunctionName",
        &["Duration", "Errors", "Throttles"],
    ),
    (
        "AWS/SQS",
        "QueueName",
        &["ApproximateNumberOfMessagesVisible"],
    ),
    (
        "AWS/SNS",
        "TopicName",
        &[
            "NumberOfNotificationsDelivered",
            "NumberOfNotificationsFailed",
        ],
    ),
    ("AWS/Events", "EventBusName", &["MatchedEvents"]),
];

/// One metric: namespace, name, dimension and its value.
type Metric = [String; 4];

/// The metrics of ours that a template's alarms and dashboard look at.
///
/// # Panics
/// If one of them is not of the stack, or is a metric of AWS that AWS does not have.
#[must_use]
pub fn looked_at(template: Template) -> BTreeSet<String> {
    let place = Place {
        template,
        partition: "aws",
        region: REGION,
        account: ACCOUNT,
        parameters: &[],
    };
    let resources = place.part(&["Resources"]);
    let stack = template.stack();
    let mut ours = BTreeSet::new();
    for metric in resources
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, resource)| metrics(resource))
    {
        let [namespace, name, dimension, value] = metric;
        if namespace == "permdrift" {
            assert_eq!([&*dimension, &*value], ["stack", stack], "{name}");
            ours.insert(name);
            continue;
        }
        let known = OF_AWS.iter().find(|(known, _, _)| *known == namespace);
        let (_, its, names) = known.unwrap_or_else(|| panic!("nothing is known of {namespace}"));
        assert!(
            names.contains(&&*name),
            "{namespace} is not known to have {name}"
        );
        assert_eq!(&dimension, its, "{namespace} {name}");
        let (_, last) = value.rsplit_once(':').unwrap_or(("", &value));
        assert!(last.starts_with(stack), "{name} is of {value}");
        // Children of a map count under the machine's ARN with the map's label.
        if let Some((_, label)) = last.split_once('/') {
            let label = format!("\"Label\": \"{label}\"");
            assert!(machine().contains(&label), "{value}: no map has {label}");
        }
    }
    ours
}

fn machine() -> String {
    let path = root().join("infra/organization.asl.json");
    std::fs::read_to_string(path).expect("the state machine can be read")
}

/// What an alarm or a dashboard looks at.
fn metrics(resource: &Value) -> Vec<Metric> {
    let properties = &resource["Properties"];
    if resource["Type"] == "AWS::CloudWatch::Alarm" {
        let [dimension] = properties["Dimensions"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
        else {
            panic!("an alarm has one dimension: {properties}");
        };
        let cells = [
            &properties["Namespace"],
            &properties["MetricName"],
            &dimension["Name"],
            &dimension["Value"],
        ];
        return vec![cells.map(|cell| cell.as_str().unwrap_or_default().to_owned())];
    }
    let Some(body) = properties["DashboardBody"].as_str() else {
        return Vec::new();
    };
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    let widgets = body["widgets"].as_array().into_iter().flatten();
    widgets.flat_map(of_widget).collect()
}

/// A row's `.` stands for what is above it.
fn of_widget(widget: &Value) -> Vec<Metric> {
    let mut found: Vec<Metric> = Vec::new();
    let rows = widget["properties"]["metrics"].as_array();
    for row in rows.into_iter().flatten() {
        let cells = row.as_array().into_iter().flatten();
        let cells: Vec<&str> = cells.filter_map(Value::as_str).collect();
        let Ok(cells) = <[&str; 4]>::try_from(cells) else {
            panic!("a row is namespace, name, dimension and value: {row}");
        };
        let mut metric = cells.map(str::to_owned);
        if let Some(above) = found.last() {
            for (cell, same) in metric.iter_mut().zip(above) {
                if cell == "." {
                    cell.clone_from(same);
                }
            }
        }
        assert!(metric.iter().all(|cell| cell != "."), "{row}");
        found.push(metric);
    }
    found
}

/// How long a loaded machine may take to hand on what a run has written.
const PATIENCE: Duration = Duration::from_secs(30);

/// All that is looked at was written by the runs of this log, which is read until it is whole: what a function printed reaches us after
/// its answer.
///
/// # Panics
/// If nobody wrote it; the message says what was written.
#[track_caller]
pub fn names_are_written(template: Template, server: &Server) {
    let looked_at = looked_at(template);
    assert!(!looked_at.is_empty(), "nothing is looked at");
    let begun = Instant::now();
    loop {
        let log = server.log();
        let written = written(template, &log);
        let missing: Vec<&String> = looked_at.difference(&written).collect();
        if missing.is_empty() {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "nobody writes {missing:?}; written are {written:?}:\n{log}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The names of all metrics in a log.
fn written(template: Template, log: &str) -> BTreeSet<String> {
    let lines = log.lines().filter(|line| line.contains("\"_aws\""));
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut written = BTreeSet::new();
    for line in lines {
        assert_eq!(line["stack"], template.stack(), "{line}");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "permdrift");
        assert_eq!(directive["Dimensions"], json!([["stack"]]));
        for metric in directive["Metrics"].as_array().into_iter().flatten() {
            let name = metric["Name"].as_str().unwrap_or_default();
            assert!(line[name].is_u64(), "{name} has no value: {line}");
            written.insert(name.to_owned());
        }
    }
    written
}
