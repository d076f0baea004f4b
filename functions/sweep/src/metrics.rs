//! Metrics: what does a run count, for CloudWatch?
//!
//! One log line in the embedded metric format a run; the names stand in `docs/lambda.md`. The line can be delivered twice,
//! so alarms look at maxima.

use aws::Counts;
use serde_json::{Map, Value, json};

use crate::sweep::Done;

/// The line of a run that worked. `at`: milliseconds since the epoch.
pub(crate) fn done(stack: &str, audit: &str, at: i64, millis: u64, done: &Done) -> String {
    let run = &done.run;
    let mut values = vec![
        ("AuditsFailed", COUNT, 0),
        ("Principals", COUNT, run.principals),
        ("Requirements", COUNT, run.requirements),
        ("Compliant", COUNT, run.compliant),
        ("Drifted", COUNT, run.drifted),
        ("Undetermined", COUNT, run.undetermined),
        ("Remainder", COUNT, done.remainder as u64),
    ];
    if done.completed {
        let whole = &done.audit;
        let percent = (100 * whole.undetermined)
            .checked_div(whole.requirements)
            .unwrap_or(0);
        values.push(("AuditsCompleted", COUNT, 1));
        values.push(("UndeterminedPercent", "Percent", percent));
    }
    line(stack, audit, at, millis, values, done.counts)
}

/// The line of a run that failed.
pub(crate) fn failed(stack: &str, audit: &str, at: i64, millis: u64, counts: Counts) -> String {
    line(
        stack,
        audit,
        at,
        millis,
        vec![("AuditsFailed", COUNT, 1)],
        counts,
    )
}

const COUNT: &str = "Count";

fn line(
    stack: &str,
    audit: &str,
    at: i64,
    millis: u64,
    mut values: Vec<(&str, &str, u64)>,
    counts: Counts,
) -> String {
    values.extend([
        ("Calls", COUNT, counts.calls),
        ("Retries", COUNT, counts.retries),
        ("Throttles", COUNT, counts.throttles),
        ("Disagreements", COUNT, counts.disagreements),
        ("Duration", "Milliseconds", millis),
    ]);
    let metrics: Vec<Value> = values
        .iter()
        .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at,
            "CloudWatchMetrics": [{
                "Namespace": "permdrift",
                "Dimensions": [["stack"]],
                "Metrics": metrics,
            }],
        }),
    );
    line.insert("stack".to_owned(), stack.into());
    line.insert("audit".to_owned(), audit.into());
    for (name, _, value) in values {
        line.insert(name.to_owned(), value.into());
    }
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Totals;

    #[test]
    fn each_metric_that_is_declared_has_a_value() {
        let run = Done {
            audit: Totals {
                requirements: 8,
                undetermined: 2,
                ..Totals::default()
            },
            completed: true,
            ..Done::default()
        };
        let line: Value = serde_json::from_str(&done("one", "a/b", 1_000, 5, &run)).unwrap();
        let declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
            .as_array()
            .unwrap();
        assert_eq!(declared.len(), 14);
        for metric in declared {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_u64(), "{name}");
        }
        assert_eq!(line["stack"], "one");
        assert_eq!(line["UndeterminedPercent"], 25);
        assert_eq!(line["AuditsCompleted"], 1);
    }

    #[test]
    fn a_run_that_hands_on_completes_nothing() {
        let line: Value =
            serde_json::from_str(&done("one", "a/b", 1, 5, &Done::default())).unwrap();
        assert_eq!(line.get("AuditsCompleted"), None);
        assert_eq!(line.get("UndeterminedPercent"), None);
        let line: Value =
            serde_json::from_str(&failed("one", "a/b", 1, 5, Counts::default())).unwrap();
        assert_eq!(line["AuditsFailed"], 1);
        assert_eq!(line.get("AuditsCompleted"), None);
    }
}
