//! What is watched: does a run write the metrics that alarms and dashboard look at, under the names and the dimension that they
//! look for?

use std::collections::BTreeSet;

use e2e::bridge::REGION;
use e2e::server::ACCOUNT;
use e2e::template::{Place, Template};
use serde_json::{Value, json};

/// Metrics of ours that the template's alarms and dashboard look at.
fn looked_at() -> BTreeSet<String> {
    let place = Place {
        template: Template::Account,
        partition: "aws",
        region: REGION,
        account: ACCOUNT,
        parameters: &[],
    };
    let resources = place.part(&["Resources"]);
    let mut names = BTreeSet::new();
    for resource in resources
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, resource)| resource)
    {
        let properties = &resource["Properties"];
        if resource["Type"] == "AWS::CloudWatch::Alarm" && properties["Namespace"] == "permdrift" {
            assert_eq!(
                properties["Dimensions"],
                json!([{ "Name": "stack", "Value": "permdrift" }])
            );
            names.extend(properties["MetricName"].as_str().map(str::to_owned));
        }
        if let Some(body) = properties["DashboardBody"].as_str() {
            let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
            for widget in body["widgets"].as_array().into_iter().flatten() {
                names.extend(of_widget(widget));
            }
        }
    }
    names
}

/// A row's `.` stands for what is above it.
fn of_widget(widget: &Value) -> Vec<String> {
    let mut above = Vec::new();
    let mut names = Vec::new();
    for row in widget["properties"]["metrics"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let mut cells: Vec<String> = Vec::new();
        for (at, cell) in row
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .enumerate()
        {
            let same = above.get(at).filter(|_| cell == ".");
            cells.push(same.cloned().unwrap_or_else(|| cell.to_owned()));
        }
        if let [namespace, name, dimension, value] = cells.as_slice()
            && namespace == "permdrift"
        {
            assert_eq!([dimension, value], ["stack", "permdrift"], "{row}");
            names.push(name.clone());
        }
        above = cells;
    }
    names
}

/// All that is looked at was written by the runs of this log.
#[track_caller]
pub(crate) fn names_are_written(log: &str) {
    let lines = log.lines().filter(|line| line.contains("\"_aws\""));
    let lines: Vec<Value> = lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(!lines.is_empty(), "no run wrote metrics:\n{log}");
    let mut written = BTreeSet::new();
    for line in &lines {
        assert_eq!(line["stack"], "permdrift", "{line}");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "permdrift");
        assert_eq!(directive["Dimensions"], json!([["stack"]]));
        for metric in directive["Metrics"].as_array().into_iter().flatten() {
            let name = metric["Name"].as_str().unwrap_or_default();
            assert!(line[name].is_u64(), "{name} has no value: {line}");
            written.insert(name.to_owned());
        }
    }
    let looked_at = looked_at();
    assert!(
        looked_at.contains("AuditsCompleted") && looked_at.contains("UndeterminedPercent"),
        "{looked_at:?}"
    );
    let missing: Vec<&String> = looked_at.difference(&written).collect();
    assert!(
        missing.is_empty(),
        "nobody writes {missing:?}; written are {written:?}"
    );
}
